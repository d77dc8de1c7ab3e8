"""What becomes of financings: sold, lent, paid back early, late or never, and all of it posted.

Goal: nothing is financed or pledged twice, no cent is unaccounted for, limits come back, and time
does what the agreement says. Method: a state machine of one supplier, two funders and a debtor, in
which everybody may do anything at any time, against plain sums; then the stories of the rules.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from support.certificates import LIMITED, OPEN, ROOT, another, certificate, check
from support.judging import play
from support.lending import (
    APPLY_LOAN,
    APPLY_SALE,
    APPROVE_LOAN,
    APPROVE_SALE,
    ATTESTED,
    CAR,
    CREDIT,
    CREDIT_GRANT,
    DISBURSE_LOAN,
    DISBURSE_SALE,
    LENT,
    LOAN,
    LOAN_APPROVED,
    ORDER,
    PAYABLE,
    RUNNING,
    SALE,
    SALE_APPROVED,
    SOLD,
    check_lending,
    financing,
    money,
)
from support.town import ALI, FUND, PORT, SECOND_FUND, SURETY, Town, cny
from tallyport.contracts.books.model import Circulation, Kind, balance
from tallyport.contracts.financing.apply import ApplyForDiscount, ApplyForLoan
from tallyport.contracts.financing.conclude import Conclude
from tallyport.contracts.financing.disburse import Disburse, FinancingDisbursed
from tallyport.contracts.financing.model import Financing, Stage
from tallyport.contracts.financing.reject import Reject
from tallyport.contracts.financing.repay import FinancingRepaid, Repay
from tallyport.contracts.financing.withdraw import WithdrawApplication
from tallyport.contracts.limit.effect import Effect
from tallyport.contracts.limit.model import Limit
from tallyport.contracts.pledge.model import AssetId, RegistryNumber
from tallyport.contracts.receivable.accept import Accept
from tallyport.contracts.receivable.guarantee import Guarantee
from tallyport.contracts.receivable.honour import Honour
from tallyport.contracts.receivable.settle import Settle
from tallyport.contracts.receivable.transfer import Transfer
from tallyport.kernel.calendar import business_date
from tallyport.kernel.ids import CertificateId, FinancingId, LimitId, MemberId
from tallyport.kernel.money import Money

DAY = timedelta(days=1)
UNTIL_DUE = timedelta(days=183)  # The town begins on 2024-04-08, at nine in the morning.


@dataclass
class Loan:
    """What the oracle knows of a loan that was paid out."""

    principal: int
    rate_bp: int
    penalty_bp: int
    due: date
    on: date
    interest: int = 0
    penalty: int = 0

    def accrue(self, day: date) -> None:
        """Count interest and penalty up to `day`."""
        late_from = max(self.on, self.due)
        self.interest += self.cost(self.rate_bp, min(day, self.due) - self.on)
        self.penalty += self.cost(self.penalty_bp, day - late_from)
        self.on = day

    def cost(self, rate_bp: int, span: timedelta) -> int:
        """Return what the principal costs over `span`, half up."""
        exact = Decimal(self.principal) * rate_bp * max(0, span.days) / 3_600_000
        return int(exact.quantize(Decimal(1), ROUND_HALF_UP))

    def pay(self, minor: int) -> None:
        """Take a payment off interest, then penalty, then principal."""
        for part in ("interest", "penalty", "principal"):
            taken = min(minor, getattr(self, part))
            setattr(self, part, getattr(self, part) - taken)
            minor -= taken
        assert minor == 0


class Lending(RuleBasedStateMachine):
    """Four certificates, three things to pledge, and too little money for all of it."""

    funders = st.sampled_from([FUND, SECOND_FUND])
    anybody = st.sampled_from([ALI, FUND, SECOND_FUND])
    pick = st.integers(0, 10**6)

    @initialize()
    def found(self) -> None:
        self.town = Town()
        self.applied = 0
        self.loans: dict[FinancingId, Loan] = {}
        play(self.town, *LIMITED, *ATTESTED)
        for number, days in ((1, 20), (2, 40), (3, 60), (4, 60)):
            issue = replace(
                another(number, 10_000 * number), due=business_date(self.town.at) + days * DAY
            )
            play(self.town, (PORT, issue), (ALI, Accept(certificate_id=issue.certificate_id)))
        for number, funder in enumerate((FUND, SECOND_FUND)):
            grant = replace(CREDIT_GRANT, limit_id=LimitId(f"L-{funder}"), amount=cny(400))
            play(self.town, (funder, grant), (funder, Effect(limit_id=grant.limit_id)))
            self.town.pay_in(funder, cny(300 + number))

        for kind in (SALE, LOAN):  # One of each kind begins the story.
            self.applied += 1
            first = FinancingId(f"F-{self.applied}")
            if kind is SALE:
                wish: ApplyForDiscount | ApplyForLoan = replace(
                    APPLY_SALE, financing_id=first, certificate_id=CertificateId("RC-1")
                )
            else:
                due = business_date(self.town.at) + 30 * DAY
                wish = replace(
                    APPLY_LOAN,
                    financing_id=first,
                    limit_id=LimitId(f"L-{FUND}"),
                    principal=cny(100),
                    due=due,
                )
            play(self.town, (ALI, wish), (FUND, replace(APPROVE_SALE, financing_id=first)))
            self.pay_out(FUND, first)

    def fitting(self, pick: int, *stages: str) -> FinancingId:
        ids = [one.id for one in self.town.state.scan(Financing) if one.stage.value in stages]
        return ids[pick % len(ids)] if ids and pick % 7 else FinancingId(f"F-{pick % 20}")

    def funder_of(self, financing_id: FinancingId, actor: MemberId) -> MemberId:
        one = self.known(financing_id)
        return one.funder if one is not None and actor == ALI else actor

    def known(self, financing_id: FinancingId) -> Financing | None:
        return self.town.state.get(Financing, financing_id)

    @rule(funder=funders, number=st.integers(1, 5), rate=st.integers(0, 3_700))
    def ask_to_sell(self, funder: MemberId, number: int, rate: int) -> None:
        wish = replace(
            APPLY_SALE,
            financing_id=FinancingId(f"F-{self.applied + 1}"),
            funder=funder,
            certificate_id=CertificateId(f"RC-{number}"),
            rate_bp_max=rate,
        )
        self.applied += self.town.do(ALI, wish) is None

    @rule(
        funder=funders,
        assets=st.sets(st.sampled_from([ORDER, CAR, AssetId("invoice:77")]), min_size=1),
        yuan=st.integers(0, 300),
        days=st.integers(0, 40),
        rate=st.integers(0, 3_600),
    )
    def ask_to_borrow(
        self, funder: MemberId, assets: set[AssetId], yuan: int, days: int, rate: int
    ) -> None:
        wish = replace(
            APPLY_LOAN,
            financing_id=FinancingId(f"F-{self.applied + 1}"),
            funder=funder,
            assets=tuple(sorted(assets)),
            limit_id=LimitId(f"L-{funder}"),
            principal=cny(yuan),
            due=business_date(self.town.at) + days * DAY,
            rate_bp_max=rate,
        )
        reason = self.town.do(ALI, wish)
        assert (reason is None) == (yuan > 0 and days > 0)
        self.applied += reason is None

    @rule(actor=anybody, pick=pick, share=st.integers(0, 11), half=st.integers(0, 4))
    def approve(self, actor: MemberId, pick: int, share: int, half: int) -> None:
        financing_id = self.fitting(pick, "applied")
        actor, one = self.funder_of(financing_id, actor), self.known(financing_id)
        asked = one.rate_bp if one else 0
        rate = asked * share // 10
        penalty = rate * half // 2
        wish = replace(APPROVE_LOAN, financing_id=financing_id, rate_bp=rate, penalty_bp=penalty)
        reason = self.town.do(actor, wish)
        fine = (
            one is not None
            and one.stage is Stage.APPLIED
            and actor == one.funder
            and rate <= asked
            and penalty <= Decimal(rate) * 3 / 2
        )
        assert (reason is None) == fine

    @rule(actor=anybody, pick=pick, wants=st.booleans())
    def give_up(self, actor: MemberId, pick: int, *, wants: bool) -> None:
        financing_id = self.fitting(pick, "applied", "approved")
        one = self.known(financing_id)
        stage = one.stage.value if one else "none"
        if wants:
            reason = self.town.do(actor, WithdrawApplication(financing_id=financing_id))
            fine = actor == ALI and stage in {"applied", "approved"}
        else:
            reason = self.town.do(actor, Reject(financing_id=financing_id, reason="no"))
            fine = one is not None and actor == one.funder and stage == "applied"
        assert (reason is None) == fine

    @rule(actor=anybody, pick=pick)
    def disburse(self, actor: MemberId, pick: int) -> None:
        financing_id = self.fitting(pick, "approved")
        self.pay_out(self.funder_of(financing_id, actor), financing_id)

    def pay_out(self, actor: MemberId, financing_id: FinancingId) -> None:
        before, cash = self.known(financing_id), self.town.cash(ALI)
        reason = self.town.do(actor, Disburse(financing_id=financing_id, registry_number=None))
        if reason is not None:
            return
        one = financing(self.town, financing_id)
        assert before is not None
        assert (before.stage, before.funder) == (Stage.APPROVED, actor)
        paid = one.principal.minor - one.discount_minor
        assert self.town.cash(ALI) - cash == paid
        if one.kind.value == "loan":
            today = business_date(self.town.at)
            self.loans[one.id] = Loan(paid, one.rate_bp, one.penalty_bp, one.due, today)

    @rule(actor=st.sampled_from([ALI, ALI, FUND]), pick=pick, share=st.integers(0, 11))
    def repay(self, actor: MemberId, pick: int, share: int) -> None:
        financing_id = self.fitting(pick, *RUNNING)
        loan, minor, fine = self.loans.get(financing_id), share, False
        if loan is not None:
            seen = replace(loan)
            seen.accrue(business_date(self.town.at))
            owed = seen.interest + seen.penalty + seen.principal
            minor = owed * share // 10
            fine = actor == ALI and 0 < minor <= min(owed, self.town.cash(ALI))
        amount = Money(minor, "CNY")
        reason = self.town.do(actor, Repay(financing_id=financing_id, amount=amount))
        assert (reason is None) == fine
        if loan is not None and fine:
            loan.accrue(business_date(self.town.at))
            loan.pay(minor)
            if loan.principal == 0:
                assert (loan.interest, loan.penalty) == (0, 0)
                assert financing(self.town, financing_id).stage is Stage.REPAID
                del self.loans[financing_id]

    @rule(actor=anybody, pick=pick)
    def conclude(self, actor: MemberId, pick: int) -> None:
        financing_id = self.fitting(pick, *RUNNING)
        one = self.known(financing_id)
        reason = self.town.do(actor, Conclude(financing_id=financing_id))
        fine = (
            one is not None
            and one.certificate_id is not None
            and one.stage.value in RUNNING
            and certificate(self.town, one.certificate_id).stage.value == "settled"
        )
        assert (reason is None) == fine

    @rule(who=st.sampled_from([PORT, ALI, FUND]), yuan=st.integers(1, 400))
    def pay_in(self, who: MemberId, yuan: int) -> None:
        self.town.pay_in(who, cny(yuan))

    @rule(pick=st.integers(1, 4))
    def settle_late(self, pick: int) -> None:
        self.town.do(PORT, Settle(root_id=CertificateId(f"RC-{pick}")))

    @rule(days=st.sampled_from([1, 1, 5, 15, 30, 95]))
    def wait(self, days: int) -> None:
        self.town.let_pass(days * DAY)

    @invariant()
    def everything_is_accounted_for(self) -> None:
        check(self.town)
        check_lending(self.town)
        cash = sum(self.town.cash(owner) for owner in (ALI, PORT, FUND, SECOND_FUND))
        assert cash == self.town.row(Circulation, "CNY").minor

    @invariant()
    def loans_owe_what_was_counted(self) -> None:
        running = {
            one.id: one
            for one in self.town.state.scan(Financing)
            if one.kind.value == "loan" and one.stage.value in RUNNING
        }
        assert set(running) == set(self.loans)
        for financing_id, loan in self.loans.items():
            one = running[financing_id]
            assert (one.outstanding_minor, one.interest_minor, one.penalty_minor) == (
                loan.principal,
                loan.interest,
                loan.penalty,
            )

    @invariant()
    def time_marks_what_is_late(self) -> None:
        today = business_date(self.town.at)
        for one in self.town.state.scan(Financing):
            if one.stage.value in RUNNING:
                late = (today - one.due).days
                stage = "disbursed" if late <= 0 else "overdue" if late <= 90 else "defaulted"
                assert one.stage.value == stage


TestLending = Lending.TestCase
TestLending.settings = settings(  # A loan lives long, and a step takes a millisecond.
    max_examples=2 * settings().max_examples,
    stateful_step_count=3 * settings().stateful_step_count,
)


@pytest.fixture
def town() -> Town:
    """A town on 2024-04-08."""
    return Town()


def cash(town: Town, *members: MemberId) -> list[int]:
    """Return what each has, in yuan and cents."""
    return [town.cash(member) for member in members]


def test_a_discount_is_paid_out_at_once_and_earned_in_the_end(town: Town) -> None:
    """60 000 000 at 5.5 % for 183 days, ACT/360: 1 677 500.00."""
    play(town, *SOLD)
    discount = 167_750_000
    sold = financing(town, SALE)
    assert (sold.discount_minor, sold.principal.minor) == (discount, 6_000_000_000)
    assert cash(town, ALI, FUND) == [6_000_000_000 - discount, discount]
    assert certificate(town).holder == FUND
    assert balance(town.state, ALI, Kind.INTEREST_EXPENSE, "CNY") == discount
    assert balance(town.state, FUND, Kind.UNEARNED_INTEREST, "CNY") == -discount
    check_lending(town)

    play(town, PAYABLE, UNTIL_DUE)
    assert financing(town, SALE).stage is Stage.DISBURSED
    assert cash(town, PORT, FUND) == [0, 6_000_000_000 + discount]
    assert town.do(SURETY, Conclude(financing_id=SALE)) is None  # Anybody may ask.
    assert financing(town, SALE).stage is Stage.REPAID
    assert balance(town.state, FUND, Kind.INTEREST_INCOME, "CNY") == -discount
    check_lending(town)


def test_a_discount_concludes_by_itself(town: Town) -> None:
    """On the day after the due date, if nobody asked, however far the clock jumps."""
    play(town, *SOLD, PAYABLE, UNTIL_DUE + 200 * DAY)
    assert financing(town, SALE).stage is Stage.REPAID
    check_lending(town)


def test_a_missed_certificate_is_the_funders_risk(town: Town) -> None:
    """Without recourse: the supplier keeps its money; what comes late is still the funder's."""
    play(town, *SOLD, UNTIL_DUE)
    assert town.do(FUND, Conclude(financing_id=SALE)) == (
        "financing.certificate_must_be_paid_to_the_funder"
    )
    play(town, DAY)
    assert financing(town, SALE).stage is Stage.OVERDUE
    play(town, 90 * DAY)
    assert financing(town, SALE).stage is Stage.DEFAULTED
    assert town.cash(ALI) == 5_832_250_000
    play(town, PAYABLE, (PORT, Settle(root_id=ROOT)), (FUND, Conclude(financing_id=SALE)))
    assert financing(town, SALE).stage is Stage.REPAID
    check_lending(town)


def test_what_was_settled_late_is_concluded_before_it_is_in_default(town: Town) -> None:
    """The timer of the default looks at the certificate first."""
    play(town, *SOLD, UNTIL_DUE + DAY, PAYABLE, (PORT, Settle(root_id=ROOT)), 90 * DAY)
    assert financing(town, SALE).stage is Stage.REPAID


def test_a_guarantor_pays_the_funder_too(town: Town) -> None:
    """Then the claim is the guarantor's, and the discount is earned."""
    guarantee: tuple[tuple[MemberId, object], ...] = ((SURETY, Guarantee(certificate_id=ROOT)),)
    play(town, *SOLD, *guarantee, money(SURETY, cny(60_000_000), "surety"), UNTIL_DUE)
    play(town, (SURETY, Honour(certificate_id=ROOT)), (FUND, Conclude(financing_id=SALE)))
    assert financing(town, SALE).stage is Stage.REPAID
    assert balance(town.state, SURETY, Kind.GUARANTEE_CLAIMS, "CNY") == 6_000_000_000
    check_lending(town)


def test_nothing_is_financed_twice(town: Town) -> None:
    """Not the sold certificate, not by its seller, not by its buyer, not by another funder."""
    again = replace(APPLY_SALE, financing_id=FinancingId("F-9"), funder=SECOND_FUND)
    play(town, *SALE_APPROVED, (ALI, again), money(SECOND_FUND, cny(60_000_000), "second"))
    play(town, (SECOND_FUND, replace(APPROVE_SALE, financing_id=again.financing_id)))
    play(town, (FUND, DISBURSE_SALE))
    assert town.do(FUND, DISBURSE_SALE) == "financing.financing_must_be_approved"
    assert town.do(SECOND_FUND, replace(DISBURSE_SALE, financing_id=again.financing_id)) == (
        "financing.asset_must_not_be_pledged_already"
    )
    assert town.do(FUND, Transfer(certificate_id=ROOT, taker=SECOND_FUND)) == (
        "receivable.certificate_must_not_be_pledged"
    )
    check_lending(town)


@pytest.mark.parametrize("asset", [ORDER, CAR, AssetId("invoice:24652000000012345678")])
def test_nothing_is_pledged_twice(town: Town, asset: AssetId) -> None:
    """Neither to another funder, nor what stands behind a certificate."""
    again = replace(
        APPLY_LOAN,
        financing_id=FinancingId("F-9"),
        assets=(AssetId("waybill:YMW-1"), asset),
        principal=cny(1_000),
    )
    play(town, *OPEN, *LENT, (ALI, again))
    play(town, (FUND, replace(APPROVE_LOAN, financing_id=again.financing_id)))
    reason = town.do(FUND, replace(DISBURSE_LOAN, financing_id=again.financing_id))
    assert reason == "financing.asset_must_not_be_pledged_already"
    check_lending(town)


def test_a_loan_is_paid_back_in_parts(town: Town) -> None:
    """The example of the module: after 30 days 400 000.00 are 5 000.00 and 395 000.00."""
    play(town, *LENT)
    assert cash(town, ALI, FUND) == [100_000_000, 5_900_000_000]
    assert town.row(Limit, CREDIT).used_minor == 100_000_000

    play(town, 30 * DAY, (ALI, Repay(financing_id=LOAN, amount=cny(400_000))))
    repaid = next(e for e in town.last.events if isinstance(e, FinancingRepaid))
    assert (repaid.interest, repaid.penalty, repaid.principal) == (cny(5_000), cny(0), cny(395_000))
    assert town.row(Limit, CREDIT).used_minor == 60_500_000
    check_lending(town)

    # 605 000.00 for 153 days to the due date, and 3 days of penalty at 9 %.
    play(town, 156 * DAY, money(ALI, cny(100_000), "trade"))
    interest, penalty = 1_542_750, 45_375
    owed = 60_500_000 + interest + penalty
    too_much = Repay(financing_id=LOAN, amount=Money(owed + 1, "CNY"))
    assert town.do(ALI, too_much) == "financing.amount_exceeds_what_is_owed"
    play(town, (ALI, Repay(financing_id=LOAN, amount=Money(owed, "CNY"))))
    assert financing(town, LOAN).stage is Stage.REPAID
    assert town.row(Limit, CREDIT).used_minor == 0
    assert balance(town.state, FUND, Kind.INTEREST_INCOME, "CNY") == -(500_000 + interest)
    assert balance(town.state, FUND, Kind.PENALTY_INCOME, "CNY") == -penalty
    assert balance(town.state, ALI, Kind.PENALTY_EXPENSE, "CNY") == penalty
    check_lending(town)


def test_prepayment_on_the_same_day_costs_nothing(town: Town) -> None:
    """Repay any time: not a day has begun."""
    play(town, *LENT, (ALI, Repay(financing_id=LOAN, amount=cny(1_000_000))))
    assert financing(town, LOAN).stage is Stage.REPAID
    assert cash(town, ALI, FUND) == [0, 6_000_000_000]
    play(town, 300 * DAY)  # Timers find nothing to do.
    assert financing(town, LOAN).stage is Stage.REPAID


def test_a_payment_may_cover_interest_alone(town: Town) -> None:
    """Then the principal, its place on the limit and the pledges stay as they are."""
    play(town, *LENT, 30 * DAY, (ALI, Repay(financing_id=LOAN, amount=cny(4_000))))
    one = financing(town, LOAN)
    assert (one.outstanding_minor, one.interest_minor) == (100_000_000, 100_000)
    assert town.row(Limit, CREDIT).used_minor == 100_000_000
    check_lending(town)


def test_a_payment_on_the_due_date_is_on_time(town: Town) -> None:
    """Late begins with the next day in China, which begins at four in the afternoon in London."""
    play(town, *LENT, UNTIL_DUE + timedelta(hours=14))
    assert financing(town, LOAN).stage is Stage.DISBURSED
    play(town, timedelta(hours=1))
    assert financing(town, LOAN).stage is Stage.OVERDUE


def test_a_loan_that_is_not_repaid_is_in_default_after_ninety_days(town: Town) -> None:
    """More than 90 days overdue; it can still be repaid, at the penalty rate."""
    play(town, *LENT, UNTIL_DUE + 90 * DAY)
    assert financing(town, LOAN).stage is Stage.OVERDUE
    play(town, DAY)
    assert financing(town, LOAN).stage is Stage.DEFAULTED
    owed = 100_000_000 + 3_050_000 + 91 * 25_000
    play(town, money(ALI, cny(100_000), "trade"))
    play(town, (ALI, Repay(financing_id=LOAN, amount=Money(owed, "CNY"))))
    assert financing(town, LOAN).stage is Stage.REPAID
    check_lending(town)


def test_the_registry_number_is_kept_with_the_pledge(town: Town) -> None:
    """CN-SCF-5; a vehicle has none there (CN-REG-1)."""
    number = RegistryNumber("ZDW-1")
    play(town, *LOAN_APPROVED)
    refused = town.do(FUND, replace(DISBURSE_LOAN, registry_number=number))
    assert refused == "financing.registry_does_not_take_vehicles"


def test_a_bank_may_pay_in_and_a_funder_out_in_one_entry(town: Town) -> None:
    """Linked commands: disbursed and repaid in one go, all or nothing."""
    play(town, *LOAN_APPROVED)
    assert town.do(FUND, DISBURSE_LOAN, DISBURSE_LOAN) == "financing.financing_must_be_approved"
    assert financing(town, LOAN).stage is Stage.APPROVED
    paid = [e for e in town.last.events if isinstance(e, FinancingDisbursed)]
    assert not paid
