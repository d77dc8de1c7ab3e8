"""Ask a contract for its verdict in a town, after some steps that lead up to the question."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Any, NamedTuple

import pytest

from support.town import Town
from tallyport.kernel.calendar import business_date
from tallyport.kernel.contract import Book, Context, Events, Timer
from tallyport.kernel.guard import InvariantError, Refused
from tallyport.kernel.ids import MemberId
from tallyport.ledger.state import Draft


class Happened(NamedTuple):
    """An event that some other contract returned."""

    event: object


Step = tuple[MemberId, object] | timedelta | Happened  # A member's command, time, an event.
Attempt = tuple[StrEnum, tuple[Step, ...], MemberId, Any]  # Reason, steps, actor, command.


def play(town: Town, *steps: Step) -> None:
    """Take `steps`; commands must be accepted."""
    for step in steps:
        if isinstance(step, timedelta):
            town.let_pass(step)
        elif isinstance(step, Happened):
            carry(town, step.event)
        else:
            actor, command = step
            assert town.do(actor, command) is None, f"{actor}: {command}"


def context(town: Town, actor: MemberId) -> Context:
    """Return the context of a command that `actor` would send now."""
    return Context(actor=actor, at=town.at, today=business_date(town.at), sequence=9)


def verdict(
    town: Town, decide: Callable[[Book, Any, Context], Events], actor: MemberId, command: object
) -> StrEnum | None:
    """Return why `decide` refuses `command` of `actor`; None when it does not."""
    try:
        decide(town.state, command, context(town, actor))
    except Refused as refused:
        return refused.reason
    return None


def carry(town: Town, *events: object) -> None:
    """Let `events` happen, as if some contract had returned them."""
    draft = Draft(town.state)
    for event in events:
        draft.write(town.machine.table.first.evolve[type(event)](draft, event))
    draft.hand_to(town.state)


def stops(town: Town, label: str, *events: object) -> None:
    """Check that a replay of `events`, the last of them forged, stops at it with `label`."""
    *before, forged = events
    draft = Draft(town.state)
    for event in before:
        draft.write(town.machine.table.first.evolve[type(event)](draft, event))
    evolve = town.machine.table.first.evolve[type(forged)]
    with pytest.raises(InvariantError, match=f"^{label}$"):
        evolve(draft, forged)


def fires(town: Town, name: str, subject: str) -> Events:
    """Return what the timer `name` of `subject` would do now."""
    timer = Timer(due=town.at, name=name, subject=subject)
    return town.machine.table.first.fire[name](town.state, timer, context(town, MemberId("ledger")))
