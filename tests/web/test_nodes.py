"""The page of nodes: whoever runs a network sees how each node is, in every language.

Goal: each condition is told in a word of the visitor's, and a fork cannot be overlooked. Method: a
portal whose home lies in a network's folder; what the nodes answer is made up, and no process is
started; then a browser looks.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from support.portal import PASSWORD, client, served, show
from tallyport.app.home import Home
from tallyport.app.network.layout import Wanted, lay_out
from tallyport.app.network.status import Condition, NodeStatus, judge
from tallyport.app.portal import Portal
from tallyport.web.pages import nodes as page

FOUR = ("operator", "customs", "bank", "logistics")


@pytest.fixture
def member(portal: Portal, tmp_path: Path) -> Iterator[Home]:
    """Let the portal's home be a member's folder for a while."""
    lay_out(tmp_path / "net", Wanted(members=FOUR))
    before, portal.home = portal.home, Home(tmp_path / "net" / "bank")
    show(portal)
    try:
        yield portal.home
    finally:
        portal.home = before


def node(name: str, height: int = 9, head: str = "ab" * 32, health: str = "") -> NodeStatus:
    """Return what a node answers."""
    return NodeStatus(
        name=name,
        is_validator=True,
        is_up=health[:4] != "down",
        height=height,
        size=height,
        head=head,
        peers=3,
        health=health,
    )


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("2 of 4 nodes are well", "catching up", "does not answer", "this node")),
        ("zh", ("4 个节点中 2 个正常", "追赶中", "无应答", "本节点")),
        ("ru", ("2 из 4 узлов", "догоняет", "не отвечает", "этот узел")),
    ],
)
def test_each_condition_is_told(
    member: Home, monkeypatch: pytest.MonkeyPatch, language: str, words: tuple[str, ...]
) -> None:
    """Two are well, one is coming, one is gone."""
    found = judge(
        [
            node("operator"),
            node("customs", 3, "cd" * 32, "catching up"),
            node("bank"),
            node("logistics", 0, "", "down: node at 127.0.0.1:26607: no answer"),
        ]
    )
    monkeypatch.setattr(page, "look", lambda _: found)
    text = client("olga", **{"accept-language": language}).get("/nodes").content.decode()
    assert member.folder.name == "bank"
    for word in words:
        assert word in text
    assert "is-FORKED" not in text


def test_a_fork_cannot_be_overlooked(member: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said above the table too."""
    found = judge([node("operator"), node("bank", head="cd" * 32)])
    monkeypatch.setattr(page, "look", lambda _: found)
    text = client("olga", **{"accept-language": "en"}).get("/nodes").content.decode()
    assert member.folder.exists()
    assert "Two nodes have different heads at one height" in text
    assert text.count("is-FORKED") == 2


def test_health_begins_with_its_condition() -> None:
    """Whatever `judge` says, one word of it is known to the pages."""
    for health in ("", "catching up", "behind by 9 blocks", "alone: no", "down: x", "forked: y"):
        one = node("a", health=health or "ok")
        assert one.health.startswith(one.condition.value)
    assert len(Condition) == 6


@pytest.mark.browser
@pytest.mark.parametrize(("locale", "width"), [("zh-CN", 1280), ("ru-RU", 390)])
def test_in_a_browser(
    browser: Browser,
    portal: Portal,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    locale: str,
    width: int,
) -> None:
    """Nothing is wider than a phone; a picture is kept for whoever wants to look."""
    found = judge([*map(node, FOUR[:3]), node("logistics", 0, "", "down: no answer")])
    monkeypatch.setattr(page, "look", lambda _: found)
    lay_out(tmp_path / "net", Wanted(members=FOUR))
    with served(portal) as address:
        portal.home = Home(tmp_path / "net" / "bank")
        context = browser.new_context(locale=locale, viewport={"width": width, "height": 700})
        shown = context.new_page()
        shown.goto(f"{address}/login?next=/nodes")
        shown.fill("[name=username]", "olga")
        shown.fill("[name=password]", PASSWORD)
        shown.click("button.strong")
        shown.wait_for_url("**/nodes")
        assert shown.locator(".badge.is-FINE").count() == 3
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
        if folder := os.environ.get("TALLYPORT_SHOTS"):
            shown.screenshot(path=Path(folder) / f"nodes-{locale}.png", full_page=True)
        context.close()
