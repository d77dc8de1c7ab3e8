"""The table of all contracts (合约总表), in the order in which they build on each other."""

from __future__ import annotations

from tallyport.contracts import (
    attestation,
    books,
    escrow,
    financing,
    limit,
    members,
    pledge,
    receivable,
)
from tallyport.kernel.contract import Contract

ALL: tuple[Contract, ...] = (
    members.CONTRACT,
    books.CONTRACT,
    attestation.CONTRACT,
    pledge.CONTRACT,
    limit.CONTRACT,
    receivable.CONTRACT,
    financing.CONTRACT,
    escrow.CONTRACT,
)
