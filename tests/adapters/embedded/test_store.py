"""The store: what is committed stays, what is not never was; rows are those of any other store.

Goal: LMDB behaves as the store in memory does, and its errors leave as ours. Method: a state
machine drives both side by side, with commits, aborts and new openings; then the errors.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import lmdb
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from support.toy import CHANNEL, START, Seat, Tally, machine
from tallyport.adapters.embedded import store
from tallyport.adapters.embedded.store import Database, Rows, StoreError
from tallyport.kernel.contract import Timer
from tallyport.ledger.machine import Place
from tallyport.ledger.merkle import Frontier, frontier

TABLES = machine().rows
names = st.text("ab|é/", max_size=3)
changes = st.lists(st.tuples(names, st.none() | st.integers(0, 3)), min_size=1, max_size=6)


class _AbortedError(Exception):
    """Something broke in the middle of a batch."""


def abort() -> None:
    """Break."""
    raise _AbortedError


class Storing(RuleBasedStateMachine):
    """Rows on disk, and a dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.open()
        self.kept: dict[str, Tally] = {}

    def open(self) -> None:
        self.database = Database(self.folder)
        self.rows = Rows(self.database, TABLES)

    @rule(steps=changes, is_aborted=st.booleans())
    def write(self, steps: list[tuple[str, int | None]], is_aborted: bool) -> None:  # noqa: FBT001
        after = dict(self.kept)
        try:
            with self.database.writing() as transaction, self.rows.within(transaction):
                for name, total in steps:
                    if total is None:
                        self.rows.drop(Tally, name)
                        after.pop(name, None)
                    else:
                        after[name] = Tally(name=name, total=total)
                        self.rows.put(after[name])
                    assert self.rows.get(Tally, name) == after.get(name)
                    assert {row.name: row for row in self.rows.scan(Tally)} == after
                if is_aborted:
                    abort()
        except _AbortedError:
            return
        self.kept = after

    @rule()
    def open_again(self) -> None:
        self.database.close()
        self.open()

    @rule(prefix=names)
    def look(self, prefix: str) -> None:
        with self.database.reading() as transaction, self.rows.within(transaction):
            found = [row.key for row in self.rows.scan(Tally, prefix)]
        assert found == sorted(key for key in self.kept if key.startswith(prefix))

    @invariant()
    def another_reader_sees_what_was_committed(self) -> None:
        other = Rows(self.database, TABLES)
        with self.database.reading() as transaction, other.within(transaction):
            assert {row.name: row for row in other.scan(Tally)} == self.kept
            assert all(other.get(Tally, name) == row for name, row in self.kept.items())
            assert list(other.scan(Seat)) == []

    def teardown(self) -> None:
        self.database.close()
        shutil.rmtree(self.folder)


TestStoring = Storing.TestCase


def test_entries_and_nodes_give_the_tree_back(tmp_path: Path) -> None:
    """After a new opening the frontier is where it was."""
    database, tree = Database(tmp_path), Frontier()
    for number in range(1, 12):
        with database.writing() as transaction:
            tree = database.append(transaction, tree, number, b"entry %d" % number)
            database.put_last(transaction, Place(sequence=number, at=START))
    database.close()
    database = Database(tmp_path)
    with database.reading() as transaction:
        assert database.last(transaction) == Place(sequence=11, at=START)
        assert database.entry(transaction, 7) == b"entry 7"
        assert database.entry(transaction, 12) is None
        assert frontier(11, database.node(transaction)) == tree
        with pytest.raises(StoreError, match="lacks its node 0/11"):
            database.node(transaction)(0, 11)
    database.close()


def test_a_ledger_belongs_to_its_channel(tmp_path: Path) -> None:
    """Another channel's folder is refused, and so is another release's."""
    database = Database(tmp_path)
    with database.writing() as transaction:
        database.belong(transaction, CHANNEL)
        database.put_last(transaction, Place(sequence=1, at=START))
    with database.writing() as transaction:
        database.belong(transaction, CHANNEL)
        with pytest.raises(StoreError, match="channel main"):
            database.belong(transaction, "main")
        transaction.put(b"format", b"tallyport-embedded/0", db=database.meta)
        with pytest.raises(StoreError, match="format tallyport-embedded/2"):
            database.belong(transaction, CHANNEL)
    database.close()


def test_timers_that_change_are_noticed(tmp_path: Path) -> None:
    """So that the next moment is looked up only when it may have changed."""
    database = Database(tmp_path)
    rows, timer = Rows(database, TABLES), Timer(due=START, name="toy.ring", subject="x")
    with database.writing() as transaction, rows.within(transaction):
        steps: list[Callable[[], None]] = [
            lambda: rows.put(timer),
            lambda: rows.drop(Timer, timer.key),
        ]
        for change in steps:
            rows.timers_changed = False
            rows.put(Tally(name="x", total=1))
            assert not rows.timers_changed
            change()
            assert rows.timers_changed
    rows.timers_changed = False
    with pytest.raises(_AbortedError), database.writing() as transaction, rows.within(transaction):
        raise _AbortedError
    assert rows.timers_changed
    database.close()


def test_rows_are_read_inside_a_transaction(tmp_path: Path) -> None:
    """Outside there is no moment as of which they could be read."""
    rows = Rows(Database(tmp_path), TABLES)
    with pytest.raises(StoreError, match="inside a transaction"):
        rows.get(Tally, "x")


def test_the_cache_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forgetting what was decoded changes nothing that is read."""
    monkeypatch.setattr(store, "CACHE_ROWS_MAX", 3)
    database = Database(tmp_path)
    rows = Rows(database, TABLES)
    for number in range(10):
        with database.writing() as transaction, rows.within(transaction):
            rows.put(Tally(name=f"t{number}", total=number))
            assert all(
                rows.get(Tally, f"t{n}") == Tally(name=f"t{n}", total=n) for n in range(number)
            )
    database.close()


def test_a_full_file_is_a_fault_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the batch is written."""
    monkeypatch.setattr(store, "MAP_BYTES_MAX", 1 << 17)
    database = Database(tmp_path)
    with pytest.raises(StoreError, match="more room"):  # noqa: SIM117, PT012
        with database.writing() as transaction:
            for number in range(1, 100):
                database.append(transaction, Frontier(), number, bytes(10_000))
    with database.reading() as transaction:
        assert database.entry(transaction, 1) is None
    database.close()


def test_a_folder_that_is_no_ledger_is_a_fault(tmp_path: Path) -> None:
    """A file in its place, nothing there for a reader, a file of something else."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="cannot open"):
        Database(tmp_path / "file")
    with pytest.raises(StoreError, match="cannot open"):
        Database(tmp_path / "nothing", is_writer=False)
    assert not (tmp_path / "nothing").exists()
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "data.mdb").write_bytes(b"no pages" * 10_000)
    with pytest.raises(StoreError, match="is it a ledger's folder"):
        Database(tmp_path / "odd")


def test_errors_of_the_library_leave_as_ours(tmp_path: Path) -> None:
    """Whatever LMDB says while we read or write."""
    database = Database(tmp_path)
    with pytest.raises(StoreError, match="cannot read"), database.reading():
        raise lmdb.CorruptedError("page")
    with pytest.raises(StoreError, match="cannot write"), database.writing():
        raise lmdb.DiskError("input/output error")
    database.close()
