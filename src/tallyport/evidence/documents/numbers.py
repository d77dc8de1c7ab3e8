"""Figures, capitals, tax numbers, days (金额, 大写, 统一社会信用代码, 日期) as papers write them.

¥113,000.00            11300000 minor units
壹拾壹万叁仟圆整         11300000
91 350100 MA00…         the last of 18 signs follows from the 17 before it (GB 32100-2015)
2024年05月28日          2024-05-28
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation

_DIGITS = (
    {sign: n for n, sign in enumerate("零壹贰叁肆伍陆柒捌玖")}
    | {sign: n for n, sign in enumerate("〇一二三四五六七八九")}
    | {"两": 2, "弍": 2, "贰": 2}
)
_UNITS = {"拾": 10, "十": 10, "佰": 100, "百": 100, "仟": 1_000, "千": 1_000}
_MYRIAD = 10**4
_BLOCKS = {"万": _MYRIAD, "萬": _MYRIAD, "亿": 10**8, "億": 10**8}
_CODE_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CODE_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
FIGURE_CHARS_MAX = 40  # A trillion with separators and decimals has half as many.


def minor(text: str) -> int | None:
    """Return an amount in minor units, halves up; None when it is none."""
    plain = re.sub(r"[\s,，¥￥元]", "", text)
    if not plain or len(plain) > FIGURE_CHARS_MAX or not re.fullmatch(r"-?\d+(\.\d+)?", plain):
        return None
    try:
        scaled = Decimal(plain) * 100
    except InvalidOperation:
        return None
    whole = int(abs(scaled) + Decimal("0.5"))
    return -whole if scaled < 0 else whole


def rate_ppm(text: str) -> int | None:
    """Return a rate in millionths: `13%`, `0.13`; exempt is 0; None when it is none."""
    plain = text.strip()
    if plain in {"免税", "不征税", "出口零税率", "***"}:
        return 0
    match = re.fullmatch(r"(\d{1,3}(?:\.\d{1,6})?)\s*([%％]?)", plain)
    if match is None:
        return None
    return int(Decimal(match[1]) * (10_000 if match[2] else 1_000_000))


def capitals_minor(text: str) -> int | None:
    """Return what an amount in Chinese capitals says, in minor units; None when it is none."""
    plain = re.sub(r"[\s整正¥￥⊗ⓧ]|人民币", "", text).replace("元", "圆").replace("圓", "圆")
    is_negative = plain.startswith(("负", "（负数）"))
    plain = plain.removeprefix("（负数）").removeprefix("负")
    whole, mark, rest = plain.partition("圆")
    if not mark:
        whole, rest = "", whole
    total, pending, block, digit = 0, 0, 0, 0  # 亿 and more, 万, below 万, the sign before.
    for sign in whole:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
        elif sign in _UNITS:
            block, digit = block + (digit or 1) * _UNITS[sign], 0
        elif _BLOCKS.get(sign) == _MYRIAD:
            pending, block, digit = pending + (block + digit) * _MYRIAD, 0, 0
        elif sign in _BLOCKS:
            total, pending = total + (pending + block + digit) * _BLOCKS[sign], 0
            block, digit = 0, 0
        else:
            return None
    match = re.fullmatch(r"零?(?:(.)角)?零?(?:(.)分)?", rest)
    if match is None or (not mark and not any(match.groups())):
        return None
    tenths, hundredths = (_DIGITS.get(one or "零") for one in match.groups())
    if tenths is None or hundredths is None:
        return None
    found = (total + pending + block + digit) * 100 + tenths * 10 + hundredths
    return -found if is_negative else found


def is_tax_number(code: str) -> bool | None:
    """Tell whether the check sign of a unified social credit code fits; None: no such code."""
    if not re.fullmatch(f"[{_CODE_SIGNS}]{{18}}", code):
        return None
    total = sum(
        _CODE_SIGNS.index(sign) * weight
        for sign, weight in zip(code[:17], _CODE_WEIGHTS, strict=True)
    )
    return _CODE_SIGNS[(31 - total % 31) % 31] == code[17]


def day(text: str) -> date | None:
    """Return the day that a text begins with, or None."""
    match = re.search(r"(\d{4})\s*[年/.-]\s*(\d{1,2})\s*[月/.-]\s*(\d{1,2})", text) or re.fullmatch(
        r"\s*(\d{4})(\d{2})(\d{2})\s*", text
    )
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None
