"""Clocks (时钟): the only places that know what time it is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Says what time it is, in UTC."""

    def now(self) -> datetime:
        """Return the present moment."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present moment."""
        return datetime.now(UTC)


class GoingOnClock:
    """Time that goes on from a moment at its usual pace: a story's year after the story."""

    def __init__(self, at: datetime) -> None:
        self._lag = datetime.now(UTC) - at

    def now(self) -> datetime:
        """Return the present moment of that time."""
        return datetime.now(UTC) - self._lag


class ManualClock:
    """A clock that moves only when told: for the demo and for tests."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        """Return the moment it was last set to."""
        return self._at

    def set(self, at: datetime) -> None:
        """Move to `at`; a clock that is already later stays where it is."""
        self._at = max(self._at, at)
