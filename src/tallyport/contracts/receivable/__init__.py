"""Digital receivable certificates (数字债权凭证): nouns in `model`, one module for each verb."""

from __future__ import annotations

from tallyport.contracts.receivable import finance
from tallyport.contracts.receivable.model import Certificate, DebtorRecord, Root
from tallyport.kernel.contract import Contract

CONTRACT = Contract(
    name="receivable",
    commands={},
    events={finance.CertificateFinanced: finance.evolve},
    rows=(Certificate, Root, DebtorRecord),
)
