"""Every record, every cent, every reading can be followed back to where it came from.

Goal: a reference leads to source, file, line, columns and rule; the parts of a payment are what
arrived; a source that changes its habits raises an alarm. Method: a small world of the project's
own generator, read once as it is and once with a column emptied; pages and API as several seats.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from support.portal import client, django_home, show, small_portal
from tallyport.app.appraisal import Appraisal, appraise
from tallyport.app.home import Home
from tallyport.app.origins import Origins, profile_version
from tallyport.app.portal import Portal
from tallyport.evidence.quality import report
from tallyport.evidence.review.explained import explained
from tallyport.worlds import make

django_home()
CENTS = 100
AT, LATER = "2024-05-01T00:00:00.000000Z", "2024-06-01T00:00:00.000000Z"
PAGES = ("/evidence/quality", "/evidence/quality?source=contracts", "/evidence/payments")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Appraisal:
    """Return what a small world is worth."""
    folder: Path = tmp_path_factory.mktemp("world")
    make(folder, vehicles=60, seed=4, noise=1.0)
    return appraise(folder)


@pytest.fixture(scope="module")
def portal(world: Appraisal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Yield a node that knows where the world came from."""
    with small_portal(tmp_path_factory.mktemp("node")) as made:
        Origins(made.home).write(world.reading, world.quality, world.matching, AT)
        show(made)
        yield made


def test_every_record_leads_to_its_line(world: Appraisal, portal: Portal) -> None:
    """Each contract line, and each other kind that has a key, by its name."""
    origins = Origins(portal.home)
    for contract_no, line_no, file, line in (
        world.reading.tables["contract_line"]
        .select("contract_no", "line_no", "file", "line")
        .rows()
    ):
        found = origins.of(f"contract_line:{contract_no}/{line_no}")
        assert found is not None
        assert (found.file, found.line) == (file, line)
        assert {"vin", "price"} <= {one.field for one in found.fields}
        assert found.version == profile_version(world.reading.profile)
    assert origins.of("contract_line:none/1") is None


def test_the_parts_of_a_payment_are_what_arrived(world: Appraisal) -> None:
    """To the cent, wherever agreement and account have one currency; charges stand beside them."""
    assert world.matching is not None
    parts = explained(world.matching, world.reading.tables)
    arrived = world.reading.tables["bank_entry"].select("entry_no", "amount", "currency")
    checked = 0
    for entry_no, amount, currency in arrived.unique("entry_no").iter_rows():
        mine = parts.filter(pl.col("payment_id") == entry_no, pl.col("what") != "charges")
        if mine.height and set(mine["currency"]) == {currency}:
            assert mine["amount_minor"].sum() == amount * CENTS
            checked += 1
    assert checked > 10


def test_a_source_that_changes_raises_an_alarm(world: Appraisal, tmp_path: Path) -> None:
    """The first reading is the contract; the second has an empty column; both are remembered."""
    origins = Origins(Home(tmp_path))
    origins.write(world.reading, world.quality, None, AT)
    tables = dict(world.reading.tables)
    dtype = tables["vehicle"].schema["brand"]
    tables["vehicle"] = tables["vehicle"].with_columns(brand=pl.lit(None, dtype))
    changed = replace(world.reading, tables=tables)
    origins.write(changed, report(changed), None, LATER)
    history = origins.history("stock")
    assert [one.at for one in history] == [LATER, AT]
    assert history[1].alarms == ()
    assert any(alarm.startswith("brand filled") for alarm in history[0].alarms)


def test_the_same_profile_has_the_same_version(world: Appraisal) -> None:
    """Another rule, another version."""
    profile = world.reading.profile
    assert profile_version(profile) == profile_version(replace(profile))
    assert profile_version(profile) != profile_version(replace(profile, about="other"))


@pytest.mark.parametrize("language", ["en", "zh-CN", "ru,en;q=0.5"])
def test_pages_answer_in_every_language(portal: Portal, language: str) -> None:
    """Lists, one payment, one record; no key of a text in sight."""
    entry = Origins(portal.home).payments(after="", most=1)[0]
    things = (f"/evidence/payments/{entry}", f"/evidence/lineage?ref=bank_entry:{entry}")
    for address in PAGES + things:
        answer = client("olga", accept_language=language).get(address)
        assert answer.status_code == 200, address
        assert "origins." not in answer.content.decode()


@pytest.mark.parametrize(
    ("user", "address", "status"),
    [
        ("olga", "/evidence/payments/none", 404),
        ("olga", "/evidence/lineage?ref=none", 404),
        ("ali", "/evidence/payments", 403),
        ("ali", "/evidence/quality", 403),
        ("ali", "/api/v1/lineage?ref=x", 403),
        ("ali", "/api/v1/payments", 403),
    ],
)
def test_what_is_not_there_or_not_ones_own_is_not_shown(
    portal: Portal, user: str, address: str, status: int
) -> None:
    """404 and 403, for pages and API alike."""
    del portal
    assert client(user).get(address).status_code == status


def test_programs_read_the_same(portal: Portal) -> None:
    """A payment, its record, the history."""
    entry = Origins(portal.home).payments(after="", most=1)[0]
    (told,) = client("olga").get(f"/api/v1/payments?payment_id={entry}").json()["items"]
    assert told["payment_id"] == entry
    assert told["parts"]
    (origin,) = client("olga").get(f"/api/v1/lineage?ref=bank_entry:{entry}").json()
    assert origin["line"] > 0
    assert client("olga").get("/api/v1/quality").json()[0]["at"] == AT


def test_the_list_says_what_came_of_a_payment(portal: Portal) -> None:
    """Each payment in a row: its agreements and its sums, as money, not as hundredths."""
    origins = Origins(portal.home)
    entry = origins.payments(after="", most=1)[0]
    parts = origins.payment(entry)
    text = client("olga").get("/evidence/payments").content.decode()
    row = next(one for one in text.split("<tr>") if entry in one)
    assert all(one.contract_no in row for one in parts if one.contract_no)
    total = sum(one.amount_minor for one in parts if one.what == parts[0].what)
    assert f"{total // 100:,}.{total % 100:02}" in row
