"""A clerk errs as often as the noise says, and never loses a row.

Goal: at noise 0 a world is clean, at any noise nothing is lost. Method: properties over rows.
"""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tallyport.worlds.chance import Dice
from tallyport.worlds.files import Table
from tallyport.worlds.habits.clerk import Clerk
from tallyport.worlds.reality.period import AS_OF, FIRST_DAY

ROWS = st.lists(st.integers().map(lambda n: (str(n), "2024-05-05")), max_size=30)
DAYS = st.dates(FIRST_DAY, AS_OF)


def clerk(seed: int, noise_percent: int) -> Clerk:
    """Return a clerk."""
    return Clerk(Dice(seed, "clerk"), noise_percent)


@given(rows=ROWS, seed=st.integers(), noise=st.integers(0, 300))
def test_no_row_is_lost_or_moved(rows: list[tuple[str, str]], seed: int, noise: int) -> None:
    """Without torn tries and second deliveries the table is what it was."""
    table = Table(("number", "day"), rows)
    worked = clerk(seed, noise).worked(table, doubled=100, torn=(("day", "2024-02-31"),))
    whole = [row for row in worked.rows if row[1] != "2024-02-31"]

    assert whole[: len(rows)] == rows
    assert set(whole[len(rows) :]) <= set(rows)


@given(rows=ROWS, seed=st.integers())
def test_every_sort_of_damage_occurs(rows: list[tuple[str, str]], seed: int) -> None:
    """At ordinary noise, as far as there are rows; a torn row stands right behind the good one."""
    torn = (("day", "2024-02-31"), ("number", ""))
    worked = list(clerk(seed, 100).worked(Table(("number", "day"), rows), torn=torn).rows)

    assert len(worked) == len(rows) + min(len(rows), len(torn))
    for at, row in enumerate(worked):
        if row[1] == "2024-02-31":
            assert worked[at - 1] == (row[0], "2024-05-05")
        if row[0] == "":
            assert worked[at - 1][1] == row[1]


@given(rows=ROWS, seed=st.integers(), day=DAYS)
def test_at_noise_0_nothing_happens(rows: list[tuple[str, str]], seed: int, day: date) -> None:
    """No slip, nothing late, nothing twice, nothing torn."""
    careful = clerk(seed, 0)
    table = Table(("number", "day"), rows)

    assert careful.worked(table, doubled=1000, torn=(("day", "?"),)) == table
    assert careful.keyed(day) == day
    assert not careful.slips(1000)


@given(seed=st.integers(), day=DAYS, noise=st.integers(0, 300))
def test_nothing_is_keyed_before_it_happened_or_after_the_export(
    seed: int, day: date, noise: int
) -> None:
    """Late by two months at most."""
    keyed = clerk(seed, noise).keyed(day)

    assert day <= keyed <= AS_OF
    assert keyed - day <= timedelta(days=60)
