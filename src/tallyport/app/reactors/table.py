"""The table of reactors (自动执行总表)."""

from __future__ import annotations

from tallyport.app.node import Reactor
from tallyport.app.reactors.escrow import EscrowReactor


def reactors() -> tuple[Reactor, ...]:
    """Return the reactors of a node."""
    return (EscrowReactor(),)
