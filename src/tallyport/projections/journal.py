"""The journal (日记账): one row a line of a posting; sums to zero per owner, currency and entry."""

from __future__ import annotations

from tallyport.contracts.books.post import Posted
from tallyport.ledger.entry import Entry
from tallyport.projections.projection import Projection


class Journal(Projection):
    """Every movement of value, with the entry that it belongs to."""

    tables = ("journal",)
    schema = """
        CREATE TABLE IF NOT EXISTS journal (
            id INTEGER PRIMARY KEY, sequence INTEGER NOT NULL, purpose TEXT NOT NULL,
            about TEXT NOT NULL, owner TEXT NOT NULL, kind TEXT NOT NULL,
            currency TEXT NOT NULL, minor INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX IF NOT EXISTS journal_by_owner ON journal (owner, kind, currency);
        CREATE INDEX IF NOT EXISTS journal_by_sequence ON journal (sequence);
    """

    def fold_event(self, event: object, entry: Entry) -> None:
        """Add the lines of a posting."""
        if not isinstance(event, Posted):
            return
        what = (entry.sequence, event.purpose, event.about)
        self.database.executemany(
            "INSERT INTO journal (sequence, purpose, about, owner, kind, currency, minor)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (*what, line.owner, line.kind.value, event.currency, line.minor)
                for line in event.lines
            ],
        )
