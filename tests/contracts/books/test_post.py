"""Every posting balances, for every member, or nothing is posted (BOOKS-1 to 4).

Goal: value never appears, vanishes or changes sides. Method: random postings against a plain sum;
the example of the module; forged postings.
"""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.town import ALI, BEK, FUND, cny
from tallyport.contracts.books.model import NEVER_NEGATIVE, NEVER_POSITIVE, Account, Kind, balance
from tallyport.contracts.books.post import Line, Posted, evolve, exchange, is_possible, payment
from tallyport.kernel.guard import InvariantError
from tallyport.kernel.ids import MemberId
from tallyport.kernel.money import MINOR_MAX, Money
from tallyport.ledger.state import Memory

amounts = st.integers(-(10**9), 10**9)
pairs = st.lists(
    st.tuples(st.sampled_from([ALI, BEK]), st.sampled_from(Kind), st.sampled_from(Kind), amounts),
    max_size=6,
)


def posted(*lines: Line, currency: str = "CNY") -> Posted:
    """Return an event of these lines."""
    return Posted(purpose="test", about="T-1", currency=currency, lines=lines)


def after(*events: Posted) -> Memory:
    """Return a state in which only these were posted."""
    state = Memory()
    for event in events:
        for row in evolve(state, event):
            assert isinstance(row, Account)
            state.put(row)
    return state


@given(pairs, pairs)
def test_what_is_possible_is_posted_and_what_is_not_is_stopped(
    first: list[tuple[MemberId, Kind, Kind, int]], second: list[tuple[MemberId, Kind, Kind, int]]
) -> None:
    """`is_possible` and `evolve` agree, and the accounts are the sums of their lines."""
    state, sums = Memory(), Counter[tuple[MemberId, Kind]]()
    for batch in (first, second):
        lines = [
            line
            for owner, gains, gives, minor in batch
            for line in exchange(owner, gains, gives, Money(minor, "CNY"))
        ]
        event, wanted = posted(*lines), sums.copy()
        for line in lines:
            wanted[line.owner, line.kind] += line.minor
        if not is_possible(state, event):
            with pytest.raises(InvariantError, match="BOOKS-2"):
                evolve(state, event)
            continue
        sums = wanted
        for row in evolve(state, event):
            assert isinstance(row, Account)
            state.put(row)
    for (owner, kind), minor in sums.items():
        assert balance(state, owner, kind, "CNY") == minor
        assert minor >= 0 or kind not in NEVER_NEGATIVE
        assert minor <= 0 or kind not in NEVER_POSITIVE


def test_a_discount_is_four_lines_a_side() -> None:
    """The example of the module: 30 790 000.00 at 5.5 % for 180 days."""
    face, paid, discount = 3_079_000_000, 2_994_327_500, 84_672_500
    state = after(
        posted(*exchange(ALI, Kind.CERTIFICATES_HELD, Kind.TRADE, Money(face, "CNY"))),
        posted(*exchange(FUND, Kind.CASH, Kind.BANK, Money(paid, "CNY"))),
        posted(
            Line(owner=ALI, kind=Kind.CERTIFICATES_HELD, minor=-face),
            Line(owner=ALI, kind=Kind.CASH, minor=paid),
            Line(owner=ALI, kind=Kind.INTEREST_EXPENSE, minor=discount),
            Line(owner=FUND, kind=Kind.CERTIFICATES_HELD, minor=face),
            Line(owner=FUND, kind=Kind.CASH, minor=-paid),
            Line(owner=FUND, kind=Kind.UNEARNED_INTEREST, minor=-discount),
        ),
    )
    assert balance(state, ALI, Kind.CASH, "CNY") == paid
    assert balance(state, FUND, Kind.CASH, "CNY") == 0
    assert balance(state, FUND, Kind.UNEARNED_INTEREST, "CNY") == -discount


def test_a_payment_moves_cash_and_says_what_for() -> None:
    """Each side keeps its own books."""
    state = after(
        posted(*exchange(ALI, Kind.CASH, Kind.BANK, cny(10))), posted(*payment(ALI, BEK, cny(7)))
    )
    rows = {(a.owner, a.kind): a.balance_minor for a in state.scan(Account)}
    assert rows == {
        (ALI, Kind.BANK): -1_000,
        (ALI, Kind.CASH): 300,
        (ALI, Kind.TRADE): 700,
        (BEK, Kind.CASH): 700,
        (BEK, Kind.TRADE): -700,
    }


def test_currencies_do_not_meet() -> None:
    """Each has its own accounts."""
    state = after(
        posted(*exchange(ALI, Kind.CASH, Kind.BANK, cny(10))),
        posted(*exchange(ALI, Kind.CASH, Kind.BANK, Money(5, "USD")), currency="USD"),
    )
    assert balance(state, ALI, Kind.CASH, "CNY") == 1_000
    assert balance(state, ALI, Kind.CASH, "USD") == 5


@pytest.mark.parametrize(
    ("label", "lines"),
    [
        ("BOOKS-1", (Line(owner=ALI, kind=Kind.CASH, minor=1),)),
        (
            "BOOKS-1",  # It sums to zero, but not for each of them.
            (
                Line(owner=ALI, kind=Kind.TRADE, minor=1),
                Line(owner=BEK, kind=Kind.TRADE, minor=-1),
            ),
        ),
        ("BOOKS-2", exchange(ALI, Kind.TRADE, Kind.CASH, cny(1))),
        ("BOOKS-2", exchange(ALI, Kind.LOANS_OWED, Kind.TRADE, cny(1))),
        (
            "BOOKS-3",
            exchange(ALI, Kind.TRADE, Kind.BANK, Money(MINOR_MAX, "CNY"))
            + exchange(ALI, Kind.TRADE, Kind.BANK, Money(1, "CNY")),
        ),
    ],
)
def test_a_forged_posting_stops_the_replay(label: str, lines: tuple[Line, ...]) -> None:
    """Nothing unbalanced, impossible or uncountable is ever posted."""
    with pytest.raises(InvariantError, match=label):
        evolve(Memory(), posted(*lines))
    assert label == "BOOKS-1" or not is_possible(Memory(), posted(*lines))
