"""One line of JSON and one id a request; nothing secret in any of them.

Goal: a fault that a user reports by its id is found, and the log may be read by whoever runs the
node. Method: requests with passwords, tokens and queries, then the log is read.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from support.portal import PASSWORD, client
from tallyport.app.logs import start_log
from tallyport.app.portal import Portal
from tallyport.app.settings import Spoken

SECRETS = (PASSWORD, "wrong-word-4711", "tp_some-token-4711", "csrf", "4711")


@pytest.fixture
def log(portal: Portal) -> Iterator[io.StringIO]:
    """Yield what is logged as JSON."""
    del portal
    out = io.StringIO()
    handler = start_log(Spoken.JSON, out)
    yield out
    logging.getLogger().removeHandler(handler)
    logging.getLogger("tallyport.request").setLevel(logging.NOTSET)


def lines(log: io.StringIO) -> list[dict[str, object]]:
    """Return the lines; each is an object."""
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_request_is_told_with_its_id(log: io.StringIO) -> None:
    """The answer carries it too."""
    answer = client("olga").get("/certificates?after=x")
    (told,) = [one for one in lines(log) if one["logger"] == "tallyport.request"]
    assert told["request"] == answer.headers["X-Request-Id"]
    assert (told["method"], told["path"], told["status"]) == ("GET", "/certificates", 200)
    assert told["user"] == "olga"
    assert told["level"] == "info"


@pytest.mark.parametrize(
    ("given", "is_taken"), [("a-1.b_2", True), ("a b", False), ("x" * 65, False)]
)
def test_a_caller_may_bring_its_own_id(log: io.StringIO, given: str, *, is_taken: bool) -> None:
    """If it is a plain word: a log line is no place for anything else."""
    answer = client().get("/login", headers={"X-Request-Id": given})
    assert (answer.headers["X-Request-Id"] == given) == is_taken
    assert lines(log)[-1]["request"] == answer.headers["X-Request-Id"]


def test_no_secret_is_ever_logged(log: io.StringIO) -> None:
    """Passwords, tokens, queries, bodies, cookies."""
    client().post("/login", {"username": "olga", "password": "wrong-word-4711"})
    client().post("/login", {"username": "olga", "password": PASSWORD})
    bearer = {"Authorization": "Bearer tp_some-token-4711"}
    client().get("/api/v1/entries?secret=4711", headers=bearer)
    client("olga").post("/api/v1/commands", "{4711", content_type="application/json")
    client().get("/nowhere/?password=4711")
    assert len(lines(log)) >= 5
    assert not [word for word in SECRETS if word in log.getvalue()]


def test_what_is_asked_all_day_is_not_told(log: io.StringIO) -> None:
    """Health, figures, files."""
    for path in ("/livez", "/metrics", "/readyz"):
        client().get(path)
    assert not [one for one in lines(log) if one["logger"] == "tallyport.request"]


def test_a_trace_is_one_line(log: io.StringIO) -> None:
    """So that a program reads it."""
    try:
        raise ValueError("broken")  # noqa: TRY301 - To have a trace.
    except ValueError:
        logging.getLogger("tallyport.test").exception("it broke")
    (told,) = lines(log)
    assert "ValueError: broken" in str(told["trace"])


def test_plain_text_is_the_default(portal: Portal) -> None:
    """For people who start it by hand."""
    del portal
    out = io.StringIO()
    handler = start_log(Spoken.TEXT, out)
    logging.getLogger("tallyport.test").warning("look")
    logging.getLogger().removeHandler(handler)
    assert out.getvalue().endswith("WARNING tallyport.test: look\n")
