"""What a vehicle identification number says about its vehicle (车架号解析).

    L S V C E 2 B R 5 N 1 0 4 1 6 6 4       LSVCE2BR5N1041664
    └─┬─┘ └───┬───┘ │ │ └─────┬─────┘
    maker   vehicle │ └ model year N: 2022
    (WMI)           └ check digit: 5, as the other sixteen characters demand

Sources: ISO 3779 (form), ISO 3780 (makers), 49 CFR 565 and GB 16735 (check digit, model year). The
check digit is binding in North America and China only, and real numbers break it even there:
LGWEF2A55EL036754 of source 000 should have X, JTDKB20X477006598 should have 7, HLX33B128R1643455 is
right. So a wrong one is a fact about a number, never a reason to refuse a vehicle.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique

import polars as pl

LENGTH = 17
CHECK_AT = 8  # Counted from 0.
YEAR_AT = 9
CYCLE_YEARS = 30  # After it the letters of the model year begin again.

_FORM = re.compile("[A-HJ-NPR-Z0-9]{17}")
_VALUES = {
    **{str(digit): digit for digit in range(10)},
    **dict(zip("ABCDEFGH", range(1, 9), strict=True)),
    **dict(zip("JKLMN", range(1, 6), strict=True)),
    **dict(zip("PR", (7, 9), strict=True)),
    **dict(zip("STUVWXYZ", range(2, 10), strict=True)),
}
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_DIGITS = "0123456789X"
_YEARS = {code: 1980 + place for place, code in enumerate("ABCDEFGHJKLMNPRSTVWXY123456789")}
_NORTH_AMERICA = "12345"

_MAKERS = {  # The first three characters of the number; only those that are certain.
    "AUDI": "TRU WAU WA1",
    "BAIC": "LNB",
    "BMW": "4US 5UX 5YM LBV WBA WBS WBY WBX",
    "BYD": "LC0 LGX",
    "CHANGAN": "LS4 LS5",
    "CHERY": "LVT LVV",
    "FERRARI": "ZFF",
    "FIAT": "ZFA",
    "FORD": "1FA 1FB 1FM 1FT 2FM 3FA LVS WF0",
    "GAC": "LMG",
    "GEELY": "L6T LB3",
    "GENERAL MOTORS": "1G1 1G2 1G4 1G6 1GC 1GK 1GN 1GT 1GY 2G1 3GC LSG",
    "GREAT WALL": "LGW",
    "HONDA": "19X 1HG 2HG 2HK 5FN 5J6 JHM LHG LVH SHH SHS",
    "HYUNDAI": "5NM 5NP KM8 KMH LBE",
    "JAGUAR": "SAJ",
    "KIA": "3KP 5XX 5XY KNA KND KNE LJD",
    "LAND ROVER": "SAL",
    "LEXUS": "2T2 58A JTH JTJ",
    "LI AUTO": "HLX",
    "MAZDA": "JM1 JM3 JM7 JMZ LVR",
    "MERCEDES-BENZ": "4JG 55S LE4 W1K W1N WDB WDC WDD",
    "MITSUBISHI": "JA3 JA4 JMB",
    "NISSAN": "1N4 1N6 3N1 5N1 JN1 JN8 LGB SJN",
    "OPEL": "W0L W0V",
    "PEUGEOT": "VF3",
    "PORSCHE": "WP0 WP1",
    "RENAULT": "VF1",
    "SAIC MG": "LSJ",
    "SKODA": "TMB",
    "SUBARU": "4S3 4S4 JF1 JF2",
    "SUZUKI": "JS2 JS3",
    "TESLA": "5YJ 7SA LRW SFZ XP7",
    "TOYOTA": "2T1 2T3 4T1 4T3 5TD 5TF JT2 JT3 JTD JTE JTM JTN LFM LTV LVG SB1 VNK",
    "VOLKSWAGEN": "1VW 3VW LFV LSV WV1 WV2 WVG WVW",
    "VOLVO": "LYV YV1 YV4",
    "WULING": "LZW",
}
MAKERS: Mapping[str, str] = {wmi: maker for maker, all_ in _MAKERS.items() for wmi in all_.split()}
_COUNTRIES = (  # First and last pair of characters, in the order A-Z, 1-9, 0.
    ("HA", "H0", "CN"),
    ("JA", "J0", "JP"),
    ("KL", "KR", "KR"),
    ("LA", "L0", "CN"),
    ("MA", "ME", "IN"),
    ("SA", "SM", "GB"),
    ("SN", "ST", "DE"),
    ("TR", "TV", "HU"),
    ("VF", "VR", "FR"),
    ("WA", "W0", "DE"),
    ("XS", "XW", "RU"),
    ("X3", "X0", "RU"),
    ("YS", "YW", "SE"),
    ("ZA", "ZR", "IT"),
    ("1A", "10", "US"),
    ("2A", "20", "CA"),
    ("3A", "3W", "MX"),
    ("4A", "40", "US"),
    ("5A", "50", "US"),
    ("7F", "70", "US"),
    ("9A", "9E", "BR"),
)
_RANK = {sign: place for place, sign in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890")}


@unique
class Doubt(StrEnum):
    """What is odd about a number; the vehicle may be as real as any."""

    LENGTH = "not_17_characters"
    CHARACTERS = "characters_outside_of_iso_3779"  # I, O, Q, or none of the alphabet at all.
    CHECK_DIGIT = "check_digit_differs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What `vin` says. What it does not say is None."""

    vin: str
    maker: str | None
    country: str | None  # ISO 3166, of the maker.
    check_digit: str | None  # As it should be.
    doubts: tuple[Doubt, ...]


def facts(vin: str) -> Facts:
    """Return what can be read from `vin`, which is given in capitals without spaces."""
    doubts: list[Doubt] = []
    if len(vin) != LENGTH:
        doubts.append(Doubt.LENGTH)
    elif not _FORM.fullmatch(vin):
        doubts.append(Doubt.CHARACTERS)
    digit = None if doubts else check_digit(vin)
    if digit is not None and digit != vin[CHECK_AT]:
        doubts.append(Doubt.CHECK_DIGIT)
    return Facts(
        vin=vin,
        maker=MAKERS.get(vin[:3]),
        country=_country(vin[:2]),
        check_digit=digit,
        doubts=tuple(doubts),
    )


def check_digit(vin: str) -> str:
    """Return the check digit that the other sixteen characters of a well-formed `vin` demand."""
    total = sum(_VALUES[sign] * weight for sign, weight in zip(vin, _WEIGHTS, strict=True))
    return _DIGITS[total % 11]


def model_year(vin: str, *, latest: int) -> int | None:
    """Return the newest model year up to `latest` that the tenth character stands for.

    In North America the seventh character tells the two cycles apart: a digit before 2010, a letter
    since. Elsewhere a year is written there by custom only; 0, U and Z say nothing.
    """
    if len(vin) != LENGTH:
        return None
    year = _YEARS.get(vin[YEAR_AT])
    if year is None:
        return None
    if vin[0] in _NORTH_AMERICA:
        return year if vin[6].isdigit() else year + CYCLE_YEARS
    while year + CYCLE_YEARS <= latest:
        year += CYCLE_YEARS
    return year if year <= latest else None


def _country(pair: str) -> str | None:
    if len(pair) != 2 or not all(sign in _RANK for sign in pair):  # noqa: PLR2004 - A pair.
        return None
    rank = _RANK[pair[1]]
    for first, last, country in _COUNTRIES:
        if pair[0] == first[0] and _RANK[first[1]] <= rank <= _RANK[last[1]]:
            return country
    return None


def doubt(vin: pl.Expr) -> pl.Expr:
    """Return the first doubt about each number of a column; null where there is none."""
    total = pl.sum_horizontal(
        vin.str.slice(place, 1).replace_strict(_VALUES, default=0, return_dtype=pl.Int32) * weight
        for place, weight in enumerate(_WEIGHTS)
    )
    expected = (total % 11).replace_strict(
        dict(enumerate(_DIGITS)), default=None, return_dtype=pl.String
    )
    return (
        pl.when(vin.is_null())
        .then(None)
        .when(vin.str.len_chars() != LENGTH)
        .then(pl.lit(Doubt.LENGTH.value))
        .when(~vin.str.contains(f"^{_FORM.pattern}$"))
        .then(pl.lit(Doubt.CHARACTERS.value))
        .when(vin.str.slice(CHECK_AT, 1) != expected)
        .then(pl.lit(Doubt.CHECK_DIGIT.value))
    )
