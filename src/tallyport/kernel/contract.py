"""The shape of a contract (智能合约): pure functions over rows, and a table that lists them.

    decide(book, command, context) -> events      judge a command, or refuse it; changes nothing
    evolve(book, event)            -> changes     say which rows an event changes; trusts no decide
    fire(book, timer, context)     -> events      what a timer does when its moment has come

The ledger calls them and writes; nobody else does. `decide` may return events of other contracts
(a financing posts to the books): they are evolved in order, each seeing what the ones before it
changed. A timer's `fire` never refuses: if the world moved on, it returns no events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar, Protocol, TypeAlias, TypeVar

from tallyport.kernel.form import encode_moment
from tallyport.kernel.ids import KeyId, MemberId
from tallyport.kernel.keys import Signer


class Row(Protocol):
    """One line of the state: a frozen dataclass whose `TABLE` and `key` say where it lives."""

    TABLE: ClassVar[str]

    @property
    def key(self) -> str:
        """The row's name within its table."""
        ...


R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A change that removes a row. Only timers end so: facts are never deleted."""

    table: type[Row]
    key: str


Changes: TypeAlias = tuple["Row | Gone", ...]
Events: TypeAlias = tuple[object, ...]


class Book(Protocol):
    """What a contract may read: every row of every contract, as of this very moment."""

    def get(self, table: type[R], key: str) -> R | None:
        """Return the row of `table` called `key`, or None."""
        ...

    def scan(self, table: type[R], prefix: str = "") -> Iterator[R]:
        """Yield the rows of `table` whose key begins with `prefix`, in order of their keys."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Set by the ledger and stored with the entry, so that a replay sees the same values."""

    actor: MemberId  # Who signed the command; already verified. The ledger itself for a timer.
    at: datetime  # The time of the entry, in UTC; contracts have no other clock.
    today: date  # The business date of `at` (kernel.calendar.business_date).
    sequence: int  # The entry's number; good for ids that must not collide.


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A row that the ledger acts on: at or after `due`, `fire` of `name` runs for `subject`.

    Timers fire in the order of their keys: by moment, then name, then subject.
    """

    TABLE: ClassVar[str] = "timer"

    due: datetime
    name: str  # contract.verb, as listed in Contract.timers
    subject: str

    @property
    def key(self) -> str:
        """Moment first, so that the order of keys is the order of firing."""
        return f"{encode_moment(self.due)}|{self.name}|{self.subject}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A contract's version and the moment from which on it counts."""

    contract: str
    version: int
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """A row (only one) that the ledger acts on: which versions of contracts judge from when on."""

    TABLE: ClassVar[str] = "activation"
    KEY: ClassVar[str] = "activation"

    steps: tuple[Step, ...]  # Of each contract rising in version and moment.

    @property
    def key(self) -> str:
        """There is one."""
        return self.KEY

    def versions_at(self, moment: datetime) -> dict[str, int]:
        """Return what was activated by a moment; a contract that is not named is as it began."""
        return {one.contract: one.version for one in self.steps if one.since <= moment}


# The table of a contract mixes many pairs of types; each module is checked on its own.
Decide: TypeAlias = Callable[[Book, Any, Context], Events]
Evolve: TypeAlias = Callable[[Book, Any], Changes]
Fire: TypeAlias = Callable[[Book, Timer, Context], Events]

# Who may sign, answered by the contract of members; None when no key in force has this id. It sees
# the commands too, because the founding names the keys that sign it.
Authority: TypeAlias = Callable[[Book, KeyId, Events], Signer | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """The table of one contract's verbs. Forms are tagged `name.ClassName/version`.

    `reports` are timers that the engine may set itself, due at once: what consensus has seen.
    """

    name: str
    version: int = 1
    commands: Mapping[type, Decide]
    events: Mapping[type, Evolve]
    rows: tuple[type[Row], ...]
    timers: Mapping[str, Fire] = field(default_factory=dict)
    reports: frozenset[str] = frozenset()
