"""Forms: every declared type goes to canonical JSON and comes back the same.

Goal: what a contract hands over is what a reader gets, years later too; whatever else comes in is
refused with its place. Method: round trips over every command, event and row that is registered,
then a table of everything that a decoder may be handed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum, unique
from typing import Any, NewType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import golden
from support.forms import moments, values
from tallyport.kernel.canonical import INTEGER_MAX, Json, MalformedError, decode, encode
from tallyport.kernel.form import (
    ITEMS_MAX,
    TEXT_MAX,
    codec,
    decode_moment,
    encode_moment,
    tagged,
)
from tallyport.kernel.guard import InvariantError
from tallyport.kernel.money import Money

FORMS = golden.every_form()
ThingId = NewType("ThingId", str)


@unique
class Colour(StrEnum):
    """A choice."""

    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A form within a form."""

    id: ThingId


@dataclass(frozen=True, slots=True, kw_only=True)
class Twig:
    """Another one."""

    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """One field of every kind."""

    text: str
    number: int
    flag: bool
    day: date
    moment: datetime
    colour: Colour
    amount: Money
    maybe: ThingId | None
    leaves: tuple[Leaf, ...]
    part: Leaf | Twig
    other: Leaf | Twig | None


SPELLED: dict[str, Any] = {
    "text": "中文",
    "number": -1,
    "flag": True,
    "day": "2024-04-04",
    "moment": "2024-04-04T01:02:03.000004Z",
    "colour": "red",
    "amount": {"currency": "CNY", "minor": 600},
    "maybe": None,
    "leaves": [{"id": "a"}],
    "part": {"form": "Twig", "length": 3},
    "other": None,
}
TREE = Tree(
    text="中文",
    number=-1,
    flag=True,
    day=date(2024, 4, 4),
    moment=datetime(2024, 4, 4, 1, 2, 3, 4, tzinfo=UTC),
    colour=Colour.RED,
    amount=Money(600, "CNY"),
    maybe=None,
    leaves=(Leaf(id=ThingId("a")),),
    part=Twig(length=3),
    other=None,
)


@pytest.mark.parametrize("name", sorted(FORMS))
def test_every_form_comes_back(name: str) -> None:
    """For every command, event and row of every contract: decode(encode(value)) = value."""
    kind = FORMS[name]

    @settings(max_examples=8)
    @given(values(kind))
    def comes_back(value: object) -> None:
        data = codec(kind).spell(value).encode()
        assert codec(kind).decode(decode(data)) == value
        assert encode(codec(kind).encode(value)) == data

    comes_back()


@given(values(Tree))
def test_any_tree_comes_back(tree: Tree) -> None:
    """One field of every kind, looked at longer; with and without a tag."""
    assert codec(Tree).decode(decode(codec(Tree).spell(tree).encode())) == tree
    forest = tagged({"wood.Tree/1": Tree, "wood.Leaf/1": Leaf})
    assert forest.decode(decode(forest.spell(tree).encode())) == tree


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([*SPELLED, "form"]), inner)
        ),
        max_leaves=8,
    ),
    st.sampled_from(sorted(SPELLED)),
)
def test_whatever_comes_is_decoded_or_refused(junk: Any, field: str) -> None:  # noqa: ANN401
    """Nothing but a value or `MalformedError` leaves a decoder; a value is spelled as it came."""
    for value in (junk, SPELLED | {field: junk}):
        try:
            tree = codec(Tree).decode(value)
        except MalformedError:
            continue
        assert codec(Tree).encode(tree) == value


def test_the_spelling_is_fixed() -> None:
    """A vector by hand."""
    assert codec(Tree).encode(TREE) == SPELLED
    assert codec(Tree).spell(TREE).encode() == encode(SPELLED)
    assert codec(Tree).decode(SPELLED) == TREE


BAD: list[tuple[str, Any, str]] = [
    ("text", 1, "text"),
    ("text", None, "text"),
    ("text", "a" * (TEXT_MAX + 1), "at most"),
    ("number", "1", "an integer"),
    ("number", True, "an integer"),
    ("number", INTEGER_MAX + 1, "an integer"),
    ("flag", 1, "true or false"),
    ("flag", "true", "true or false"),
    ("day", "2024-4-4", "a day"),
    ("day", "20240404", "a day"),
    ("day", "2024-02-30", "a day"),
    ("day", "2024-04-04T00:00:00", "a day"),
    ("day", "2024-W14-4", "a day"),
    ("day", "1899-12-31", "a day"),
    ("day", "3000-01-01", "a day"),
    ("day", 20240404, "a day"),
    ("moment", "2024-04-04T01:02:03Z", "a moment"),
    ("moment", "2024-04-04T01:02:03.000004", "a moment"),
    ("moment", "2024-04-04T01:02:03.000004+00:00", "a moment"),
    ("moment", "2024-04-04T09:02:03.000004+08:00", "a moment"),
    ("moment", "2024-04-04 01:02:03.000004Z", "a moment"),
    ("moment", "2024-04-04T24:00:00.000000Z", "a moment"),
    ("moment", "1899-12-31T23:59:59.999999Z", "1900"),
    ("moment", "3000-01-01T00:00:00.000000Z", "2999"),
    ("moment", "0001-01-01T00:00:00.000000Z", "1900"),
    ("moment", None, "a moment"),
    ("colour", "green", "one of"),
    ("colour", "RED", "one of"),
    ("colour", ["red"], "one of"),
    ("colour", None, "one of"),
    ("amount", 600, "an amount"),
    ("amount", {"minor": 600}, "an amount"),
    ("amount", {"currency": "CNY", "minor": 600, "more": 1}, "an amount"),
    ("amount", {"currency": "cny", "minor": 600}, "currency"),
    ("amount", {"currency": "CNYX", "minor": 600}, "currency"),
    ("amount", {"currency": "CN\n", "minor": 600}, "currency"),
    ("amount", {"currency": "ＣＮＹ", "minor": 600}, "currency"),
    ("amount", {"currency": "CNY", "minor": True}, "minor units"),
    ("amount", {"currency": "CNY", "minor": "600"}, "minor units"),
    ("amount", {"currency": "CNY", "minor": INTEGER_MAX + 1}, "minor units"),
    ("maybe", "", "an id"),
    ("maybe", "a b", "an id"),
    ("maybe", "a|b", "an id"),
    ("maybe", "-a", "an id"),
    ("maybe", "é", "an id"),
    ("maybe", "a\n", "an id"),
    ("maybe", "a" * 129, "an id"),
    ("maybe", 1, "an id"),
    ("leaves", None, "an array"),
    ("leaves", {"0": {"id": "a"}}, "an array"),
    ("leaves", [{"id": "a"}] * (ITEMS_MAX + 1), "at most"),
    ("leaves", [{"id": "a"}, {"id": ""}], "id: expected an id"),
    ("leaves", [{}], "exactly"),
    ("part", {"length": 3}, '"form"'),
    ("part", {"form": "Tree", "length": 3}, '"form"'),
    ("part", {"form": ["Twig"], "length": 3}, '"form"'),
    ("part", {"form": "Twig", "length": 3, "id": "a"}, "exactly"),
    ("part", {"form": "Leaf", "length": 3}, "exactly"),
    ("part", None, '"form"'),
    ("part", "Twig", '"form"'),
]


@pytest.mark.parametrize(("field", "value", "reason"), BAD)
def test_it_refuses_and_says_where(field: str, value: Json, reason: str) -> None:
    """One line of BAD in an otherwise good value: the message names the field."""
    with pytest.raises(MalformedError, match=reason) as refused:
        codec(Tree).decode(SPELLED | {field: value})
    assert str(refused.value).startswith(f"{field}: ")


@pytest.mark.parametrize("value", [None, [], "x", {}, SPELLED | {"more": 1}, {"text": "a"}])
def test_a_form_has_exactly_its_fields(value: Json) -> None:
    """No more, no less, and the message lists both."""
    with pytest.raises(MalformedError, match="Tree with exactly"):
        codec(Tree).decode(value)


def test_messages_stay_short() -> None:
    """Whatever came is cut: a log line is not to grow with the attack."""
    with pytest.raises(MalformedError) as refused:
        codec(Tree).decode(SPELLED | {"text": "a" * 1_000_000})
    assert len(str(refused.value)) < 400


@given(moments, moments)
def test_text_order_is_time_order(left: datetime, right: datetime) -> None:
    """So keys that begin with a moment are sorted by it."""
    assert (encode_moment(left) < encode_moment(right)) == (left < right)
    assert decode_moment(encode_moment(left)) == left


def test_only_declared_types_are_written() -> None:
    """FORM-1: a value outside a union, a type that is no form."""
    stray: dict[str, Any] = {"part": TREE}
    for forge in (
        lambda: codec(Tree).encode(replace(TREE, **stray)),
        lambda: tagged({"Leaf": Leaf}).encode(Twig(length=1)),
        lambda: codec(dict[str, int]),
        lambda: codec(float),
    ):
        with pytest.raises(InvariantError, match="FORM-1"):
            forge()


def test_moments_are_written_in_utc() -> None:
    """FORM-2: the same moment told in another zone has another day; it would come back changed."""
    china = TREE.moment.astimezone(timezone(timedelta(hours=8)))
    for moment in (china, TREE.moment.replace(tzinfo=None)):
        with pytest.raises(InvariantError, match="FORM-2"):
            codec(Tree).encode(replace(TREE, moment=moment))


def test_a_form_that_checks_itself_is_not_declared_so() -> None:
    """FORM-3: decoding makes records without their constructors."""

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Wary:
        name: str

        def __post_init__(self) -> None:
            raise ValueError(self.name)

    with pytest.raises(InvariantError, match="FORM-3"):
        codec(Wary)
