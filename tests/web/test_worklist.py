"""The work list as pages, over HTTP and in a real browser.

Goal: both records are seen side by side, an answer is recorded once by whoever may, and shown.
Method: questions made by hand; Django's test client as several seats; Chromium by day and in
Chinese, with a picture in the folder that TALLYPORT_SHOTS names.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from support.portal import PASSWORD, client, served
from support.questions import ITEM, PLACE, RIVAL, finding, payment, unexplained
from tallyport.app.decisions import Decisions
from tallyport.app.portal import Portal

ADDRESS = f"/evidence/worklist/{quote(payment().id)}"
ANSWER = {"question": payment().id, "answer": "yes", "reason": "confirmed", "place": PLACE}


@pytest.fixture
def decisions(portal: Portal) -> Decisions:
    """Return the decisions of the node, with three questions and nothing decided."""
    (portal.home.evidence / "worklist.sqlite").unlink(missing_ok=True)
    made = Decisions(portal.home)
    made.ask([payment(), unexplained(), finding()])
    return made


@pytest.mark.parametrize("language", ["en", "zh-CN", "ru,en;q=0.5"])
def test_the_pages_answer_in_every_language(decisions: Decisions, language: str) -> None:
    """The list, one kind of it, and each question; no key of a text in sight."""
    addresses = ["/evidence/worklist", "/evidence/worklist?kind=payment"]
    addresses += [f"/evidence/worklist/{quote(one.id)}" for one in decisions.questions()]
    for address in addresses:
        answer = client("olga", accept_language=language).get(address)
        text = answer.content.decode()
        assert answer.status_code == 200, address
        assert "worklist." not in text
        assert "question." not in text


def test_a_question_shows_both_records(decisions: Decisions) -> None:
    """Fields of both, the difference marked, file and line, the other candidate."""
    del decisions
    text = client("olga").get(ADDRESS).content.decode()
    for shown in ("DJIBEK IMPOULS", "日贝克伊姆普尔斯集团", "≠", "statement.csv:2081", RIVAL, ITEM):
        assert shown in text


def test_an_answer_is_recorded_and_shown(decisions: Decisions) -> None:
    """The form leads back to the question, which says who decided; the list is shorter."""
    answer = client("olga").post("/evidence/worklist/decide", ANSWER)
    assert answer.status_code == 302
    assert "olga" in client("olga").get(answer.headers["Location"]).content.decode()
    assert [one.user for one in decisions.all()] == ["olga"]
    assert ITEM not in client("olga").get("/evidence/worklist").content.decode()


@pytest.mark.parametrize(
    ("user", "changed", "status"),
    [
        ("olga", {"answer": "perhaps"}, 400),
        ("olga", {"reason": " "}, 400),
        ("olga", {"question": "payment:none"}, 404),
        ("ali", {}, 403),
        ("audra", {}, 403),
    ],
)
def test_an_answer_that_may_not_be_is_not_recorded(
    decisions: Decisions, user: str, changed: dict[str, str], status: int
) -> None:
    """It says why; nothing is kept. The same over HTTP as JSON."""
    form = client(user).post("/evidence/worklist/decide", ANSWER | changed)
    assert form.status_code == status
    body = json.dumps(ANSWER | changed)
    over = client(user).post("/api/v1/decisions", body, content_type="application/json")
    assert over.status_code == status
    assert decisions.all() == ()


def test_programs_decide_as_people_do(decisions: Decisions) -> None:
    """The list, an answer, the record of it."""
    asked = client("olga").get("/api/v1/worklist?kind=payment").json()
    assert [one["question"]["id"] for one in asked] == [payment().id]
    answer = client("olga").post(
        "/api/v1/decisions", json.dumps(ANSWER), content_type="application/json"
    )
    assert answer.status_code == 200
    assert answer.json()["counts"] is True
    assert len(decisions.all()) == 1
    assert len(client("audra").get("/api/v1/decisions").json()) == 1


@pytest.mark.parametrize("body", ["[]", "{}", '{"question": 1, "answer": "yes", "reason": "x"}'])
def test_what_is_no_answer_is_told(decisions: Decisions, body: str) -> None:
    """400, nothing kept."""
    answer = client("olga").post("/api/v1/decisions", body, content_type="application/json")
    assert answer.status_code == 400
    assert decisions.all() == ()


def test_four_eyes_wait(decisions: Decisions, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first answer is kept and waits."""
    monkeypatch.setenv("TALLYPORT_DECISIONS", "four")
    client("olga").post("/evidence/worklist/decide", ANSWER)
    assert [one.counts for one in decisions.all()] == [False]
    assert "approver" in client("olga").get(ADDRESS).content.decode()


@pytest.mark.browser
@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_a_person_decides_in_a_browser(portal: Portal, browser: Browser, locale: str) -> None:
    """List, question, answer, and the decision below; nothing on the console."""
    with served(portal) as address:
        (portal.home.evidence / "worklist.sqlite").unlink(missing_ok=True)
        Decisions(portal.home).ask([payment(), unexplained(), finding()])
        page = browser.new_context(
            locale=locale, viewport={"width": 1280, "height": 900}
        ).new_page()
        told: list[str] = []
        page.on("console", lambda message: told.append(message.text))
        page.goto(f"{address}/login")
        page.fill("[name=username]", "olga")
        page.fill("[name=password]", PASSWORD)
        page.click("button.strong")
        page.goto(f"{address}/evidence/worklist")
        _shoot(page, f"worklist-{locale}")
        page.click(f"text={ITEM}")
        page.fill("textarea[name=reason]", "the buyer confirmed it")
        _shoot(page, f"question-{locale}")
        page.click("button[value=yes]")
        page.wait_for_selector("text=the buyer confirmed it")
        assert told == []
        assert len(Decisions(portal.home).all()) == 1


def _shoot(page: Page, name: str) -> None:
    if folder := os.environ.get("TALLYPORT_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
