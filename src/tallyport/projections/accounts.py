"""The books as tables (账簿视图): balances of every account, and the journal behind them.

account   owner, kind, currency, balance; debit positive, minor units
journal   one row a line of a posting; sums to zero per owner, currency and entry
"""

from __future__ import annotations

from tallyport.contracts.books.post import Posted
from tallyport.ledger.entry import Entry
from tallyport.projections.projection import Projection


class AccountsView(Projection):
    """Balances and journal."""

    tables = ("account", "journal")
    schema = """
        CREATE TABLE IF NOT EXISTS account (
            owner TEXT NOT NULL, kind TEXT NOT NULL, currency TEXT NOT NULL,
            balance_minor INTEGER NOT NULL, PRIMARY KEY (owner, kind, currency)
        ) STRICT, WITHOUT ROWID;
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
        for line in event.lines:
            self.database.execute(
                "INSERT INTO account VALUES (?, ?, ?, ?) ON CONFLICT (owner, kind, currency)"
                " DO UPDATE SET balance_minor = balance_minor + excluded.balance_minor",
                (line.owner, line.kind.value, event.currency, line.minor),
            )
            self.database.execute(
                "INSERT INTO journal (sequence, purpose, about, owner, kind, currency, minor)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    entry.sequence,
                    event.purpose,
                    event.about,
                    line.owner,
                    line.kind.value,
                    event.currency,
                    line.minor,
                ),
            )
