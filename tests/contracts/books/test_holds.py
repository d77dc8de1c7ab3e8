"""A payment in two steps never pays twice, never pays too much, and never hides money.

Goal: what is held counts wherever cash is asked for, in every currency, and a hold that has ended
stays ended. Method: a state machine that places, commits, voids and lets time pass, against a plain
list of what should be held; the bugs that other systems had; every refusal; forged events.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from support.town import ALI, BANK, BEK, FUND, PORT, Town, cny
from tallyport.contracts.books import CONTRACT, commit, hold, void
from tallyport.contracts.books.commit import CommitHold, HoldCommitted
from tallyport.contracts.books.hold import HOLD_FOR_MAX, CashHeld, HoldExpired, PlaceHold
from tallyport.contracts.books.model import Account, Hold, HoldStage, Kind
from tallyport.contracts.books.post import Posted, can_pay, exchange, free_cash
from tallyport.contracts.books.void import HoldVoided, VoidHold
from tallyport.contracts.books.withdraw import Withdraw
from tallyport.kernel.contract import Context
from tallyport.kernel.guard import InvariantError, Refused
from tallyport.kernel.ids import BankReferenceId, HoldId, MemberId
from tallyport.kernel.money import MINOR_MAX, Money

H1, H2 = HoldId("H-1"), HoldId("H-2")
DAY = timedelta(days=1)
NOBODY = MemberId("nobody")


@dataclass
class Expected:
    """What the oracle knows of an open hold."""

    owner: MemberId
    payee: MemberId | None
    amount: Money
    expires: datetime


class Holding(RuleBasedStateMachine):
    """Three members promise each other money in two currencies."""

    owners = st.sampled_from([ALI, BEK, PORT])
    currencies = st.sampled_from(["CNY", "USD"])
    pick = st.integers(0, 10**6)

    @initialize()
    def found(self) -> None:
        self.town = Town()
        self.cash = dict.fromkeys([(o, c) for o in (ALI, BEK, PORT) for c in ("CNY", "USD")], 0)
        self.open: dict[HoldId, Expected] = {}
        self.placed = 0
        for owner, currency in self.cash:
            self.pay_in(owner, currency, 1_000)

    def some(self, pick: int) -> HoldId:
        """Return an open hold, mostly; else any number."""
        ids = list(self.open)
        return ids[pick % len(ids)] if ids and pick % 5 else HoldId(f"H-{pick % 20}")

    @rule(owner=owners, currency=currencies, minor=st.integers(1, 1000))
    def pay_in(self, owner: MemberId, currency: str, minor: int) -> None:
        self.town.pay_in(owner, Money(minor, currency))
        self.cash[owner, currency] += minor

    @rule(
        owner=owners,
        payee=st.sampled_from([None, ALI, BEK, PORT]),
        currency=currencies,
        minor=st.integers(0, 600),
        days=st.integers(1, 9),
    )
    def place(
        self, owner: MemberId, payee: MemberId | None, currency: str, minor: int, days: int
    ) -> None:
        self.placed += 1
        hold_id, expires = HoldId(f"H-{self.placed}"), self.town.at + days * DAY
        amount = Money(minor, currency)
        command = PlaceHold(hold_id=hold_id, amount=amount, payee=payee, expires=expires)
        free = self.cash[owner, currency] - self.held(owner, currency)
        reason = self.town.do(owner, command)
        assert (reason is None) == (0 < minor <= free and payee != owner)
        if reason is None:
            self.open[hold_id] = Expected(owner, payee, amount, expires)

    @rule(actor=owners, payee=owners, pick=pick, tenths=st.integers(0, 11), fits=st.booleans())
    def commit(
        self, actor: MemberId, payee: MemberId, pick: int, tenths: int, *, fits: bool
    ) -> None:
        hold_id = self.some(pick)
        known = self.open.get(hold_id)
        currency = known.amount.currency if known else "CNY"
        minor = known.amount.minor * tenths // 10 if known else tenths
        if known and fits:
            actor, payee = known.owner, known.payee or payee
        command = CommitHold(hold_id=hold_id, payee=payee, amount=Money(minor, currency))
        reason = self.town.do(actor, command)
        fine = (
            known is not None
            and actor in (known.owner, known.payee)
            and payee == (known.payee or payee) != known.owner
            and 0 < minor <= known.amount.minor
        )
        assert (reason is None) == fine
        if fine and known:
            del self.open[hold_id]
            self.cash[known.owner, currency] -= minor
            self.cash[payee, currency] += minor

    @rule(actor=owners, pick=pick)
    def void(self, actor: MemberId, pick: int) -> None:
        hold_id = self.some(pick)
        known = self.open.get(hold_id)
        reason = self.town.do(actor, VoidHold(hold_id=hold_id))
        assert (reason is None) == (known is not None and actor == (known.payee or known.owner))
        if reason is None:
            del self.open[hold_id]

    @rule(owner=owners, currency=currencies, minor=st.integers(1, 500))
    def withdraw(self, owner: MemberId, currency: str, minor: int) -> None:
        reference = BankReferenceId(f"out-{len(self.town.entries)}")
        command = Withdraw(owner=owner, amount=Money(minor, currency), reference=reference)
        free = self.cash[owner, currency] - self.held(owner, currency)
        reason = self.town.do(BANK, command)
        assert (reason is None) == (minor <= free)
        if reason is None:
            self.cash[owner, currency] -= minor

    @rule(days=st.integers(1, 5))
    def wait(self, days: int) -> None:
        self.town.let_pass(days * DAY)
        self.open = {i: e for i, e in self.open.items() if e.expires > self.town.at}

    def held(self, owner: MemberId, currency: str) -> int:
        return sum(
            e.amount.minor
            for e in self.open.values()
            if e.owner == owner and e.amount.currency == currency
        )

    @invariant()
    def every_hold_is_accounted_for(self) -> None:
        for (owner, currency), cash in self.cash.items():
            held = self.held(owner, currency)
            assert self.town.cash(owner, currency) == cash >= held
            assert free_cash(self.town.state, owner, currency) == cash - held

    @invariant()
    def open_holds_are_those_that_never_ended(self) -> None:
        rows = self.town.state.scan(Hold)
        assert {row.id for row in rows if row.stage is HoldStage.OPEN} == set(self.open)

    @invariant()
    def the_books_balance(self) -> None:
        assert self.town.is_balanced()


TestHolding = Holding.TestCase
TestHolding.settings = settings(stateful_step_count=2 * settings().stateful_step_count)


@pytest.fixture
def town() -> Town:
    """A town in which Ali has 100.00, of which 60.00 are held for Bek as H-1."""
    town = Town()
    town.pay_in(ALI, cny(100))
    assert town.do(ALI, place(H1, 60, payee=BEK)) is None
    return town


def place(hold_id: HoldId, yuan: int, *, payee: MemberId | None = None) -> PlaceHold:
    """Return a command to hold whole yuan for a day, in the town's first week."""
    return PlaceHold(
        hold_id=hold_id, amount=cny(yuan), payee=payee, expires=Town().at + timedelta(days=1)
    )


def pay(hold_id: HoldId, yuan: int, payee: MemberId = BEK) -> CommitHold:
    """Return a command to pay whole yuan out of a hold."""
    return CommitHold(hold_id=hold_id, payee=payee, amount=cny(yuan))


def free(town: Town, owner: MemberId = ALI, currency: str = "CNY") -> int:
    """Return what a member may spend."""
    return free_cash(town.state, owner, currency)


def test_part_is_paid_and_the_rest_is_free(town: Town) -> None:
    """The example of the module."""
    assert free(town) == 4_000
    assert town.do(BEK, pay(H1, 50)) is None
    assert (town.cash(ALI), free(town), town.cash(BEK)) == (5_000, 5_000, 5_000)
    assert town.row(Hold, H1).stage is HoldStage.COMMITTED
    assert town.is_balanced()


def test_a_hold_ends_by_itself(town: Town) -> None:
    """At its moment, and without anybody asking; its timer finds nothing to do if it ended."""
    assert town.do(ALI, place(H2, 10)) is None
    assert town.do(ALI, VoidHold(hold_id=H2)) is None
    town.let_pass(DAY - timedelta(seconds=1))
    assert free(town) == 4_000
    town.let_pass(timedelta(seconds=1))
    assert free(town) == 10_000
    assert town.row(Hold, H1).stage is HoldStage.EXPIRED
    assert town.row(Hold, H2).stage is HoldStage.VOIDED


# Bugs that other systems had (each was reported against one of them).


@pytest.mark.parametrize("end", ["refused", "voided", "committed", "expired"])
def test_a_hold_that_was_rejected_or_has_ended_never_commits(town: Town, end: str) -> None:
    """A hold that was rejected can still be committed later: not here."""
    match end:
        case "refused":
            hold_id = H2
            assert town.do(ALI, place(H2, 41)) == "books.free_cash_must_cover_amount"
        case "voided":
            hold_id = H1
            assert town.do(BEK, VoidHold(hold_id=H1)) is None
        case "committed":
            hold_id = H1
            assert town.do(BEK, pay(H1, 50)) is None
        case _:
            hold_id = H1
            town.let_pass(DAY)
    before = town.cash(ALI), free(town)

    assert town.do(ALI, pay(hold_id, 10)) is not None

    assert (town.cash(ALI), free(town)) == before


def test_a_hold_is_not_ignored_when_the_balance_is_checked(town: Town) -> None:
    """Neither by another hold nor by a withdrawal nor by whoever asks `can_pay`."""
    out = Withdraw(owner=ALI, amount=cny(41), reference=BankReferenceId("out"))
    assert town.do(ALI, place(H2, 41)) == "books.free_cash_must_cover_amount"
    assert town.do(BANK, out) == "books.cash_must_cover_amount"
    assert not can_pay(town.state, ALI, cny(41))
    assert can_pay(town.state, ALI, cny(40))


def test_a_hold_in_foreign_currency_is_recorded(town: Town) -> None:
    """It holds dollars and leaves yuan alone."""
    town.pay_in(ALI, Money(700, "USD"))
    dollars = PlaceHold(
        hold_id=H2, amount=Money(500, "USD"), payee=None, expires=town.at + timedelta(days=1)
    )
    assert town.do(ALI, dollars) is None
    assert (free(town), free(town, currency="USD")) == (4_000, 200)
    assert town.row(Account, f"{ALI}|cash|USD").held_minor == 500


def test_cancelling_a_pending_overdraft_keeps_value(town: Town) -> None:
    """There is no overdraft to hold; cancelling what was refused changes nothing."""
    before = {a.key: a.balance_minor for a in town.state.scan(Account)}
    assert town.do(ALI, place(H2, 1_000)) == "books.free_cash_must_cover_amount"
    assert town.do(ALI, VoidHold(hold_id=H2)) == "books.hold_not_found"
    assert {a.key: a.balance_minor for a in town.state.scan(Account)} == before
    assert free(town) == 4_000


@pytest.mark.parametrize("again", [place(H1, 60, payee=BEK), place(H1, 1), place(H1, 60)])
def test_a_duplicate_id_is_never_a_silent_success(town: Town, again: PlaceHold) -> None:
    """Whether the content differs or not, while it is open and after it has ended."""
    assert town.do(ALI, again) == "books.hold_id_must_be_new"
    assert town.do(BEK, VoidHold(hold_id=H1)) is None
    assert town.do(ALI, again) == "books.hold_id_must_be_new"
    assert free(town) == 10_000


def test_ids_do_not_come_from_the_clock(town: Town) -> None:
    """Two holds of one entry, so of one moment, are two holds."""
    assert town.do(ALI, place(H2, 10), place(HoldId("H-3"), 10)) is None
    assert free(town) == 2_000
    assert [row.id for row in town.state.scan(Hold)] == ["H-1", "H-2", "H-3"]
    town.let_pass(DAY)
    assert free(town) == 10_000


# Refusals.

LATE = place(H2, 1)
PLACING = [  # In the order of the checks.
    (hold.Refusal.ID_TAKEN, ALI, place(H1, 1)),
    (hold.Refusal.EMPTY_AMOUNT, ALI, place(H2, 0)),
    (hold.Refusal.NO_PAYEE, ALI, place(H2, 1, payee=ALI)),
    (hold.Refusal.NO_PAYEE, ALI, place(H2, 1, payee=NOBODY)),
    (hold.Refusal.WRONG_EXPIRY, ALI, replace(LATE, expires=Town().at)),
    (
        hold.Refusal.WRONG_EXPIRY,
        ALI,
        replace(LATE, expires=Town().at + HOLD_FOR_MAX + timedelta(microseconds=1)),
    ),
    (hold.Refusal.TOO_LITTLE_CASH, ALI, place(H2, 41)),
    (hold.Refusal.TOO_LITTLE_CASH, BEK, place(H2, 1)),
]
COMMITTING = [
    (commit.Refusal.NOT_FOUND, ALI, pay(HoldId("H-404"), 10)),
    (commit.Refusal.NOT_OPEN, ALI, pay(H2, 10)),
    (commit.Refusal.NOT_ENTITLED, FUND, pay(H1, 10)),
    (commit.Refusal.WRONG_PAYEE, ALI, pay(H1, 10, payee=FUND)),
    (commit.Refusal.WRONG_PAYEE, ALI, pay(HoldId("H-3"), 10, payee=ALI)),
    (commit.Refusal.WRONG_PAYEE, ALI, pay(HoldId("H-3"), 10, payee=NOBODY)),
    (commit.Refusal.TOO_LATE, ALI, pay(HoldId("H-4"), 10)),
    (commit.Refusal.EMPTY_AMOUNT, BEK, pay(H1, 0)),
    (commit.Refusal.TOO_MUCH, BEK, pay(H1, 61)),
    (commit.Refusal.TOO_MUCH, BEK, replace(pay(H1, 1), amount=Money(1, "USD"))),
    (commit.Refusal.BOOKS_FULL, ALI, pay(HoldId("H-3"), 10, payee=PORT)),
]
VOIDING = [
    (void.Refusal.NOT_FOUND, ALI, VoidHold(hold_id=HoldId("H-404"))),
    (void.Refusal.NOT_OPEN, ALI, VoidHold(hold_id=H2)),
    (void.Refusal.NOT_ENTITLED, ALI, VoidHold(hold_id=H1)),
    (void.Refusal.NOT_ENTITLED, BEK, VoidHold(hold_id=HoldId("H-3"))),
]


@pytest.fixture
def busy_town(town: Town) -> Town:
    """H-2 was voided; H-3 names no payee; H-4 is past its time; Port's trade account is full."""
    for hold_id in (H2, HoldId("H-3"), HoldId("H-4")):
        assert town.do(ALI, place(hold_id, 10)) is None
    assert town.do(ALI, VoidHold(hold_id=H2)) is None
    town.state.put(replace(town.row(Hold, "H-4"), expires=town.at))
    full = Account(
        owner=PORT, kind=Kind.TRADE, currency="CNY", balance_minor=-MINOR_MAX, held_minor=0
    )
    town.state.put(full)
    return town


@pytest.mark.parametrize(("reason", "actor", "command"), PLACING)
def test_it_refuses_to_hold(
    town: Town, reason: hold.Refusal, actor: MemberId, command: PlaceHold
) -> None:
    """One line of PLACING: this actor and command are refused for this reason."""
    with pytest.raises(Refused) as refused:
        hold.decide(town.state, command, context(town, actor))
    assert refused.value.reason is reason


@pytest.mark.parametrize(("reason", "actor", "command"), COMMITTING)
def test_it_refuses_to_commit(
    busy_town: Town, reason: commit.Refusal, actor: MemberId, command: CommitHold
) -> None:
    """One line of COMMITTING: this actor and command are refused for this reason."""
    with pytest.raises(Refused) as refused:
        commit.decide(busy_town.state, command, context(busy_town, actor))
    assert refused.value.reason is reason


@pytest.mark.parametrize(("reason", "actor", "command"), VOIDING)
def test_it_refuses_to_void(
    busy_town: Town, reason: void.Refusal, actor: MemberId, command: VoidHold
) -> None:
    """One line of VOIDING: this actor and command are refused for this reason."""
    with pytest.raises(Refused) as refused:
        void.decide(busy_town.state, command, context(busy_town, actor))
    assert refused.value.reason is reason


def context(town: Town, actor: MemberId) -> Context:
    """Return the moment in which `actor` acts."""
    return Context(actor=actor, at=town.at, today=town.at.date(), sequence=99)


def test_every_refusal_is_tried_in_order() -> None:
    """The tables follow the enums, so the enums' order is the order that clients are told."""
    for table, enum in (
        (PLACING, hold.Refusal),
        (COMMITTING, commit.Refusal),
        (VOIDING, void.Refusal),
    ):
        assert list(dict.fromkeys(reason for reason, *_ in table)) == list(enum)


# Forgeries.


def held(hold_id: HoldId, minor: int) -> CashHeld:
    """Return an event that holds Ali's cash."""
    return CashHeld(
        hold_id=hold_id, owner=ALI, amount=Money(minor, "CNY"), payee=None, expires=Town().at
    )


@pytest.mark.parametrize(
    ("label", "event"),
    [
        ("BOOKS-HOLD-1", held(H1, 1)),
        ("BOOKS-HOLD-2", held(H2, 4_001)),
        ("BOOKS-HOLD-2", held(H2, 0)),
        ("BOOKS-HOLD-3", HoldExpired(hold_id=H2)),
        ("BOOKS-HOLD-3", HoldVoided(hold_id=H2)),
        ("BOOKS-COMMIT-1", HoldCommitted(hold_id=H1, payee=BEK, amount=cny(61))),
        ("BOOKS-COMMIT-1", HoldCommitted(hold_id=H1, payee=BEK, amount=cny(0))),
        ("BOOKS-COMMIT-1", HoldCommitted(hold_id=H1, payee=BEK, amount=Money(1, "USD"))),
        ("BOOKS-COMMIT-1", HoldCommitted(hold_id=H2, payee=BEK, amount=cny(1))),
        (
            "BOOKS-4",
            Posted(
                purpose="theft",
                about=H1,
                currency="CNY",
                lines=exchange(ALI, Kind.TRADE, Kind.CASH, cny(41)),
            ),
        ),
    ],
)
def test_a_forged_event_stops_the_replay(town: Town, label: str, event: object) -> None:
    """Whoever edits the log stops the node; a hold is never wrong in silence."""
    with pytest.raises(InvariantError) as stopped:
        CONTRACT.events[type(event)](town.state, event)
    assert stopped.value.label == label


def test_a_hold_cannot_end_twice(town: Town) -> None:
    """Nor can more become free than was held."""
    town.state.put(replace(town.row(Account, f"{ALI}|cash|CNY"), held_minor=5_999))
    with pytest.raises(InvariantError, match="BOOKS-HOLD-3"):
        void.evolve(town.state, HoldVoided(hold_id=H1))
