"""Entries: what the tree covers is all that an entry is.

Goal: bytes and entry are the same thing. Method: round trips over commands, refusals and timers,
then entries that are none.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.forms import ids, moments, texts
from support.toy import ALI, START, Add, Added, AlarmSet, machine, sealed
from tallyport.kernel.canonical import BYTES_MAX, MalformedError, decode, encode
from tallyport.kernel.contract import Timer
from tallyport.ledger.entry import (
    CommandEntry,
    Fired,
    Outcome,
    TimerEntry,
    entry_bytes,
    parse_entry,
)

EVENTS = machine().events
events = st.lists(
    st.builds(Added, name=texts, amount=st.integers(-5, 5))
    | st.builds(AlarmSet, name=texts, due=moments),
    max_size=3,
).map(tuple)
places = {"sequence": st.integers(1, 2**53 - 1), "at": moments, "channel": ids}
ENVELOPE = sealed(ALI, "k1", Add(name="中文", amount=1))
command_entries = st.builds(
    CommandEntry,
    **places,
    envelope=st.just(ENVELOPE),
    outcome=st.sampled_from(Outcome),
    reason=st.none() | texts,
    events=events,
)
timer_entries = st.builds(
    TimerEntry,
    **places,
    fired=st.lists(
        st.builds(
            Fired, timer=st.builds(Timer, due=moments, name=ids, subject=texts), events=events
        ),
        max_size=3,
    ).map(tuple),
)


@given(command_entries | timer_entries)
def test_an_entry_comes_back(entry: CommandEntry | TimerEntry) -> None:
    """The bytes are canonical, and so is what is spliced into them."""
    data = entry_bytes(entry, EVENTS)
    assert encode(decode(data)) == data
    assert parse_entry(data, EVENTS) == entry


@given(timer_entries)
def test_events_of_timers_are_in_order(entry: TimerEntry) -> None:
    """Views need not know who caused them."""
    assert list(entry.events) == [event for one in entry.fired for event in one.events]


def test_an_entry_may_be_larger_than_an_envelope() -> None:
    """Many events follow from few words: what was written is read."""
    many = tuple(Added(name="x" * 2_000, amount=1) for _ in range(1_000))
    entry = CommandEntry(
        sequence=1,
        at=START,
        channel="toys",
        envelope=ENVELOPE,
        outcome=Outcome.ACCEPTED,
        reason=None,
        events=many,
    )
    data = entry_bytes(entry, EVENTS)
    assert len(data) > BYTES_MAX
    assert parse_entry(data, EVENTS) == entry


GOOD: dict[str, Any] = {
    "at": "2024-04-04T02:00:00.000000Z",
    "channel": "toys",
    "envelope": {},
    "events": [],
    "outcome": "accepted",
    "reason": None,
    "sequence": 1,
    "version": 1,
}
TIMERS: dict[str, Any] = {name: GOOD[name] for name in ("at", "channel", "sequence", "version")} | {
    "fired": []
}


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        GOOD | {"version": 2},
        GOOD | {"version": "1"},
        GOOD | {"sequence": "1"},
        GOOD | {"sequence": True},
        GOOD | {"at": 1},
        GOOD | {"channel": 1},
        GOOD | {"outcome": "perhaps"},
        GOOD | {"outcome": None},
        GOOD | {"reason": 1},
        GOOD | {"events": {}},
        GOOD | {"events": [{"form": "toy.Add/1"}]},
        GOOD | {"more": 1},
        {name: value for name, value in GOOD.items() if name != "reason"},
        {name: value for name, value in GOOD.items() if name != "sequence"},
        TIMERS | {"fired": {}},
        TIMERS | {"fired": [{}]},
        TIMERS | {"fired": [{"events": [], "timer": {}}]},
        TIMERS
        | {"fired": [{"events": 1, "timer": {"due": GOOD["at"], "name": "x", "subject": ""}}]},
        TIMERS | {"envelope": {}},
    ],
)
def test_what_is_no_entry_is_refused(value: Any) -> None:  # noqa: ANN401
    """Of another version, with a part missing, or too many."""
    with pytest.raises(MalformedError):
        parse_entry(encode(value), EVENTS)


def test_good_ones_are_read() -> None:
    """So that the table above fails for its own reasons."""
    assert isinstance(parse_entry(encode(GOOD), EVENTS), CommandEntry)
    assert isinstance(parse_entry(encode(TIMERS), EVENTS), TimerEntry)
