"""Shippers and carriers (托运人与承运人), all invented."""

from __future__ import annotations

from collections.abc import Callable

from tallyport.worlds.chance import Dice
from tallyport.worlds.freight.model import Firm

_PLACES = (
    "西域",
    "天山",
    "北疆",
    "河套",
    "陇东",
    "塞上",
    "丝路",
    "昆仑",
    "祁连",
    "贺兰",
    "大漠",
    "绿洲",
)
_WORDS = (
    "鸿运",
    "恒达",
    "瑞丰",
    "金穗",
    "盛源",
    "华茂",
    "聚力",
    "安顺",
    "佳禾",
    "明远",
    "广泽",
    "同心",
)
_TRADES = ("建材", "农产品", "煤焦", "化工", "饲料", "钢铁", "面粉", "棉业", "水泥", "果业")
_SURNAMES = "松柏杨柳梅兰竹菊桃李杏枣桑榆槐桂"
_GIVEN = (
    "小满",
    "立夏",
    "白露",
    "寒露",
    "谷雨",
    "惊蛰",
    "芒种",
    "处暑",
    "霜降",
    "冬至",
    "清明",
    "春分",
)
_TERMS = ((30, 55), (45, 25), (60, 20))
_DIGITS = "0123456789"
_SEEN_MAX = 200


def firms(dice: Dice, hauls: int) -> tuple[list[Firm], list[Firm]]:
    """Return shippers and carriers for a platform of so many hauls a year."""
    seen: set[str] = set()
    shippers = [
        Firm(
            no=f"S{number:05d}",
            side="shipper",
            name=_new(dice, seen, _shipper),
            account=_account(dice),
            terms_days=dice.weigh(_TERMS),
        )
        for number in range(1, max(6, hauls // 100) + 1)
    ]
    carriers = []
    for number in range(1, max(12, hauls // 15) + 1):
        is_fleet = dice.happens(250)
        carriers.append(
            Firm(
                no=f"C{number:05d}",
                side="carrier",
                name=_new(dice, seen, _fleet if is_fleet else _driver),
                account=_account(dice),
                plates=tuple(
                    _new(dice, seen, _plate) for _ in range(dice.between(2, 4) if is_fleet else 1)
                ),
                is_fleet=is_fleet,
            )
        )
    return shippers, carriers


def stranger(dice: Dice) -> tuple[str, str]:
    """Return name and account of somebody whom the platform does not know."""
    return f"{dice.pick('田石江河')}{dice.pick(_GIVEN)}", _account(dice)


def _new(dice: Dice, seen: set[str], write: Callable[[Dice], str]) -> str:
    """Return a name that nobody has yet."""
    name = ""
    for _ in range(_SEEN_MAX):
        name = write(dice)
        if name not in seen:
            break
    else:
        name = f"{name}{len(seen)}"
    seen.add(name)
    return name


def _shipper(dice: Dice) -> str:
    return f"{dice.pick(_PLACES)}{dice.pick(_WORDS)}{dice.pick(_TRADES)}有限公司"


def _fleet(dice: Dice) -> str:
    return f"{dice.pick(_PLACES)}{dice.pick(_WORDS)}运输有限公司"


def _driver(dice: Dice) -> str:
    return f"{dice.pick(_SURNAMES)}{dice.pick(_GIVEN)}"


def _account(dice: Dice) -> str:
    return "62" + dice.text(_DIGITS, 14)


def _plate(dice: Dice) -> str:
    return f"新{dice.pick('ABCDEFG')}{dice.between(10_000, 99_999)}"
