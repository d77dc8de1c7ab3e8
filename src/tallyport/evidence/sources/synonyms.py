"""How much a column's name sounds like a field (列名相似度).

表显里程km   odometer_km   0.97   the name without its unit is a synonym
InspectDate  inspected_on  1.00   the words are, however they are joined
Пробег_км    odometer_km   0.97
总价         total         1.00
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

import yaml
from rapidfuzz import fuzz

from tallyport.evidence.sources.vocabulary import Kind

EXACT = 1.0
WITHOUT_UNIT = 0.97
FUZZY_MIN = 85  # Of 100; below it two words are two words.
PART_MIN = 0.5  # A name that holds a synonym among other words.

_CAMEL = re.compile(r"(?<=[a-zа-яё0-9])(?=[A-ZА-ЯЁ])")
UNITS: Mapping[str, str] = {  # What stands behind a name, and the unit of a profile.
    "万公里": "万公里",
    "百万元": "百万元",
    "万元": "万元",
    "千元": "千元",
    "亿元": "亿元",
    "公里": "km",
    "千克": "kg",
    "км": "km",
    "кг": "kg",
    "km": "km",
    "kg": "kg",
    "mile": "mile",
    "miles": "mile",
    "ml": "mL",
    "元": "元",
    "吨": "吨",
    "%": "percent",
    "руб": "",
    "usd": "",
}


@cache
def listed() -> Mapping[str, Mapping[str, list[str]]]:
    """Return the words for kinds and for fields."""
    text = (files("tallyport.evidence.sources") / "synonyms.yaml").read_text("utf-8")
    listed: Mapping[str, Mapping[str, list[str]]] = yaml.safe_load(text)
    return listed


@cache
def names(field: str) -> tuple[str, ...]:
    """Return the plain synonyms of a field, its own name among them."""
    own = field.replace("_", " ")
    return tuple(_plain(word) for word in (own, *map(str, listed()["fields"].get(field, ()))))


@lru_cache(maxsize=10_000)
def _plain(name: str) -> str:
    """Return the letters and digits of a name."""
    spaced = _CAMEL.sub(" ", unicodedata.normalize("NFKC", name))
    return "".join(sign for sign in spaced.casefold() if sign.isalnum() or sign == "%")


def unit(name: str) -> str | None:
    """Return the unit behind a column's name, as profiles call it; None without one."""
    plain = _plain(name)
    found = (word for word in sorted(UNITS, key=len, reverse=True) if plain.endswith(word))
    word = next((word for word in found if len(word) < len(plain)), None)
    return None if word is None else UNITS[word]


@lru_cache(maxsize=100_000)
def likeness(name: str, field: str) -> float:
    """Return from 0 to 1 how much the column's name sounds like the field.

    Of a path as `Acct/Id` the whole counts, and its last step alone.
    """
    step = name.rpartition("/")[2]
    if step not in (name, ""):
        return max(likeness(step, field), likeness(name.replace("/", ""), field))
    plain = _plain(name)
    bare = plain
    for word in sorted(UNITS, key=len, reverse=True):
        if plain.endswith(word) and len(word) < len(plain):
            bare = plain.removesuffix(word)
            break
    return max(_alike(plain, bare, synonym) for synonym in names(field))


def _alike(plain: str, bare: str, synonym: str) -> float:
    if plain == synonym:
        return EXACT
    if bare == synonym:
        return WITHOUT_UNIT
    shorter, longer = sorted((bare, synonym), key=len)
    least = 2 if re.search("[\u4e00-\u9fff]", shorter) else 4
    if len(shorter) >= least and shorter in longer:
        return PART_MIN + (WITHOUT_UNIT - PART_MIN) * len(shorter) / len(longer) - 0.05
    ratio = fuzz.ratio(bare, synonym)
    return 0.9 * ratio / 100 if ratio >= FUZZY_MIN else 0.0


def kind_likeness(name: str, kind: Kind) -> float:
    """Return from 0 to 1 how much a file or sheet is called like the kind."""
    plain = _plain(name)
    words = [_plain(word) for word in (kind.name, *listed()["kinds"].get(kind.name, ()))]
    if plain in words:
        return EXACT
    return max((len(w) / len(plain) for w in words if plain and w in plain), default=0.0)
