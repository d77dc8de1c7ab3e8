"""Vehicle identification number (车架号, VIN): seventeen characters with a check digit (ISO 3779).

The ninth character is the weighted sum of the others modulo 11, X for 10:

    HLX33B128R1643455   8 is right                                          (source 000)
    JTDKB20X477006598   4 stands there, 7 would be right                    (source 000)
    LGWEF2A55EL036754   5 stands there, X would be right                    (source 000)

A wrong check digit is worth a question, never a reason to deny that the vehicle exists.
"""

from __future__ import annotations

LENGTH = 17
_CHECK_AT = 8
_DIGITS = "0123456789X"
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VALUES = dict(
    zip("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", "012345678912345678123457923456789", strict=True)
)
_YEARS = "ABCDEFGHJKLMNPRSTVWXY"  # 2010 is A; I, O, Q, U and Z are not used.
_LETTERS_FROM = 2010


def check_digit(vin: str) -> str:
    """Return the character that belongs at the ninth place of `vin`, whatever stands there now."""
    total = sum(int(_VALUES[char]) * weight for char, weight in zip(vin, _WEIGHTS, strict=True))
    return _DIGITS[total % len(_DIGITS)]


def is_sound(vin: str) -> bool:
    """Return whether `vin` carries the check digit that belongs to it."""
    return check_digit(vin) == vin[_CHECK_AT]


def compose(prefix: str, year: int, plant: str, serial: int) -> str:
    """Build a sound VIN from eight leading characters, model year, plant and serial number."""
    body = f"{prefix}0{year_code(year)}{plant}{serial:06d}"
    return f"{prefix}{check_digit(body)}{body[_CHECK_AT + 1 :]}"


def year_code(year: int) -> str:
    """Return the tenth character: a digit up to 2009, a letter from 2010 to 2030."""
    return str(year % 10) if year < _LETTERS_FROM else _YEARS[year - _LETTERS_FROM]
