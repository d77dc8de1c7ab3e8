"""What every anchor does (锚点接口): keeps a signed checkpoint, and gives it back.

An anchor is kept by somebody else, or is at least somewhere else. It is trusted for one thing: that
it does not forget together with us.
"""

from __future__ import annotations

from typing import Protocol

from tallyport.kernel.guard import FaultError


class AnchorError(FaultError):
    """An anchor cannot be reached, or does not do what it should. Says which, and what to do."""


class Anchor(Protocol):
    """One place, for one log."""

    name: str

    def put(self, size: int, note: str) -> None:
        """Keep the checkpoint over `size` entries; the same again changes nothing.

        Raises:
            AnchorError: it is not kept, or another one is kept for that size.
        """
        ...

    def get(self, size: int) -> str | None:
        """Return what is kept for `size`, or None.

        Raises:
            AnchorError: it does not answer.
        """
        ...

    def latest(self) -> str | None:
        """Return what is kept for the largest size, or None when nothing is kept.

        Raises:
            AnchorError: it does not answer.
        """
        ...
