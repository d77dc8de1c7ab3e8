"""Where vehicles leave and arrive: two land borders, four overseas warehouses (口岸 · 海外仓).

Urumqi ─▶ Khorgos (9402) ────┐                     ┌─▶ Tashkent TAS-1
                             ├─▶ Almaty (ALA-1) ───┼─▶ Bishkek  FRU-1
Urumqi ─▶ Alashankou (9404) ─┘                     └─▶ Moscow   MOW-1
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone

CHINA = timezone(timedelta(hours=8))
ORIGIN = "Urumqi"
HUB = "Almaty"
HUB_ZONE = timezone(timedelta(hours=5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Border:
    """A customs office at the border; `station` is how carriers call the crossing."""

    office: str
    code: str
    station: str
    numbers_a_day: int  # Declaration numbers run through the year at about this pace.


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A city with an overseas warehouse; `onward_hours` is the haul from Almaty, at its fastest."""

    city: str
    warehouse: str
    act_prefix: str
    zone: timezone
    onward_hours: int


KHORGOS = Border(office="霍尔果斯海关", code="9402", station="Khorgos", numbers_a_day=530)
ALASHANKOU = Border(office="阿拉山口海关", code="9404", station="Dostyk", numbers_a_day=220)

TASHKENT = Destination(
    city="Tashkent",
    warehouse="TAS-1",
    act_prefix="TAS-П",
    zone=timezone(timedelta(hours=5)),
    onward_hours=20,
)
ALMATY = Destination(
    city="Almaty", warehouse="ALA-1", act_prefix="ALA-П", zone=HUB_ZONE, onward_hours=0
)
BISHKEK = Destination(
    city="Bishkek",
    warehouse="FRU-1",
    act_prefix="FRU-П",
    zone=timezone(timedelta(hours=6)),
    onward_hours=7,
)
MOSCOW = Destination(
    city="Moscow",
    warehouse="MOW-1",
    act_prefix="MOW-П",
    zone=timezone(timedelta(hours=3)),
    onward_hours=90,
)
DESTINATIONS = (TASHKENT, ALMATY, BISHKEK, MOSCOW)

# Where a buyer of each country takes delivery. Tajik buyers use the warehouse in Tashkent.
DELIVERY: Mapping[str, Destination] = {
    "UZ": TASHKENT,
    "KZ": ALMATY,
    "KG": BISHKEK,
    "RU": MOSCOW,
    "TJ": TASHKENT,
}

COUNTRY_CN: Mapping[str, str] = {
    "UZ": "乌兹别克斯坦",
    "KZ": "哈萨克斯坦",
    "KG": "吉尔吉斯斯坦",
    "RU": "俄罗斯",
    "TJ": "塔吉克斯坦",
}
