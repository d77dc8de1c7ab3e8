"""The state: a draft over a store behaves as if its changes were written already.

Goal: a contract cannot tell a draft from the store, and a dropped draft leaves nothing. Method: a
state machine drives a store, a draft and a plain dictionary side by side.
"""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from support.toy import Seat, Tally
from tallyport.kernel.contract import Gone
from tallyport.ledger.state import Draft, Memory

names = st.text("ab|é\U0010ffff", max_size=3)


class Drafting(RuleBasedStateMachine):
    """What is in the store, what is in the draft over it, and what should be."""

    def __init__(self) -> None:
        super().__init__()
        self.store = Memory()
        self.draft = Draft(self.store)
        self.kept: dict[str, Tally] = {}
        self.drafted: dict[str, Tally] = {}

    @rule(name=names, total=st.integers(0, 3))
    def write(self, name: str, total: int) -> None:
        row = Tally(name=name, total=total)
        self.draft.write((row,))
        self.drafted[name] = row

    @rule(more=st.sets(names, min_size=33, max_size=40))
    def write_many(self, more: set[str]) -> None:
        for name in sorted(more):
            self.write(name, 1)

    @rule(name=names)
    def remove(self, name: str) -> None:
        self.draft.write((Gone(table=Tally, key=name),))
        self.drafted.pop(name, None)

    @rule()
    def accept(self) -> None:
        self.draft.hand_to(self.store)
        self.kept = dict(self.drafted)
        self.draft = Draft(self.store)

    @rule()
    def drop(self) -> None:
        self.draft = Draft(self.store)
        self.drafted = dict(self.kept)

    @rule(prefix=names)
    def look(self, prefix: str) -> None:
        for book, rows in ((self.store, self.kept), (self.draft, self.drafted)):
            found = [row.key for row in book.scan(Tally, prefix)]
            assert found == sorted(key for key in rows if key.startswith(prefix))
            first = next(iter(book.scan(Tally, prefix)), None)
            assert (first and first.key) == (found[0] if found else None)

    @invariant()
    def both_are_as_they_should_be(self) -> None:
        assert self.store.rows.get(Tally.TABLE, {}) == self.kept
        assert {row.key: row for row in self.draft.scan(Tally)} == self.drafted
        assert all(self.draft.get(Tally, name) == row for name, row in self.drafted.items())
        assert all(
            self.draft.get(Tally, name) is None for name in self.kept if name not in self.drafted
        )


TestDrafting = Drafting.TestCase


def test_tables_are_apart() -> None:
    """The same key in another table is another row."""
    store = Memory()
    store.put(Tally(name="x", total=1))
    draft = Draft(store)
    draft.write((Tally(name="y", total=1),))
    for book in (store, draft):
        assert book.get(Seat, "x") is None
        assert list(book.scan(Seat)) == []
    store.drop(Seat, "x")
    store.drop(Tally, "z")
    assert list(store.scan(Tally)) == [Tally(name="x", total=1)]
