"""Building dossiers: everything that is linked is filed, once, and nothing else.

Goal: a dossier holds all evidence of its vehicle and the answers follow from it. Method: a trade of
four vehicles known by heart; the same trade on earlier days; every subset of the evidence, which
never makes a status better; then the shared world of 762 vehicles.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support import small_trade
from support.shared import shared
from tallyport.evidence.dossiers import Dossier, Status, build, document, summarise
from tallyport.evidence.dossiers.model import State
from tallyport.evidence.linkage import match
from tallyport.evidence.sources.builtin import builtin
from tallyport.evidence.sources.reading import read
from tallyport.kernel.money import Money


def built(as_of: date = small_trade.AS_OF) -> dict[str, Dossier]:
    """Return the dossiers of the small trade by VIN."""
    made = build(small_trade.tables(), small_trade.matching(), as_of=as_of)
    return {one.vin: one for one in made}


def answers(dossier: Dossier) -> dict[str, State]:
    """Return the state of each criterion."""
    return {one.name: one.state for one in dossier.criteria}


@given(st.sets(st.sampled_from(["VIN-A", "VIN-B", "VIN-C"])))
def test_every_link_and_every_amount_is_filed_once(dropped: set[str]) -> None:
    """Whatever vehicles linkage knows, links and money go where they belong, and all of them."""
    full = small_trade.matching()
    keep = ~pl.col("vin").is_in(sorted(dropped))
    matching = type(full)(
        links=full.links.filter(keep),
        triads=full.triads.filter(keep),
        allocations=full.allocations.filter(keep),
        unallocated=full.unallocated,
        instalments=full.instalments,
        parties=full.parties,
        findings=full.findings,
    )
    made = build(small_trade.tables(), matching, as_of=small_trade.AS_OF)
    assert [one.vin for one in made] == sorted({one.vin for one in made})
    filed = [(d.vin, e.record.kind, e.record.key) for d in made for e in d.evidence]
    assert len(filed) == len(set(filed))
    assert set(matching.links.select("vin", "kind", "record").rows()) <= set(filed)
    paid = sum(payment.amount.minor for one in made for payment in one.payments)
    assert paid == matching.allocations["amount_minor"].sum()
    for one in made:
        assert (one.status is Status.MATCHED) <= (one.vin == "VIN-A")


def test_a_whole_triad_is_matched() -> None:
    """VIN-A: its agreement, declaration and money, with what follows from them."""
    dossier = built()["VIN-A"]
    assert dossier.status is Status.MATCHED
    assert dossier.price == dossier.paid == Money(2_238_000, "USD")
    kinds = " ".join(one.record.kind for one in dossier.evidence)
    assert kinds == (
        "vehicle inspection contract contract_line invoice declaration declaration_line tax_rebate"
        " waybill waybill_vehicle leg lock_event receipt bank_entry bank_entry"
    )
    # (0.9 x 6,714 + 1.0 x 15,666) / 22,380
    assert dossier.probability_bp == 9_700
    assert [one.item for one in dossier.payments] == ["deposit", "balance"]
    assert [(one.mention, one.cluster) for one in dossier.parties] == [
        ("contract:XJYO-1", "c1"),
        ("payment:E1", "c1"),
    ]
    assert dossier.vqi is not None
    assert dossier.vqi.mean == 9_000


def test_a_link_says_how_sure_it_is_and_why_and_where_it_comes_from() -> None:
    """The goods line: probability, reasons, place; its header follows from it."""
    dossier = built()["VIN-A"]
    (line,) = dossier.of_kind("declaration_line")
    assert line.probability_bp == 9_877
    assert line.reasons == ("same VIN", "same agreement")
    origin = line.record.origin
    assert (origin.source, origin.file, origin.line) == (
        "declaration_line",
        "declaration_line.csv",
        2,
    )
    (head,) = dossier.of_kind("declaration")
    assert head.probability_bp == line.probability_bp
    assert head.reasons == ("follows from declaration line D1/1",)
    assert head.record.value("total") == "34380.5"


def test_without_money_it_is_partly_matched() -> None:
    """VIN-B is declared but nothing was paid; an unlikely invoice is filed and proves nothing."""
    dossier = built()["VIN-B"]
    assert dossier.status is Status.PARTLY
    assert answers(dossier)["money"] is State.MISSING
    assert dossier.of_kind("invoice")[0].probability_bp == 3_000
    assert answers(dossier)["invoice"] is State.MISSING


def test_a_false_value_contradicts() -> None:
    """VIN-C was declared at 60% of what was agreed: the papers cannot both be right."""
    dossier = built()["VIN-C"]
    assert dossier.status is Status.CONTRADICTING
    assert {name for name, state in answers(dossier).items() if state is State.CONTRADICTED} == {
        "value",
        "findings",
    }


def test_a_vehicle_in_stock_has_a_dossier() -> None:
    """VIN-D: one stock record, surely its own."""
    dossier = built()["VIN-D"]
    assert (dossier.status, dossier.probability_bp, dossier.price) == (Status.PARTLY, 10_000, None)


def test_findings_go_to_whom_they_are_about() -> None:
    """A phantom declaration says nothing against the cars of the agreement that it quotes."""
    found = {vin: [one.type for one in dossier.findings] for vin, dossier in built().items()}
    assert found == {
        "VIN-A": ["late_payment", "sanctioned_party"],
        "VIN-B": ["sanctioned_party"],
        "VIN-C": ["under_invoicing"],
        "VIN-D": [],
    }


DAYS: list[tuple[date, Status, int, int]] = [
    (date(2024, 4, 3), Status.PARTLY, 2, 0),  # In stock and inspected.
    (date(2024, 4, 10), Status.PARTLY, 7, 671_400),  # Sold, invoiced, deposit paid.
    (date(2024, 4, 18), Status.MATCHED, 9, 671_400),  # Declared.
    (date(2024, 12, 31), Status.MATCHED, 15, 2_238_000),
]


@pytest.mark.parametrize(("as_of", "status", "pieces", "paid"), DAYS)
def test_an_earlier_day_knows_less(as_of: date, status: Status, pieces: int, paid: int) -> None:
    """VIN-A as it stood on the days of DAYS."""
    dossier = built(as_of)["VIN-A"]
    assert dossier.status is status
    assert len(dossier.evidence) == pieces
    assert sum(one.amount.minor for one in dossier.payments) == paid


def test_no_tables_give_no_dossiers() -> None:
    """Nothing in, nothing out."""
    made = build({}, small_trade.nothing(), as_of=small_trade.AS_OF)
    assert made == []
    assert summarise(made, small_trade.nothing()).dossiers == 0


def test_a_single_vehicle_without_any_link() -> None:
    """One stock record and a linkage that found nothing."""
    tables: Mapping[str, pl.DataFrame] = {"vehicle": small_trade.tables()["vehicle"].head(1)}
    (dossier,) = build(tables, small_trade.nothing(), as_of=small_trade.AS_OF)
    assert dossier.status is Status.PARTLY
    assert document(dossier)


def test_the_shared_world() -> None:
    """Every vehicle has a dossier; all money of the allocations is filed; most triads are whole."""
    as_of = date(2024, 12, 31)
    tables = read(shared("worlds", "dev762"), builtin()["used_car_export"], as_of=as_of).tables
    matching = match(tables, as_of=as_of)
    made = build(tables, matching, as_of=as_of)
    assert {one.vin for one in made} >= set(tables["vehicle"]["vin"].to_list())
    known = matching.allocations.filter(pl.col("vin").is_not_null())
    assert sum(p.amount.minor for d in made for p in d.payments) == known["amount_minor"].sum()
    counts = summarise(made, matching).statuses
    assert sum(counts.values()) == len(made)
    assert counts[Status.MATCHED] > len(made) // 2
