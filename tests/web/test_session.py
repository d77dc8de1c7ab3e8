"""Logging in, out, and what every answer carries.

Goal: guessing is slow, cookies and headers are strict, a form from elsewhere does nothing. Method:
Django's test client with CSRF checks on; the throttle with a clock that is moved by hand.
"""

from __future__ import annotations

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from support.portal import PASSWORD, client
from tallyport.app.portal import Portal
from tallyport.web import language
from tallyport.web.throttle import (
    ADDRESS_FAILURES_MAX,
    LOGINS,
    USER_FAILURES_MAX,
    WATCHED_MAX,
    WINDOW_SECONDS,
    Throttle,
)

pytestmark = pytest.mark.usefixtures("portal")


def test_the_right_password_opens_the_portal() -> None:
    """And leads to where one wanted to go; the cookie is out of reach of scripts."""
    visitor = client()
    answer = visitor.post(
        "/login", {"username": "ali", "password": PASSWORD, "next": "/certificates"}
    )
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/certificates"
    cookie = visitor.cookies["tallyport-session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert visitor.get("/certificates").status_code == 200
    assert visitor.get("/login").status_code == 302
    assert visitor.post("/logout").status_code == 302
    assert visitor.get("/certificates").status_code == 302


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example"]
)
def test_login_never_leads_to_another_site(wanted: str) -> None:
    """A link with `next` may come from anybody."""
    answer = client().post("/login", {"username": "ali", "password": PASSWORD, "next": wanted})
    assert answer.headers["Location"] == "/"


def test_unknown_users_and_wrong_passwords_look_alike() -> None:
    """Nobody learns who exists; after too many failures even the right password waits."""
    visitor = client(None, x_forwarded_for="1.2.3.4")
    answers = [
        visitor.post("/login", {"username": name, "password": "wrong"})
        for name in ("vera", "nobody")
    ]
    assert [one.status_code for one in answers] == [401, 401]
    for _ in range(USER_FAILURES_MAX):
        visitor.post("/login", {"username": "vera", "password": "wrong"})
    answer = visitor.post("/login", {"username": "vera", "password": PASSWORD})
    assert answer.status_code == 429
    assert "Wait a quarter of an hour" in answer.content.decode()
    LOGINS.succeeded("vera")
    assert visitor.post("/login", {"username": "vera", "password": PASSWORD}).status_code == 302


def test_failures_are_forgotten_after_the_window() -> None:
    """Users and addresses are counted apart, in any spelling of the name."""
    now = [0.0]
    throttle = Throttle(lambda: now[0])
    for _ in range(USER_FAILURES_MAX):
        assert throttle.is_open("Vera", "a")
        throttle.failed("vera", "a")
    assert not throttle.is_open("VERA", "b")
    assert throttle.is_open("ali", "a")
    now[0] = WINDOW_SECONDS + 1.0
    assert throttle.is_open("vera", "a")


def test_one_address_cannot_try_many_users() -> None:
    """Forty failures, whoever they name."""
    throttle = Throttle()
    for number in range(ADDRESS_FAILURES_MAX):
        throttle.failed(f"user{number}", "a")
    assert not throttle.is_open("somebody", "a")
    assert throttle.is_open("somebody", "b")


def test_what_the_throttle_remembers_is_bounded() -> None:
    """The oldest names go first."""
    throttle = Throttle(lambda: 0.0)
    for number in range(WATCHED_MAX):
        throttle.failed(f"user{number}", f"address{number}")
    assert len(throttle._failures) == WATCHED_MAX


@pytest.mark.parametrize("address", ["/", "/login", "/nowhere", "/api/v1/nowhere", "/healthz"])
def test_every_answer_carries_the_headers(address: str) -> None:
    """Pages, failures, API."""
    headers = client("ali").get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in headers["Cache-Control"]


def test_a_form_from_elsewhere_does_nothing() -> None:
    """Without the CSRF token: refused, with what to do."""
    strict = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    for address in ("/login", "/language", "/logout"):
        answer = strict.post(address, {})
        assert answer.status_code == 403
        assert "load the page again" in answer.content.decode()


def test_another_host_name_is_not_served() -> None:
    """Poisoned links need a Host header that we do not know."""
    assert Client(headers={"host": "evil.example"}).get("/login").status_code == 400


def test_a_language_is_remembered() -> None:
    """By cookie, against what the browser likes; a language that there is not changes nothing."""
    visitor = client(None, accept_language="ru")
    assert 'lang="ru"' in visitor.get("/login").content.decode()
    visitor.post("/language", {"language": "zh", "next": "/login"})
    assert "登录" in visitor.get("/login").content.decode()
    visitor.post("/language", {"language": "tlh"})
    assert "登录" in visitor.get("/login").content.decode()


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "en"),
        ("fr", "en"),
        ("zh-Hans-CN,zh;q=0.9", "zh"),
        ("fr,ru;q=0.2,zh;q=0.8", "zh"),
        ("en;q=0.1,ru", "ru"),
        ("ru;q=nonsense,zh", "zh"),
    ],
)
def test_the_browser_says_what_it_likes(header: str, expected: str) -> None:
    """RFC 9110, section 12.5.4, as far as three languages go."""
    assert language.preferred(header) == expected


@given(st.text(max_size=200))
def test_no_header_breaks_the_choice(header: str) -> None:
    """Whatever a client sends."""
    assert language.preferred(header) in {"en", "zh", "ru"}


def test_a_seat_of_a_wrong_user_is_none(portal: Portal) -> None:
    """A token that nobody was given opens nothing."""
    del portal
    for token in ("", "tp_wrong", "x" * 500):
        answer = client(None, authorization=f"Bearer {token}").get("/")
        assert answer.status_code == 302
