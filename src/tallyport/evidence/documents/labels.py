"""From text to fields (版面取值): a label, and what stands behind or below it.

    发票号码：24999000000000000017            number
    号牌号码 Plate No. 新A12345               plate
    统一社会信用代码                           tax_no
    91350100MA0000000T
    名称：甲   名称：乙                        buyer_name, seller_name

The kind of a paper is the one whose words it bears most. Letters of a label may be set apart;
spaces that recognition puts between Chinese signs are no spaces. What has no label is found by its
check sign: a VIN, a code of a firm, if there is exactly one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from tallyport.evidence.documents import sums
from tallyport.evidence.documents.model import Field, Kind, Word
from tallyport.evidence.documents.order import Line, lines
from tallyport.evidence.documents.values import (
    CODE,
    DAY,
    NAME,
    SUM,
    SUM_AGAIN,
    UNLABELLED,
    VIN,
    WORDS_SUM,
    Value,
    dense,
    spread,
)

LINE_CHARS_MAX = 2_000  # Patterns are tried on a line at a time.
BELOW_LINES_MAX = 3  # A value stands under its label or not at all.
BELOW_HEIGHTS_MAX = 5  # Further down it belongs to something else.
GUESSED_SHARE = 80  # Of the confidence, in per cent, where no label vouches for a value.
LABEL_SIGNS = "：:"
_MARK = r"""[\s:：“”"'|·]{0,6}"""  # Between a label and its value; recognition adds specks.
_GAP = 1.5  # Of a word's height: what stands further apart are two columns.
_SKEW = 3.0  # Heights by which the right end of a line may lie above the left one.
_LATIN = 0.55  # Width of a Latin letter, of its height.

_MARKS: Mapping[Kind, tuple[str, ...]] = {
    Kind.VEHICLE_INVOICE: (
        "机动车销售统一发票", "机动车销售", "二手车销售统一发票", "vehicle sales invoice",
    ),
    Kind.INVOICE: ("发票", "价税合计", "invoice"),
    Kind.LICENCE: ("营业执照", "法定代表人", "注册资本", "统一社会信用代码", "business licen"),
    Kind.REGISTRATION: (
        *("机动车登记证书", "行驶证", "号牌号码", "机动车所有人", "机动车登记编号"),
        *("vehicle registration", "vehicle licen"),
    ),
}  # fmt: skip

Wanted = tuple[str, str, Value]  # Field, labels, value.
_VIN_LABEL = "车辆识别代[号码]|车架号码?|VIN|Vehicle identification number"
_BUSINESS: tuple[Wanted, ...] = (
    ("number", "发票号码|Invoice ?No[.]?|Invoice ?number", Value(r"(\d(?: ?\d){7,19})(?!\d)")),
    ("number", r"(?:^|\s)No[.]?", Value(r"(\d{8})(?!\d)")),
    ("code", "发票代码", Value(r"(\d{10,12})(?!\d)")),
    ("issued_on", "开票日期|Issued on|Date of issue|Invoice date", DAY),
    ("total", r"[(（]?\s?小写\s?[)）]?|价税合计|Total due|Grand total", SUM),
    ("net", "不含税价|合计金额|Net amount|Net", SUM),
    ("tax", "合计税额|增值税税额|VAT|Tax", SUM),
    ("net", "合计", Value(rf"{SUM.pattern}{SUM_AGAIN}")),
    ("tax", "合计", Value(rf"{SUM_AGAIN}{SUM.pattern}")),
    ("total_in_words", "", WORDS_SUM),
    ("buyer_name", "购买方名称|购方名称|购货单位名称|Buyer", NAME),
    ("seller_name", "销售方名称|销方名称|销货单位名称|Seller", NAME),
    ("buyer_tax_no", r"购买方\S*?纳税人识别号|Buyer tax no", CODE),
    ("seller_tax_no", r"销售方\S*?纳税人识别号|Seller tax no", CODE),
)
# Twice on an invoice, without saying whose: the buyer's stands before the seller's.
_PARTIES: tuple[tuple[str, str, str, Value], ...] = (
    ("buyer_name", "seller_name", "(?<![\u4e00-\u9fff])名称", NAME),
    ("buyer_tax_no", "seller_tax_no", "纳税人识别号", CODE),
)
_VEHICLE: tuple[Wanted, ...] = (
    ("vin", _VIN_LABEL, VIN),
    ("engine_no", "发动机号码?|Engine no[.]?", Value(r"([A-Z0-9](?:[A-Z0-9-]){3,19})")),
    (
        "plate", "号牌号码|机动车登记编号|车牌照?号码?|Plate no[.]?|Plate",
        Value("([\u4e00-\u9fff]? ?[A-Z] ?[·.]? ?[A-Z0-9]{4,7})(?![A-Z0-9])", dense),
    ),
    (
        "registered_on",
        "注册登记日期|注册日期|初次登记日期|登记日期|Regist(?:ered|er|ration) (?:on|date)", DAY,
    ),
    ("issued_on", "发证日期|Issue date", DAY),
    ("owner", "机动车所有人|所有人|Owner", NAME),
    ("model", "品牌型号|厂牌型号|车辆型号|Model", Value(r"([^\s:：]{2,40}(?: [A-Z0-9./-]+)*)")),
    ("certificate_no", "登记证书编号|Certificate no[.]?", Value(r"(\d{10,14})")),
)  # fmt: skip
_LICENCE: tuple[Wanted, ...] = (
    ("tax_no", "统一社会信用代码|Unified social credit code|Credit code", CODE),
    ("name", "名称|Company name", NAME),
    ("legal_representative", "法定代表人|负责人|经营者", Value("([\u4e00-\u9fff·]{2,20})")),
    ("capital", "注册资本|Registered capital", Value(r"([^\s:：]{3,30})")),
    ("founded_on", "成立日期|注册日期|Founded on", DAY),
)
_OF: Mapping[Kind, tuple[Wanted, ...]] = {
    Kind.INVOICE: _BUSINESS,
    Kind.VEHICLE_INVOICE: (*_BUSINESS, *(one for one in _VEHICLE if one[0] != "issued_on")),
    Kind.LICENCE: _LICENCE,
    Kind.REGISTRATION: _VEHICLE,
    Kind.OTHER: (),
}
INVOICES = (Kind.INVOICE, Kind.VEHICLE_INVOICE)
_GUESSED: Mapping[Kind, str] = {
    Kind.LICENCE: "tax_no", Kind.REGISTRATION: "vin", Kind.VEHICLE_INVOICE: "vin",
}  # fmt: skip


def kind_of(text: str) -> Kind:
    """Return what a paper with this text is."""
    plain = re.sub(r"\s+", " ", _joined(text)).casefold()
    bare = plain.replace(" ", "")
    counted = {
        kind: sum(mark in plain or mark in bare for mark in marks) for kind, marks in _MARKS.items()
    }
    if counted[Kind.VEHICLE_INVOICE]:
        return Kind.VEHICLE_INVOICE
    best = max(counted, key=lambda kind: counted[kind])
    if best is Kind.LICENCE and counted[Kind.INVOICE]:
        best = Kind.INVOICE  # Both name the code of a firm.
    return best if counted[best] else Kind.OTHER


def fields(words: Sequence[Word], kind: Kind) -> list[Field]:
    """Return the fields that labels name, with the confidence of the least sure word."""
    page = lines(words)
    texts = [spoken(line) for line in page]
    found: list[Field] = []
    for name, label, value in _OF[kind]:
        if not any(one.name == name for one in found):
            found += _labelled(page, texts, name, label, value)
    if kind in INVOICES:
        for buyer, seller, label, value in _PARTIES:
            known = {one.name for one in found}
            two = _beside(_each(page, texts, label, value))
            if len(two) == 2 and not known & {buyer, seller}:  # noqa: PLR2004 - Buyer, seller.
                found += [
                    _field(name, *one) for name, one in zip((buyer, seller), two, strict=True)
                ]
        found += sums.proved(page, texts, found)
    guessed = _GUESSED.get(kind, "")
    if guessed and not any(one.name == guessed for one in found):
        found += _unlabelled(page, texts, guessed)
    return found


def spoken(line: Line) -> str:
    """Return the text of a line; a tab stands between columns."""
    text, end = "", line[0].left
    for word in line:
        if text:
            text += "\t" if word.left - end > _GAP * max(word.height, 0.1) else " "
        text += word.text
        wide = sum(1.0 if sign > "\u2e80" else _LATIN for sign in word.text)
        end = word.left + wide * word.height
    gaps = re.sub(r"\s+", lambda gap: "\t" if "\t" in gap[0] else " ", text[: 2 * LINE_CHARS_MAX])
    return _joined(gaps)[:LINE_CHARS_MAX]


_Found = tuple[str, Line, int]  # Value, its line, the number of the line.


def _field(name: str, value: str, line: Line, number: int) -> Field:
    return Field(
        name=name,
        value=value,
        confidence_bp=_sureness(value, line),
        origin=f"page {line[0].page}, line {number}",
    )


def _sureness(value: str, line: Line) -> int:
    """Return how sure the words are that the value was read from."""
    plain = dense(value)
    of_it = [word for word in line if (part := dense(word.text)) in plain or plain in part]
    return min(word.confidence_bp for word in of_it or line)


def _labelled(
    page: Sequence[Line], texts: Sequence[str], name: str, label: str, value: Value
) -> list[Field]:
    """Return a field for each line that has the label, and the value behind or below it."""
    return [_field(name, *one) for one in _each(page, texts, label, value)]


def _each(page: Sequence[Line], texts: Sequence[str], label: str, value: Value) -> list[_Found]:
    marked = spread(label)
    once = rf"(?:{marked})(?:\s*/\s*[^\s:：]*)?{_MARK}"
    # Twice where it stands in two languages: 号牌号码 Plate No. 新A12345.
    named = rf"{once}(?:{once})?" if label else ""
    behind = re.compile(named + value.pattern, re.IGNORECASE)
    found: list[_Found] = []
    for at, text in enumerate(texts):
        here = [plain for one in behind.finditer(text) if (plain := value.plain(one[1]))]
        if here:
            found += [(plain, page[at], at + 1) for plain in here]
        elif label and re.search(marked, text, re.IGNORECASE):
            found += _below(page, at, re.compile(marked, re.IGNORECASE), value)
    return found


def _below(page: Sequence[Line], at: int, label: re.Pattern[str], value: Value) -> Iterator[_Found]:
    """Yield the value that stands under a label, in the column of the label."""
    line = page[at]
    starts = [
        number
        for number in range(len(line))
        if label.match(spoken(line[number:]).strip(LABEL_SIGNS))
    ]
    if not starts:
        return
    head = line[starts[-1]]
    for number in range(at + 1, min(at + 1 + BELOW_LINES_MAX, len(page))):
        under = page[number]
        is_near = under[0].page == head.page and under[0].top - head.top < BELOW_HEIGHTS_MAX * max(
            head.height, 0.1
        )
        column = tuple(one for one in under if one.left >= head.left - 2 * head.height)
        match = re.match(value.pattern, spoken(column), re.IGNORECASE) if column else None
        if is_near and match is not None and (plain := value.plain(match[1])):
            yield plain, column, number + 1
            return


def _beside(found: list[_Found]) -> list[_Found]:
    """Return two of nearly one height from left to right: a page is seldom quite upright."""
    tops = [line[0].top for _, line, _ in found]
    if len(found) == 2 and abs(tops[0] - tops[1]) < _SKEW * found[0][1][0].height:  # noqa: PLR2004
        return sorted(found, key=lambda one: one[1][0].left)
    return found


def _unlabelled(page: Sequence[Line], texts: Sequence[str], name: str) -> list[Field]:
    """Return the one value on the page whose check sign fits, though no label names it."""
    pattern, holds = UNLABELLED[name]
    held = {
        match[0]: (match[0], page[at], at + 1)
        for at, text in enumerate(texts)
        for match in re.finditer(pattern, text)
        if holds(match[0])
    }
    if len(held) != 1:
        return []
    one = _field(name, *next(iter(held.values())))
    sure = one.confidence_bp * GUESSED_SHARE // 100
    return [Field(name=name, value=one.value, confidence_bp=sure, origin=one.origin)]


def _joined(text: str) -> str:
    """Take out the single spaces between Chinese signs."""
    return re.sub("(?<=[\u4e00-\u9fff：（）])[ \u3000](?=[\u4e00-\u9fff：（）])", "", text)
