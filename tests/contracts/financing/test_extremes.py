"""The largest amounts and the longest times are refused, and never stop the ledger.

Goal: whatever can be written in a command is judged; nothing is stored that cannot be read again.
Method: a loan of all the money there is, left alone for years; a discount over a century.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from support.judging import play, verdict
from support.lending import (
    APPLY_LOAN,
    APPROVE_LOAN,
    CREDIT,
    CREDIT_GRANT,
    DISBURSE_LOAN,
    LOAN,
    SALE,
    SALE_APPROVED,
    evidence,
    financing,
    money,
)
from support.town import ALI, FUND, OPERATOR, Town
from tallyport.contracts.financing import disburse, repay
from tallyport.contracts.financing.apply import RATE_BP_MAX
from tallyport.contracts.financing.interest import debt
from tallyport.contracts.financing.repay import Repay
from tallyport.contracts.limit.effect import Effect
from tallyport.kernel.calendar import business_date
from tallyport.kernel.money import MINOR_MAX, Money

EVERYTHING = Money(MINOR_MAX, "CNY")


def test_a_rest_that_no_row_can_hold_is_not_written() -> None:
    """After five years the interest is more than an amount can say: a cent of it is not taken."""
    town = Town()
    due = business_date(town.at) + timedelta(days=1_800)
    asked = replace(APPLY_LOAN, principal=EVERYTHING, due=due, rate_bp_max=RATE_BP_MAX)
    play(
        town,
        (FUND, replace(CREDIT_GRANT, amount=EVERYTHING)),
        (FUND, Effect(limit_id=CREDIT)),
        (OPERATOR, evidence(APPROVE_LOAN.evidence, "order:XJYO-2024040401")),
        money(FUND, EVERYTHING, "all"),
        (ALI, asked),
        (FUND, replace(APPROVE_LOAN, rate_bp=RATE_BP_MAX, penalty_bp=3 * RATE_BP_MAX // 2)),
        (FUND, DISBURSE_LOAN),
        timedelta(days=1_700),
    )
    owed = debt(financing(town, LOAN), business_date(town.at))
    assert owed.interest_minor > MINOR_MAX
    crumb = Repay(financing_id=LOAN, amount=Money(1, "CNY"))
    assert verdict(town, repay.decide, ALI, crumb) is repay.Refusal.BOOKS_FULL
    enough = Repay(financing_id=LOAN, amount=Money(owed.interest_minor - MINOR_MAX, "CNY"))
    assert verdict(town, repay.decide, ALI, enough) is None


def test_a_discount_over_a_century_is_refused() -> None:
    """A rule can allow any term; the discount is then the face at most, and that is no price."""
    town = Town()
    play(town, *SALE_APPROVED)
    long = replace(financing(town, SALE), principal=EVERYTHING, rate_bp=3_600, due=date(2150, 1, 1))
    assert disburse.discount_on(long, date(2024, 4, 8)) == EVERYTHING
    town.state.put(long)
    command = disburse.Disburse(financing_id=SALE, registry_number=None)
    assert verdict(town, disburse.decide, FUND, command) is disburse.Refusal.NO_PRICE
