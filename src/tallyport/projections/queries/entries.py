"""Entries of the ledger for people (账本条目): the newest first, and one of them opened."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from tallyport.kernel.canonical import Json, MalformedError
from tallyport.projections.queries.rows import PAGE, Page, cut

MENTIONED_MAX = 200  # Entries that a page lists of one thing; the rest is found in the ledger.
THINGS_MAX = 500  # Names in one question; SQLite takes 32 766.


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLine:
    """One line of the list."""

    sequence: int
    at: str
    key_id: str | None  # None: a timer.
    member: str | None
    forms: str
    outcome: str  # accepted, refused, fired
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """One entry, read from its canonical bytes."""

    sequence: int
    at: str
    channel: str
    outcome: str
    reason: str | None
    key_id: str | None
    idempotency_key: str | None
    signature: str | None
    commands: tuple[Json, ...]
    events: tuple[Json, ...]
    timers: tuple[Json, ...]


_LINE = (
    "SELECT sequence, at, key_id, now_key.member AS member, forms, outcome, reason"
    " FROM entry LEFT JOIN now_key ON now_key._key = entry.key_id"
)


def _lines(views: sqlite3.Connection, query: str, values: tuple[Any, ...]) -> list[EntryLine]:
    return [EntryLine(**dict(row)) for row in views.execute(query, values)]


def entries(
    views: sqlite3.Connection,
    *,
    member: str | None = None,
    before: int | None = None,
    most: int = PAGE,
    outcome: str = "",
) -> Page[EntryLine]:
    """Return entries, the newest first; of a member those it signed or that name it."""
    conditions, values = ["sequence < ?"], list[str | int]()
    values.append(before if before is not None else (1 << 62))
    if outcome:
        conditions.append("outcome = ?")
        values.append(outcome)
    if member is not None:
        conditions.append(
            "(now_key.member = ? OR sequence IN (SELECT sequence FROM mention WHERE thing = ?))"
        )
        values += [member, member]
    query = f"{_LINE} WHERE {' AND '.join(conditions)} ORDER BY sequence DESC LIMIT ?"
    found = _lines(views, query, (*values, most + 1))
    return cut(found, most, lambda line: str(line.sequence))


def mentioning(views: sqlite3.Connection, *things: str) -> tuple[EntryLine, ...]:
    """Return the entries that name one of `things`, the oldest first."""
    asked = things[:THINGS_MAX]
    marks = ", ".join("?" * len(asked))
    query = (
        f"{_LINE} WHERE sequence IN"  # noqa: S608 - Ours, with marks only.
        f" (SELECT sequence FROM mention WHERE thing IN ({marks}))"
        " ORDER BY sequence LIMIT ?"
    )
    return tuple(_lines(views, query, (*asked, MENTIONED_MAX)))


def concerns(views: sqlite3.Connection, sequence: int, member: str) -> bool:
    """Return whether the member signed the entry or is named by it."""
    query = (
        "SELECT 1 FROM entry LEFT JOIN now_key ON now_key._key = entry.key_id"
        " WHERE sequence = ? AND (now_key.member = ? OR EXISTS ("
        " SELECT 1 FROM mention WHERE thing = ? AND mention.sequence = entry.sequence))"
    )
    return views.execute(query, (sequence, member, member)).fetchone() is not None


def opened(data: bytes) -> Opened:
    """Return what the canonical bytes of an entry say.

    Raises:
        MalformedError: these are not the bytes of an entry.
    """
    try:
        return _opened(json.loads(data))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise MalformedError(f"expected an entry of the ledger, could not read {error}") from None


def _opened(value: dict[str, Any]) -> Opened:
    envelope = value.get("envelope")
    body = envelope["body"] if envelope else {}
    fired = value.get("fired", [])
    events = value.get("events", [event for one in fired for event in one["events"]])
    return Opened(
        sequence=value["sequence"],
        at=value["at"],
        channel=value["channel"],
        outcome=value.get("outcome", "fired"),
        reason=value.get("reason"),
        key_id=body.get("key_id"),
        idempotency_key=body.get("idempotency_key"),
        signature=envelope["signature"] if envelope else None,
        commands=tuple(body.get("commands", [])),
        events=tuple(events),
        timers=tuple(one["timer"] for one in fired),
    )


def issued_under(data: bytes) -> tuple[str, ...]:
    """Return the rule and calendar versions that events of an entry state."""
    versions: dict[str, None] = {}
    for event in opened(data).events:
        if isinstance(event, dict):
            rules = event.get("rule_versions")
            named = list(rules) if isinstance(rules, list) else []
            named += [event.get("rule_version"), event.get("calendar_version")]
            versions.update((str(one), None) for one in named if one)
    return tuple(versions)
