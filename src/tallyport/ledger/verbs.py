"""Which verbs count at a moment (合约版本): a table of contracts, some of them in several versions.

    limit/1 ── limit/2         one name, rising versions; the lowest counts until another is
    receivable/1               activated by consent (`kernel.contract.Activation`)

An entry is judged under the versions in force at its own time, today and in every replay. A
command counts only in a version that lists it; an event or a timer of a lower version goes on
until a higher one lists it again. A command that is not in force is malformed, as it is to a
release that has never heard of it: old and new nodes agree until the moment comes, and then those
that do not know the version stop before they sign.

LED-2  one home   no two contracts claim one command, event, row or timer
LED-3  one step   a version stands in the table once
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.contract import (
    Activation,
    Book,
    Contract,
    Decide,
    Evolve,
    Fire,
    Row,
    Timer,
)
from tallyport.kernel.guard import FaultError, invariant


class OutdatedError(FaultError):
    """This release does not know a version that is in force: a newer one has to be installed."""


@dataclass(slots=True)
class Verbs:
    """What counts at a moment."""

    decide: dict[type, tuple[str, Decide]] = field(default_factory=dict)
    evolve: dict[type, Evolve] = field(default_factory=dict)
    fire: dict[str, Fire] = field(default_factory=dict)


class Table:
    """All contracts in all their versions."""

    def __init__(self, contracts: tuple[Contract, ...]) -> None:
        self._versions: dict[str, dict[int, Contract]] = {}
        self.commands: dict[str, type] = {}
        self.events: dict[str, type] = {}
        self.reports = frozenset(name for one in contracts for name in one.reports)
        homes = dict[object, str]()
        for contract in sorted(contracts, key=lambda one: one.version):  # Stable: as listed.
            known = self._versions.setdefault(contract.name, {})
            invariant(contract.version not in known, "LED-3")
            known[contract.version] = contract
            for kinds, forms in (
                (contract.commands, self.commands),
                (contract.events, self.events),
            ):
                for kind in kinds:
                    if kind not in homes:
                        forms[f"{contract.name}.{kind.__name__}/{contract.version}"] = kind
            for claim in (*contract.commands, *contract.events, *contract.rows, *contract.timers):
                invariant(homes.setdefault(claim, contract.name) == contract.name, "LED-2")
        self.rows = self._rows(contracts)
        self._made: dict[tuple[tuple[str, int], ...], Verbs] = {}
        self.first = self._of({})

    @staticmethod
    def _rows(contracts: tuple[Contract, ...]) -> dict[str, type[Row]]:
        tables: dict[str, type[Row]] = {row.TABLE: row for row in (Timer, Activation)}
        for contract in contracts:
            for row in contract.rows:
                invariant(tables.setdefault(row.TABLE, row) is row, "LED-2")
        return tables

    def at(self, book: Book, moment: datetime) -> Verbs:
        """Return what counts at `moment`.

        Raises:
            OutdatedError: a version in force is not in this table.
        """
        activation = book.get(Activation, Activation.KEY)
        return self.first if activation is None else self._of(activation.versions_at(moment))

    def _of(self, wanted: dict[str, int]) -> Verbs:
        name = tuple(sorted(wanted.items()))
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = self._make(wanted)
        return made

    def _make(self, wanted: dict[str, int]) -> Verbs:
        verbs = Verbs()
        for name, version in sorted(wanted.items()):
            if version not in self._versions.get(name, {}):
                raise OutdatedError(
                    f"version {version} of the contract {name!r} is in force, this release has "
                    f"{sorted(self._versions.get(name, {})) or 'none'}: install a release that has "
                    "it and start again; nothing was signed or stored"
                )
        for name, known in self._versions.items():
            version = wanted.get(name, min(known))
            for lower in sorted(one for one in known if one <= version):
                verbs.evolve.update(known[lower].events)
                verbs.fire.update(known[lower].timers)
            for command, decide in known[version].commands.items():
                verbs.decide[command] = (name, decide)
        return verbs

    def check(self, verbs: Verbs, commands: tuple[object, ...]) -> None:
        """See that every command is in force.

        Raises:
            MalformedError: one is not, or not any longer, or not yet.
        """
        if verbs is self.first and len(verbs.decide) == len(self.commands):
            return  # One version of each contract: whatever could be read is in force.
        for command in commands:
            if type(command) not in verbs.decide:
                raise MalformedError(
                    f"expected a command in force, got {type(command).__name__} of a version that "
                    "is not"
                )
