"""Effect, freeze, restore, clear, expire: who may stop a limit, and what goes on.

Goal: each verb by the grantor alone, at its stage alone. Method: the life of a limit; every refusal
of the four verbs; forgeries; the timer.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from support.certificates import GRANT, LIMIT, LIMITED
from support.judging import Step, fires, play, stops, verdict
from support.town import FUND, PORT, SECOND_FUND, Town, cny
from tallyport.contracts.limit import clear, effect, freeze, restore
from tallyport.contracts.limit.clear import Clear, LimitCleared
from tallyport.contracts.limit.effect import Effect, LimitEffected
from tallyport.contracts.limit.expire import EXPIRE, LimitExpired
from tallyport.contracts.limit.freeze import Freeze, LimitFrozen
from tallyport.contracts.limit.model import Limit, Stage
from tallyport.contracts.limit.occupy import Occupy
from tallyport.contracts.limit.restore import LimitRestored, Restore
from tallyport.kernel.ids import MemberId, OccupationId

EFFECT, FREEZE = Effect(limit_id=LIMIT), Freeze(limit_id=LIMIT, note="overdue")
RESTORE, CLEAR = Restore(limit_id=LIMIT), Clear(limit_id=LIMIT, note="left the trade")
USE = Occupy(limit_id=LIMIT, occupation_id=OccupationId("U-1"), amount=cny(1))
GRANTED: tuple[Step, ...] = ((FUND, GRANT),)
FROZEN: tuple[Step, ...] = (*LIMITED, (FUND, FREEZE))
CLEARED: tuple[Step, ...] = (*LIMITED, (FUND, CLEAR))


def test_the_life_of_a_limit() -> None:
    """Granted, effective, frozen, restored, used, cleared: what is used stays used."""
    town = Town()
    seen = []
    for step in (
        (FUND, GRANT),
        (FUND, EFFECT),
        (FUND, FREEZE),
        (FUND, RESTORE),
        (FUND, USE),
        (FUND, CLEAR),
    ):
        play(town, step)
        limit = town.row(Limit, LIMIT)
        seen.append((limit.stage.value, limit.is_frozen, limit.used_minor))
    assert seen == [
        ("granted", False, 0),
        ("effective", False, 0),
        ("effective", True, 0),
        ("effective", False, 0),
        ("effective", False, 100),
        ("cleared", False, 100),
    ]


@pytest.mark.parametrize("steps", [GRANTED, LIMITED, FROZEN])
def test_its_time_ends_it(steps: tuple[Step, ...]) -> None:
    """At midnight in China of the day `valid_until`, not a moment before."""
    town = Town()  # It is nine in the morning of 2024-04-08.
    play(town, *steps, timedelta(days=364, hours=14, minutes=59, seconds=59))
    assert town.row(Limit, LIMIT).stage is not Stage.CLEARED
    play(town, timedelta(seconds=1))
    assert town.row(Limit, LIMIT).stage is Stage.CLEARED


def test_a_timer_ends_nothing_twice() -> None:
    """Cleared before, or not there at all: nothing happens."""
    town = Town()
    assert fires(town, EXPIRE, LIMIT) == ()
    play(town, *CLEARED)
    assert fires(town, EXPIRE, LIMIT) == ()


ATTEMPTS: list[tuple[ModuleType, str, tuple[Step, ...], MemberId, object]] = [
    (effect, "NOT_FOUND", (), FUND, EFFECT),
    (effect, "NOT_GRANTOR", GRANTED, PORT, EFFECT),
    (effect, "NOT_GRANTED", LIMITED, FUND, EFFECT),
    (effect, "NOT_GRANTED", CLEARED, FUND, EFFECT),
    (freeze, "NOT_FOUND", (), FUND, FREEZE),
    (freeze, "NOT_GRANTOR", LIMITED, SECOND_FUND, FREEZE),
    (freeze, "CLEARED", CLEARED, FUND, FREEZE),
    (freeze, "FROZEN_ALREADY", FROZEN, FUND, FREEZE),
    (restore, "NOT_FOUND", (), FUND, RESTORE),
    (restore, "NOT_GRANTOR", FROZEN, PORT, RESTORE),
    (restore, "CLEARED", (*FROZEN, (FUND, CLEAR)), FUND, RESTORE),
    (restore, "NOT_FROZEN", LIMITED, FUND, RESTORE),
    (clear, "NOT_FOUND", (), FUND, CLEAR),
    (clear, "NOT_GRANTOR", LIMITED, PORT, CLEAR),
    (clear, "CLEARED_ALREADY", CLEARED, FUND, CLEAR),
    (clear, "CLEARED_ALREADY", (*LIMITED, timedelta(days=365)), FUND, CLEAR),
]


@pytest.mark.parametrize(("verb", "reason", "steps", "actor", "command"), ATTEMPTS)
def test_it_refuses(
    verb: ModuleType, reason: str, steps: tuple[Step, ...], actor: MemberId, command: object
) -> None:
    """One line of ATTEMPTS: after these steps, this is refused for this reason."""
    town = Town()
    play(town, *steps)
    decide: Callable[..., Any] = verb.decide
    assert verdict(town, decide, actor, command) is verb.Refusal[reason]


@pytest.mark.parametrize("verb", [effect, freeze, restore, clear])
def test_every_refusal_is_tried_in_order(verb: ModuleType) -> None:
    """ATTEMPTS follows the enums, so an enum's order is the order that clients are told."""
    tried = dict.fromkeys(reason for module, reason, *_ in ATTEMPTS if module is verb)
    assert list(tried) == [reason.name for reason in verb.Refusal]


def test_forged_events_stop_the_replay() -> None:
    """What has ended does not begin again."""
    town = Town()
    play(town, *CLEARED)
    for forged in (
        LimitEffected(limit_id=LIMIT),
        LimitFrozen(limit_id=LIMIT, note=""),
        LimitRestored(limit_id=LIMIT),
        LimitCleared(limit_id=LIMIT, note=""),
        LimitExpired(limit_id=LIMIT),
    ):
        stops(town, "LIM-2", forged)
