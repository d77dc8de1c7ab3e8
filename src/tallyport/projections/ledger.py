"""The ledger as a list (账本浏览): one row an entry, and which things each entry speaks of.

entry      sequence, time, who asked, the forms of its commands, outcome, reason
mention    a thing (certificate, vehicle, member ...) and the entries that name it
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from tallyport.kernel.canonical import Json
from tallyport.kernel.form import encode_moment
from tallyport.ledger.entry import CommandEntry, Entry
from tallyport.projections.projection import Projection

MENTIONS_MAX = 400  # Of one entry: enough for a page to link, not a second copy of the ledger.
_THING = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@#+\-]{1,127}")
_SKIPPED = frozenset({"form", "currency", "commitment", "public_hex", "suite", "kind", "at"})


class LedgerView(Projection):
    """Entries, newest first, and where a thing is spoken of."""

    tables = ("entry", "mention")
    schema = """
        CREATE TABLE IF NOT EXISTS entry (
            sequence INTEGER PRIMARY KEY, at TEXT NOT NULL, key_id TEXT, forms TEXT NOT NULL,
            outcome TEXT NOT NULL, reason TEXT
        ) STRICT;
        CREATE TABLE IF NOT EXISTS mention (
            thing TEXT NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY (thing, sequence)
        ) STRICT, WITHOUT ROWID;
    """

    def fold(self, entry: Entry) -> None:
        """Add the entry and what it names."""
        at, things = encode_moment(entry.at), dict[str, None]()
        if isinstance(entry, CommandEntry):
            body = json.loads(entry.envelope)["body"]
            forms = " ".join(dict.fromkeys(one["form"] for one in body["commands"]))
            row = (entry.sequence, at, body["key_id"], forms, entry.outcome.value, entry.reason)
            things.update((thing, None) for thing in named(body["commands"]))
        else:
            forms = " ".join(dict.fromkeys(one.timer.name for one in entry.fired))
            row = (entry.sequence, at, None, forms, "fired", None)
            things.update((one.timer.subject, None) for one in entry.fired)
        self.database.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)", row)
        self.database.executemany(
            "INSERT OR IGNORE INTO mention VALUES (?, ?)",
            [(thing, entry.sequence) for thing in list(things)[:MENTIONS_MAX]],
        )

    def fold_event(self, event: object, entry: Entry) -> None:
        """Do nothing: this view folds whole entries."""


def named(value: Json) -> Iterator[str]:
    """Yield the ids in `value`: strings that could name a thing, not codes, texts or digests."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name not in _SKIPPED:
                yield from named(part)
    elif isinstance(value, list):
        for part in value:
            yield from named(part)
    elif isinstance(value, str) and _THING.fullmatch(value):
        yield value
