"""History of buyers and sellers: both sides of every trade, all money due, every finding.

Goal: what credit judges is what the dossiers say. Method: the frames against credit's own list of
columns; conservation of money between the sides; the small trade by hand, on several days.
"""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from support import small_trade
from tallyport.credit.history import History, history_of
from tallyport.evidence.dossiers import build
from tallyport.evidence.dossiers.history import of_dossiers


def told(as_of: date = small_trade.AS_OF) -> History:
    """Return the history of the small trade in CNY."""
    tables, matching = small_trade.tables(), small_trade.matching()
    made = build(tables, matching, as_of=as_of)
    frames = of_dossiers(made, tables, matching, as_of=as_of)
    return history_of(frames, as_of=as_of, currency="CNY")


def row(frame: pl.DataFrame, **cells: str) -> dict[str, object]:
    """Return the one row that has these cells."""
    return frame.row(
        by_predicate=pl.all_horizontal(pl.col(k) == v for k, v in cells.items()), named=True
    )


@pytest.mark.parametrize("as_of", [date(2024, 4, 3), date(2024, 4, 15), small_trade.AS_OF])
def test_both_sides_have_the_same_trades_and_dues(as_of: date) -> None:
    """Whatever the day, a seller's history is the sum of its buyers'."""
    found = told(as_of)
    for frame in (found.trades, found.dues):
        sides = frame.group_by("role").agg(pl.len(), pl.col("amount_minor").sum())
        assert sides.select("len", "amount_minor").n_unique() <= 1


def test_firms_are_named_by_registry_and_prefix() -> None:
    """The cluster of the agreement has B1; the seller's Chinese name has the prefix XJYO."""
    assert told().subjects.rows() == [
        ("B1", "buyer", "ONE LLC"),
        ("B2", "buyer", "TWO"),
        ("XJYO", "seller", "NEWVOYAGE"),
    ]


def test_trades_by_hand() -> None:
    """VIN-A arrived, VIN-B left 255 days ago and did not, VIN-C has no waybill."""
    trades = told().trades
    a, b, c = (row(trades, role="buyer", trade=f"VIN-{one}") for one in "ABC")
    assert (a["subject"], a["counterparty"], a["amount_minor"]) == ("B1", "XJYO", 16_113_600)
    assert (a["delivered"], a["transit_days"], a["evidence_bp"]) == (True, 12, 9_700)
    assert (b["delivered"], b["transit_days"], b["evidence_bp"]) == (False, None, 4_500)
    assert (c["delivered"], c["value_agrees"], c["evidence_bp"]) == (None, False, 0)
    assert (a["value_agrees"], a["customs_clean"], c["customs_clean"]) == (True, True, False)
    # Nothing was paid for VIN-B: nobody knows whether it would have come back.
    assert (a["disputed"], b["disputed"]) == (False, None)
    assert a["place"] == "contract_line.csv:2"
    assert told(date(2024, 5, 1)).trades.filter(pl.col("delivered").is_not_null()).height == 0


def test_dues_by_hand() -> None:
    """The deposit came in part and in time, the balance eight days late; a rest stays open."""
    dues = told().dues.filter(pl.col("role") == "buyer")
    assert dues.select("subject", "due", "due_on", "paid_on", "amount_minor").rows() == [
        ("B1", "XJYO-1/balance/1/E2", date(2024, 5, 12), date(2024, 5, 20), 10_966_200),
        ("B1", "XJYO-1/deposit/0", date(2024, 4, 11), None, 2_610_109),
        ("B1", "XJYO-1/deposit/0/E1", date(2024, 4, 11), date(2024, 4, 10), 4_867_650),
        ("B2", "XJYO-2/full/0/E3", date(2024, 4, 14), date(2024, 4, 12), 7_250_000),
    ]


def test_what_is_paid_later_is_open_today() -> None:
    """On 13 May the balance is due and not paid."""
    balance = row(told(date(2024, 5, 13)).dues, role="buyer", due="XJYO-1/balance/1")
    assert balance["paid_on"] is None


def test_remarks_are_about_both_sides_of_the_agreements_named() -> None:
    """A finding about an agreement is known of its buyer and its seller."""
    remarks = told().remarks
    assert remarks.filter(pl.col("type") == "under_invoicing").select("subject", "role").rows() == [
        ("B2", "buyer"),
        ("XJYO", "seller"),
    ]
    assert (
        remarks.filter(pl.col("type") == "late_payment")["probability_bp"].to_list() == [4_000] * 2
    )


def test_without_rates_amounts_are_unknown() -> None:
    """Null, not a guess; the trades stay."""
    tables, matching = small_trade.tables(), small_trade.matching()
    del tables["fx_rate"]
    made = build(tables, matching, as_of=small_trade.AS_OF)
    frames = of_dossiers(made, tables, matching, as_of=small_trade.AS_OF)
    assert frames["trades"]["amount_minor"].to_list() == [None] * 6
    in_dollars = of_dossiers(made, tables, matching, as_of=small_trade.AS_OF, currency="USD")
    assert in_dollars["trades"]["amount_minor"].null_count() == 0


def test_gaps_are_cells_that_others_fill() -> None:
    """The declarations of the small trade have a total; take one away and it is wanted."""
    tables, matching = small_trade.tables(), small_trade.matching()
    full = row(told().trades, role="buyer", trade="VIN-C")
    assert full["wanted"] == full["filled"]
    tables["contract"] = tables["contract"].with_columns(
        payment_terms=pl.when(pl.col("contract_no") == "XJYO-1").then("payment_terms")
    )
    made = build(tables, matching, as_of=small_trade.AS_OF)
    frames = of_dossiers(made, tables, matching, as_of=small_trade.AS_OF)
    gappy = row(frames["trades"], role="buyer", trade="VIN-C")
    assert (gappy["wanted"], gappy["filled"]) == (full["wanted"], int(str(full["filled"])) - 1)


def test_nothing_gives_empty_frames() -> None:
    """With all columns that credit wants."""
    frames = of_dossiers([], {}, small_trade.nothing(), as_of=small_trade.AS_OF)
    assert history_of(frames, as_of=small_trade.AS_OF, currency="CNY").trades.height == 0
