"""Exposure stays within every limit of every chain, whatever happens in whatever order (LIM-1).

Goal: a limit is never exceeded, and what is used is what is open. Method: a state machine that
grants, occupies, releases, freezes, restores, clears and lets time pass at random in a town, and
counts again after every step; the tree of the model's first lines; forged rows.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from support.certificates import GRANT, LIMIT, LIMITED, check_limits
from support.judging import play, stops
from support.town import ALI, FUND, PORT, SECOND_FUND, Town, cny
from tallyport.contracts.limit.clear import Clear
from tallyport.contracts.limit.effect import Effect, LimitEffected
from tallyport.contracts.limit.freeze import Freeze
from tallyport.contracts.limit.grant import Grant
from tallyport.contracts.limit.model import Limit, Occupation, available, chain, is_usable
from tallyport.contracts.limit.occupy import LimitOccupied, Occupy
from tallyport.contracts.limit.release import Release
from tallyport.contracts.limit.restore import Restore
from tallyport.contracts.pledge.model import Purpose
from tallyport.kernel.calendar import business_date
from tallyport.kernel.ids import LimitId, MemberId, OccupationId
from tallyport.kernel.money import Money

NAMES = [LimitId(f"L-{number}") for number in range(1, 6)]
names = st.sampled_from(NAMES)
uses = st.sampled_from([OccupationId(name) for name in "abc"])
amounts = st.integers(-1, 120).map(lambda minor: Money(minor, "CNY"))
actors = st.sampled_from((FUND, FUND, FUND, FUND, SECOND_FUND, PORT))


class Lending(RuleBasedStateMachine):
    """A funder and others pull at a small forest of limits."""

    @initialize()
    def begin(self) -> None:
        self.town = Town()
        play(self.town, (FUND, replace(GRANT, amount=Money(100, "CNY"))))
        play(self.town, (FUND, Effect(limit_id=LIMIT)))

    @rule(
        actor=actors, name=names, parent=names | st.none(), amount=amounts, days=st.integers(0, 9)
    )
    def grant(
        self, actor: MemberId, name: LimitId, parent: LimitId | None, amount: Money, days: int
    ) -> None:
        today = business_date(self.town.at)
        command = Grant(
            limit_id=name,
            parent=parent,
            subject=PORT,
            amount=amount,
            valid_from=today,
            valid_until=today + timedelta(days=days),
            product="",
        )
        self.town.do(actor, command)
        self.town.do(actor, Effect(limit_id=name))

    @rule(actor=actors, name=names, use=uses, amount=amounts)
    def occupy(self, actor: MemberId, name: LimitId, use: OccupationId, amount: Money) -> None:
        limit = self.town.state.get(Limit, name)
        today = business_date(self.town.at)
        left = 0 if limit is None else available(self.town.state, limit, today).minor
        taken = self.town.state.get(Occupation, f"{name}|outside|{use}") is not None
        may = limit is not None and limit.grantor == actor and not taken and amount.minor > 0
        command = Occupy(limit_id=name, occupation_id=use, amount=amount)
        accepted = self.town.do(actor, command) is None
        assert accepted == (may and amount.minor <= left)

    @rule(actor=actors, name=names, use=uses, amount=amounts)
    def release(self, actor: MemberId, name: LimitId, use: OccupationId, amount: Money) -> None:
        self.town.do(actor, Release(limit_id=name, occupation_id=use, amount=amount))

    @rule(actor=actors, name=names)
    def freeze(self, actor: MemberId, name: LimitId) -> None:
        self.town.do(actor, Freeze(limit_id=name, note="overdue"))

    @rule(actor=actors, name=names)
    def restore(self, actor: MemberId, name: LimitId) -> None:
        self.town.do(actor, Restore(limit_id=name))

    @rule(actor=actors, name=names)
    def clear(self, actor: MemberId, name: LimitId) -> None:
        self.town.do(actor, Clear(limit_id=name, note="left"))

    @rule(days=st.integers(1, 9))
    def wait(self, days: int) -> None:
        self.town.let_pass(timedelta(days=days))

    @invariant()
    def exposure_is_within_every_limit(self) -> None:
        check_limits(self.town)

    @invariant()
    def what_is_over_is_cleared(self) -> None:
        today = business_date(self.town.at)
        for limit in self.town.state.scan(Limit):
            assert limit.stage == "cleared" or today < limit.valid_until


TestLending = Lending.TestCase


def test_the_group_of_the_first_lines() -> None:
    """Port and depot were promised 120 of the group's 100; together they never owe more."""
    town = Town()
    for name, parent, subject, amount in [
        ("GROUP", None, PORT, 100_000_000),
        ("PORT", "GROUP", PORT, 80_000_000),
        ("DEPOT", "GROUP", ALI, 40_000_000),
    ]:
        command = replace(
            GRANT,
            limit_id=LimitId(name),
            parent=None if parent is None else LimitId(parent),
            subject=subject,
            amount=cny(amount),
        )
        play(town, (FUND, command), (FUND, Effect(limit_id=LimitId(name))))

    def occupy(name: str, amount: int) -> str | None:
        use = OccupationId(f"U-{amount}")
        return town.do(FUND, Occupy(limit_id=LimitId(name), occupation_id=use, amount=cny(amount)))

    assert occupy("PORT", 60_000_000) is None
    assert occupy("DEPOT", 10_000_000) is None
    today = business_date(town.at)
    left = {limit.id: available(town.state, limit, today) for limit in town.state.scan(Limit)}
    assert left == {"GROUP": cny(30_000_000), "PORT": cny(20_000_000), "DEPOT": cny(30_000_000)}
    assert occupy("DEPOT", 30_000_001) == "limit.available_limit_must_cover_amount"
    assert occupy("PORT", 20_000_000) is None
    assert occupy("DEPOT", 29_000_000) == "limit.available_limits_above_must_cover_amount"
    assert occupy("DEPOT", 9_000_000) is None
    assert available(town.state, town.row(Limit, "DEPOT"), today) == cny(1_000_000)
    assert [limit.id for limit in chain(town.state, town.row(Limit, "PORT"))] == ["PORT", "GROUP"]
    check_limits(town)


def test_dates_bound_its_use() -> None:
    """From the first day on, and no longer on the day `valid_until`."""
    town = Town()
    play(town, *LIMITED)
    limit = town.row(Limit, LIMIT)
    days = [date(2024, 4, 7), date(2024, 4, 8), date(2025, 4, 7), date(2025, 4, 8)]
    assert [is_usable(limit, day) for day in days] == [False, True, True, False]
    assert available(town.state, limit, days[3]) == cny(0)


def test_forged_events_stop_the_replay() -> None:
    """More than the limit; a limit that is not there; one that is not at that stage."""
    town = Town()
    play(town, *LIMITED)
    event = LimitOccupied(
        limit_id=LIMIT,
        purpose=Purpose.FINANCING,
        occupation_id=OccupationId("F-1"),
        amount=cny(100_000_001),
    )
    stops(town, "LIM-1", event)
    stops(town, "LIM-2", replace(event, limit_id=LimitId("L-404")))
    stops(town, "LIM-2", LimitEffected(limit_id=LIMIT))
