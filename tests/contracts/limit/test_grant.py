"""A limit is a funder's promise; a part of it stays within the family (LIM-GRANT-1, -2).

Goal: nobody gives away what another promised. Method: the tree, every refusal, forgeries.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from support.certificates import GRANT, LIMIT, LIMITED
from support.judging import Attempt, Step, play, stops, verdict
from support.town import ALI, FUND, PORT, SECOND_FUND, Town, cny
from tallyport.contracts.limit.clear import Clear
from tallyport.contracts.limit.grant import Grant, LimitGranted, Refusal, decide
from tallyport.contracts.limit.model import DEPTH_MAX, Limit, Stage
from tallyport.kernel.ids import LimitId, MemberId
from tallyport.kernel.money import Money

PART = replace(GRANT, limit_id=LimitId("L-2"), parent=LIMIT, subject=ALI)
GRANTED: tuple[Step, ...] = ((FUND, GRANT),)


def deep() -> tuple[Step, ...]:
    """Return grants down to the last level that is allowed, L-0 to L-8."""
    names = [LimitId(f"L-{level}") for level in range(DEPTH_MAX + 1)]
    parents = [None, *names]
    return tuple(
        (FUND, replace(GRANT, limit_id=name, parent=parent))
        for name, parent in zip(names, parents, strict=False)
    )


def test_a_part_may_be_larger_than_its_whole() -> None:
    """Promises overlap; debts cannot (test_limit)."""
    town = Town()
    play(town, (FUND, GRANT), (FUND, replace(PART, amount=cny(200_000_000))))
    part = town.row(Limit, "L-2")
    assert (part.depth, part.stage, part.used_minor) == (1, Stage.GRANTED, 0)
    assert (part.grantor, part.subject, part.is_frozen) == (FUND, ALI, False)


def test_eight_levels_below_the_first() -> None:
    """The deepest tree that is allowed."""
    town = Town()
    play(town, *deep())
    assert town.row(Limit, f"L-{DEPTH_MAX}").depth == DEPTH_MAX


ATTEMPTS: list[Attempt] = [  # In the order of the checks.
    (Refusal.ID_TAKEN, GRANTED, FUND, GRANT),
    (Refusal.ID_TAKEN, GRANTED, FUND, replace(GRANT, amount=cny(5))),
    (Refusal.NOT_A_FUNDER, (), PORT, GRANT),
    (Refusal.NO_SUBJECT, (), FUND, replace(GRANT, subject=MemberId("nobody"))),
    (Refusal.EMPTY_AMOUNT, (), FUND, replace(GRANT, amount=cny(0))),
    (Refusal.EMPTY_AMOUNT, (), FUND, replace(GRANT, amount=cny(-1))),
    (Refusal.WRONG_PERIOD, (), FUND, replace(GRANT, valid_from=GRANT.valid_until)),
    (
        Refusal.WRONG_PERIOD,
        (),
        FUND,
        replace(GRANT, valid_from=date(2023, 1, 1), valid_until=date(2024, 4, 8)),
    ),
    (Refusal.WRONG_PERIOD, (), FUND, replace(GRANT, valid_from=date.min, valid_until=date.min)),
    (Refusal.NO_PARENT, (), FUND, PART),
    (Refusal.NOT_GRANTOR, GRANTED, SECOND_FUND, PART),
    (
        Refusal.PARENT_CLEARED,
        (*LIMITED, (FUND, Clear(limit_id=LIMIT, note=""))),
        FUND,
        PART,
    ),
    (Refusal.WRONG_CURRENCY, GRANTED, FUND, replace(PART, amount=Money(1, "USD"))),
    (
        Refusal.TOO_DEEP,
        deep(),
        FUND,
        replace(GRANT, limit_id=LimitId("L-X"), parent=LimitId(f"L-{DEPTH_MAX}")),
    ),
]


@pytest.mark.parametrize(("reason", "steps", "actor", "command"), ATTEMPTS)
def test_it_refuses(
    reason: Refusal, steps: tuple[Step, ...], actor: MemberId, command: Grant
) -> None:
    """One line of ATTEMPTS: after these steps, this is refused for this reason."""
    town = Town()
    play(town, *steps)
    assert verdict(town, decide, actor, command) is reason


def test_every_refusal_is_tried_in_order() -> None:
    """ATTEMPTS follows the enum, so the enum's order is the order that clients are told."""
    assert list(dict.fromkeys(reason for reason, *_ in ATTEMPTS)) == list(Refusal)


def test_the_last_day_of_all_is_a_day_too() -> None:
    """A date at the edge of the calendar is a business matter, not an accident."""
    town = Town()
    play(town, (FUND, replace(GRANT, valid_until=date(2999, 12, 31))))


def test_forged_grants_stop_the_replay() -> None:
    """Whoever edits the log stops the replica."""
    town = Town()
    play(town, *GRANTED)
    whole = town.row(Limit, LIMIT)
    part = replace(whole, id=LimitId("L-2"), parent=LIMIT, depth=1)
    for label, forged in [
        ("LIM-GRANT-1", whole),
        ("LIM-GRANT-1", replace(whole, id=LimitId("L-2"), depth=1)),
        ("LIM-GRANT-1", replace(part, grantor=SECOND_FUND)),
        ("LIM-GRANT-1", replace(part, amount=Money(1, "USD"))),
        ("LIM-GRANT-1", replace(part, depth=2)),
        ("LIM-GRANT-2", replace(part, amount=cny(0))),
        ("LIM-GRANT-2", replace(part, used_minor=1)),
        ("LIM-2", replace(part, parent=LimitId("L-404"))),
    ]:
        stops(town, label, LimitGranted(limit=forged))
