"""Three ways to stop; the pure packages raise nothing else.

refusal     the business says no     expected    recorded in the ledger, shown to the user
fault       the world is broken      possible    raised by adapters, may be retried
invariant   our own code is wrong    never       not caught: the node stops before it signs

Bytes that are not a command at all are a fourth case with a type of their own, `MalformedError`
(in `kernel.canonical`): nothing is recorded, the sender is told what to mend.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")


class Refused(Exception):  # noqa: N818 - An outcome of the business, not an error of the program.
    """A rule of the business was not met. `reason` is stable: clients and auditors rely on it."""

    def __init__(self, reason: StrEnum) -> None:
        super().__init__(reason.value)
        self.reason = reason


class FaultError(Exception):
    """Disk, network or a peer failed. Base of every error that an adapter or a view raises."""


class InvariantError(Exception):
    """A promise of our own code was broken; `label` is explained where the module begins."""

    def __init__(self, label: str) -> None:
        super().__init__(label)
        self.label = label


def require(condition: bool, reason: StrEnum) -> None:  # noqa: FBT001 - Reads as a sentence.
    """Refuse with `reason` unless `condition` holds."""
    if not condition:
        raise Refused(reason)


def found(value: T | None, reason: StrEnum) -> T:
    """Return `value`, or refuse with `reason` when there is none."""
    if value is None:
        raise Refused(reason)
    return value


def invariant(condition: bool, label: str) -> None:  # noqa: FBT001 - Reads as a sentence.
    """Stop unless `condition` holds. Unlike `assert`, it also guards under `python -O`."""
    if not condition:
        raise InvariantError(label)
