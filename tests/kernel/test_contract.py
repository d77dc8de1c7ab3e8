"""Timers and key ids: the order and the names that everything else relies on."""

from __future__ import annotations

import hashlib
from datetime import timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from support.forms import moments
from tallyport.kernel.contract import Timer
from tallyport.kernel.form import codec
from tallyport.kernel.ids import KeyId
from tallyport.kernel.keys import Suite, key_id

timers = st.builds(
    Timer, due=moments, name=st.sampled_from(["a.b", "a.c"]), subject=st.sampled_from(["x", "y"])
)


@given(timers, timers)
def test_timers_fire_by_moment_then_name_then_subject(left: Timer, right: Timer) -> None:
    """The order of keys is the order of firing."""
    order = (left.due, left.name, left.subject) < (right.due, right.name, right.subject)
    assert (left.key < right.key) == order


@given(timers, st.integers(-12, 12))
def test_a_timer_has_one_key_in_every_zone(timer: Timer, hours: int) -> None:
    """Removing a timer finds it, however its moment was written."""
    there = timezone(timedelta(hours=hours))
    moved = Timer(due=timer.due.astimezone(there), name=timer.name, subject=timer.subject)
    assert moved.key == timer.key
    assert codec(Timer).decode(codec(Timer).encode(timer)).key == timer.key


@given(st.binary(min_size=32, max_size=33))
def test_a_key_id_pins_suite_and_key(public: bytes) -> None:
    """It is an id like any other."""
    name = key_id(Suite.ED25519, public)
    assert name == f"ed25519:{hashlib.sha256(public).hexdigest()[:32]}"
    assert codec(KeyId).decode(name) == name
    assert key_id(Suite.SM2, public) != name
