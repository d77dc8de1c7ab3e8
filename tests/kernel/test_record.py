"""Goal: a copy is what `dataclasses.replace` makes, in every respect, only sooner.

Method: both are made for the same changes and compared; what a copy must refuse is tried.
"""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import FrozenInstanceError, dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyport.kernel.guard import InvariantError
from tallyport.kernel.money import Money
from tallyport.kernel.record import changed, made


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something with three fields, one of which may be left out."""

    name: str
    face: Money
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Single:
    """Something with one field."""

    name: str


CHANGES = st.fixed_dictionaries(
    {}, optional={"name": st.text(), "face": st.builds(Money, st.integers(0, 9), st.just("CNY"))}
)


@given(name=st.text(), changes=CHANGES)
def test_a_changed_record_is_the_replaced_one(name: str, changes: dict[str, object]) -> None:
    """Type, fields, hash and text are the same; the one before is as it was."""
    thing = Thing(name=name, face=Money(1, "CNY"), note="n")

    copied = changed(thing, **changes)

    expected = replace(thing, **changes)  # type: ignore[arg-type]
    assert copied == expected
    assert type(copied) is Thing
    assert (hash(copied), repr(copied)) == (hash(expected), repr(expected))
    assert thing == Thing(name=name, face=Money(1, "CNY"), note="n")


def test_a_copy_is_frozen_like_any_other() -> None:
    """What was made so cannot be changed, and can be copied and sent."""
    copied = changed(Thing(name="a", face=Money(1, "CNY")), name="b")

    with pytest.raises(FrozenInstanceError):
        copied.name = "c"  # type: ignore[misc]
    assert copy.deepcopy(copied) == pickle.loads(pickle.dumps(copied)) == copied  # noqa: S301


def test_a_record_is_made_of_its_values() -> None:
    """Values stand in the order of declaration, also a single one."""
    assert made(Thing, ["a", Money(1, "CNY"), None]) == Thing(name="a", face=Money(1, "CNY"))
    assert made(Single, ["a"]) == changed(Single(name="b"), name="a")
    with pytest.raises(TypeError):
        made(Thing, ["a"])


def test_a_field_that_is_none_is_not_set() -> None:
    """A misspelt field is an error, as with `replace`."""
    with pytest.raises(AttributeError):
        changed(Single(name="a"), nme="b")


def test_records_that_check_themselves_are_not_copied_so() -> None:
    """RECORD-1: a check would be passed by."""
    with pytest.raises(InvariantError, match="RECORD-1"):
        changed(Money(1, "CNY"), minor=2)
    assert dataclasses.replace(Money(1, "CNY"), minor=2) == Money(2, "CNY")
