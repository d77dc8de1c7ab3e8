"""Replay (重放): the log executed again, entry by entry, into a state of its own.

An entry is right when executing its envelope, or the timers that are due, gives its very bytes:
outcome, reason and events included. So nothing of it has to be read but its time and its envelope.

Signatures are believed at first and handed out as claims, so that whoever replays can check them
side by side, or not at all.
"""

from __future__ import annotations

from enum import StrEnum, unique
from typing import NamedTuple

from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.contract import Authority, Contract, Row, Timer
from tallyport.kernel.guard import InvariantError
from tallyport.kernel.keys import Suite
from tallyport.ledger.entry import Entry, Skimmed, TimerEntry, parse_entry, skim
from tallyport.ledger.envelope import understand
from tallyport.ledger.machine import Machine, Place, Rejected, Rejection
from tallyport.ledger.state import Memory, row_bytes, row_name

_AROUND = 40  # Bytes that are shown before and after a difference.


@unique
class Check(StrEnum):
    """What was checked when something was found wrong."""

    STORE = "store"
    ORDER = "order"
    TREE = "tree"
    REPLAY = "replay"
    SIGNATURE = "signature"
    PROMISE = "promise"
    ROWS = "rows"
    META = "meta"
    CHECKPOINT = "checkpoint"


class WrongError(Exception):
    """An entry is not what it should be."""

    def __init__(self, check: Check, message: str) -> None:
        super().__init__(message)
        self.check = check


class Claim(NamedTuple):
    """A signature that an entry relies on."""

    sequence: int
    suite: Suite
    public: bytes
    message: bytes
    signature: bytes


class Replay:
    """A state machine that is fed a log. After a `WrongError` it is of no more use."""

    def __init__(self, channel: str, contracts: tuple[Contract, ...], authority: Authority) -> None:
        self._machine = Machine(channel, contracts, authority, self._believe)
        self._state = _State()
        self._claims: list[Claim] = []
        self.last: Place | None = None

    def entry(self, sequence: int, data: bytes) -> Entry:
        """Execute the next entry, whose bytes are to be `data`.

        Raises:
            WrongError: something else comes out, or nothing can.
        """
        self._state.sequence = sequence
        try:
            skimmed = skim(data)
            place = self._place(sequence, skimmed)
            if skimmed.envelope is None:
                self._hear(data)
            entry = self._execute(skimmed, place)
            made = self._machine.bytes_of(entry)
        except MalformedError as error:
            raise WrongError(Check.REPLAY, f"is no entry of this ledger: {error}") from None
        except InvariantError as broken:
            raise WrongError(Check.PROMISE, f"breaks the promise {broken.label}") from None
        except Rejected as rejected:
            is_key = rejected.reason is Rejection.UNKNOWN_KEY
            check = Check.SIGNATURE if is_key else Check.REPLAY
            message = f"would not have been admitted: {rejected.reason.value}"
            raise WrongError(check, message) from None
        if made != data:
            raise WrongError(Check.REPLAY, _difference(made, data))
        self.last = place
        return entry

    def _place(self, sequence: int, skimmed: Skimmed) -> Place:
        if skimmed.channel != self._machine.channel:
            raise WrongError(Check.REPLAY, f"belongs to the channel {skimmed.channel!r}")
        if self.last is not None and skimmed.at < self.last.at:
            raise WrongError(Check.ORDER, "is earlier than the entry before it")
        return Place(sequence=sequence, at=skimmed.at)

    def _execute(self, skimmed: Skimmed, place: Place) -> Entry:
        if skimmed.envelope is None:
            fired = self._machine.tick(self._state, place)
            if fired is None:
                raise WrongError(Check.REPLAY, "fires timers although none is due")
            return fired
        due = self._state.next_timer(self._machine)
        if due is not None and due.due <= place.at:
            raise WrongError(Check.REPLAY, f"comes although the timer {due.key} has not fired")
        envelope = understand(skimmed.value, skimmed.envelope, self._machine.commands)
        member, done = self._machine.admit(self._state, envelope, place.at)
        if done is not None:
            raise WrongError(Check.REPLAY, f"repeats entry {done.sequence}")
        return self._machine.execute(self._state, envelope, member, place)

    def _hear(self, data: bytes) -> None:
        """Set the timers by which the engine reported something, if the entry has such."""
        if any(name.encode() in data for name in sorted(self._machine.table.reports)):
            entry = parse_entry(data, self._machine.events)
            if isinstance(entry, TimerEntry):
                self._machine.report_again(self._state, entry)

    def _believe(self, suite: Suite, public: bytes, message: bytes, signature: bytes) -> bool:
        self._claims.append(Claim(self._state.sequence, suite, public, message, signature))
        return True

    def claims(self) -> list[Claim]:
        """Return the signatures that were believed since the last call."""
        claims, self._claims = self._claims, []
        return claims

    def names(self) -> list[tuple[bytes, str, str]]:
        """Return all rows in order, each as (name in the store, table, key)."""
        return sorted(
            (row_name(table, key).encode(), table, key)
            for table, rows in self._state.rows.items()
            for key in rows
        )

    def row(self, table: str, key: str) -> bytes:
        """Return the bytes of a row."""
        return row_bytes(self._state.rows[table][key])

    def writer(self, table: str, key: str) -> int:
        """Return the entry that wrote a row last."""
        return self._state.writers[table, key]


class _State(Memory):
    """Rows, which entry wrote each of them last, and the next timer."""

    def __init__(self) -> None:
        super().__init__()
        self.sequence = 0
        self.writers: dict[tuple[str, str], int] = {}
        self._next: Timer | None = None
        self._is_next_known = False

    def keep(self, table: str, key: str, row: Row) -> None:
        """Write `row`, and remember who did."""
        super().keep(table, key, row)
        self.writers[table, key] = self.sequence
        if table == Timer.TABLE:
            self._is_next_known = False

    def drop(self, table: type[Row], key: str) -> None:
        """Remove a row."""
        super().drop(table, key)
        if table is Timer:
            self._is_next_known = False

    def next_timer(self, machine: Machine) -> Timer | None:
        """Return the timer that fires next; looked up only when timers have changed."""
        if not self._is_next_known:
            self._next, self._is_next_known = machine.next_timer(self), True
        return self._next


def _difference(made: bytes, data: bytes) -> str:
    """Return where two byte strings part, and what stands there."""
    at = 0
    while at < min(len(made), len(data)) and made[at] == data[at]:  # audit: loop: one byte a round
        at += 1
    expected, found = (
        part[max(0, at - _AROUND) : at + _AROUND].decode(errors="replace") for part in (made, data)
    )
    return f"differs from byte {at} on: expected ...{expected}..., found ...{found}..."
