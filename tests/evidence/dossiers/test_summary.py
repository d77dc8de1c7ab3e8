"""Summary: the counts add up.

Goal: no dossier, no amount and no finding is counted twice or forgotten. Method: sums over the
small trade, then figures by hand.
"""

from __future__ import annotations

from support import small_trade
from tallyport.evidence.dossiers import Status, build, summarise
from tallyport.evidence.dossiers.model import State


def test_the_small_trade() -> None:
    """One matched, two partly, one contradicting; an overpayment of 0.50 is not explained."""
    matching = small_trade.matching()
    made = build(small_trade.tables(), matching, as_of=small_trade.AS_OF)
    found = summarise(made, matching)
    assert found.dossiers == 4
    assert found.statuses == {Status.MATCHED: 1, Status.PARTLY: 2, Status.CONTRADICTING: 1}
    assert found.matched_bp == 2_500
    assert found.probability_bp == 9_533  # Of the three that were sold.
    (money,) = found.money
    assert (money.currency, money.explained_minor) == ("USD", 3_238_000)
    assert (money.received_minor, money.explained_bp) == (3_238_050, 10_000)
    # The late payment is less likely than not.
    assert found.findings == {
        "phantom_declaration": 1,
        "sanctioned_party": 1,
        "under_invoicing": 1,
    }
    for counts in found.criteria.values():
        assert sum(counts[state] for state in State) == found.dossiers


def test_nothing() -> None:
    """No dossiers, no money: no shares either."""
    found = summarise([], small_trade.nothing())
    assert (found.dossiers, found.matched_bp, found.probability_bp) == (0, None, None)
    assert found.money == ()
    assert found.criteria == {}
