"""Reference data (参考数据): rates, watch list, high-risk countries, sellers, their accounts."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from tallyport.worlds.files import File, Row, Table, csv_file
from tallyport.worlds.habits.clerk import Clerk
from tallyport.worlds.reality import names
from tallyport.worlds.reality.casting import HIGH_RISK, LISTED_ON
from tallyport.worlds.reality.parties import WatchEntry
from tallyport.worlds.reality.rates import SCALE
from tallyport.worlds.reality.simulate import Reality

_CURRENCIES = ("CNY", "RUB", "KZT", "UZS")


def export(world: Reality, _clerk: Clerk) -> Iterator[File]:
    """Write the five files; nobody types them, so nobody mistypes them."""
    fx: list[Row] = [
        (day.isoformat(), *(Decimal(rates[each]) / SCALE for each in _CURRENCIES))
        for day, rates in world.rates.by_day.items()
    ]
    columns = ("date", *(f"{currency}_per_usd" for currency in _CURRENCIES))
    yield csv_file("reference/fx_rates.csv", Table(columns, fx), encoding="utf-8")
    yield csv_file("reference/watchlist.csv", _watch_list(world), encoding="utf-8")
    risky: list[Row] = [(country, since.isoformat()) for country, since in HIGH_RISK.items()]
    table = Table(("country", "since"), risky)
    yield csv_file("reference/high_risk_countries.csv", table, encoding="utf-8")
    yield csv_file("reference/sellers.csv", _sellers(world), encoding="utf-8-sig")
    yield csv_file("reference/seller_accounts.csv", _accounts(world), encoding="utf-8-sig")


def _watch_list(world: Reality) -> Table:
    columns = (
        "list_id",
        "programme",
        "type",
        "name",
        "name_cyrillic",
        "country",
        "tax_id",
        "listed_on",
    )
    return Table(columns, [_listed(entry) for entry in world.cast.watch_list])


def _listed(entry: WatchEntry) -> Row:
    party = entry.party
    name = party.brand
    if party.is_person:
        surname, given, patronymic = names.latin(party.local).upper().split()
        name = f"{surname} {given[0]}.{patronymic[0]}."
    return (
        entry.number,
        entry.programme,
        "person" if party.is_person else "entity",
        name,
        party.local.upper(),
        party.country,
        party.tax_no if entry.shows_tax_no else "",
        LISTED_ON.isoformat(),
    )


def _sellers(world: Reality) -> Table:
    columns = ("seller_prefix", "name_cn", "name_en", "uscc", "customs_code")
    rows: list[Row] = [
        (each.prefix, each.name_cn, each.name_en, each.tax_no, each.customs_code)
        for each in world.cast.sellers
    ]
    return Table(columns, rows)


def _accounts(world: Reality) -> Table:
    columns = ("account_no", "seller_prefix", "currency", "bank", "bic")
    rows: list[Row] = [
        (each.number, each.seller.prefix, each.currency, each.bank, each.bic)
        for each in world.cast.accounts
    ]
    return Table(columns, rows)
