"""From text to fields (版面取值): a label, and what stands behind it.

    发票号码：24999000000000000017          number
    车辆识别代号/车架号码  LSVCE2BR5N1041664  vin
    VIN: LSVCE2BR5N1041664                  vin

The kind of a paper is the one whose words it bears most. Spaces that recognition puts between
Chinese signs are no spaces.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tallyport.evidence.documents.model import Field, Kind, Word
from tallyport.evidence.documents.order import lines

_MARKS: Mapping[Kind, tuple[str, ...]] = {
    Kind.VEHICLE_INVOICE: ("机动车销售统一发票", "机动车销售", "vehicle sales invoice"),
    Kind.INVOICE: ("发票", "价税合计", "invoice"),
    Kind.LICENCE: ("营业执照", "法定代表人", "注册资本", "business licen"),
    Kind.REGISTRATION: (
        *("机动车登记证书", "行驶证", "号牌号码", "机动车所有人"),
        *("vehicle registration", "vehicle licen"),
    ),
}
_CODE = r"([0-9A-HJ-NPQRTUWXY]{18}|[0-9]{15})"
_DAY = r"(\d{4}\s*[年/.-]\s*\d{1,2}\s*[月/.-]\s*\d{1,2})"
_SUM = r"[¥￥]?\s*(-?[\d,]+\.\d{2})"
_NAME = r"([^\s:：]{4,60})"
_VIN = r"([A-HJ-NPR-Z0-9]{17})(?![A-Z0-9])"
_VIN_LABEL = "车辆识别代号(?:[/／]?车架号码?)?|车架号码?|VIN|Vehicle identification number"
_BUSINESS: tuple[tuple[str, str], ...] = (
    ("number", r"(?:发票号码|Invoice\s?(?:No\.?|number))\s*[:：]?\s*(\d{8,20})"),
    ("code", r"发票代码\s*[:：]?\s*(\d{10,12})"),
    ("issued_on", rf"(?:开票日期|Issued on|Date of issue)\s*[:：]?\s*{_DAY}"),
    ("total", rf"(?:[(（]?小写[)）]?|价税合计\s*[:：]|Total due|Grand total)\s*[:：]?\s*{_SUM}"),
    ("net", rf"(?:不含税价|合计金额|Net amount|Net)\s*[:：]?\s*{_SUM}"),
    ("tax", rf"(?:合计税额|增值税税额|VAT|Tax)\s*[:：]?\s*{_SUM}"),
    (
        "total_in_words",
        r"([零壹贰叁肆伍陆柒捌玖拾佰仟万亿]{2,30}[圆元][零壹贰叁肆伍陆柒捌玖角分整正]{0,8})",
    ),
    ("buyer_tax_no", rf"(?:购买方\S*?纳税人识别号|Buyer tax no)\s*[:：]?\s*{_CODE}"),
    ("seller_tax_no", rf"(?:销售方\S*?纳税人识别号|Seller tax no)\s*[:：]?\s*{_CODE}"),
)
_VEHICLE: tuple[tuple[str, str], ...] = (
    (
        "vin",
        rf"(?:{_VIN_LABEL})\s*[:：]?\s*{_VIN}",
    ),
    ("engine_no", r"(?:发动机号码?|Engine no\.?)\s*[:：]?\s*([A-Z0-9]{4,20})"),
    ("plate", r"(?:号牌号码|Plate no\.?|Plate)\s*[:：]?\s*([一-鿿]?[A-Z][A-Z0-9·]{4,9})"),
    ("registered_on", rf"(?:注册登记日期|注册日期|登记日期|Registered on)\s*[:：]?\s*{_DAY}"),
    ("owner", rf"(?:机动车所有人|所有人|Owner)\s*[:：]?\s*{_NAME}"),
    ("certificate_no", r"(?:登记证书编号|Certificate no\.?)\s*[:：]?\s*(\d{10,14})"),
)
_LICENCE: tuple[tuple[str, str], ...] = (
    ("tax_no", rf"(?:统一社会信用代码|Unified social credit code|Credit code)\s*[:：]?\s*{_CODE}"),
    ("name", rf"(?:名称|Company name)\s*[:：]?\s*{_NAME}"),
    ("legal_representative", r"法定代表人\s*[:：]?\s*([一-鿿·]{2,20})"),
    ("capital", r"(?:注册资本|Registered capital)\s*[:：]?\s*([^\s]{3,30})"),
    ("founded_on", rf"(?:成立日期|Founded on)\s*[:：]?\s*{_DAY}"),
)
_OF: Mapping[Kind, tuple[tuple[str, str], ...]] = {
    Kind.INVOICE: _BUSINESS,
    Kind.VEHICLE_INVOICE: (*_BUSINESS, *_VEHICLE),
    Kind.LICENCE: _LICENCE,
    Kind.REGISTRATION: _VEHICLE,
    Kind.OTHER: (),
}
LINE_CHARS_MAX = 2_000  # Patterns are tried on a line at a time.


def kind_of(text: str) -> Kind:
    """Return what a paper with this text is."""
    plain = _joined(text).casefold()
    for kind, marks in _MARKS.items():
        if kind is Kind.VEHICLE_INVOICE and any(mark in plain for mark in marks):
            return kind
    counted = {kind: sum(mark in plain for mark in marks) for kind, marks in _MARKS.items()}
    best = max(counted, key=lambda kind: counted[kind])
    return best if counted[best] else Kind.OTHER


def fields(words: Sequence[Word], kind: Kind) -> list[Field]:
    """Return the fields that labels name, with the confidence of the least sure word."""
    found: list[Field] = []
    for number, line in enumerate(lines(words), start=1):
        said = _joined(" ".join(word.text for word in line))[:LINE_CHARS_MAX]
        sure = min(word.confidence_bp for word in line)
        for name, pattern in _OF[kind]:
            match = re.search(pattern, said, re.IGNORECASE)
            if match is not None:
                origin = f"page {line[0].page}, line {number}"
                found.append(
                    Field(name=name, value=match[1].strip(), confidence_bp=sure, origin=origin)
                )
    return found


def _joined(text: str) -> str:
    """Take out the spaces between Chinese signs."""
    return re.sub(r"(?<=[一-鿿：（）])[ \u3000]+(?=[一-鿿：（）])", "", text)
