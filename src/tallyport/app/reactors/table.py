"""The table of reactors (自动执行总表)."""

from __future__ import annotations

from tallyport.app.node import Reactor
from tallyport.app.reactors.discounts import DiscountReactor
from tallyport.app.reactors.escrow import EscrowReactor
from tallyport.app.reactors.repayment import RepaymentReactor


def reactors() -> tuple[Reactor, ...]:
    """Return the reactors of a node, in the order in which they are asked."""
    return (EscrowReactor(), DiscountReactor(), RepaymentReactor())
