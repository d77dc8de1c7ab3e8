"""Who is invented for a world (角色): five exporters, 23 buyers around 762 vehicles (source 000).

All firms and persons are made up, but for the buyer that the source names: LLC "MILAN" Group.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tallyport.worlds.chance import Dice
from tallyport.worlds.reality import names
from tallyport.worlds.reality.parties import (
    Account,
    Cast,
    Form,
    Party,
    Registration,
    Role,
    Seller,
    WatchEntry,
)

HIGH_RISK = {
    "IR": date(2020, 2, 21),
    "KP": date(2020, 2, 21),
    "MM": date(2022, 10, 21),
    "SY": date(2023, 6, 1),
}
LISTED_ON = date(2023, 11, 15)

_LLC = Form(english="LLC", local="ООО", bank="OOO")
_LLP = Form(english="LLP", local="ТОО", bank="TOO")
_OSOO = Form(english="LLC", local="ОсОО", bank="OSOO")
_TRADER = Form(english="IE", local="ИП", bank="IP")
_FORMS = {
    "UZ": _LLC,
    "KZ": _LLP,
    "KG": _OSOO,
    "RU": _LLC,
    "TJ": _LLC,
    "AE": Form(english="FZE", local="ООО", bank="FZE"),
    "TR": Form(english="LTD STI", local="ООО", bank="LTD STI"),
    "HK": Form(english="LIMITED", local="ООО", bank="LTD"),
    "IR": Form(english="CO", local="ООО", bank="CO"),
    "KP": Form(english="CORP", local="ООО", bank="CORP"),
    "MM": Form(english="CO", local="ООО", bank="CO"),
    "SY": Form(english="CO", local="ООО", bank="CO"),
}
_CITIES = {
    "UZ": "Ташкент",
    "KZ": "Алматы",
    "KG": "Бишкек",
    "RU": "Москва",
    "TJ": "Душанбе",
    "AE": "Дубай",
    "TR": "Стамбул",
}
_TAX_DIGITS = {"UZ": 9, "KZ": 12, "KG": 14, "RU": 10, "TJ": 9, "AE": 15, "TR": 10}
_STREETS = ("Садовая", "Караванная", "Ореховая", "Мостовая", "Базарная", "Вокзальная", "Озёрная")
_BUYER_COUNTRIES = (("UZ", 42), ("KZ", 34), ("RU", 14), ("KG", 6), ("TJ", 4))
_STRANGERS = 24
_BUYERS_FOR_762 = 23
_BUYERS_MIN = 6
_BUYERS_PER_WATCHED = 40
_TRIES = 50  # For a short name; then it becomes a longer one.
_BRANDS_MAX = 3  # 243,600 names: enough for seven million vehicles.

# prefix, Chinese, English, end of the credit code, 1 where there is a RUB account
_SELLERS = (
    (
        "XJYO",
        "新疆亚欧驼铃汽车出口有限公司",
        "XINJIANG TUOLING AUTO EXPORT CO LTD",
        "MA7TL4QX2P",
        1,
    ),
    (
        "XJBH",
        "新疆博格达鸿运汽车贸易有限公司",
        "XINJIANG HONGYUN AUTO TRADE CO LTD",
        "MA7HY83K1N",
        0,
    ),
    ("XJTL", "新疆塔里木绿洲汽车进出口有限公司", "XINJIANG OASIS AUTO CO LTD", "MA7LZ59D8G", 1),
    ("XJYL", "伊犁云岭二手车出口有限公司", "ILI YUNLING USED CAR EXPORT CO LTD", "MA7YL2W46T", 1),
    ("XJGS", "新疆戈壁商桥汽车有限公司", "XINJIANG GOBI BRIDGE AUTO CO LTD", "MA7GS7R0UE", 0),
)
_BANKS = (("TIANCHI BANK OF COMMERCE", "TIANCNB1"), ("ORCHARD CITY BANK", "ORCHCNB1"))


def cast(dice: Dice, vehicles: int) -> Cast:
    """Invent everybody that a trade of `vehicles` needs."""
    sellers = tuple(
        Seller(
            prefix=prefix,
            name_cn=name_cn,
            name_en=name_en,
            tax_no=f"91650100{code}",
            customs_code=f"65019{number * 41:05d}",
        )
        for number, (prefix, name_cn, name_en, code, _) in enumerate(_SELLERS)
    )
    inventor = _Inventor(dice)
    buyers = [inventor.milan()]
    for _ in range(max(_BUYERS_MIN, vehicles * _BUYERS_FOR_762 // 762) - 1):
        country = dice.weigh(_BUYER_COUNTRIES)
        buyers.append(inventor.party(Role.BUYER, country, is_person=dice.happens(80)))
    watched = dice.some(buyers[1:], max(1, len(buyers) // _BUYERS_PER_WATCHED))
    buyers = [replace(buyer, is_watched=buyer in watched) for buyer in buyers]
    helpers = [inventor.party(Role.HELPER, dice.pick(("AE", "TR", "KZ"))) for _ in buyers[::4]]
    return Cast(
        sellers=sellers,
        accounts=_accounts(sellers),
        buyers=tuple(buyers),
        registrations=_register(dice, buyers, helpers),
        watch_list=_watch_list(dice, inventor, [b for b in buyers if b.is_watched]),
        risky=tuple(inventor.party(Role.RISKY, country) for country in sorted(HIGH_RISK)),
        affiliates={
            seller.prefix: inventor.party(Role.AFFILIATE, dice.pick(("AE", "HK")))
            for seller in sellers
        },
    )


class _Inventor:
    """Invents parties; no name is given twice."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._taken: set[str] = {"Милан"}
        self._count = 0

    def milan(self) -> Party:
        """Return the buyer of contract XJYO-2024040401."""
        return replace(
            self.party(Role.BUYER, "UZ"),
            local="Милан",
            chinese="米兰集团",
            suffix="Group",
            is_from_source=True,
        )

    def party(self, role: Role, country: str, *, is_person: bool = False) -> Party:
        """Return somebody new of `role` from `country`."""
        dice = self._dice
        person = self._person() if is_person else None
        is_person, (local, chinese) = person is not None, person or self._firm()
        form = _TRADER if is_person else _FORMS[country]
        street = f"ул. {dice.pick(_STREETS)}, {dice.between(1, 180)}"
        party = Party(
            id=f"E{self._count:06d}",
            role=role,
            country=country,
            form=form,
            local=local,
            chinese=chinese,
            suffix="",
            tax_no=dice.pick("123456789")
            + dice.text("0123456789", _TAX_DIGITS.get(country, 8) - 1),
            address=f"{_CITIES[country]}, {street}" if country in _CITIES else street,
            account_no=f"{country}{dice.text('0123456789', 20)}",
            bic=f"{dice.text('BCDFGHKLMN', 2)}NK{country}22",
            is_person=is_person,
        )
        self._count += 1
        return party

    def _firm(self) -> tuple[str, str]:
        tried = 0
        while True:
            brands = self._dice.weigh(((1, 60), (2, 40)))
            words = self._dice.some(names.BRANDS, brands if tried < _TRIES else _BRANDS_MAX)
            tried += 1
            words.append(self._dice.pick(names.TRADES))
            local = " ".join(cyrillic for cyrillic, _ in words)
            if self._is_new(local):
                return local, "".join(chinese for _, chinese in words)

    def _person(self) -> tuple[str, str] | None:
        """Return a sole trader's name, or None when hardly one is left: 128 in all."""
        for _ in range(_TRIES):
            surname, surname_cn = self._dice.pick(names.SURNAMES)
            given, given_cn = self._dice.pick(names.GIVEN)
            # Two sole traders of one surname and given name could not be told apart.
            if self._is_new(f"{surname} {given}"):
                local = f"{surname} {given} {self._dice.pick(names.PATRONYMICS)}"
                return local, f"{given_cn}·{surname_cn}"
        return None

    def _is_new(self, local: str) -> bool:
        if local in self._taken:
            return False
        self._taken.add(local)
        return True


def _accounts(sellers: tuple[Seller, ...]) -> tuple[Account, ...]:
    """Open the accounts of `sellers`: USD and CNY for all, RUB for some."""
    accounts = []
    for number, seller in enumerate(sellers):
        bank, bic = _BANKS[number % len(_BANKS)]
        currencies = ("USD", "CNY", "RUB") if _SELLERS[number][-1] else ("USD", "CNY")
        for place, currency in enumerate(currencies):
            digits = f"6217{number:02d}{place:02d}"
            accounts.append(
                Account(
                    number=f"{digits}{number * 7_340_033 + place * 104_729:012d}",
                    seller=seller,
                    currency=currency,
                    bank=bank,
                    bic=bic,
                )
            )
    return tuple(accounts)


def _register(dice: Dice, buyers: list[Party], helpers: list[Party]) -> tuple[Registration, ...]:
    """Register `buyers` and `helpers`; every seventh or so twice; shuffle the numbers."""
    wanted = [(buyer, False) for buyer in buyers]
    wanted += [(helper, False) for helper in helpers]
    wanted += [(buyer, True) for buyer in buyers[1:] if dice.happens(150)]
    payers = {buyer.id: helper for buyer, helper in zip(buyers[1::4], helpers, strict=False)}
    return tuple(
        Registration(
            code=f"B{20_001 + number:06d}",
            party=party,
            registered=date(2021, 3, 1) + dice.days(0, 1000),
            is_second=is_second,
            authorised_payer=None if is_second else payers.get(party.id),
        )
        for number, (party, is_second) in enumerate(dice.some(wanted, len(wanted)))
    )


def _watch_list(dice: Dice, inventor: _Inventor, watched: list[Party]) -> tuple[WatchEntry, ...]:
    """Put `watched` on the list, among strangers who bear similar names."""
    countries = ("IR", "KP", "SY", "RU", "AE")
    listed = watched + [
        replace(
            inventor.party(Role.STRANGER, dice.pick(countries), is_person=dice.happens(400)),
            is_watched=True,
        )
        for _ in range(_STRANGERS)
    ]
    return tuple(
        WatchEntry(
            number=f"WL-{2001 + number}",
            programme=f"FICTION-{dice.between(1, 3)}",
            party=party,
            shows_tax_no=party.role is Role.BUYER or dice.happens(400),
        )
        for number, party in enumerate(dice.some(listed, len(listed)))
    )
