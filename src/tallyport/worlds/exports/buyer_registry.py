"""Buyer registry (买方登记): a workbook of firms, some of which stand in it twice.

Habits: the second entry in another transliteration, with the form behind the name; tax numbers and
Chinese names left out; other names separated by a bar.
"""

from __future__ import annotations

from collections.abc import Iterator

from tallyport.worlds.files import File, Row, Table, workbook_file
from tallyport.worlds.habits import spelling
from tallyport.worlds.habits.clerk import Clerk
from tallyport.worlds.reality import names
from tallyport.worlds.reality.parties import Party, Registration
from tallyport.worlds.reality.simulate import Reality

_COLUMNS = (
    "买方编码",
    "英文名称",
    "当地文名称",
    "中文名称",
    "国家",
    "税号",
    "地址",
    "别名",
    "授权付款方",
    "登记日期",
)


def export(world: Reality, clerk: Clerk) -> Iterator[File]:
    """Write the registry by number."""
    table = Table(_COLUMNS, [_row(clerk, each) for each in world.cast.registrations])
    torn = (("买方编码", ""), ("登记日期", "2023-02-30"))
    sheets = {"买方": clerk.worked(table, torn=torn)}
    yield workbook_file("10_buyer_registry/buyers.xlsx", sheets)


def _row(clerk: Clerk, registration: Registration) -> Row:
    party, payer = registration.party, registration.authorised_payer
    english, local = party.english, spelling.local(party)
    if registration.is_second:
        brand = names.latin(party.local, clerk.dice.pick(names.SCHEMES[1:])).upper()
        english = f"{brand} {party.form.english}"
        local = f"{party.local} {party.form.local}"
    return (
        registration.code,
        english,
        local,
        "" if registration.is_second or clerk.slips(60) else spelling.chinese(party),
        party.country,
        "" if clerk.slips(90) else party.tax_no,
        party.address,
        "" if registration.is_second else _aliases(clerk, party),
        payer.english if payer else "",
        registration.registered.isoformat(),
    )


def _aliases(clerk: Clerk, party: Party) -> str:
    """Return the other names that somebody cared to note."""
    others = []
    if not clerk.slips(400):
        others.append(spelling.bank(party))
    if not clerk.slips(600) and not party.is_person:
        others.append(party.brand)
    return "|".join(others)
