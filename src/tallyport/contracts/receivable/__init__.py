"""Digital receivable certificates (数字债权凭证): nouns in `model`, one module for each verb."""

from __future__ import annotations

from tallyport.contracts.receivable import (
    accept,
    cancel,
    decline,
    finance,
    guarantee,
    honour,
    issue,
    mature,
    settle,
    split,
    transfer,
    withdraw,
)
from tallyport.contracts.receivable.model import Certificate, DebtorRecord, Root
from tallyport.kernel.contract import Contract

CONTRACT = Contract(
    name="receivable",
    commands={
        issue.Issue: issue.decide,
        accept.Accept: accept.decide,
        decline.Decline: decline.decide,
        transfer.Transfer: transfer.decide,
        withdraw.Withdraw: withdraw.decide,
        split.Split: split.decide,
        guarantee.Guarantee: guarantee.decide,
        settle.Settle: settle.decide,
        honour.Honour: honour.decide,
        cancel.Cancel: cancel.decide,
    },
    events={
        issue.CertificateIssued: issue.evolve,
        accept.CertificateAccepted: accept.evolve,
        decline.OfferDeclined: decline.evolve,
        transfer.CertificateOffered: transfer.evolve,
        withdraw.OfferWithdrawn: withdraw.evolve,
        split.CertificateSplit: split.evolve,
        guarantee.CertificateGuaranteed: guarantee.evolve,
        finance.CertificateFinanced: finance.evolve,
        mature.PaymentMissed: mature.evolve,
        settle.CertificatesSettled: settle.evolve,
        honour.CertificateHonoured: honour.evolve,
        cancel.CertificateCancelled: cancel.evolve,
    },
    rows=(Certificate, Root, DebtorRecord),
    timers={mature.MATURE: mature.mature},
)
