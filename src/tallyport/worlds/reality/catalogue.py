"""Which models are traded (车型目录): brand, drive, VIN pattern, price when new.

Brands, models and world manufacturer codes (the first three characters) are those on the road; the
other characters, prices and weights are made up, except the patterns of the three vehicles that
source 000 names: HLX33B12 (L9 Ultra), LGWEF2A5 (Haval H6), JTDKB20X (Prius).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique


@unique
class Drive(StrEnum):
    """Energy (燃料种类), as the stock record calls it."""

    PETROL = "汽油"
    DIESEL = "柴油"
    ELECTRIC = "纯电动"
    PLUG_IN = "插电混动"
    HYBRID = "混合动力"
    RANGE_EXTENDER = "增程"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model. `prefix` and `plant` are the fixed places of its VIN."""

    brand_cn: str
    brand: str
    name: str
    drive: Drive
    engine_ml: int
    battery_wh: int
    prefix: str
    plant: str
    price_usd: int
    weight_kg: int
    since: int  # First model year on the used market.

    @property
    def hs_code(self) -> str:
        """Ten digits of the customs tariff (商品编号), by drive and engine size."""
        match self.drive:
            case Drive.ELECTRIC:
                return "8703800090"
            case Drive.PLUG_IN | Drive.RANGE_EXTENDER:
                return "8703601190" if self.engine_ml <= _MEDIUM_ML else "8703602190"
            case Drive.HYBRID:
                return "8703401190" if self.engine_ml <= _MEDIUM_ML else "8703402190"
            case Drive.DIESEL:
                return "8703322190"
            case Drive.PETROL if self.engine_ml <= _MEDIUM_ML:
                return "8703223090"
            case Drive.PETROL:
                return "8703234190" if self.engine_ml <= _LARGE_ML else "8703235190"

    @property
    def has_traction_battery(self) -> bool:
        """Whether a state of health is measured."""
        return self.drive not in {Drive.PETROL, Drive.DIESEL}


_MEDIUM_ML = 1500
_LARGE_ML = 2000

# brand_cn, brand, name, drive, engine mL, battery Wh, VIN prefix, plant, new USD, kg, since
_ROWS = (
    ("理想", "LI AUTO", "L9 Ultra", "增程", 1496, 52300, "HLX33B12", "1", 58900, 2570, 2022),
    ("理想", "LI AUTO", "L7 Ultra", "增程", 1496, 52300, "HLX32K16", "B", 51000, 2460, 2022),
    ("理想", "LI AUTO", "L6 Pro", "增程", 1496, 36800, "HLX31D13", "B", 39800, 2345, 2023),
    ("哈弗", "HAVAL", "H6 1.5T", "汽油", 1497, 0, "LGWEF2A5", "L", 15900, 1560, 2014),
    ("坦克", "TANK", "500 Hi4-T", "插电混动", 1998, 37100, "LGWFGK7A", "H", 46500, 2710, 2022),
    ("丰田", "TOYOTA", "Prius", "混合动力", 1497, 1310, "JTDKB20X", "7", 21800, 1335, 2006),
    ("丰田", "TOYOTA", "Camry 2.5HV", "混合动力", 2487, 1600, "LVGCJ3HF", "G", 31500, 1640, 2018),
    ("丰田", "TOYOTA", "Corolla Cross", "汽油", 1987, 0, "LFMB8EAG", "D", 20300, 1420, 2021),
    ("丰田", "TOYOTA", "Wildlander", "汽油", 1987, 0, "LVGDN5EG", "G", 26100, 1585, 2020),
    ("比亚迪", "BYD", "Han EV", "纯电动", 0, 85400, "LC0CF4CD", "0", 31200, 2250, 2020),
    (
        "比亚迪",
        "BYD",
        "Song Plus DM-i",
        "插电混动",
        1498,
        18300,
        "LGXC74C4",
        "0",
        22900,
        1790,
        2021,
    ),
    ("比亚迪", "BYD", "Yuan Plus", "纯电动", 0, 60480, "LC0CE6CB", "0", 20400, 1680, 2022),
    ("比亚迪", "BYD", "Seagull", "纯电动", 0, 38880, "LGXCH4CC", "0", 12100, 1240, 2023),
    ("特斯拉", "TESLA", "Model Y", "纯电动", 0, 78400, "LRWYGCFS", "C", 38900, 1997, 2021),
    ("特斯拉", "TESLA", "Model 3", "纯电动", 0, 60000, "LRW3E7FS", "C", 33800, 1765, 2020),
    ("大众", "VOLKSWAGEN", "ID.6 CROZZ", "纯电动", 0, 84800, "LFVNA9E5", "3", 34200, 2290, 2021),
    ("大众", "VOLKSWAGEN", "Tayron 330TSI", "汽油", 1984, 0, "LFV3B24Z", "3", 27400, 1690, 2019),
    ("大众", "VOLKSWAGEN", "Lavida 1.5L", "汽油", 1498, 0, "LSVAB6BR", "2", 15600, 1310, 2017),
    ("吉利", "GEELY", "Monjaro", "汽油", 1969, 0, "LB3782DW", "S", 25700, 1780, 2021),
    ("极氪", "ZEEKR", "001 WE", "纯电动", 0, 95000, "L6TCC2YF", "F", 41300, 2345, 2021),
    ("长安", "CHANGAN", "CS75 Plus", "汽油", 1494, 0, "LS4AAB3R", "G", 17700, 1575, 2019),
    ("深蓝", "DEEPAL", "S07 REEV", "增程", 1480, 31730, "LS6A3C2F", "D", 24600, 1990, 2023),
    ("奇瑞", "CHERY", "Tiggo 8 Pro", "汽油", 1598, 0, "LVTDB24B", "D", 21900, 1660, 2020),
    ("名爵", "MG", "ZS 1.5L", "汽油", 1498, 0, "LSJW74C9", "G", 14300, 1290, 2018),
    ("本田", "HONDA", "Breeze 240T", "汽油", 1498, 0, "LHGRT184", "8", 25900, 1590, 2019),
    ("奔驰", "MERCEDES-BENZ", "GLC 260L", "汽油", 1999, 0, "LE40G8JB", "L", 54800, 1935, 2018),
    ("北京", "BAIC", "BJ60 Diesel", "柴油", 1996, 0, "LNBNCUBK", "X", 28600, 2240, 2022),
)

MODELS = tuple(
    Model(
        brand_cn=brand_cn,
        brand=brand,
        name=name,
        drive=Drive(drive),
        engine_ml=engine_ml,
        battery_wh=battery_wh,
        prefix=prefix,
        plant=plant,
        price_usd=price_usd,
        weight_kg=weight_kg,
        since=since,
    )
    for (
        brand_cn,
        brand,
        name,
        drive,
        engine_ml,
        battery_wh,
        prefix,
        plant,
        price_usd,
        weight_kg,
        since,
    ) in _ROWS
)
_BY_PREFIX = {model.prefix: model for model in MODELS}


def model_of(vin: str) -> Model:
    """Return the model whose pattern `vin` begins with."""
    return _BY_PREFIX[vin[: len(MODELS[0].prefix)]]
