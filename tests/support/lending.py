"""Financings for a town, and an oracle that counts them all again from rows alone."""

from __future__ import annotations

from collections import Counter
from datetime import date

from support.certificates import DUE, GRANT, OPEN, ROOT, check_limits, check_pledges
from support.judging import Step
from support.town import ALI, BANK, BEK, FUND, OPERATOR, PORT, Town, cny
from tallyport.contracts.attestation.attest import Attest, Item
from tallyport.contracts.attestation.model import Kind as Fact
from tallyport.contracts.attestation.model import SubjectId
from tallyport.contracts.books.deposit import Deposit
from tallyport.contracts.books.model import Account
from tallyport.contracts.financing.apply import ApplyForDiscount, ApplyForLoan
from tallyport.contracts.financing.approve import Approve
from tallyport.contracts.financing.disburse import Disburse
from tallyport.contracts.financing.model import Financing
from tallyport.contracts.limit.effect import Effect
from tallyport.contracts.limit.grant import Grant
from tallyport.contracts.limit.model import Occupation
from tallyport.contracts.pledge.model import AssetId, Pledge
from tallyport.contracts.receivable.model import Certificate
from tallyport.kernel.daycount import DayCount
from tallyport.kernel.ids import (
    AttestationId,
    BankReferenceId,
    FinancingId,
    LimitId,
    MemberId,
)
from tallyport.kernel.money import Money

SALE, LOAN = FinancingId("F-1"), FinancingId("F-2")
EVIDENCE, OWN_EVIDENCE = AttestationId("A-1"), AttestationId("A-2")
CREDIT = LimitId("L-2")
ORDER, CAR = AssetId("order:XJYO-2024040401"), AssetId("vehicle:HLX33B128R1643455")
RUNNING = {"disbursed", "overdue", "defaulted"}


def evidence(attestation_id: AttestationId, subject: str) -> Attest:
    """Return the command that attests a document about a trade."""
    item = Item(
        id=attestation_id,
        subject=SubjectId(subject),
        kind=Fact.DOSSIER,
        commitment="0" * 64,
        previous=None,
    )
    return Attest(items=(item,))


def money(member: MemberId, amount: Money, reference: str) -> Step:
    """Return the bank's word that money came."""
    deposit = Deposit(owner=member, amount=amount, reference=BankReferenceId(reference))
    return BANK, deposit


# Ali sells a certificate of sixty million that Port owes.
APPLY_SALE = ApplyForDiscount(
    financing_id=SALE,
    funder=FUND,
    certificate_id=ROOT,
    rate_bp_max=600,
    day_count=DayCount.ACT_360,
)
APPROVE_SALE = Approve(financing_id=SALE, rate_bp=550, penalty_bp=0, evidence=EVIDENCE, reason=None)
DISBURSE_SALE = Disburse(financing_id=SALE, registry_number=None)
ATTESTED: tuple[Step, ...] = (
    (OPERATOR, evidence(EVIDENCE, "certificate:RC-1")),
    (ALI, evidence(OWN_EVIDENCE, "certificate:RC-1")),
)
SELLABLE: tuple[Step, ...] = (*OPEN, *ATTESTED, money(FUND, cny(60_000_000), "fund"))
SALE_APPLIED: tuple[Step, ...] = (*SELLABLE, (ALI, APPLY_SALE))
SALE_APPROVED: tuple[Step, ...] = (*SALE_APPLIED, (FUND, APPROVE_SALE))
SOLD: tuple[Step, ...] = (*SALE_APPROVED, (FUND, DISBURSE_SALE))
PAYABLE: Step = money(PORT, cny(60_000_000), "port")

# Ali borrows a million against an order and a car.
APPLY_LOAN = ApplyForLoan(
    financing_id=LOAN,
    funder=FUND,
    assets=(ORDER, CAR),
    limit_id=CREDIT,
    principal=cny(1_000_000),
    due=DUE,
    rate_bp_max=600,
    day_count=DayCount.ACT_360,
)
APPROVE_LOAN = Approve(
    financing_id=LOAN, rate_bp=600, penalty_bp=900, evidence=EVIDENCE, reason=None
)
DISBURSE_LOAN = Disburse(financing_id=LOAN, registry_number=None)
CREDIT_GRANT = Grant(
    limit_id=CREDIT,
    parent=None,
    subject=ALI,
    amount=cny(1_500_000),
    valid_from=GRANT.valid_from,
    valid_until=GRANT.valid_until,
    product="orders",
)
LENDABLE: tuple[Step, ...] = (
    (FUND, CREDIT_GRANT),
    (FUND, Effect(limit_id=CREDIT)),
    *ATTESTED,
    money(FUND, cny(60_000_000), "fund"),
)
LOAN_APPLIED: tuple[Step, ...] = (*LENDABLE, (ALI, APPLY_LOAN))
LOAN_APPROVED: tuple[Step, ...] = (*LOAN_APPLIED, (FUND, APPROVE_LOAN))
LENT: tuple[Step, ...] = (*LOAN_APPROVED, (FUND, DISBURSE_LOAN))
LATE_FIRST_DAY = date(2024, 10, 9)
THIRD = BEK  # Somebody who has no part in either.


def financing(town: Town, financing_id: FinancingId) -> Financing:
    """Return a financing that must be there."""
    return town.row(Financing, financing_id)


def check_lending(town: Town) -> None:
    """Count all financings again: security, limits and books fit, and nothing serves twice."""
    assert town.is_balanced()
    check_limits(town)
    check_pledges(town)
    everything = list(town.state.scan(Financing))
    running = [one for one in everything if one.stage.value in RUNNING]
    active = {p.asset: p for p in town.state.scan(Pledge) if p.stage.value == "active"}
    expected = Counter[tuple[str, MemberId]]()
    for one in everything:
        secured = {asset for asset, pledge in active.items() if pledge.secured == one.secured}
        assert secured == (set(one.assets) if one in running else set())
        assert (one.start is not None) == (one in running or one.stage.value == "repaid")
        assert one in running or one.outstanding_minor == 0
    for one in running:
        for asset in one.assets:
            assert (active[asset].pledgor, active[asset].pledgee) == (one.applicant, one.funder)
        if one.kind.value == "loan":
            taken = town.row(Occupation, f"{one.limit_id}|financing|{one.id}")
            assert taken.open_minor == one.outstanding_minor > 0
            expected["loans_given", one.funder] += one.outstanding_minor
            expected["loans_owed", one.applicant] -= one.outstanding_minor
        else:
            certificate = town.row(Certificate, one.certificate_id or "")
            assert certificate.holder == one.funder or certificate.stage.value == "claimed"
            expected["unearned_interest", one.funder] -= one.discount_minor
    for account in town.state.scan(Account):
        assert account.kind.value != "cash" or 0 <= account.held_minor <= account.balance_minor
        if account.kind.value in {"loans_given", "loans_owed", "unearned_interest"}:
            assert account.balance_minor == expected.pop((account.kind.value, account.owner), 0)
    assert not any(expected.values())
