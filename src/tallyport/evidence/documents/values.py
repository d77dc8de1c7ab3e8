"""What values on papers look like (取值样式), and how misread letters are set right.

A VIN has no I, O and Q, a code of a firm no I, O, S, V and Z: recognition that reads one of them
has misread a digit. It is only corrected where the check sign then fits, or the alphabet leaves no
choice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tallyport.evidence.documents.numbers import is_tax_number
from tallyport.evidence.vin import Doubt, facts

_IN_VIN = str.maketrans("IOQ", "100")
_IN_CODE = str.maketrans("IOSZ", "1052")


def _stripped(text: str) -> str:
    return text.strip().strip("，,。;；")


@dataclass(frozen=True, slots=True)
class Value:
    """A pattern whose first group is the value, and what its plain form is; "" is none."""

    pattern: str
    plain: Callable[[str], str] = _stripped


def dense(text: str) -> str:
    """Return a text without spaces."""
    return re.sub(r"\s", "", text)


def _vin(text: str) -> str:
    return dense(text).upper().translate(_IN_VIN)


def _code(text: str) -> str:
    """Return a code of a firm; misread letters are set right where the check sign then fits."""
    plain = dense(text).upper()
    mended = plain.translate(_IN_CODE)
    return mended if is_tax_number(mended) else plain


# Neither a label's beginning nor a gap is part of a name.
_NEXT = (
    "名称|统一社会|纳税人|销售|购买|开票|地址|住所|类型|法定|经营|成立|注册|使用性质|住址|品牌|车辆"
)
NAME = Value(rf"((?:(?!{_NEXT})[^\s:：/]){{2,60}}(?: [A-Za-z0-9.,&'()-]+)*)")
CODE = Value(r"([0-9A-Z](?: ?[0-9A-Z]){17}|\d(?: ?\d){14})(?![0-9A-Z])", _code)
DAY = Value(r"(\d{4}\s*[年/.-]\s*\d{1,2}\s*[月/.-]\s*\d{1,2})\s*日?", dense)
# Recognition takes the sign of the currency for any other one.
SUM = Value(r"[^\d\s.,-]?\s?(-?[\d,]{1,20}\.\d{2})(?!\d)")
SUM_AGAIN = r"\s*[^\d\s.,-]?\s?-?[\d,]{1,20}\.\d{2}\s*"
VIN = Value(r"(?=[A-Z ]*\d)([A-Z0-9](?: ?[A-Z0-9]){16})(?![A-Z0-9])", _vin)
WORDS_SUM = Value(
    r"((?:[（(]负数[）)]|负)?[零壹贰叁肆伍陆柒捌玖拾佰仟万亿]{2,30}[圆元][零壹贰叁肆伍陆柒捌玖角分整正]{0,8})"
)


def _is_vin(text: str) -> bool:
    return Doubt.CHECK_DIGIT not in facts(text).doubts


def _is_code(text: str) -> bool:
    return is_tax_number(text) is True


UNLABELLED: Mapping[str, tuple[str, Callable[[str], bool]]] = {
    "vin": (r"(?<![A-Z0-9])[A-HJ-NPR-Z0-9]{17}(?![A-Z0-9])", _is_vin),
    "tax_no": (r"(?<![A-Z0-9])[0-9A-HJ-NPQRTUWXY]{18}(?![A-Z0-9])", _is_code),
}


def spread(label: str) -> str:
    """Return the pattern of labels whose Chinese letters may be set apart: 名　　称."""
    return re.sub("(?<=[\u4e00-\u9fff])(?=[\u4e00-\u9fff])", r"\\s*", label)
