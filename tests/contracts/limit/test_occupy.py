"""A debt finds its place on the whole chain, or nowhere (LIM-OCCUPY-1, -2).

Goal: no occupation slips past a freeze, a date or an ancestor. Method: every refusal, forgeries.
The state machine is in test_limit.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from support.certificates import GRANT, LIMIT, LIMITED, check_limits
from support.judging import Attempt, Step, carry, play, stops, verdict
from support.town import ALI, FUND, PORT, SECOND_FUND, Town, cny
from tallyport.contracts.limit.clear import Clear
from tallyport.contracts.limit.effect import Effect
from tallyport.contracts.limit.freeze import Freeze
from tallyport.contracts.limit.model import Occupation
from tallyport.contracts.limit.occupy import LimitOccupied, Occupy, Refusal, decide
from tallyport.contracts.pledge.model import Purpose
from tallyport.kernel.ids import LimitId, MemberId, OccupationId
from tallyport.kernel.money import MINOR_MAX, Money

PART = LimitId("L-2")
TREE: tuple[Step, ...] = (
    *LIMITED,
    (FUND, replace(GRANT, limit_id=PART, parent=LIMIT, subject=ALI, amount=cny(150_000_000))),
    (FUND, Effect(limit_id=PART)),
)
FINE = Occupy(limit_id=PART, occupation_id=OccupationId("U-1"), amount=cny(60_000_000))
OTHER = replace(FINE, limit_id=LIMIT)
SIBLING = replace(FINE, occupation_id=OccupationId("U-2"))
LATE = replace(GRANT, valid_from=date(2024, 5, 1))


def test_it_counts_on_the_limit_and_above() -> None:
    """Once on each, at once; each purpose has ids of its own."""
    town = Town()
    play(town, *TREE, (FUND, FINE))
    taken = LimitOccupied(
        limit_id=LIMIT,
        purpose=Purpose.FINANCING,
        occupation_id=FINE.occupation_id,
        amount=cny(1),
    )
    carry(town, taken, replace(taken, purpose=Purpose.CERTIFICATE))
    kept = [(row.limit_id, row.purpose.value) for row in town.state.scan(Occupation)]
    assert kept == [(LIMIT, "certificate"), (LIMIT, "financing"), (PART, "outside")]
    check_limits(town)


ATTEMPTS: list[Attempt] = [  # In the order of the checks.
    (Refusal.NOT_FOUND, (), FUND, FINE),
    (Refusal.NOT_GRANTOR, TREE, SECOND_FUND, FINE),
    (Refusal.NOT_GRANTOR, TREE, PORT, FINE),
    (Refusal.ID_TAKEN, (*TREE, (FUND, FINE)), FUND, FINE),
    (Refusal.EMPTY_AMOUNT, TREE, FUND, replace(FINE, amount=cny(0))),
    (Refusal.EMPTY_AMOUNT, TREE, FUND, replace(FINE, amount=cny(-1))),
    (Refusal.WRONG_CURRENCY, TREE, FUND, replace(FINE, amount=Money(1, "USD"))),
    (Refusal.NOT_USABLE, ((FUND, GRANT),), FUND, OTHER),
    (Refusal.NOT_USABLE, (*TREE, (FUND, Freeze(limit_id=PART, note=""))), FUND, FINE),
    (Refusal.NOT_USABLE, (*TREE, (FUND, Clear(limit_id=PART, note=""))), FUND, FINE),
    (Refusal.NOT_USABLE, (*TREE, timedelta(days=365)), FUND, FINE),
    (Refusal.NOT_USABLE, ((FUND, LATE), (FUND, Effect(limit_id=LIMIT))), FUND, OTHER),
    (Refusal.NOT_USABLE_ABOVE, (*TREE, (FUND, Freeze(limit_id=LIMIT, note=""))), FUND, FINE),
    (Refusal.NOT_USABLE_ABOVE, (*TREE, (FUND, Clear(limit_id=LIMIT, note=""))), FUND, FINE),
    (Refusal.TOO_LITTLE_LEFT, TREE, FUND, replace(FINE, amount=cny(150_000_001))),
    (Refusal.TOO_LITTLE_LEFT, (*TREE, (FUND, FINE)), FUND, replace(OTHER, amount=cny(40_000_001))),
    (
        Refusal.TOO_LITTLE_LEFT,
        (*TREE, (FUND, FINE)),
        FUND,
        replace(SIBLING, amount=Money(MINOR_MAX, "CNY")),
    ),
    (Refusal.TOO_LITTLE_LEFT_ABOVE, TREE, FUND, replace(FINE, amount=cny(100_000_001))),
    (
        Refusal.TOO_LITTLE_LEFT_ABOVE,
        (*TREE, (FUND, FINE)),
        FUND,
        replace(SIBLING, amount=cny(40_000_001)),
    ),
]


@pytest.mark.parametrize(("reason", "steps", "actor", "command"), ATTEMPTS)
def test_it_refuses(
    reason: Refusal, steps: tuple[Step, ...], actor: MemberId, command: Occupy
) -> None:
    """One line of ATTEMPTS: after these steps, this is refused for this reason."""
    town = Town()
    play(town, *steps)
    assert verdict(town, decide, actor, command) is reason


def test_every_refusal_is_tried_in_order() -> None:
    """ATTEMPTS follows the enum, so the enum's order is the order that clients are told."""
    assert list(dict.fromkeys(reason for reason, *_ in ATTEMPTS)) == list(Refusal)


def test_forged_occupations_stop_the_replay() -> None:
    """Twice, nothing, another currency, past a freeze: the replica stops."""
    town = Town()
    play(town, *TREE, (FUND, FINE))
    event = LimitOccupied(
        limit_id=PART,
        purpose=Purpose.OUTSIDE,
        occupation_id=OccupationId("U-2"),
        amount=cny(1),
    )
    stops(town, "LIM-OCCUPY-1", event, event)
    stops(town, "LIM-OCCUPY-1", replace(event, amount=cny(0)))
    stops(town, "LIM-OCCUPY-1", replace(event, amount=Money(1, "USD")))
    stops(town, "LIM-1", replace(event, amount=cny(40_000_001)))
    play(town, (FUND, Freeze(limit_id=LIMIT, note="")))
    stops(town, "LIM-OCCUPY-2", event)
    play(town, (FUND, Clear(limit_id=PART, note="")))
    stops(town, "LIM-OCCUPY-2", event)
