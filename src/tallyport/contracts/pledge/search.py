"""Search the register (查询): a pure question, for contracts before they lend and for everybody."""

from __future__ import annotations

from tallyport.contracts.pledge.model import AssetId, Pledge, PledgedAsset, Stage, likeness
from tallyport.kernel.contract import Book


def current(book: Book, asset: AssetId) -> Pledge | None:
    """Return the active pledge of `asset`, or None when it is free."""
    thing = likeness(asset)
    known = book.get(PledgedAsset, thing)
    if known is None:
        return None
    last = book.get(Pledge, f"{thing}|{known.registrations:09}")
    return last if last is not None and last.stage is Stage.ACTIVE else None


def is_free(book: Book, asset: AssetId) -> bool:
    """Return whether nobody on this ledger holds `asset` as security."""
    return current(book, asset) is None


def history(book: Book, asset: AssetId) -> tuple[Pledge, ...]:
    """Return all registrations of `asset`, the oldest first."""
    return tuple(book.scan(Pledge, f"{likeness(asset)}|"))
