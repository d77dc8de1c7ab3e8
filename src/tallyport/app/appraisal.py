"""Appraise a folder of exports (评估): read, question, match, file, rate; nothing is written yet.

    used-car exports   vehicles, declarations, money      one dossier a vehicle; buyers and sellers
    shop orders        orders, payments, deliveries       three-document check; the shop's sellers
    receivables        invoices with due and paid days    who pays late; customers
    freight platform   hauls, bills, custody account      reconciliation; shippers and carriers

What a folder holds decides which of them is done; a folder may hold several.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import polars as pl

from tallyport.app import deliveries
from tallyport.app.decisions import Decisions
from tallyport.app.deliveries import Touched
from tallyport.app.home import Home
from tallyport.app.matching import Progress, link, read_folder, read_home
from tallyport.app.worklist import ask
from tallyport.credit import (
    History,
    LimitProposal,
    Preferred,
    Rating,
    history_of,
    preferred,
    propose_limits,
    rate,
)
from tallyport.evidence import dossiers as filing
from tallyport.evidence.dossiers import Dossier, Summary
from tallyport.evidence.dossiers.history import of_dossiers
from tallyport.evidence.linkage import Matching
from tallyport.evidence.linkage.decided import NOTHING
from tallyport.evidence.quality import QualityReport
from tallyport.evidence.quality import report as question
from tallyport.evidence.sources.reading import Reading
from tallyport.evidence.trade import orders, receivables
from tallyport.evidence.trade.freight import check as freight
from tallyport.evidence.trade.freight.history import of_freight
from tallyport.evidence.trade.freight.model import FreightCheck
from tallyport.evidence.trade.history import of_orders, of_receivables
from tallyport.evidence.trade.orders import OrderCheck
from tallyport.evidence.trade.receivables import ReceivablesCheck

HOME_CURRENCY = "CNY"  # What firms of the export business are judged in.
NO_CURRENCY = "XXX"  # ISO 4217: a shop's files name none.


@dataclass(frozen=True, slots=True, kw_only=True)
class Appraisal:
    """What a folder of exports is worth as evidence."""

    folder: Path
    as_of: date
    reading: Reading
    quality: QualityReport
    matching: Matching | None  # Of vehicles; None when the folder has none.
    dossiers: tuple[Dossier, ...]
    summary: Summary | None
    orders: OrderCheck | None
    receivables: ReceivablesCheck | None
    freight: FreightCheck | None
    histories: tuple[History, ...]  # What the ratings rest on.
    ratings: tuple[Rating, ...]
    limits: tuple[LimitProposal, ...]  # Those that propose something.
    preferred: tuple[Preferred, ...]  # The white list.
    touched: Touched | None = None  # What the last delivery changed, where deliveries are kept.


def appraise(
    folder: Path,
    *,
    profile: Path | None = None,
    day: date | None = None,
    mended: Path | None = None,
    kept: Home | None = None,
    judged: Home | None = None,
    progress: Progress | None = None,
) -> Appraisal:
    """Return what the exports in `folder` say, as of `day` (by default the day they speak of).

    With `kept`, of all delivered there. What was decided in `judged` holds; doubts are asked there.

    Raises:
        FaultError: no profile fits, the profile has mistakes, or there is nothing to read.
    """
    tell = progress or _silent
    reader = partial(read_folder, folder) if kept is None else partial(read_home, kept)
    reading, day = reader(profile=profile, day=day, mended=mended, progress=tell)
    tell("question", 0, 1)
    quality = question(reading)
    tables = {kind: table for kind, table in reading.tables.items() if not table.is_empty()}
    matching, touched = _linked(reading, day, tell, kept=kept, judged=judged)
    filed: tuple[Dossier, ...] = ()
    summary = None
    if matching is not None:
        tell("file dossiers", 0, 1)
        filed = tuple(filing.build(reading.tables, matching, as_of=day))
        summary = filing.summarise(filed, matching)
    checked, owed, hauled = _checked(tables, day)
    tell("rate", 0, 1)
    histories = []
    if matching is not None:
        frames = of_dossiers(filed, reading.tables, matching, as_of=day, currency=HOME_CURRENCY)
        histories.append(history_of(frames, as_of=day, currency=HOME_CURRENCY))
    histories += _trade_histories(checked, owed, hauled, tables)
    rated = [(rate(history), history) for history in histories]
    ratings = tuple(one for some, _ in rated for one in some)
    limits = (one for some, history in rated for one in propose_limits(some, history))
    tell("rate", 1, 1)
    return Appraisal(
        folder=folder,
        as_of=day,
        reading=reading,
        quality=quality,
        matching=matching,
        dossiers=filed,
        summary=summary,
        orders=checked,
        receivables=owed,
        freight=hauled,
        histories=tuple(histories),
        ratings=ratings,
        limits=tuple(one for one in limits if one.amount_minor > 0),
        preferred=tuple(preferred(ratings)),
        touched=touched,
    )


def _linked(
    reading: Reading, day: date, tell: Progress, *, kept: Home | None, judged: Home | None
) -> tuple[Matching | None, Touched | None]:
    """Return what belongs together and, where deliveries are kept, what the last one changed."""
    memory = None if kept is None else deliveries.remembered(kept)
    decided = NOTHING if judged is None else Decisions(judged).decided()
    matching = link(reading, day, tell, memory, decided)
    if matching is not None and judged is not None:
        matching = ask(judged, matching, reading.tables)
    if matching is None or kept is None or memory is None:
        return matching, None
    return matching, deliveries.remember(kept, memory, matching)


def _checked(
    tables: Mapping[str, pl.DataFrame], day: date
) -> tuple[OrderCheck | None, ReceivablesCheck | None, FreightCheck | None]:
    """Check the other kinds of trade that the folder holds."""
    return (
        orders.check(tables, as_of=day) if "order" in tables else None,
        receivables.check(tables, as_of=day) if "receivable" in tables else None,
        freight.check(tables, as_of=day) if "haul" in tables else None,
    )


def _trade_histories(
    checked: OrderCheck | None,
    owed: ReceivablesCheck | None,
    hauled: FreightCheck | None,
    tables: Mapping[str, pl.DataFrame],
) -> list[History]:
    """Return what shops, customers and shippers are judged on, where the folder holds them."""
    found = []
    if checked is not None:
        found.append(history_of(of_orders(checked), as_of=checked.as_of, currency=NO_CURRENCY))
    if owed is not None:
        currency = _only(tables["receivable"].get_column("currency").drop_nulls().unique())
        found.append(history_of(of_receivables(owed), as_of=owed.as_of, currency=currency))
    if hauled is not None:
        frames = of_freight(hauled)
        found.append(history_of(frames, as_of=hauled.as_of, currency=hauled.currency))
    return found


def _only(currencies: pl.Series) -> str:
    """Return the one currency, or that there is none or no single one."""
    return str(currencies[0]) if len(currencies) == 1 else NO_CURRENCY


def _silent(_what: str, _done: int, _of: int) -> None:
    """Say nothing."""
