"""The table of views (视图总表), in the order in which an entry is folded into them."""

from __future__ import annotations

from tallyport.projections.journal import Journal
from tallyport.projections.ledger import LedgerView
from tallyport.projections.mirror import Mirror
from tallyport.projections.projection import Projection

VIEWS: tuple[type[Projection], ...] = (LedgerView, Mirror, Journal)
