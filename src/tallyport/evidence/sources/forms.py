"""Check the part of a profile that says where the files are and how they are made (文件形式)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from tallyport.evidence.sources import encoding as encodings
from tallyport.evidence.sources.checking import Checking
from tallyport.evidence.sources.marks import Marked
from tallyport.evidence.sources.profile import Form, Format

_KEYS = ("file", "format", "encoding", "separator", "header", "sheet", "record")
_ENDINGS = {"csv": "csv", "tsv": "csv", "txt": "csv", "xlsx": "xlsx", "xlsm": "xlsx", "xml": "xml"}


def form(check: Checking, at: Marked, place: str) -> Form:
    """Return the form at `at`: a mapping, or the path alone."""
    if at.text() is not None:
        at = Marked(value={"file": at}, line=at.line)
    parts = check.keys(at, place, _KEYS)
    glob = _glob(check, at, place)
    format_ = _format(check, at, place, parts, glob)
    encoded = check.text(parts.get("encoding"), f"{place}.encoding", "utf-8")
    encoding(check, parts.get("encoding", at), f"{place}.encoding", encoded)
    record = check.text(parts.get("record"), f"{place}.record").strip("/")
    if format_ is Format.XML and not record:
        check.wrong(
            at,
            place,
            expected="`record:`, the path of a record's element",
            came="none",
            remedy="write it without the document element: Declaration/Goods",
        )
    return Form(
        glob=glob,
        format=format_,
        encoding=encoded,
        separator=_separator(check, parts, place, glob),
        header=_header(check, parts, place),
        sheet=check.text(parts.get("sheet"), f"{place}.sheet"),
        record=record,
    )


def encoding(check: Checking, at: Marked, place: str, name: str) -> None:
    """Note an encoding that nobody knows."""
    if not encodings.is_known(name):
        check.wrong(
            at,
            place,
            expected="an encoding such as utf-8, gb18030, windows-1251",
            came=name,
            remedy="correct its name",
        )


def _glob(check: Checking, at: Marked, place: str) -> str:
    glob = check.text(check.needed(at, place, "file"), f"{place}.file")
    path = PurePosixPath(glob)
    if path.is_absolute() or ".." in path.parts or "\\" in glob or not glob:
        check.wrong(
            at,
            f"{place}.file",
            expected="a path below the folder, with /",
            came=glob or "nothing",
            remedy="write it relative to the folder",
        )
    return glob


def _format(
    check: Checking, at: Marked, place: str, parts: Mapping[str, Marked], glob: str
) -> Format:
    """Return the announced format, or the one that the ending of the file's name stands for."""
    named = told_by_ending(glob)
    name = check.choice(parts.get("format"), f"{place}.format", tuple(Format), named)
    if name in tuple(Format):
        return Format(name)
    if "format" not in parts:
        check.wrong(
            at,
            f"{place}.format",
            expected=f"one of {', '.join(Format)}",
            came=f"a file that ends in {PurePosixPath(glob).suffix or 'nothing'}",
            remedy="add `format:`",
        )
    return Format.CSV


def told_by_ending(glob: str) -> str:
    """Return the format that the ending of a file's name stands for, "" when it stands for none."""
    return _ENDINGS.get(PurePosixPath(glob).suffix.lstrip(".").lower(), "")


def _separator(check: Checking, parts: Mapping[str, Marked], place: str, glob: str) -> str:
    default = "tab" if glob.lower().endswith(".tsv") else ","
    separator = check.text(parts.get("separator"), f"{place}.separator", default)
    separator = {"tab": "\t", "\\t": "\t"}.get(separator, separator)
    if len(separator) == 1 and separator not in '"\r\n ':
        return separator
    check.wrong(
        parts["separator"],
        f"{place}.separator",
        expected="one character, or tab",
        came=separator or "nothing",
        remedy="write it in quotation marks",
    )
    return ","


def _header(check: Checking, parts: Mapping[str, Marked], place: str) -> int:
    header = check.text(parts.get("header"), f"{place}.header", "1")
    if re.fullmatch("[1-9][0-9]{0,3}", header):
        return int(header)
    check.wrong(
        parts["header"],
        f"{place}.header",
        expected="the number of a line, from 1",
        came=header,
        remedy="count the lines above the names of the columns",
    )
    return 1
