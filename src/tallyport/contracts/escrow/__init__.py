"""Escrow (监管账户): money set aside for a payee, released by attested facts, else returned."""

from __future__ import annotations

from tallyport.contracts.escrow import open as opening
from tallyport.contracts.escrow import refund, release
from tallyport.contracts.escrow.model import Escrow
from tallyport.kernel.contract import Contract

CONTRACT = Contract(
    name="escrow",
    commands={
        opening.OpenEscrow: opening.decide,
        release.ReleaseTranche: release.decide,
        refund.RefundEscrow: refund.decide,
    },
    events={
        opening.EscrowOpened: opening.evolve,
        release.TranchePaid: release.evolve,
        refund.EscrowRefunded: refund.evolve,
    },
    rows=(Escrow,),
    timers={opening.SETTLE: refund.settle},
)
