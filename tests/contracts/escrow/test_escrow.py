"""Money leaves an escrow for a fact or goes back; never for less, never twice, never unseen.

Goal: what is paid, refunded and left sums to the amount at every step, and every payment can show
the attestations it was made for. Method: a state machine in which facts come in any order, against
a plain list of facts; the worked case of source 000; every refusal; forged events.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from support.town import ALI, BEK, FUND, MILAN, OPERATOR, TASHKENT, Town, cny
from tallyport.contracts.attestation.attest import Attest, Item
from tallyport.contracts.attestation.commitment import commitment
from tallyport.contracts.attestation.model import Attestation, Latest, SubjectId, key_of
from tallyport.contracts.attestation.model import Kind as Fact
from tallyport.contracts.books.model import Account, Kind, balance
from tallyport.contracts.escrow import CONTRACT, refund, release
from tallyport.contracts.escrow import open as opening
from tallyport.contracts.escrow.model import AgreementId, Condition, Escrow, Stage, Tranche
from tallyport.contracts.escrow.open import EscrowOpened, OpenEscrow
from tallyport.contracts.escrow.refund import EscrowRefunded, RefundEscrow
from tallyport.contracts.escrow.release import ReleaseTranche, TranchePaid
from tallyport.contracts.members.model import ROLES_MAX, Member, Role
from tallyport.kernel.contract import Context
from tallyport.kernel.guard import InvariantError, Refused
from tallyport.kernel.ids import AttestationId, EscrowId, MemberId
from tallyport.kernel.money import MINOR_MAX, Money

CAR = SubjectId("vehicle:HLX33B128R1643455")
E1 = EscrowId("E-1")
XJYO = AgreementId("XJYO-2024040401")
DAY = timedelta(days=1)
SALT = bytes(32)
ARRIVED = Condition(subject=CAR, kind=Fact.ARRIVAL, roles=(Role.WAREHOUSE,))
PROVED = Condition(subject=CAR, kind=Fact.DOSSIER, roles=(Role.OPERATOR,))
ACCEPTED = Condition(subject=CAR, kind=Fact.DOCUMENT, roles=(Role.BUYER,))
SEVENTY = Tranche(share_bp=7_000, conditions=(ARRIVED, PROVED))
THIRTY = Tranche(share_bp=3_000, conditions=(ACCEPTED,))


def order(
    amount: Money, *tranches: Tranche, number: int = 1, until: datetime | None = None
) -> OpenEscrow:
    """Return the buyer's command to set money aside for the exporter, by default for 30 days."""
    return OpenEscrow(
        escrow_id=EscrowId(f"E-{number}"),
        payee=ALI,
        agreement=XJYO,
        amount=amount,
        tranches=tranches or (SEVENTY, THIRTY),
        until=until or Town().at + 30 * DAY,
    )


def attest(town: Town, member: MemberId, kind: Fact) -> None:
    """Let a member attest a fact about the car, or attest it anew."""
    last = town.state.get(Latest, key_of(CAR, kind, member))
    item = Item(
        id=AttestationId(f"A-{len(town.entries)}"),
        subject=CAR,
        kind=kind,
        commitment=commitment(SALT, kind.encode()),
        previous=None if last is None else last.id,
    )
    assert town.do(member, Attest(items=(item,))) is None


@dataclass
class Expected:
    """What the oracle knows of an escrow."""

    amount: int
    parts: list[int]
    until: datetime
    paid: set[int]
    refunded: int = 0

    @property
    def left(self) -> int:
        return self.amount - sum(self.parts[n - 1] for n in self.paid) - self.refunded


class Escrowing(RuleBasedStateMachine):
    """A buyer sets money aside again and again; facts and wishes come in any order."""

    facts = st.sampled_from(
        [
            *((TASHKENT, Fact.ARRIVAL), (OPERATOR, Fact.DOSSIER), (MILAN, Fact.DOCUMENT)) * 2,
            (BEK, Fact.ARRIVAL),
            (ALI, Fact.DOCUMENT),
            (OPERATOR, Fact.ARRIVAL),
        ]
    )
    pick = st.integers(0, 10**6)

    @initialize()
    def found(self) -> None:
        self.town = Town()
        self.town.pay_in(MILAN, cny(10_000))
        self.known: dict[EscrowId, Expected] = {}
        self.facts_known: set[tuple[MemberId, Fact]] = set()
        self.open(100_000, 15)

    def some(self, pick: int) -> EscrowId:
        """Return an escrow with money in it, mostly; else any number."""
        ids = [one for one, known in self.known.items() if known.left]
        return ids[pick % len(ids)] if ids and pick % 5 else EscrowId(f"E-{pick % 20}")

    def is_due(self, number: int) -> bool:
        if number == 1:
            return {(TASHKENT, Fact.ARRIVAL), (OPERATOR, Fact.DOSSIER)} <= self.facts_known
        return (MILAN, Fact.DOCUMENT) in self.facts_known

    @rule(minor=st.integers(0, 500_000), days=st.integers(0, 20))
    def open(self, minor: int, days: int) -> None:
        number, until = len(self.known) + 1, self.town.at + days * DAY
        free = self.town.cash(MILAN)
        reason = self.town.do(MILAN, order(Money(minor, "CNY"), number=number, until=until))
        assert (reason is None) == (2 <= minor <= free and days > 0)
        if reason is None:
            first = (minor * 7 + 5) // 10
            expected = Expected(minor, [first, minor - first], until, set())
            self.known[EscrowId(f"E-{number}")] = expected

    @rule(fact=facts)
    def learn(self, fact: tuple[MemberId, Fact]) -> None:
        attest(self.town, *fact)
        self.facts_known.add(fact)

    @rule(
        actor=st.sampled_from([ALI, MILAN, FUND]),
        pick=pick,
        number=st.sampled_from([1, 1, 2, 2, 0, 3]),
    )
    def release(self, actor: MemberId, pick: int, number: int) -> None:
        escrow_id = self.some(pick)
        known = self.known.get(escrow_id)
        reason = self.town.do(actor, ReleaseTranche(escrow_id=escrow_id, number=number))
        fine = (
            known is not None
            and known.left > 0
            and number in {1, 2} - known.paid
            and self.is_due(number)
        )
        assert (reason is None) == fine
        if fine and known:
            known.paid.add(number)

    @rule(actor=st.sampled_from([ALI, MILAN]), pick=pick)
    def give_back(self, actor: MemberId, pick: int) -> None:
        escrow_id = self.some(pick)
        known = self.known.get(escrow_id)
        reason = self.town.do(actor, RefundEscrow(escrow_id=escrow_id))
        assert (reason is None) == (known is not None and known.left > 0 and actor == ALI)
        if reason is None and known:
            known.refunded = known.left

    @rule(days=st.integers(1, 9))
    def wait(self, days: int) -> None:
        self.town.let_pass(days * DAY)
        for known in self.known.values():
            if known.until <= self.town.at and known.left:
                known.paid |= {n for n in (1, 2) if self.is_due(n)}
                known.refunded = known.left

    @invariant()
    def paid_refunded_and_left_sum_to_the_amount(self) -> None:
        left = 0
        for escrow_id, known in self.known.items():
            row = self.town.row(Escrow, escrow_id)
            assert set(row.paid) == known.paid
            assert row.paid_minor + row.refunded_minor + row.left.minor == row.amount.minor
            assert (row.left.minor, row.refunded_minor) == (known.left, known.refunded)
            assert (row.stage is Stage.OPEN) == (known.left > 0)
            left += known.left
        assert balance(self.town.state, MILAN, Kind.ESCROWED, "CNY") == left

    @invariant()
    def every_payment_shows_its_facts(self) -> None:
        for entry in self.town.entries:
            for event in entry.events:
                if isinstance(event, TranchePaid):
                    facts = [self.town.row(Attestation, one) for one in event.evidence]
                    assert {(fact.attester, fact.kind) for fact in facts} == (
                        {(TASHKENT, Fact.ARRIVAL), (OPERATOR, Fact.DOSSIER)}
                        if event.number == 1
                        else {(MILAN, Fact.DOCUMENT)}
                    )
                    assert all(fact.sequence <= entry.sequence for fact in facts)

    @invariant()
    def money_is_neither_made_nor_lost(self) -> None:
        paid = sum(sum(k.parts[n - 1] for n in k.paid) for k in self.known.values())
        left = sum(k.left for k in self.known.values())
        assert self.town.cash(ALI) == paid
        assert self.town.cash(MILAN) == 1_000_000 - paid - left
        assert self.town.is_balanced()


TestEscrowing = Escrowing.TestCase
TestEscrowing.settings = settings(stateful_step_count=2 * settings().stateful_step_count)


@pytest.fixture
def town() -> Town:
    """A town in which the buyer has set 1 000 000.00 aside, and has as much again."""
    town = Town()
    town.pay_in(MILAN, cny(2_000_000))
    assert town.do(MILAN, order(cny(1_000_000))) is None
    return town


NOT_YET = "escrow.every_condition_must_be_attested"
FIRST, SECOND = (ReleaseTranche(escrow_id=E1, number=number) for number in (1, 2))


def test_seventy_percent_when_the_car_is_there_and_proved(town: Town) -> None:
    """Source 000, section 4.1.2, agreement XJYO-2024040401: both facts, in either order."""
    assert town.do(ALI, FIRST) == NOT_YET
    attest(town, TASHKENT, Fact.ARRIVAL)
    assert town.do(ALI, FIRST) == NOT_YET
    attest(town, OPERATOR, Fact.DOSSIER)
    assert town.cash(ALI) == 0
    assert town.do(ALI, FIRST) is None
    assert town.cash(ALI) == 70_000_000
    assert balance(town.state, MILAN, Kind.ESCROWED, "CNY") == 30_000_000

    assert town.do(ALI, FIRST) == "escrow.tranche_must_not_have_been_paid"
    assert town.do(ALI, SECOND) == NOT_YET
    attest(town, MILAN, Fact.DOCUMENT)
    assert town.do(FUND, SECOND) is None  # Anybody may ask.
    assert town.cash(ALI) == 100_000_000
    assert town.row(Escrow, E1).stage is Stage.CLOSED
    assert town.is_balanced()


def test_the_wrong_mouths_do_not_count(town: Town) -> None:
    """Not another role, not a dismissed member, and not the payee even with the right role."""
    attest(town, OPERATOR, Fact.DOSSIER)
    attest(town, BEK, Fact.ARRIVAL)
    assert town.do(ALI, FIRST) == NOT_YET
    town.state.put(replace(town.row(Member, ALI), roles=(Role.WAREHOUSE,)))
    attest(town, ALI, Fact.ARRIVAL)
    assert town.do(ALI, FIRST) == NOT_YET
    attest(town, TASHKENT, Fact.ARRIVAL)
    town.state.put(replace(town.row(Member, TASHKENT), is_active=False))
    assert town.do(ALI, FIRST) == NOT_YET
    town.state.put(replace(town.row(Member, TASHKENT), is_active=True))
    assert town.do(ALI, FIRST) is None


def test_a_new_version_of_a_fact_is_still_a_fact(town: Town) -> None:
    """The payment names the version in force."""
    attest(town, TASHKENT, Fact.ARRIVAL)
    attest(town, OPERATOR, Fact.DOSSIER)
    attest(town, OPERATOR, Fact.DOSSIER)
    assert town.do(ALI, FIRST) is None
    paid, _ = town.last.events
    assert isinstance(paid, TranchePaid)
    assert paid.evidence == ("A-3", "A-5")


def test_at_its_time_what_is_due_is_paid_and_the_rest_goes_back(town: Town) -> None:
    """Even if nobody asked."""
    attest(town, TASHKENT, Fact.ARRIVAL)
    attest(town, OPERATOR, Fact.DOSSIER)
    town.let_pass(30 * DAY)
    assert (town.cash(ALI), town.cash(MILAN)) == (70_000_000, 130_000_000)
    assert town.row(Escrow, E1).stage is Stage.REFUNDED
    assert town.do(ALI, SECOND) == "escrow.escrow_must_be_open"
    assert town.is_balanced()


def test_at_its_time_all_may_be_due(town: Town) -> None:
    """Then nothing goes back."""
    for member, fact in (
        (TASHKENT, Fact.ARRIVAL),
        (OPERATOR, Fact.DOSSIER),
        (MILAN, Fact.DOCUMENT),
    ):
        attest(town, member, fact)
    town.let_pass(30 * DAY)
    assert (town.cash(ALI), town.cash(MILAN)) == (100_000_000, 100_000_000)
    assert town.row(Escrow, E1).stage is Stage.CLOSED


@pytest.mark.parametrize("obstacle", ["gone", "full"])
def test_at_its_time_a_payee_that_cannot_be_paid_gets_nothing(town: Town, obstacle: str) -> None:
    """Dismissed, or with an account that can take no more: the money is the payer's again."""
    attest(town, TASHKENT, Fact.ARRIVAL)
    attest(town, OPERATOR, Fact.DOSSIER)
    spoil(town, obstacle)
    town.let_pass(30 * DAY)
    assert (town.cash(ALI), town.cash(MILAN)) == (0, 200_000_000)
    assert town.row(Escrow, E1).stage is Stage.REFUNDED


def spoil(town: Town, obstacle: str) -> None:
    """Put an obstacle between Ali and its money."""
    if obstacle == "gone":
        town.state.put(replace(town.row(Member, ALI), is_active=False))
    else:
        minor = -MINOR_MAX
        town.state.put(
            Account(owner=ALI, kind=Kind.TRADE, currency="CNY", balance_minor=minor, held_minor=0)
        )


def test_its_time_finds_nothing_to_do_when_all_is_over(town: Town) -> None:
    """A refund by the payee's consent comes first."""
    assert town.do(ALI, RefundEscrow(escrow_id=E1)) is None
    assert town.cash(MILAN) == 200_000_000
    town.let_pass(30 * DAY)
    assert town.cash(MILAN) == 200_000_000


def test_odd_amounts_are_shared_out_to_the_last_cent() -> None:
    """Three thirds of 1.00: 0.34, 0.33, 0.33."""
    town = Town()
    town.pay_in(MILAN, cny(1))
    thirds = [replace(THIRTY, share_bp=share) for share in (3_334, 3_333, 3_333)]
    assert town.do(MILAN, order(cny(1), *thirds)) is None
    attest(town, MILAN, Fact.DOCUMENT)
    assert town.do(MILAN, *(ReleaseTranche(escrow_id=E1, number=n) for n in (2, 3, 1))) is None
    row = town.row(Escrow, E1)
    assert [row.part(n).minor for n in (1, 2, 3)] == [34, 33, 33]
    assert (row.paid, row.stage, town.cash(ALI)) == ((2, 3, 1), Stage.CLOSED, 100)


# Refusals.

NEXT = order(cny(1_000_000), number=2)
OPENING = [  # In the order of the checks.
    (opening.Refusal.ID_TAKEN, replace(NEXT, escrow_id=E1)),
    (opening.Refusal.NO_PAYEE, replace(NEXT, payee=MILAN)),
    (opening.Refusal.NO_PAYEE, replace(NEXT, payee=MemberId("nobody"))),
    (opening.Refusal.EMPTY_AMOUNT, replace(NEXT, amount=cny(0))),
    (opening.Refusal.WRONG_COUNT, replace(NEXT, tranches=())),
    (
        opening.Refusal.WRONG_COUNT,
        replace(NEXT, tranches=(replace(THIRTY, share_bp=1),) * (opening.TRANCHES_MAX + 1)),
    ),
    (
        opening.Refusal.WRONG_CONDITIONS,
        replace(NEXT, tranches=(SEVENTY, replace(THIRTY, conditions=()))),
    ),
    (
        opening.Refusal.WRONG_CONDITIONS,
        replace(
            NEXT,
            tranches=(
                SEVENTY,
                replace(THIRTY, conditions=(ACCEPTED,) * (opening.CONDITIONS_MAX + 1)),
            ),
        ),
    ),
    (
        opening.Refusal.WRONG_CONDITIONS,
        replace(
            NEXT, tranches=(SEVENTY, replace(THIRTY, conditions=(replace(ACCEPTED, roles=()),)))
        ),
    ),
    (
        opening.Refusal.WRONG_CONDITIONS,
        replace(
            NEXT,
            tranches=(
                SEVENTY,
                replace(
                    THIRTY,
                    conditions=(replace(ACCEPTED, roles=(Role.BUYER,) * (ROLES_MAX + 1)),),
                ),
            ),
        ),
    ),
    (opening.Refusal.WRONG_SHARES, replace(NEXT, tranches=(SEVENTY,))),
    (
        opening.Refusal.WRONG_SHARES,
        replace(NEXT, tranches=(SEVENTY, THIRTY, replace(THIRTY, share_bp=0))),
    ),
    (opening.Refusal.EMPTY_PART, replace(NEXT, amount=Money(1, "CNY"))),
    (opening.Refusal.WRONG_UNTIL, replace(NEXT, until=Town().at)),
    (
        opening.Refusal.WRONG_UNTIL,
        replace(NEXT, until=Town().at + opening.OPEN_FOR_MAX + timedelta(microseconds=1)),
    ),
    (opening.Refusal.TOO_LITTLE_CASH, replace(NEXT, amount=cny(1_000_001))),
    (opening.Refusal.TOO_LITTLE_CASH, replace(NEXT, amount=Money(100, "USD"))),
    (opening.Refusal.BOOKS_FULL, replace(NEXT, amount=Money(100, "EUR"))),
]
RELEASING = [
    (release.Refusal.NOT_FOUND, ReleaseTranche(escrow_id=EscrowId("E-404"), number=1)),
    (release.Refusal.NOT_OPEN, ReleaseTranche(escrow_id=EscrowId("E-2"), number=1)),
    (release.Refusal.NO_TRANCHE, ReleaseTranche(escrow_id=E1, number=0)),
    (release.Refusal.NO_TRANCHE, ReleaseTranche(escrow_id=E1, number=3)),
    (release.Refusal.PAID_ALREADY, FIRST),
    (release.Refusal.PAYEE_GONE, ReleaseTranche(escrow_id=EscrowId("E-3"), number=1)),
    (release.Refusal.NOT_ATTESTED, SECOND),
    (release.Refusal.BOOKS_FULL, ReleaseTranche(escrow_id=EscrowId("E-4"), number=1)),
]
REFUNDING = [
    (refund.Refusal.NOT_FOUND, ALI, RefundEscrow(escrow_id=EscrowId("E-404"))),
    (refund.Refusal.NOT_OPEN, ALI, RefundEscrow(escrow_id=EscrowId("E-2"))),
    (refund.Refusal.NOT_PAYEE, MILAN, RefundEscrow(escrow_id=E1)),
]


@pytest.fixture
def busy_town(town: Town) -> Town:
    """E-1 is paid to 70%, E-2 was refunded, E-3's payee is gone, E-4's cannot take more."""
    for number, payee in ((2, ALI), (3, BEK), (4, FUND)):
        assert town.do(MILAN, replace(order(cny(10), number=number), payee=payee)) is None
    attest(town, TASHKENT, Fact.ARRIVAL)
    attest(town, OPERATOR, Fact.DOSSIER)
    assert town.do(ALI, FIRST, RefundEscrow(escrow_id=EscrowId("E-2"))) is None
    town.state.put(replace(town.row(Member, BEK), is_active=False))
    for owner, kind, currency, minor in (
        (FUND, Kind.TRADE, "CNY", -MINOR_MAX),
        (MILAN, Kind.CASH, "EUR", 100),
        (MILAN, Kind.ESCROWED, "EUR", MINOR_MAX),
    ):
        town.state.put(
            Account(owner=owner, kind=kind, currency=currency, balance_minor=minor, held_minor=0)
        )
    return town


def context(town: Town, actor: MemberId) -> Context:
    """Return the moment in which `actor` acts."""
    return Context(actor=actor, at=town.at, today=town.at.date(), sequence=99)


@pytest.mark.parametrize(("reason", "command"), OPENING)
def test_it_refuses_to_open(town: Town, reason: opening.Refusal, command: OpenEscrow) -> None:
    """One line of OPENING: this command of the buyer is refused for this reason."""
    for kind, minor in ((Kind.CASH, 100), (Kind.ESCROWED, MINOR_MAX)):
        town.state.put(
            Account(owner=MILAN, kind=kind, currency="EUR", balance_minor=minor, held_minor=0)
        )
    with pytest.raises(Refused) as refused:
        opening.decide(town.state, command, context(town, MILAN))
    assert refused.value.reason is reason


@pytest.mark.parametrize(("reason", "command"), RELEASING)
def test_it_refuses_to_release(
    busy_town: Town, reason: release.Refusal, command: ReleaseTranche
) -> None:
    """One line of RELEASING: whoever asks, this is refused for this reason."""
    with pytest.raises(Refused) as refused:
        release.decide(busy_town.state, command, context(busy_town, ALI))
    assert refused.value.reason is reason


@pytest.mark.parametrize(("reason", "actor", "command"), REFUNDING)
def test_it_refuses_to_refund(
    busy_town: Town, reason: refund.Refusal, actor: MemberId, command: RefundEscrow
) -> None:
    """One line of REFUNDING: this actor and command are refused for this reason."""
    with pytest.raises(Refused) as refused:
        refund.decide(busy_town.state, command, context(busy_town, actor))
    assert refused.value.reason is reason


def test_every_refusal_is_tried_in_order() -> None:
    """The tables follow the enums, so the enums' order is the order that clients are told."""
    for table, enum in (
        (OPENING, opening.Refusal),
        (RELEASING, release.Refusal),
        (REFUNDING, refund.Refusal),
    ):
        assert list(dict.fromkeys(reason for reason, *_ in table)) == list(enum)


# Forgeries.

E404 = EscrowId("E-404")
OPENED = EscrowOpened(
    escrow_id=E1,
    payer=MILAN,
    payee=ALI,
    agreement=XJYO,
    amount=cny(100),
    tranches=(SEVENTY, THIRTY),
    until=Town().at + DAY,
)
PAID = TranchePaid(
    escrow_id=E1,
    number=1,
    amount=cny(700_000),
    evidence=(AttestationId("A-3"), AttestationId("A-4")),
)
FORGERIES = [
    ("ESC-OPEN-1", OPENED),
    ("ESC-OPEN-2", replace(OPENED, escrow_id=E404, amount=Money(1, "CNY"))),
    ("ESC-RELEASE-1", replace(PAID, evidence=())),
    ("ESC-RELEASE-1", replace(PAID, evidence=(AttestationId("A-4"), AttestationId("A-3")))),
    ("ESC-RELEASE-2", replace(PAID, amount=cny(700_001))),
    ("ESC-RELEASE-2", replace(PAID, number=3)),
    ("ESC-RELEASE-2", replace(PAID, escrow_id=E404)),
    ("ESC-REFUND-1", EscrowRefunded(escrow_id=E1, amount=cny(999_999))),
    ("ESC-REFUND-1", EscrowRefunded(escrow_id=E404, amount=cny(1))),
]


@pytest.mark.parametrize(("label", "event"), FORGERIES)
def test_a_forged_event_stops_the_replay(town: Town, label: str, event: object) -> None:
    """Whoever edits the log stops the node; no money moves without its facts."""
    attest(town, TASHKENT, Fact.ARRIVAL)
    attest(town, OPERATOR, Fact.DOSSIER)
    assert CONTRACT.events[TranchePaid](town.state, PAID)
    with pytest.raises(InvariantError) as stopped:
        CONTRACT.events[type(event)](town.state, event)
    assert stopped.value.label == label


def test_nothing_is_paid_twice_on_replay(town: Town) -> None:
    """Nor after the end."""
    attest(town, TASHKENT, Fact.ARRIVAL)
    attest(town, OPERATOR, Fact.DOSSIER)
    assert town.do(ALI, FIRST) is None
    with pytest.raises(InvariantError, match="ESC-RELEASE-2"):
        release.evolve(town.state, PAID)
    assert town.do(ALI, RefundEscrow(escrow_id=E1)) is None
    with pytest.raises(InvariantError, match="ESC-RELEASE-2"):
        release.evolve(town.state, replace(PAID, number=2))
