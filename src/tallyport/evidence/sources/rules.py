"""The rules that a source must meet (来源规则), and what a reader is told when it does not.

    file   the whole file is concerned; what could be read was read
    row    the row stands in quarantine and in no table; it can be mended and sent again
    cell   the row was taken, this one cell is null
    note   worth knowing; nothing was changed

Every rule has one stable name. Its texts say what is wrong and what to do, in Chinese and English;
the finding itself adds where, what was expected and what came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique


@unique
class Severity(StrEnum):
    """How far a breach reaches."""

    FILE = "file"
    ROW = "row"
    CELL = "cell"
    NOTE = "note"


@unique
class Rule(StrEnum):
    """What can be wrong with a file, a row or a cell."""

    # Files.
    FILE_MISSING = "file_missing"
    FILE_EMPTY = "file_empty"
    FILE_TOO_LARGE = "file_too_large"
    FILE_UNREADABLE = "file_unreadable"
    FILE_UNUSED = "file_unused"
    ENCODING_OTHER = "encoding_other"
    ENCODING_UNKNOWN = "encoding_unknown"
    SEPARATOR_OTHER = "separator_other"
    COLUMN_MISSING = "column_missing"
    COLUMN_DOUBLE = "column_double"
    COLUMN_UNUSED = "column_unused"
    COLUMN_UNFIT = "column_unfit"
    SHEET_MISSING = "sheet_missing"
    XML_BROKEN = "xml_broken"
    XML_ENTITIES = "xml_entities"
    RECORDS_MISSING = "records_missing"
    ZIP_BOMB = "zip_bomb"
    CELLS_TOO_MANY = "cells_too_many"
    FORMULAS = "formulas"
    MIXED_SCRIPTS = "mixed_scripts"
    # Rows.
    ROW_RAGGED = "row_ragged"
    ROW_BROKEN = "row_broken"
    VALUE_REQUIRED = "value_required"
    HEADER_AGAIN = "header_again"
    NOT_A_RECORD = "not_a_record"
    DUPLICATE_ROW = "duplicate_row"
    DUPLICATE_KEY = "duplicate_key"
    # Cells.
    NOT_A_NUMBER = "not_a_number"
    NOT_A_WHOLE_NUMBER = "not_a_whole_number"
    NOT_A_DATE = "not_a_date"
    NOT_A_MOMENT = "not_a_moment"
    NOT_A_FLAG = "not_a_flag"
    NOT_THE_PATTERN = "not_the_pattern"
    BELOW_ZERO = "below_zero"
    AFTER_AS_OF = "after_as_of"
    BEFORE_1900 = "before_1900"
    LOST_CHARACTERS = "lost_characters"
    LOST_DIGITS = "lost_digits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What is wrong, in both languages, and what to do about it."""

    zh: str
    en: str
    remedy: str


def _text(zh: str, en: str, remedy: str) -> Text:
    return Text(zh=zh, en=en, remedy=remedy)


TEXTS: Mapping[Rule, Text] = {
    Rule.FILE_MISSING: _text(
        "缺少文件", "no file of this source was found", "add the file, or mark the source optional"
    ),
    Rule.FILE_EMPTY: _text("文件为空", "the file holds no rows", "export it again"),
    Rule.FILE_TOO_LARGE: _text(
        "文件过大", "the file is above the limit", "split it and send parts"
    ),
    Rule.FILE_UNREADABLE: _text(
        "文件无法读取", "the file is not of its announced format", "export it again"
    ),
    Rule.FILE_UNUSED: _text(
        "文件未被使用", "no source of the profile reads this file", "add a source, or remove it"
    ),
    Rule.ENCODING_OTHER: _text(
        "编码与配置不符", "the file has another encoding than announced", "correct the profile"
    ),
    Rule.SEPARATOR_OTHER: _text(
        "分隔符与配置不符", "the file has another separator than announced", "correct the profile"
    ),
    Rule.ENCODING_UNKNOWN: _text(
        "编码无法识别",
        "some bytes fit no encoding of the profile; they are shown as \\xNN",
        "export the file again, or add its encoding to the profile",
    ),
    Rule.COLUMN_MISSING: _text(
        "缺少列", "a column of the profile is not in the file", "add the column or its new name"
    ),
    Rule.COLUMN_DOUBLE: _text(
        "列名重复", "two columns have one name; the first is read", "rename one of them"
    ),
    Rule.COLUMN_UNUSED: _text(
        "列未被使用", "the profile maps this column to no field", "map it, if it matters"
    ),
    Rule.COLUMN_UNFIT: _text(
        "列内容与字段不符",
        "most values of a column are none of its field; are columns swapped, or is it another one?",
        "compare the column with its name, and with the profile",
    ),
    Rule.SHEET_MISSING: _text("缺少工作表", "the sheet is not in the workbook", "correct its name"),
    Rule.XML_BROKEN: _text(
        "XML 结构损坏",
        "the file is not well formed; records before and after the break were read",
        "export the file again",
    ),
    Rule.XML_ENTITIES: _text(
        "XML 含实体声明",
        "the file declares entities, as attacks do; nothing of it was read",
        "ask the sender for plain XML",
    ),
    Rule.RECORDS_MISSING: _text(
        "未找到记录", "no element lies on the record path", "correct `record` in the profile"
    ),
    Rule.ZIP_BOMB: _text(
        "压缩炸弹",
        "unpacked, the workbook is far above the limit",
        "do not open it; ask the sender",
    ),
    Rule.CELLS_TOO_MANY: _text(
        "单元格过多", "the sheet spans more cells than the limit", "delete stray cells, or split it"
    ),
    Rule.FORMULAS: _text(
        "含公式",
        "cells hold formulas; the values stored with them were read, nothing was computed",
        "export values instead of formulas",
    ),
    Rule.MIXED_SCRIPTS: _text(
        "标识混用西里尔与拉丁字母",
        "identifiers hold Cyrillic letters that look like Latin ones; both count as one letter",
        "nothing for the matching; whoever types them should switch the keyboard",
    ),
    Rule.ROW_RAGGED: _text(
        "列数不符", "the row has not as many cells as the header", "mend the row and send it again"
    ),
    Rule.ROW_BROKEN: _text(
        "行结构损坏", "the record cannot be taken apart", "mend the record and send it again"
    ),
    Rule.VALUE_REQUIRED: _text(
        "缺少必填值", "a required value is missing", "fill it in, send again"
    ),
    Rule.HEADER_AGAIN: _text(
        "重复的表头", "the row repeats the names of the columns", "nothing: it is no record"
    ),
    Rule.NOT_A_RECORD: _text(
        "合计行", "the row is a total of the rows above it", "nothing: it is no record"
    ),
    Rule.DUPLICATE_ROW: _text(
        "重复行", "the same record was delivered before", "nothing: the first delivery counts"
    ),
    Rule.DUPLICATE_KEY: _text(
        "主键重复而内容不同",
        "another record has this key; the first delivery counts",
        "decide which one is right and send it again",
    ),
    Rule.NOT_A_NUMBER: _text("不是数字", "the cell is not a number", "mend the cell, send again"),
    Rule.NOT_A_WHOLE_NUMBER: _text(
        "不是整数", "the cell is not a whole number", "mend the cell, send again"
    ),
    Rule.NOT_A_DATE: _text(
        "日期格式不符",
        "the cell has none of the accepted date formats, or no such day exists",
        "mend the cell, or add the format to `dates` in the profile",
    ),
    Rule.NOT_A_MOMENT: _text(
        "时间格式不符",
        "the cell has none of the accepted formats of a moment",
        "mend the cell, or add the format to `dates` in the profile",
    ),
    Rule.NOT_A_FLAG: _text("不是是/否", "the cell is neither yes nor no", "mend the cell"),
    Rule.NOT_THE_PATTERN: _text(
        "与模式不符", "the cell does not contain the pattern", "correct the cell or `extract`"
    ),
    Rule.BELOW_ZERO: _text(
        "数值为负", "the number is below zero, which this field may not be", "mend the cell"
    ),
    Rule.AFTER_AS_OF: _text(
        "日期晚于基准日", "the date lies after the as-of day", "mend the cell, or correct --as-of"
    ),
    Rule.BEFORE_1900: _text("日期早于1900年", "the date lies before 1900", "mend the cell"),
    Rule.LOST_CHARACTERS: _text(
        "字符丢失", "the cell holds bytes or signs that were lost on the way", "export it again"
    ),
    Rule.LOST_DIGITS: _text(
        "数字精度丢失",
        "a long number was stored as a floating one; its last digits are gone",
        "store identifiers as text in the workbook",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A breach of `rule` at a place: what was expected there and what came."""

    rule: Rule
    severity: Severity
    expected: str
    came: str
    source: str = ""
    file: str = ""
    line: int | None = None
    field: str | None = None

    def sentence(self) -> str:
        """Return the finding as a user reads it."""
        text = TEXTS[self.rule]
        place = ":".join(
            str(part) for part in (self.file or self.source, self.line, self.field) if part
        )
        return (
            f"{place}: {text.zh} / {text.en}. Expected {self.expected}; came {self.came}."
            f" What to do: {text.remedy}."
        )
