"""The views show the state, and come back from nothing.

Goal: after the demo's story every mirrored row equals the ledger's own row, the journal sums to
zero, and a deleted view file is built anew to the same content.
Method: the story on a real node; the oracle is the ledger's book, read past the views.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from support import story
from tallyport.app.demo.stage import Stage
from tallyport.contracts import table
from tallyport.contracts.books.model import Account
from tallyport.contracts.receivable.model import Certificate
from tallyport.ledger.entry import CommandEntry, Outcome
from tallyport.projections.mirror import Mirror, columns, name_of
from tallyport.projections.projection import GapError, Views
from tallyport.projections.table import VIEWS


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Play the story up to the escrow."""
    with story.stage(tmp_path_factory.mktemp("views")) as stage:
        story.begin(stage)
        story.trade(stage)
        yield stage


def content(database: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Return every table of the views, sorted."""
    names = [
        name
        for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        if name != "position"
    ]
    return {
        name: sorted(tuple(row) for row in database.execute(f"SELECT * FROM {name}"))  # noqa: S608
        for name in names
    }


def test_every_row_is_the_ledgers_row(played: Stage) -> None:
    """All rows of all contracts, read once from the ledger and once from SQL."""
    kinds = [row for contract in table.ALL for row in contract.rows]
    with played.node.book() as book, closing(played.node.views.reader()) as views:
        mirror = Mirror(views)
        for kind in kinds:
            assert list(mirror.scan(kind)) == list(book.scan(kind)), name_of(kind)


def test_columns_say_what_fields_say(played: Stage) -> None:
    """Money becomes two columns, what is nested becomes JSON, the rest is itself."""
    assert [one.name for one in columns(Account)] == [
        "owner", "kind", "currency", "balance_minor", "held_minor",
    ]  # fmt: skip
    names = {one.name: one.sort for one in columns(Certificate)}
    assert (names["face_minor"], names["face_currency"]) == ("minor", "currency")
    assert names["terms"] == "json"
    with closing(played.node.views.reader()) as views:
        row = views.execute("SELECT * FROM now_certificate WHERE _key = 'RC-1'").fetchone()
    assert (row["holder"], row["face_minor"], row["stage"]) == (
        "supplier-a",
        6_000_000_000,
        "split",
    )


def test_the_journal_sums_to_zero(played: Stage) -> None:
    """Per owner, currency and entry."""
    query = (
        "SELECT owner, currency, sequence FROM journal"
        " GROUP BY owner, currency, sequence HAVING sum(minor) <> 0"
    )
    with closing(played.node.views.reader()) as views:
        assert views.execute(query).fetchall() == []


def test_a_thing_leads_to_its_entries(played: Stage) -> None:
    """Whoever looks for a certificate finds every entry that names it, refused ones too."""
    with closing(played.node.views.reader()) as views:
        found = [
            number
            for (number,) in views.execute("SELECT sequence FROM mention WHERE thing = 'RC-1/2'")
        ]
        refused = views.execute("SELECT reason FROM entry WHERE outcome = 'refused'").fetchall()
    entries = played.node.engine.entries(0)
    named = [
        entry.sequence
        for entry in entries
        if isinstance(entry, CommandEntry) and b'"RC-1/2"' in entry.envelope
    ]
    assert found == named
    assert len(refused) == sum(
        isinstance(entry, CommandEntry) and entry.outcome is Outcome.REFUSED for entry in entries
    )


def test_thrown_away_they_come_back(played: Stage, tmp_path: Path) -> None:
    """A new file, fed from entry 1 twice over, holds what the old one holds."""
    entries = played.node.engine.entries(0)
    views = Views(tmp_path / "views.sqlite", VIEWS)
    views.apply(entries)
    views.apply(entries)
    with closing(views.reader()) as new, closing(played.node.views.reader()) as old:
        assert content(new) == content(old)
    views.close()


def test_a_gap_is_never_guessed(played: Stage, tmp_path: Path) -> None:
    """Entries that do not follow are refused, and nothing of them is kept."""
    entries = played.node.engine.entries(0)
    views = Views(tmp_path / "views.sqlite", VIEWS)
    with pytest.raises(GapError, match="expect entry 3"):
        views.apply([*entries[:2], entries[5]])
    assert views.position == 0
    views.close()
