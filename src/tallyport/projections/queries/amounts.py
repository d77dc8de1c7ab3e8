"""Money as people write it (金额): 6000000000 minor units of CNY are 60,000,000.00.

Source: ISO 4217, list one: the currencies whose minor unit is not a hundredth.
"""

from __future__ import annotations

from tallyport.kernel.money import MINOR_MAX, Money

_WHOLE = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
_THOUSANDTHS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])
PLACES_USUAL = 2


def _places(currency: str) -> int:
    """Return how many decimals a currency has (ISO 4217)."""
    if currency in _WHOLE:
        return 0
    return 3 if currency in _THOUSANDTHS else PLACES_USUAL


def decimal(money: Money, separator: str = "") -> str:
    """Return the amount with its decimal point; `separator` stands between thousands."""
    places = _places(money.currency)
    digits = str(abs(money.minor)).rjust(places + 1, "0")
    whole, part = (digits[:-places], digits[-places:]) if places else (digits, "")
    grouped = f"{int(whole):,}".replace(",", separator)
    sign = "-" if money.minor < 0 else ""
    return f"{sign}{grouped}.{part}" if part else f"{sign}{grouped}"


def minor(text: str, currency: str) -> int | None:
    """Return the minor units that a person wrote as `text`, or None when it is no amount.

    Commas, spaces and apostrophes between thousands are fine; too many decimals are not.
    """
    places = _places(currency)
    clean = text.strip().translate(str.maketrans("", "", ",' \u00a0\u202f\uff0c"))
    whole, point, part = clean.partition(".")
    is_number = whole.isascii() and whole.isdigit() and len(whole) <= len(str(MINOR_MAX))
    if not is_number or len(part) > places or (point and not (part.isascii() and part.isdigit())):
        return None
    units = int(whole + part.ljust(places, "0"))
    return units if units <= MINOR_MAX else None
