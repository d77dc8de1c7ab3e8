"""Clocks: all tell UTC; the manual one moves forward only, the one that goes on keeps its pace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tallyport.adapters.clock import GoingOnClock, ManualClock, SystemClock

STORY = datetime(2024, 4, 4, tzinfo=UTC)


def test_the_system_clock_tells_utc() -> None:
    """And does not go back between two looks."""
    first, second = SystemClock().now(), SystemClock().now()
    assert first.tzinfo is UTC
    assert first <= second


def test_the_manual_clock_moves_forward_only() -> None:
    """Told an earlier moment, it stays."""
    clock = ManualClock(STORY)
    clock.set(STORY + timedelta(hours=1))
    clock.set(STORY)
    assert clock.now() == STORY + timedelta(hours=1)


def test_a_story_goes_on_from_its_last_moment() -> None:
    """It never tells an earlier one."""
    clock = GoingOnClock(STORY)
    first, second = clock.now(), clock.now()
    assert STORY <= first <= second
    assert first.tzinfo is UTC
