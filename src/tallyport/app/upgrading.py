"""A ledger of an earlier release becomes one of this (升级): entries stay, rows are made again.

    1  make it anew beside, in ledger.upgraded, and audit it
    2  ledger          becomes ledger.before
    3  ledger.upgraded becomes ledger

Killed anywhere it is done again, or finished: between 2 and 3 there is no ledger, and the finished
one waits beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tallyport.adapters.embedded.copying import Extent, extent, is_current
from tallyport.adapters.embedded.lock import Lock
from tallyport.adapters.porting import rebuild_ledger
from tallyport.app.home import Home
from tallyport.contracts import table
from tallyport.contracts.members.authority import signer
from tallyport.kernel.guard import FaultError


class UpgradeError(FaultError):
    """The ledger cannot be upgraded. Says why, and what to do."""


def upgrade(
    home: Home, *, progress: Callable[[int, int], None] = lambda _done, _of: None
) -> Extent | None:
    """Make the ledger in `home` fit this release; None: it does already.

    Raises:
        UpgradeError: the ledger of an earlier upgrade is still there.
        HeldError: a node writes it.
        FaultError: it cannot be read, or is not sound.
    """
    ledger, old, new = home.ledger, before(home), home.folder / "ledger.upgraded"
    if not ledger.exists() and old.exists() and new.exists():
        new.rename(ledger)  # It was killed between the second step and the third.
        return extent(ledger)
    if is_current(ledger):
        return None
    if old.exists():
        raise UpgradeError(f"{old}: is the ledger before an earlier upgrade; move it away first")
    with closing(Lock(ledger / "writer.lock")):
        made = rebuild_ledger(ledger, new, table.ALL, signer, progress=progress)
        ledger.rename(old)
        new.rename(ledger)
    return made


def before(home: Home) -> Path:
    """Return where the ledger as it was before stays."""
    return home.folder / "ledger.before"
