"""Commands over HTTP: judged once, refused in words, never an error of ours.

Goal: a client that sends everything twice, sends nonsense, or sends for others gets a clear answer
and does no harm. Method: tokens through Django's test client on a node of its own; Hypothesis sends
whatever JSON it can think of.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from support.portal import client
from tallyport.api.problems import WHAT_TO_DO, Problem
from tallyport.app.portal import Portal
from tallyport.contracts.receivable.accept import Accept
from tallyport.kernel.ids import CertificateId, MemberId
from tallyport.web.accounts import issue_token

ACCEPT = {"form": "receivable.Accept/1", "certificate_id": "RC-1/2/3"}
SPLIT = {
    "form": "receivable.Split/1",
    "certificate_id": "RC-1/1",
    "faces": [{"currency": "CNY", "minor": 1}, {"currency": "CNY", "minor": 2}],
}
TOKENS: dict[str, str] = {}


def caller(user: str) -> Client:
    """Return a program that speaks for a user."""
    if user not in TOKENS:
        TOKENS[user] = issue_token(user, "tests")
    made: Client = client(None, authorization=f"Bearer {TOKENS[user]}")
    return made


def post(user: str, body: object, key: str | None = None, path: str = "commands") -> Any:  # noqa: ANN401 - Django's own.
    """Send a body as JSON."""
    headers = {} if key is None else {"idempotency-key": key}
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return caller(user).post(
        f"/api/v1/{path}", text, content_type="application/json", headers=headers
    )


def problem(answer: Any) -> Problem:  # noqa: ANN401 - Django's own.
    """Return what an answer complains of; it must say what to do."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert set(body) == {"type", "title", "status", "detail", "do"}
    found = Problem(body["type"].partition("#")[2])
    assert (body["status"], body["do"]) == WHAT_TO_DO[found]
    assert answer.status_code == body["status"]
    return found


def test_the_same_wish_under_the_same_key_is_one_entry(portal: Portal) -> None:
    """First, repeat, another wish under the key, then the receipt of the entry."""
    first = post("ali", {"commands": [ACCEPT]}, "k-1")
    assert first.status_code == 200
    answer = first.json()
    assert answer["outcome"] == "accepted"
    assert not answer["repeat"]
    assert answer["events"]
    size = portal.node.engine.size

    again = post("ali", {"commands": [ACCEPT], "member": "ali-trading"}, "k-1").json()
    assert again == answer | {"repeat": True}
    assert problem(post("ali", {"commands": [SPLIT]}, "k-1")) is Problem.KEY_REUSED
    assert portal.node.engine.size == size

    receipt = caller("ali").get(answer["receipt"]).json()
    assert receipt["index"] == answer["sequence"] - 1


def test_a_refusal_is_an_answer(portal: Portal) -> None:
    """200, recorded, with the reason that docs/REFUSALS.md explains."""
    answer = post("ali", {"commands": [SPLIT]}, "k-refused")
    assert answer.status_code == 200
    assert answer.json()["outcome"] == "refused"
    assert answer.json()["reason"] == "receivable.parts_must_sum_to_face"
    assert answer.json()["sequence"] == portal.node.engine.size


MALFORMED = [
    (None, {"commands": [ACCEPT]}),
    ("not an id", {"commands": [ACCEPT]}),
    ("k" * 200, {"commands": [ACCEPT]}),
    ("k", {}),
    ("k", {"commands": []}),
    ("k", {"commands": [ACCEPT] * 101}),
    ("k", {"commands": [ACCEPT], "extra": 1}),
    ("k", {"commands": [ACCEPT], "member": 7}),
    ("k", {"commands": [ACCEPT], "member": "no member!"}),
    ("k", {"commands": [{"form": "receivable.Explode/1"}]}),
    ("k", {"commands": [ACCEPT | {"extra": 1}]}),
    ("k", {"commands": [SPLIT | {"faces": [{"currency": "CNY", "minor": 1.5}]}]}),
    ("k", []),
    ("k", b"not json"),
    ("k", b'{"commands":[],"commands":[]}'),
    ("k", b"\xff\xfe"),
    ("k", b"[" * 100_000),
]


@pytest.mark.parametrize(("key", "body"), MALFORMED)
def test_what_is_malformed_is_not_recorded(portal: Portal, key: str | None, body: object) -> None:
    """One line of MALFORMED: 400 with what was expected."""
    size = portal.node.engine.size
    assert problem(post("ali", body, key)) is Problem.MALFORMED
    assert portal.node.engine.size == size


@pytest.mark.parametrize(
    ("user", "member"),
    [("ali", "bek-parts"), ("vera", "ali-trading"), ("audra", "milan-group"), ("fund", "landport")],
)
def test_nobody_sends_for_others(portal: Portal, user: str, member: str) -> None:
    """Nor does one who only looks; nothing is recorded."""
    size = portal.node.engine.size
    assert problem(post(user, {"commands": [ACCEPT], "member": member}, "k-2")) is Problem.DENIED
    assert portal.node.engine.size == size


def test_the_operator_of_a_trial_sends_for_all(portal: Portal) -> None:
    """And only of a trial."""
    portal.is_trial = False
    body = {"commands": [SPLIT], "member": "ali-trading"}
    assert problem(post("olga", body, "k-3")) is Problem.DENIED
    portal.is_trial = True
    assert post("olga", body, "k-3").status_code == 200


def test_an_envelope_may_be_signed_elsewhere(portal: Portal) -> None:
    """It needs no key header: it carries its own; changed by a letter it is not admitted."""
    command = Accept(certificate_id=CertificateId("RC-1/404"))
    raw = portal.node.seal(MemberId("bek-parts"), "from-afar", (command,))
    answer = post("bek", raw, path="envelopes")
    assert answer.json()["reason"] == "receivable.certificate_not_found"
    assert post("bek", raw, path="envelopes").json()["repeat"]
    changed = raw.replace(b"RC-1/404", b"RC-1/405")
    assert problem(post("bek", changed, path="envelopes")) is Problem.NOT_ADMITTED
    assert problem(post("bek", b"{}", path="envelopes")) is Problem.MALFORMED
    assert problem(post("vera", raw, path="envelopes")) is Problem.DENIED


def test_a_session_needs_its_csrf_token(portal: Portal) -> None:
    """A page of another site can make a browser send its cookie, not the token."""
    del portal
    browser = client("ali")
    browser.handler.enforce_csrf_checks = True
    answer = browser.post("/api/v1/commands", b"{}", content_type="application/json")
    assert problem(answer) is Problem.DENIED


def test_who_is_nobody_is_asked_to_say_who(portal: Portal) -> None:
    """401 with the scheme."""
    del portal
    for made in (client(), client(None, authorization="Bearer tp_wrong")):
        answer = made.post("/api/v1/commands", b"{}", content_type="application/json")
        assert problem(answer) is Problem.UNKNOWN_CALLER
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_too_much_is_too_much(portal: Portal) -> None:
    """Beyond what Django reads, and beyond what the ledger reads."""
    del portal
    assert problem(post("ali", b" " * (3 << 20), "k")) is Problem.TOO_LARGE
    assert problem(post("ali", b" " * (1 << 20) + b"{}", "k")) is Problem.MALFORMED


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=12,
)


def commands(forms: list[str]) -> st.SearchStrategy[object]:
    """Return bodies that look a little like commands."""
    names = st.sampled_from(["certificate_id", "amount", "faces", "member", "reason", "items"])
    wish = st.dictionaries(names, JSON, max_size=4)
    formed = st.builds(lambda form, fields: fields | {"form": form}, st.sampled_from(forms), wish)
    return st.builds(lambda wishes: {"commands": wishes}, st.lists(formed | JSON, max_size=3))


@settings(max_examples=40)
@given(data=st.data())
def test_no_json_ever_breaks_the_node(portal: Portal, data: st.DataObject) -> None:
    """Whatever comes: 200 or a problem that says what to mend, never a 500."""
    forms = sorted(portal.node.engine.machine.command_forms)
    body = data.draw(JSON | commands(forms))
    path = data.draw(st.sampled_from(["commands", "envelopes"]))
    answer = post("olga", body, "k-random", path)
    assert answer.status_code == 200 or problem(answer) is not Problem.BROKEN
