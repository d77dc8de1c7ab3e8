"""Activate a version of a contract (合约版本启用): from a moment on, for everybody at once.

A release brings a new version beside the old; nothing changes until the members agree from when it
counts. The moment lies ahead, so that every institution can install the release before it. The
ledger reads the row (`kernel.contract.Activation`): entries before the moment stay under the
version of their time for ever.

MEM-VERSION-1  forward  a version follows a lower one, at a moment that has not come yet
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tallyport.kernel.contract import Activation, Book, Changes, Step
from tallyport.kernel.guard import invariant

VERSION_MAX = 10_000  # One a week for two hundred years.
STEPS_MAX = 1_000  # All activations are kept in one row.
NAME_MAX = 40  # Characters of a contract's name; the longest has eleven.


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivateVersion:
    """Change: entries from `since` on are judged under `version` of a contract."""

    contract: str
    version: int
    since: datetime


def _steps(book: Book) -> tuple[Step, ...]:
    known = book.get(Activation, Activation.KEY)
    return () if known is None else known.steps


def is_sound(book: Book, change: ActivateVersion) -> bool:
    """Return whether the version follows those that were agreed before, and they came earlier."""
    steps = _steps(book)
    before = [one for one in steps if one.contract == change.contract]
    return (
        1 < change.version <= VERSION_MAX
        and len(steps) < STEPS_MAX
        and 1 <= len(change.contract) <= NAME_MAX
        and set("abcdefghijklmnopqrstuvwxyz_").issuperset(change.contract)
        and all(one.version < change.version and one.since < change.since for one in before)
    )


def is_ahead(change: object, at: datetime) -> bool:
    """Return whether the moment of a version has not come yet; other changes need none."""
    return not isinstance(change, ActivateVersion) or change.since > at


def rows(book: Book, change: ActivateVersion, at: datetime) -> Changes:
    """Return the row with one step more."""
    invariant(is_sound(book, change) and is_ahead(change, at), "MEM-VERSION-1")
    step = Step(contract=change.contract, version=change.version, since=change.since)
    return (Activation(steps=(*_steps(book), step)),)
