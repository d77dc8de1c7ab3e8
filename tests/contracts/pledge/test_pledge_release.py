"""What is released is free; what another contract holds, no command releases (PLG-2).

Goal: security ends by the word of whom it protects, once. Method: every refusal; forgeries. The
state machine of test_register covers the rest.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from support.certificates import ISSUE, ISSUED
from support.judging import Attempt, Step, play, stops, verdict
from support.town import ALI, FUND, PORT, SECOND_FUND, Town
from tallyport.contracts.pledge.model import Kind, SecuredId, asset_id
from tallyport.contracts.pledge.register import Register
from tallyport.contracts.pledge.release import PledgeReleased, Refusal, Release, decide
from tallyport.contracts.pledge.search import is_free
from tallyport.kernel.ids import MemberId

VEHICLE = asset_id(Kind.VEHICLE, "LGWEF2A55EL036754")
LOAN = SecuredId("LOAN-1")
PLEDGED: tuple[Step, ...] = (
    (FUND, Register(asset=VEHICLE, pledgor=ALI, secured=LOAN, registry_number=None)),
)


def test_released_is_free() -> None:
    """The pledgee gives it up; anybody can take it."""
    town = Town()
    play(town, *PLEDGED, (FUND, Release(asset=VEHICLE)))
    assert is_free(town.state, VEHICLE)


ATTEMPTS: list[Attempt] = [  # In the order of the checks.
    (Refusal.NOT_PLEDGED, (), FUND, Release(asset=VEHICLE)),
    (
        Refusal.NOT_PLEDGED,
        (*PLEDGED, (FUND, Release(asset=VEHICLE))),
        FUND,
        Release(asset=VEHICLE),
    ),
    (Refusal.NOT_PLEDGEE, PLEDGED, SECOND_FUND, Release(asset=VEHICLE)),
    (Refusal.NOT_PLEDGEE, PLEDGED, ALI, Release(asset=VEHICLE)),
    (Refusal.BY_CONTRACT_ONLY, ISSUED, PORT, Release(asset=ISSUE.backing[0])),
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


def test_a_forged_release_stops_the_replay() -> None:
    """A release of nothing, for another debt, or a second time."""
    town = Town()
    released = PledgeReleased(asset=VEHICLE, secured=LOAN)
    stops(town, "PLG-2", released)
    play(town, *PLEDGED)
    stops(town, "PLG-2", replace(released, secured=SecuredId("LOAN-2")))
    stops(town, "PLG-2", released, released)
