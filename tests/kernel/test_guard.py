"""Three ways to stop: each carries what its reader needs."""

from __future__ import annotations

from enum import StrEnum, unique

import pytest

from tallyport.kernel.guard import InvariantError, Refused, found, invariant, require


@unique
class Refusal(StrEnum):
    """A rule that can be broken."""

    NOT_OPEN = "certificate_must_be_open"


def test_require() -> None:
    """A condition that holds says nothing; one that does not refuses with its reason."""
    require(True, Refusal.NOT_OPEN)  # noqa: FBT003
    with pytest.raises(Refused, match="certificate_must_be_open") as refused:
        require(False, Refusal.NOT_OPEN)  # noqa: FBT003
    assert refused.value.reason is Refusal.NOT_OPEN


def test_found() -> None:
    """Nothing refuses; what is false but there does not."""
    assert found(0, Refusal.NOT_OPEN) == 0
    with pytest.raises(Refused):
        found(None, Refusal.NOT_OPEN)


def test_invariant() -> None:
    """The label leads to the promise."""
    invariant(True, "X-1")  # noqa: FBT003
    with pytest.raises(InvariantError, match="X-1") as broken:
        invariant(False, "X-1")  # noqa: FBT003
    assert broken.value.label == "X-1"
