"""Every family of pages in a real browser: by day, on a phone, in Chinese, at night.

Goal: nothing that Django's test client cannot see is broken: scripts run under the policy, charts
are drawn, nothing is wider than a phone, forms of htmx work. Method: Chromium visits each page; any
message on its console, any breach of the policy, any failed request fails the test. Screenshots go
to the folder that TALLYPORT_SHOTS names, if it names one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request

from support.portal import ESCROW, LIMIT, PASSWORD, VIN, served
from tallyport.app.portal import Portal

pytestmark = pytest.mark.browser

PAGES = {
    "overview": "/",
    "dossiers": "/dossiers",
    "dossier": f"/dossiers/{VIN}",
    "certificates": "/certificates",
    "certificate": "/certificates/RC-1/2/1",
    "limits": "/limits",
    "limit": f"/limits/{LIMIT}",
    "financing": "/financings/FIN-1",
    "escrow": f"/escrows/{ESCROW}",
    "pledges": "/pledges",
    "books": "/books",
    "ledger": "/ledger",
    "entry": "/ledger/16",
    "verify": "/ledger/verify",
    "evidence": "/evidence",
    "ratings": "/evidence/ratings",
    "members": "/members",
    "api": "/api/v1/docs",
}
LOOKS: dict[str, dict[str, Any]] = {
    "day": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}},
    "chinese": {"viewport": {"width": 1280, "height": 900}, "locale": "zh-CN"},
    "night": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
}


@pytest.fixture(scope="module")
def address(portal: Portal) -> Iterator[str]:
    """Yield the address of a server that shows the story."""
    with served(portal) as address:
        yield address


@contextmanager
def visiting(browser: Browser, address: str, user: str, look: dict[str, Any]) -> Iterator[Page]:
    """Yield a page of a user who is logged in; whatever the browser complains of fails."""
    context = browser.new_context(**look)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))

    def failed(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # The page was left before it came.
            complaints.append(f"{request.url}: {request.failure}")

    page.on("requestfailed", failed)
    page.goto(f"{address}/login")
    page.fill("[name=username]", user)
    page.fill("[name=password]", PASSWORD)
    page.click("button.strong")
    page.wait_for_url(f"{address}/")
    try:
        yield page
    finally:
        context.close()
    assert not complaints, "\n".join(complaints)


def shoot(page: Page, name: str) -> None:
    """Keep a picture for whoever wants to look."""
    if folder := os.environ.get("TALLYPORT_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("look", LOOKS)
def test_no_page_complains_or_is_too_wide(browser: Browser, address: str, look: str) -> None:
    """All pages in one look; charts have drawn something."""
    with visiting(browser, address, "olga", LOOKS[look]) as page:
        for name, path in PAGES.items():
            answer = page.goto(address + path)
            assert answer is not None
            assert answer.status == 200
            page.wait_for_load_state("networkidle")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
            if name == "overview":
                page.wait_for_selector(".chart .main-svg")
                assert page.locator(".chart .sankey-link").count() == 6
            shoot(page, f"{name}-{look}")


def test_a_form_is_sent_and_a_refusal_appears_in_place(browser: Browser, address: str) -> None:
    """Htmx works under the policy: the reason appears, is mended in place, and it succeeds."""
    with visiting(browser, address, "bek", LOOKS["day"]) as page:
        page.goto(f"{address}/certificates/RC-1/2/2")
        page.click("details.choice:has(textarea) summary")
        page.fill("textarea[name=faces]", "1.00\n2.00")
        page.click("details.choice[open] button.strong")
        page.wait_for_selector(".answer .is-bad")
        assert "Parts must sum to face." in page.inner_text(".answer .is-bad")
        shoot(page, "refusal")

        page.fill("textarea[name=faces]", "13,000,000.00\n870,000.00")
        page.click("details.choice[open] button.strong")
        page.wait_for_url("**/certificates/RC-1/2/2?done=*")
        assert page.locator("svg.tree .box").count() == 8


def test_a_list_goes_on_in_place(browser: Browser, address: str) -> None:
    """The button adds rows below and keeps those above."""
    with visiting(browser, address, "olga", LOOKS["phone"]) as page:
        page.goto(f"{address}/dossiers")
        assert page.locator("tbody tr").count() == 51
        page.click("tr.more a")
        page.wait_for_selector("tbody tr >> nth=100")
        assert page.locator("tbody tr").count() == 101


def test_a_language_is_chosen_by_hand(browser: Browser, address: str) -> None:
    """The choice holds on the next page."""
    with visiting(browser, address, "olga", LOOKS["day"]) as page:
        page.click("button[value=ru]")
        page.wait_for_selector("html[lang=ru]")
        page.goto(f"{address}/books")
        assert "сумма всех счетов равна нулю" in page.inner_text("main")
