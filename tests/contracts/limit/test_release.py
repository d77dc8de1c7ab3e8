"""What comes back is free again, once, even on a frozen or cleared limit (LIM-RELEASE-1).

Goal: no place is freed that was not taken, and no contract's place by hand. Method: every refusal,
forgeries; the state machine is in test_limit.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from support.certificates import ISSUED, LIMIT, LIMITED, ROOT, check_limits
from support.judging import Attempt, Step, play, stops, verdict
from support.town import FUND, SECOND_FUND, Town, cny
from tallyport.contracts.limit.clear import Clear
from tallyport.contracts.limit.freeze import Freeze
from tallyport.contracts.limit.model import Limit, Occupation
from tallyport.contracts.limit.occupy import Occupy
from tallyport.contracts.limit.release import LimitReleased, Refusal, Release, decide
from tallyport.contracts.pledge.model import Purpose
from tallyport.kernel.ids import LimitId, MemberId, OccupationId
from tallyport.kernel.money import Money

USE = OccupationId("U-1")
TAKEN: tuple[Step, ...] = (
    *LIMITED,
    (FUND, Occupy(limit_id=LIMIT, occupation_id=USE, amount=cny(100))),
)
FINE = Release(limit_id=LIMIT, occupation_id=USE, amount=cny(60))


@pytest.mark.parametrize(
    "step",
    [
        (FUND, Freeze(limit_id=LIMIT, note="")),
        (FUND, Clear(limit_id=LIMIT, note="")),
        timedelta(days=400),
    ],
)
def test_it_comes_back_in_parts_at_any_stage(step: Step) -> None:
    """60 and 40 of 100, after the limit was stopped."""
    town = Town()
    play(town, *TAKEN, step, (FUND, FINE), (FUND, replace(FINE, amount=cny(40))))
    assert town.row(Limit, LIMIT).used_minor == 0
    assert town.row(Occupation, f"{LIMIT}|outside|{USE}").open_minor == 0
    check_limits(town)


ATTEMPTS: list[Attempt] = [  # In the order of the checks.
    (Refusal.NOT_FOUND, (), FUND, FINE),
    (Refusal.NOT_GRANTOR, TAKEN, SECOND_FUND, FINE),
    (Refusal.NO_OCCUPATION, LIMITED, FUND, FINE),
    # What a certificate occupies, no command releases.
    (Refusal.NO_OCCUPATION, ISSUED, FUND, replace(FINE, occupation_id=OccupationId(ROOT))),
    (Refusal.WRONG_CURRENCY, TAKEN, FUND, replace(FINE, amount=Money(1, "USD"))),
    (Refusal.EMPTY_AMOUNT, TAKEN, FUND, replace(FINE, amount=cny(0))),
    (Refusal.TOO_MUCH, TAKEN, FUND, replace(FINE, amount=cny(101))),
    (Refusal.TOO_MUCH, (*TAKEN, (FUND, FINE)), FUND, FINE),
]


@pytest.mark.parametrize(("reason", "steps", "actor", "command"), ATTEMPTS)
def test_it_refuses(
    reason: Refusal, steps: tuple[Step, ...], actor: MemberId, command: Release
) -> None:
    """One line of ATTEMPTS: after these steps, this is refused for this reason."""
    town = Town()
    play(town, *steps)
    assert verdict(town, decide, actor, command) is reason


def test_every_refusal_is_tried_in_order() -> None:
    """ATTEMPTS follows the enum, so the enum's order is the order that clients are told."""
    assert list(dict.fromkeys(reason for reason, *_ in ATTEMPTS)) == list(Refusal)


def test_forged_releases_stop_the_replay() -> None:
    """Of nothing, in another currency, too much, too little: the replica stops."""
    town = Town()
    play(town, *TAKEN)
    event = LimitReleased(
        limit_id=LIMIT, purpose=Purpose.OUTSIDE, occupation_id=USE, amount=cny(60)
    )
    for forged in (
        replace(event, purpose=Purpose.CERTIFICATE),
        replace(event, limit_id=LimitId("L-404")),
        replace(event, amount=Money(1, "USD")),
        replace(event, amount=cny(0)),
        replace(event, amount=cny(101)),
    ):
        stops(town, "LIM-RELEASE-1", forged)
    stops(town, "LIM-RELEASE-1", event, event)
