"""The demo's ledger ends as the sources say, and ends the same however often it is killed.

Goal: the figures of source 001, page 16, and of the escrow of source 000 come out to the cent; a
node that is killed anywhere and started again reaches the head of one that was left in peace.
Method: the acts are played on a real node (LMDB, SQLite, signatures). The oracle is arithmetic from
the sources. Then a process plays them and is killed with SIGKILL at moments that a seed chooses.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from support import story
from tallyport.app.demo import cast, certificate
from tallyport.app.demo.stage import Stage
from tallyport.kernel.ratio import half_up

RATE_BP, DAYS, BASIS = 550, 181, 360
SOLD = {"supplier-b": 3_079, "supplier-c": 791, "supplier-d": 26}  # In 10,000 CNY.
HELD = {"supplier-a": 192, "supplier-b": 1_387, "supplier-c": 497, "supplier-d": 28}
UNIT = 10_000 * 100


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Play the story once."""
    with story.stage(tmp_path_factory.mktemp("story")) as stage:
        story.begin(stage)
        assert story.trade(stage) == ["escrow.every_condition_must_be_attested"] * 2
        story.end(stage)
        yield stage


def rows(stage: Stage, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query on the views."""
    with closing(stage.node.views.reader()) as views:
        return [tuple(row) for row in views.execute(query)]


def test_the_certificate_is_cut_and_cleared_as_in_the_source(played: Stage) -> None:
    """Source 001, page 16: financed 3 896 and held 2 104 make 6 000."""
    query = "SELECT id, holder, face_minor FROM now_certificate WHERE stage = 'settled'"
    ends = {row[0]: (row[1], row[2]) for row in rows(played, query)}
    assert ends == {
        "RC-1/1": (cast.SUPPLIER_A, 192 * UNIT),
        "RC-1/2/1": (cast.FACTOR, 3_079 * UNIT),
        "RC-1/2/2": (cast.SUPPLIER_B, 1_387 * UNIT),
        "RC-1/2/3/1": (cast.FACTOR, 791 * UNIT),
        "RC-1/2/3/2": (cast.SUPPLIER_C, 497 * UNIT),
        "RC-1/2/3/3/1": (cast.FACTOR, 26 * UNIT),
        "RC-1/2/3/3/2": (cast.SUPPLIER_D, 28 * UNIT),
    }


def test_everybody_has_the_money_that_arithmetic_says(played: Stage) -> None:
    """A supplier gets what it held and what it sold, less discount, 5.5 % for 181 days."""
    query = "SELECT owner, balance_minor FROM now_account WHERE kind = 'cash' AND currency = 'CNY'"
    cash = dict(rows(played, query))
    for supplier, held in HELD.items():
        sold = SOLD.get(supplier, 0) * UNIT
        discount = half_up(sold * RATE_BP * DAYS, 10_000 * BASIS)
        assert cash[supplier] == held * UNIT + sold - discount


def test_the_escrow_paid_seventy_percent_then_the_rest(played: Stage) -> None:
    """Source 000, 4.1.2: 70 % on arrival and evidence; the parts sum to the whole."""
    query = (
        "SELECT minor FROM journal WHERE purpose = 'escrow_released' AND owner = 'xjyo'"
        " AND kind = 'cash' ORDER BY sequence"
    )
    paid = [row[0] for row in rows(played, query)]
    assert paid == [38_888_851, 16_666_650]
    assert sum(paid) == story.FAMOUS.total.minor


def test_limits_come_back_and_books_balance(played: Stage) -> None:
    """Nothing stays occupied, nothing stays owed, every member's accounts sum to zero."""
    assert rows(played, "SELECT id FROM now_limit WHERE used_minor <> 0") == []
    assert rows(played, "SELECT DISTINCT stage FROM now_financing") == [("repaid",)]
    query = "SELECT owner FROM now_account GROUP BY owner, currency HAVING sum(balance_minor) <> 0"
    assert rows(played, query) == []
    owed = "SELECT owner FROM now_account WHERE kind = 'certificates_owed' AND balance_minor <> 0"
    assert rows(played, owed) == []


def test_the_day_count_is_that_of_the_dates() -> None:
    """The oracle above speaks of 181 days; the certificate runs that long."""
    assert (certificate.due(story.DAY) - story.DAY).days == DAYS


def test_played_again_nothing_happens_again(tmp_path: Path) -> None:
    """The same wishes under the same keys give the same entries."""
    once = story.play(tmp_path / "home")
    assert story.play(tmp_path / "home") == once


def play_in_a_process(home: Path, kill_after: float | None) -> str | None:
    """Play in another process; return what it printed, or None when it was killed before."""
    script = Path(story.__file__)
    environment = os.environ | {"PYTHONPATH": str(script.parents[1]), "PYTHONHASHSEED": "random"}
    with subprocess.Popen(
        [sys.executable, str(script), str(home)], stdout=subprocess.PIPE, env=environment, text=True
    ) as process:
        if kill_after is not None:
            time.sleep(kill_after)
            process.send_signal(signal.SIGKILL)
        printed, _ = process.communicate(timeout=60)
        return printed if process.returncode == 0 else None


@pytest.mark.determinism
def test_killed_anywhere_it_ends_with_the_same_head(tmp_path: Path) -> None:
    """SIGKILL at moments that a seed chooses; then it is left in peace and ends the same."""
    began = time.monotonic()
    undisturbed = play_in_a_process(tmp_path / "peace", None)
    lasts = time.monotonic() - began
    chance = random.Random(20250102)  # noqa: S311 - Chooses moments, guards nothing.
    killed = 0
    for attempt in range(6):
        home = tmp_path / f"war-{attempt}"
        while play_in_a_process(home, chance.uniform(0.3, 0.95) * lasts) is None:
            killed += 1
            if killed % 3 == 0:
                break
        assert play_in_a_process(home, None) == undisturbed
    assert killed > 0
