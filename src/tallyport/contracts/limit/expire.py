"""Expiry of a limit (到期失效): on the day `valid_until`, in China, it is cleared by itself."""

from __future__ import annotations

from dataclasses import dataclass

from tallyport.contracts.limit.model import Limit, Stage, stored
from tallyport.kernel.contract import Book, Changes, Context, Events, Timer
from tallyport.kernel.ids import LimitId
from tallyport.kernel.record import changed

EXPIRE = "limit.expire"


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitExpired:
    """Event: the limit's time is over; what is occupied stays so until it is released."""

    limit_id: LimitId


def expire(book: Book, timer: Timer, _context: Context) -> Events:
    """Clear a limit whose time is over, unless it is cleared already."""
    limit = book.get(Limit, timer.subject)
    if limit is None or limit.stage is Stage.CLEARED:
        return ()
    return (LimitExpired(limit_id=limit.id),)


def evolve(book: Book, event: LimitExpired) -> Changes:
    """Return the limit, cleared."""
    limit = stored(book, event.limit_id, Stage.GRANTED, Stage.EFFECTIVE)
    return (changed(limit, stage=Stage.CLEARED),)
