"""More noise and less information (噪声与缺项): variants of one world whose truth still holds.

Habits of writing change, what physically happened does not. `noisier` lets a share of cells get
worse; `LESS` names what a partner may leave out altogether.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import polars as pl

from variants.naming import HAN, slipped
from variants.world import World

Change = Callable[[World], World]
Edit = Callable[[str, random.Random], str]
WRITTEN = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y.%m.%d")
READ = (*WRITTEN, "%d.%m.%Y", "%Y年%m月%d日")
CITE = re.compile(r"[A-Z]{4}[- –]{0,2}\d{4}[ -]?\d{6}")
WHOLE = re.compile(r"[A-Z0-9]{17}")
SERIAL_OF = datetime(1899, 12, 30)  # noqa: DTZ001 - Day 0 of spreadsheets.


def slip_in_vin(text: str, chance: random.Random) -> str:
    """Mistype one whole VIN."""
    places = list(WHOLE.finditer(text))
    if not places:
        return text
    at = chance.choice(places)
    return text[: at.start()] + slipped(at[0], chance) + text[at.end() :]


def slip_in_cite(text: str, chance: random.Random) -> str:
    """Mistype agreement numbers."""
    return CITE.sub(lambda match: slipped(match[0], chance), text)


def lost(_text: str, _chance: random.Random) -> str:
    """Leave the cell empty."""
    return ""


def silent(text: str, _chance: random.Random) -> str:
    """Say "payment for goods" instead of a number."""
    return "货款" if CITE.search(text) or "VIN" in text else text


def without_vins(text: str, _chance: random.Random) -> str:
    """Leave the vehicle numbers out."""
    return re.sub(r"(VIN|车架号|底盘号).*", "", text)


def misspelt(text: str, chance: random.Random) -> str:
    """Mistype a name; the bank writes those of its own country without slips."""
    return text if HAN.search(text) or "BANK" in text else slipped(text, chance)


def redated(text: str, chance: random.Random) -> str:
    """Write a day in another way."""
    if re.fullmatch(r"\d{5}", text):
        return (SERIAL_OF + timedelta(days=int(text))).strftime(WRITTEN[0])
    for way in READ:
        try:
            day = datetime.strptime(text, way)  # noqa: DTZ007 - A day.
        except ValueError:
            continue
        return day.strftime(chance.choice(WRITTEN))
    return text


STEPS: tuple[tuple[str, str, float, Edit], ...] = (  # Source, column, part of the share.
    ("declaration_lines", "规格型号", 1, slip_in_vin),
    ("declaration_lines", "规格型号", 0.5, without_vins),
    ("declarations", "备注", 1, slip_in_vin),
    ("declarations", "备注", 0.5, without_vins),
    ("declarations", "合同协议号", 1, slip_in_cite),
    ("declarations", "合同协议号", 0.5, lost),
    ("invoices", "备注", 0.5, lost),
    ("invoices", "备注", 1, slip_in_vin),
    ("waybills", "contract_ref", 0.5, lost),
    ("waybills", "declaration_ref", 1, lost),
    ("bank_entries", "remittance_info", 1, slip_in_cite),
    ("bank_entries", "remittance_info", 0.5, silent),
    ("bank_entries", "charges", 1, lost),
    ("contract_lines", "车架号", 0.25, lost),
    ("receipts", "НомерНакладной", 1, lost),
    ("contracts", "买方名称", 1, misspelt),
    ("declarations", "境外收货人", 1, misspelt),
    ("buyers", "英文名称", 1, misspelt),
    ("buyers", "当地文名称", 1, misspelt),
    ("bank_entries", "counterparty_name", 1, misspelt),
    ("contracts", "签订日期", 1, redated),
    ("stock", "初次登记日期", 1, redated),
    ("stock", "收购日期", 1, redated),
    ("declarations", "申报日期", 1, redated),
    ("declarations", "放行日期", 1, redated),
    ("inspections", "检测日期", 1, redated),
    ("services", "日期", 1, redated),
    ("invoices", "开票日期", 1, redated),
    ("receipts", "ДатаПриемки", 1, redated),
    ("releases", "ДатаОтпуска", 1, redated),
)


def noisier(world: World, share: float, seed: int) -> World:
    """Return the world with every step done to its part of `share` of the filled cells."""
    chance = random.Random(f"{seed} {share}")  # noqa: S311 - Worlds, not keys.
    for source, column, part, edit in STEPS:
        table = world.tables[source]
        cells = [
            edit(cell, chance) if cell and chance.random() < part * share else cell
            for cell in table[column]
        ]
        worse = table.with_columns(pl.Series(column, cells, dtype=pl.String))
        world = world.with_tables(**{source: worse})
    return world


def shuffled(world: World, seed: int) -> World:
    """Return the world with the rows of every table in another order."""
    return World(
        tables={
            name: table.sample(fraction=1, shuffle=True, seed=seed)
            for name, table in world.tables.items()
        },
        truth=world.truth,
    )


def without(source: str, *columns: str) -> Change:
    """Return the change that empties columns of a source, or leaves out all of its rows."""

    def change(world: World) -> World:
        table = world.tables[source]
        if not columns:
            return world.with_tables(**{source: table.clear()})
        emptied = table.with_columns(pl.lit("").alias(one) for one in columns)
        return world.with_tables(**{source: emptied})

    return change


LESS: Mapping[str, Change] = {
    "VINs on lines of agreements": without("contract_lines", "车架号"),
    "notes of declarations": without("declarations", "备注"),
    "numbers of agreements on declarations": without("declarations", "合同协议号"),
    "days of release": without("declarations", "放行日期"),
    "declared values": without("declaration_lines", "单价", "总价"),
    "citations on waybills": without("waybills", "contract_ref", "declaration_ref"),
    "weights of waybills": without("waybills", "gross_weight_kg"),
    "notes of invoices": without("invoices", "备注"),
    "sums of invoices": without("invoices", "外币金额", "币种", "汇率"),
    "instructed amounts": without("bank_entries", "instructed_amount", "instructed_currency"),
    "charges": without("bank_entries", "charges"),
    "names of payers": without("bank_entries", "counterparty_name"),
    "buyers' numbers": without("contracts", "买方编码"),
    "buyer registry": without("buyers"),
    "legs": without("legs"),
    "services": without("services"),
    "receipts": without("receipts"),
    "releases": without("releases"),
    "tax rebates": without("tax_rebates"),
    "exchange rates": without("fx_rates"),
    "accounts of sellers": without("seller_accounts"),
}
