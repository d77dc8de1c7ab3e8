"""Every verb of financing says no for the reason that clients are told, and never trusts the log.

Goal: each refusal in the order of the checks, each promise kept on replay. Method: a line a refusal
with the steps that lead to it; events that no decide would return.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from enum import StrEnum

import pytest

from support.certificates import DUE, ISSUED, OPEN
from support.judging import Attempt, Step, context, fires, play, stops, verdict
from support.lending import (
    APPLY_LOAN,
    APPLY_SALE,
    APPROVE_LOAN,
    APPROVE_SALE,
    CREDIT,
    DISBURSE_LOAN,
    DISBURSE_SALE,
    EVIDENCE,
    LENDABLE,
    LENT,
    LOAN,
    LOAN_APPLIED,
    LOAN_APPROVED,
    ORDER,
    OWN_EVIDENCE,
    PAYABLE,
    SALE,
    SALE_APPLIED,
    SALE_APPROVED,
    SOLD,
    financing,
)
from support.town import ALI, BEK, FUND, OPERATOR, Town, cny
from tallyport.contracts.books.model import Account, Kind
from tallyport.contracts.financing import (
    apply,
    approve,
    conclude,
    disburse,
    overdue,
    reject,
    repay,
    withdraw,
)
from tallyport.contracts.financing.apply import ASSETS_MAX, LOAN_FOR_MAX, RATE_BP_MAX
from tallyport.contracts.financing.approve import FinancingApproved
from tallyport.contracts.financing.conclude import Conclude, FinancingConcluded
from tallyport.contracts.financing.disburse import FinancingDisbursed
from tallyport.contracts.financing.model import Stage, certificate_of, limit_of
from tallyport.contracts.financing.overdue import FinancingDefaulted, FinancingOverdue
from tallyport.contracts.financing.reject import FinancingRejected, Reject
from tallyport.contracts.financing.repay import FinancingRepaid, Repay
from tallyport.contracts.financing.withdraw import ApplicationWithdrawn, WithdrawApplication
from tallyport.contracts.law import TERM
from tallyport.contracts.limit.freeze import Freeze
from tallyport.contracts.members.consent import Consent
from tallyport.contracts.members.propose import Propose, SetRule
from tallyport.contracts.pledge.model import AssetId, SecuredId
from tallyport.contracts.pledge.register import Register
from tallyport.kernel.contract import Events
from tallyport.kernel.guard import InvariantError
from tallyport.kernel.ids import (
    AttestationId,
    CertificateId,
    FinancingId,
    LimitId,
    MemberId,
    ProposalId,
)
from tallyport.kernel.money import MINOR_MAX, Money

Judge = Callable[..., Events]

NOWHERE = FinancingId("F-404")
TODAY = date(2024, 4, 8)
DAY = timedelta(days=1)
UNTIL_DUE = timedelta(days=183)


def crowd(count: int) -> tuple[AssetId, ...]:
    """Return so many things to pledge."""
    return tuple(AssetId(f"order:{number}") for number in range(count))


SALES: list[Attempt] = [
    (apply.Refusal.ID_TAKEN, SALE_APPLIED, ALI, APPLY_SALE),
    (apply.Refusal.NO_FUNDER, OPEN, ALI, replace(APPLY_SALE, funder=BEK)),
    (apply.Refusal.NO_FUNDER, OPEN, FUND, APPLY_SALE),
    (apply.Refusal.WRONG_RATE, OPEN, ALI, replace(APPLY_SALE, rate_bp_max=-1)),
    (apply.Refusal.WRONG_RATE, OPEN, ALI, replace(APPLY_SALE, rate_bp_max=RATE_BP_MAX + 1)),
    (
        apply.Refusal.NO_CERTIFICATE,
        OPEN,
        ALI,
        replace(APPLY_SALE, certificate_id=CertificateId("RC-404")),
    ),
    (apply.Refusal.NOT_HOLDER, OPEN, BEK, APPLY_SALE),
    (apply.Refusal.NOT_HOLDER, ISSUED, ALI, APPLY_SALE),
    (apply.Refusal.DUE_ALREADY, (*OPEN, UNTIL_DUE), ALI, APPLY_SALE),
]
LOANS: list[Attempt] = [
    (apply.Refusal.ID_TAKEN, LOAN_APPLIED, ALI, APPLY_LOAN),
    (apply.Refusal.NO_FUNDER, LENDABLE, ALI, replace(APPLY_LOAN, funder=MemberId("nobody"))),
    (apply.Refusal.WRONG_RATE, LENDABLE, ALI, replace(APPLY_LOAN, rate_bp_max=-1)),
    (apply.Refusal.DUE_ALREADY, LENDABLE, ALI, replace(APPLY_LOAN, due=TODAY)),
    (apply.Refusal.EMPTY_PRINCIPAL, LENDABLE, ALI, replace(APPLY_LOAN, principal=cny(0))),
    (
        apply.Refusal.TOO_LONG,
        LENDABLE,
        ALI,
        replace(APPLY_LOAN, due=TODAY + LOAN_FOR_MAX + DAY),
    ),
    (apply.Refusal.NO_ASSETS, LENDABLE, ALI, replace(APPLY_LOAN, assets=())),
    (apply.Refusal.NO_ASSETS, LENDABLE, ALI, replace(APPLY_LOAN, assets=crowd(ASSETS_MAX + 1))),
    (apply.Refusal.WRONG_ASSETS, LENDABLE, ALI, replace(APPLY_LOAN, assets=(ORDER, ORDER))),
    (
        apply.Refusal.WRONG_ASSETS,
        LENDABLE,
        ALI,
        replace(APPLY_LOAN, assets=(AssetId("boat:1"),)),
    ),
    (
        apply.Refusal.WRONG_ASSETS,
        LENDABLE,
        ALI,
        replace(APPLY_LOAN, assets=(AssetId("certificate:RC-1"),)),
    ),
    (apply.Refusal.NO_LIMIT, LENDABLE, ALI, replace(APPLY_LOAN, limit_id=LimitId("L-404"))),
    (apply.Refusal.WRONG_LIMIT, LENDABLE, BEK, APPLY_LOAN),
]
LATE_RULE: tuple[Step, ...] = (  # The switch of CN-SCF-2, by consent alone.
    (
        OPERATOR,
        Propose(
            proposal_id=ProposalId("P-1"),
            change=SetRule(
                rule_id=TERM, parameter="months_without_reason_max", since=TODAY, value=5
            ),
        ),
    ),
    (OPERATOR, Consent(proposal_id=ProposalId("P-1"))),
    (MemberId("customs"), Consent(proposal_id=ProposalId("P-1"))),
)
APPROVALS: list[Attempt] = [
    (approve.Refusal.NOT_FOUND, SALE_APPLIED, FUND, replace(APPROVE_SALE, financing_id=NOWHERE)),
    (approve.Refusal.NOT_FUNDER, SALE_APPLIED, ALI, APPROVE_SALE),
    (approve.Refusal.NOT_APPLIED, SALE_APPROVED, FUND, APPROVE_SALE),
    (
        approve.Refusal.NO_EVIDENCE,
        SALE_APPLIED,
        FUND,
        replace(APPROVE_SALE, evidence=AttestationId("A-404")),
    ),
    (
        approve.Refusal.NO_EVIDENCE,
        SALE_APPLIED,
        FUND,
        replace(APPROVE_SALE, evidence=OWN_EVIDENCE),
    ),
    (approve.Refusal.WRONG_RATE, SALE_APPLIED, FUND, replace(APPROVE_SALE, rate_bp=601)),
    (approve.Refusal.WRONG_RATE, SALE_APPLIED, FUND, replace(APPROVE_SALE, rate_bp=-1)),
    (approve.Refusal.WRONG_PENALTY, LOAN_APPLIED, FUND, replace(APPROVE_LOAN, penalty_bp=901)),
    (approve.Refusal.WRONG_PENALTY, LOAN_APPLIED, FUND, replace(APPROVE_LOAN, penalty_bp=-1)),
    (approve.Refusal.NO_REASON, (*SALE_APPLIED, *LATE_RULE), FUND, APPROVE_SALE),
    (
        approve.Refusal.NO_REASON,
        (*SALE_APPLIED, *LATE_RULE),
        FUND,
        replace(APPROVE_SALE, reason=" "),
    ),
]
REJECTIONS: list[Attempt] = [
    (reject.Refusal.NOT_FOUND, (), FUND, Reject(financing_id=NOWHERE, reason="risk")),
    (reject.Refusal.NOT_FUNDER, LOAN_APPLIED, ALI, Reject(financing_id=LOAN, reason="risk")),
    (reject.Refusal.NOT_APPLIED, LOAN_APPROVED, FUND, Reject(financing_id=LOAN, reason="risk")),
    (reject.Refusal.NO_REASON, LOAN_APPLIED, FUND, Reject(financing_id=LOAN, reason=" ")),
]
WITHDRAWALS: list[Attempt] = [
    (withdraw.Refusal.NOT_FOUND, (), ALI, WithdrawApplication(financing_id=NOWHERE)),
    (withdraw.Refusal.NOT_APPLICANT, LOAN_APPLIED, FUND, WithdrawApplication(financing_id=LOAN)),
    (withdraw.Refusal.TOO_LATE, LENT, ALI, WithdrawApplication(financing_id=LOAN)),
]


def full(owner: MemberId, kind: Kind, minor: int) -> Callable[[Town], None]:
    """Return what makes an account as full as it can be."""

    def fill(town: Town) -> None:
        town.state.put(
            Account(owner=owner, kind=kind, currency="CNY", balance_minor=minor, held_minor=0)
        )

    return fill


DISBURSEMENTS: list[Attempt] = [
    (disburse.Refusal.NOT_FOUND, (), FUND, replace(DISBURSE_LOAN, financing_id=NOWHERE)),
    (disburse.Refusal.NOT_FUNDER, LOAN_APPROVED, ALI, DISBURSE_LOAN),
    (disburse.Refusal.NOT_APPROVED, LOAN_APPLIED, FUND, DISBURSE_LOAN),
    (disburse.Refusal.DUE_ALREADY, (*LOAN_APPROVED, UNTIL_DUE), FUND, DISBURSE_LOAN),
]
REPAYMENTS: list[Attempt] = [
    (repay.Refusal.NOT_FOUND, (), ALI, Repay(financing_id=NOWHERE, amount=cny(1))),
    (repay.Refusal.NOT_A_LOAN, SOLD, ALI, Repay(financing_id=SALE, amount=cny(1))),
    (repay.Refusal.NOT_APPLICANT, LENT, FUND, Repay(financing_id=LOAN, amount=cny(1))),
    (repay.Refusal.NOT_RUNNING, LOAN_APPROVED, ALI, Repay(financing_id=LOAN, amount=cny(1))),
    (repay.Refusal.WRONG_CURRENCY, LENT, ALI, Repay(financing_id=LOAN, amount=Money(1, "USD"))),
    (repay.Refusal.EMPTY_AMOUNT, LENT, ALI, Repay(financing_id=LOAN, amount=cny(0))),
    (repay.Refusal.TOO_MUCH, LENT, ALI, Repay(financing_id=LOAN, amount=cny(1_000_001))),
    (
        repay.Refusal.TOO_LITTLE_CASH,
        (*LENT, DAY),
        ALI,
        Repay(financing_id=LOAN, amount=Money(100_000_001, "CNY")),
    ),
]
CONCLUSIONS: list[Attempt] = [
    (conclude.Refusal.NOT_FOUND, (), FUND, Conclude(financing_id=NOWHERE)),
    (conclude.Refusal.NOT_A_DISCOUNT, LENT, FUND, Conclude(financing_id=LOAN)),
    (conclude.Refusal.NOT_RUNNING, SALE_APPROVED, FUND, Conclude(financing_id=SALE)),
    (conclude.Refusal.NOT_PAID, SOLD, FUND, Conclude(financing_id=SALE)),
]
TABLES: list[tuple[Judge, list[Attempt], Sequence[StrEnum]]] = [
    (apply.decide_discount, SALES, []),
    (apply.decide_loan, LOANS, []),
    (approve.decide, APPROVALS, list(approve.Refusal)),
    (reject.decide, REJECTIONS, list(reject.Refusal)),
    (withdraw.decide, WITHDRAWALS, list(withdraw.Refusal)),
    (disburse.decide, DISBURSEMENTS, list(disburse.Refusal)[:4]),
    (repay.decide, REPAYMENTS, list(repay.Refusal)[:-1]),
    (conclude.decide, CONCLUSIONS, list(conclude.Refusal)[:-1]),
]
ATTEMPTS = [(decide, *attempt) for decide, table, _ in TABLES for attempt in table]


@pytest.mark.parametrize(("decide", "reason", "steps", "actor", "command"), ATTEMPTS)
def test_it_refuses(
    decide: Judge, reason: StrEnum, steps: tuple[Step, ...], actor: MemberId, command: object
) -> None:
    """One line of a table: after these steps this is refused for this reason."""
    town = Town()
    play(town, *steps)
    assert verdict(town, decide, actor, command) is reason


def test_every_refusal_is_tried_in_order() -> None:
    """The tables follow the enums; what needs a richer town is tried below."""
    for _, table, reasons in TABLES:
        tried = list(dict.fromkeys(reason for reason, *_ in table))
        assert tried == reasons or not reasons
    applying = {reason for table in (SALES, LOANS) for reason, *_ in table}
    assert applying == set(apply.Refusal)


def test_a_discount_leaves_something_to_pay() -> None:
    """A cent at 36 % for half a year is still a cent; a whole year's face is nothing."""
    town = Town()
    play(town, *SALE_APPROVED)
    dear = replace(financing(town, SALE), rate_bp=20_000)
    town.state.put(dear)
    assert verdict(town, disburse.decide, FUND, DISBURSE_SALE) is disburse.Refusal.NO_PRICE


def test_a_funder_pays_with_money_it_has() -> None:
    """Held cash is none."""
    town = Town()
    play(town, *LOAN_APPROVED)
    town.state.put(replace(town.row(Account, f"{FUND}|cash|CNY"), held_minor=5_900_000_001))
    assert verdict(town, disburse.decide, FUND, DISBURSE_LOAN) is disburse.Refusal.TOO_LITTLE_CASH


@pytest.mark.parametrize(
    ("steps", "decide", "actor", "command", "fill"),
    [
        (
            LOAN_APPROVED,
            disburse.decide,
            FUND,
            DISBURSE_LOAN,
            full(FUND, Kind.LOANS_GIVEN, MINOR_MAX),
        ),
        (
            LENT,
            repay.decide,
            ALI,
            Repay(financing_id=LOAN, amount=cny(1)),
            full(FUND, Kind.LOANS_GIVEN, 0),
        ),
        (
            (*SOLD, PAYABLE, UNTIL_DUE),
            conclude.decide,
            FUND,
            Conclude(financing_id=SALE),
            full(FUND, Kind.INTEREST_INCOME, -MINOR_MAX),
        ),
    ],
)
def test_full_books_refuse(
    steps: tuple[Step, ...],
    decide: Judge,
    actor: MemberId,
    command: object,
    fill: Callable[[Town], None],
) -> None:
    """What cannot be counted is refused, it does not stop the node."""
    town = Town()
    play(town, *steps)
    fill(town)
    reason = verdict(town, decide, actor, command)
    assert reason is not None
    assert reason.value == "balance_exceeds_maximum"


def test_full_books_do_not_stop_time() -> None:
    """A discount that cannot be concluded is overdue instead; nothing is lost."""
    town = Town()
    play(town, *SOLD, PAYABLE, UNTIL_DUE)
    full(FUND, Kind.INTEREST_INCOME, -MINOR_MAX)(town)
    town.let_pass(DAY)
    assert financing(town, SALE).stage is Stage.OVERDUE


@pytest.mark.parametrize(
    ("steps", "disbursed", "reason"),
    [
        (
            (*LOAN_APPROVED, (FUND, Freeze(limit_id=CREDIT, note="doubt"))),
            DISBURSE_LOAN,
            "limit_must",
        ),
        (
            (
                *LOAN_APPROVED,
                (
                    FUND,
                    Register(
                        asset=ORDER,
                        pledgor=ALI,
                        secured=SecuredId("X-1"),
                        registry_number=None,
                    ),
                ),
            ),
            DISBURSE_LOAN,
            "asset_must_not_be_pledged_already",
        ),
    ],
)
def test_others_refuse_too(steps: tuple[Step, ...], disbursed: object, reason: str) -> None:
    """The limit and the register have their say, and nothing at all happens."""
    town = Town()
    play(town, *steps)
    said = town.do(FUND, disbursed)
    assert said is not None
    assert said.startswith(f"financing.{reason}")


def test_a_long_term_with_a_reason_is_fine() -> None:
    """CN-SCF-1: more than the usual term needs a reason, no more; the rule's version is kept."""
    town = Town()
    play(town, *SALE_APPLIED, *LATE_RULE)
    play(town, (FUND, replace(APPROVE_SALE, reason="the buyer's harvest is in October")))
    (approved,) = town.last.events
    assert isinstance(approved, FinancingApproved)
    assert approved.rule_version == "CN-SCF-1@2024-04-08+consent"
    assert financing(town, SALE).reason == "the buyer's harvest is in October"


def test_a_loan_needs_no_reason_for_its_term() -> None:
    """The rule is about certificates."""
    town = Town()
    play(town, *LOAN_APPLIED, *LATE_RULE, (FUND, APPROVE_LOAN))
    assert financing(town, LOAN).stage is Stage.APPROVED


def test_what_has_ended_stays_so() -> None:
    """Rejected and withdrawn applications are history; their timers do not exist."""
    town = Town()
    play(town, *LOAN_APPLIED, (FUND, Reject(financing_id=LOAN, reason="too risky")))
    assert financing(town, LOAN).reason == "too risky"
    again = replace(APPLY_LOAN, financing_id=FinancingId("F-3"))
    play(town, (ALI, again), (ALI, WithdrawApplication(financing_id=again.financing_id)))
    assert financing(town, FinancingId("F-3")).stage is Stage.WITHDRAWN
    for name in (overdue.OVERDUE, overdue.DEFAULT):
        assert fires(town, name, LOAN) == ()
        assert fires(town, name, NOWHERE) == ()


# Forgeries.

SOLD_EVENT = FinancingDisbursed(
    financing_id=SALE,
    start=TODAY,
    discount=Money(167_750_000, "CNY"),
    paid=Money(5_832_250_000, "CNY"),
)
LENT_EVENT = FinancingDisbursed(
    financing_id=LOAN, start=TODAY, discount=cny(0), paid=cny(1_000_000)
)
REPAID = FinancingRepaid(
    financing_id=LOAN, on=TODAY + 30 * DAY, interest=cny(5_000), penalty=cny(0), principal=cny(1)
)
APPROVED = FinancingApproved(
    financing_id=LOAN, rate_bp=600, penalty_bp=900, evidence=EVIDENCE, reason=None, rule_version="x"
)
FORGERIES: list[tuple[str, tuple[Step, ...], object]] = [
    ("FIN-1", (), replace(APPROVED, financing_id=NOWHERE)),
    ("FIN-1", LENT, APPROVED),
    ("FIN-1", LENT, FinancingRejected(financing_id=LOAN, reason="late")),
    ("FIN-1", LENT, ApplicationWithdrawn(financing_id=LOAN)),
    ("FIN-1", LENT, LENT_EVENT),
    ("FIN-1", LOAN_APPROVED, REPAID),
    ("FIN-1", LENT, FinancingDefaulted(financing_id=LOAN, on=DUE + 99 * DAY)),
    ("FIN-APPROVE-1", LOAN_APPLIED, replace(APPROVED, evidence=OWN_EVIDENCE)),
    ("FIN-APPROVE-1", LOAN_APPLIED, replace(APPROVED, evidence=AttestationId("A-404"))),
    ("FIN-APPROVE-2", LOAN_APPLIED, replace(APPROVED, rate_bp=601)),
    ("FIN-APPROVE-2", LOAN_APPLIED, replace(APPROVED, penalty_bp=901)),
    ("FIN-DISBURSE-1", SALE_APPROVED, replace(SOLD_EVENT, discount=cny(0))),
    ("FIN-DISBURSE-1", SALE_APPROVED, replace(SOLD_EVENT, paid=cny(60_000_000))),
    ("FIN-DISBURSE-1", LOAN_APPROVED, replace(LENT_EVENT, paid=cny(999_999))),
    ("FIN-DISBURSE-2", SALE_APPROVED, SOLD_EVENT),
    ("FIN-DISBURSE-2", LOAN_APPROVED, LENT_EVENT),
    ("FIN-REPAY-1", LENT, replace(REPAID, interest=cny(4_999))),
    ("FIN-REPAY-1", LENT, replace(REPAID, principal=cny(1_000_001))),
    ("FIN-REPAY-1", LENT, replace(REPAID, interest=cny(0), principal=cny(0))),
    ("FIN-CONCLUDE-1", SOLD, FinancingConcluded(financing_id=SALE)),
    ("FIN-CONCLUDE-1", LENT, FinancingConcluded(financing_id=LOAN)),
    ("FIN-OVERDUE-1", LENT, FinancingOverdue(financing_id=LOAN, on=DUE)),
    (
        "FIN-OVERDUE-1",
        (*LENT, UNTIL_DUE + DAY),
        FinancingDefaulted(financing_id=LOAN, on=DUE + 90 * DAY),
    ),
]


@pytest.mark.parametrize(("label", "steps", "event"), FORGERIES)
def test_a_forged_event_stops_the_replay(
    label: str, steps: tuple[Step, ...], event: object
) -> None:
    """One line of FORGERIES: whoever edits the log stops the node."""
    town = Town()
    play(town, *steps)
    stops(town, label, event)


def test_an_application_is_made_once_and_from_the_start() -> None:
    """FIN-APPLY-1."""
    town = Town()
    play(town, *LOAN_APPLIED)
    asked = financing(town, LOAN)
    stops(town, "FIN-APPLY-1", apply.FinancingApplied(financing=asked))
    running = replace(asked, id=FinancingId("F-3"), stage=Stage.DISBURSED)
    stops(town, "FIN-APPLY-1", apply.FinancingApplied(financing=running))


def test_security_is_taken_before_money_moves() -> None:
    """FIN-DISBURSE-2: the pledges alone are not enough, the claim must be the funder's too."""
    for steps, command, event in (
        (SALE_APPROVED, DISBURSE_SALE, SOLD_EVENT),
        (LOAN_APPROVED, DISBURSE_LOAN, LENT_EVENT),
    ):
        town = Town()
        play(town, *steps)
        decided = disburse.decide(town.state, command, context(town, FUND))
        pledges = [one for one in decided if type(one).__name__ == "PledgeRegistered"]
        assert event in decided
        stops(town, "FIN-DISBURSE-2", *pledges, event)


def test_a_claim_is_of_one_kind() -> None:
    """FIN-2: a loan has no certificate, a discount no limit."""
    town = Town()
    play(town, *SALE_APPLIED, *LOAN_APPLIED[:2], (ALI, APPLY_LOAN))
    with pytest.raises(InvariantError, match="FIN-2"):
        limit_of(financing(town, SALE))
    with pytest.raises(InvariantError, match="FIN-2"):
        certificate_of(town.state, financing(town, LOAN))
