"""Financing (融资): a funder buys a certificate or lends against assets, and is paid back."""

from __future__ import annotations

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
from tallyport.contracts.financing.model import Financing
from tallyport.kernel.contract import Contract

CONTRACT = Contract(
    name="financing",
    commands={
        apply.ApplyForDiscount: apply.decide_discount,
        apply.ApplyForLoan: apply.decide_loan,
        approve.Approve: approve.decide,
        reject.Reject: reject.decide,
        withdraw.WithdrawApplication: withdraw.decide,
        disburse.Disburse: disburse.decide,
        repay.Repay: repay.decide,
        conclude.Conclude: conclude.decide,
    },
    events={
        apply.FinancingApplied: apply.evolve,
        approve.FinancingApproved: approve.evolve,
        reject.FinancingRejected: reject.evolve,
        withdraw.ApplicationWithdrawn: withdraw.evolve,
        disburse.FinancingDisbursed: disburse.evolve,
        repay.FinancingRepaid: repay.evolve,
        conclude.FinancingConcluded: conclude.evolve,
        overdue.FinancingOverdue: overdue.evolve,
        overdue.FinancingDefaulted: overdue.evolve_default,
    },
    rows=(Financing,),
    timers={overdue.OVERDUE: overdue.lapse, overdue.DEFAULT: overdue.default},
)
