"""Documents over HTTP: who owns or was granted reads, and nobody else, whatever else it may read.

Goal: the whole way of a document through the API, and each wrong step answered in words. Method:
tokens of several seats at one node of the tests; a second store of documents stands for the
reader's own node.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from support.portal import SEED, client
from support.town import BEK, FUND
from tallyport.adapters.documents import Documents
from tallyport.adapters.keystore import trial_key
from tallyport.app.portal import Portal
from tallyport.app.sharing import key_name, publish
from tallyport.web.accounts import issue_token

API, BYTES = "/api/v1/documents", "application/octet-stream"
TEXT = b"agreement XJYO-2024040401"
TOKENS: dict[str, str] = {}


def caller(user: str) -> Client:
    """Return a program that speaks for a user."""
    if user not in TOKENS:
        TOKENS[user] = issue_token(user, "documents")
    made: Client = client(None, authorization=f"Bearer {TOKENS[user]}")
    return made


def put(user: str, name: str, content: bytes = TEXT) -> Any:  # noqa: ANN401 - Django's own.
    """Put a document."""
    return caller(user).put(f"{API}/{name}", content, content_type=BYTES)


@pytest.fixture
def theirs(portal: Portal, tmp_path: Path) -> Iterator[Documents]:
    """The documents of the reader's own node; afterwards the portal shows its own again."""
    kept = portal.node.documents
    yield Documents(tmp_path, bytes(32))
    portal.node.documents = kept


def test_the_way_of_a_document(portal: Portal, theirs: Documents) -> None:
    """Put, listed, read; granted to a funder, taken at its node, read there."""
    answer = put("ali", "agreement")
    assert answer.status_code == 200, answer.content
    name = answer.json()["name"]
    assert answer.json()["is_new"]
    assert not put("ali", "agreement").json()["is_new"]
    assert [one["stored"] for one in caller("ali").get(API).json()].count(name) == 1
    read = caller("ali").get(f"{API}/{name}/versions/1")
    assert read.content == TEXT
    assert read.headers["Cache-Control"] == "private, no-store"
    refused = caller("ali").post(f"{API}/{name}/readers/{BEK}")  # It has published none.
    assert refused.status_code == 400
    assert "encryption key" in refused.json()["detail"]
    publish(portal.node, FUND, trial_key(SEED, key_name(FUND)))
    grant = caller("ali").post(f"{API}/{name}/readers/{FUND}")
    assert grant.status_code == 200
    assert TEXT not in grant.content
    portal.node.documents = theirs
    taken = caller("fund").post(API, grant.content, content_type=BYTES)
    assert taken.json() == {"name": name, "versions": 1}
    assert caller("fund").get(f"{API}/{name}/versions/1").content == TEXT
    assert caller("bek").get(f"{API}/{name}/versions/1").status_code == 404
    assert caller("fund").delete(f"{API}/{name}").status_code == 404  # The owner's, not a reader's.


def test_withdrawn_and_erased(portal: Portal) -> None:
    """Each is told, and done once."""
    publish(portal.node, FUND, trial_key(SEED, key_name(FUND)))
    name = put("ali", "another").json()["name"]
    caller("ali").post(f"{API}/{name}/readers/{FUND}")
    gone = caller("ali").delete(f"{API}/{name}/readers/{FUND}")
    assert gone.json() == {"name": name, "readers": []}
    assert caller("ali").delete(f"{API}/{name}/readers/{FUND}").status_code == 404
    assert caller("ali").delete(f"{API}/{name}").json() == {"name": name, "readers": []}
    assert caller("ali").get(f"{API}/{name}/versions/1").status_code == 404
    assert put("ali", "another").status_code == 404


@pytest.mark.parametrize("user", ["bek", "olga", "audra", "fund"])
def test_nobody_else_reads_it(portal: Portal, user: str) -> None:
    """Not even who reads all of the ledger; it looks as if there were none."""
    del portal
    name = put("ali", "private").json()["name"]
    assert name not in [one["stored"] for one in caller(user).get(API).json()]
    assert caller(user).get(f"{API}/{name}/versions/1").status_code == 404
    if user != "audra":  # An auditor sends nothing at all.
        assert caller(user).post(f"{API}/{name}/readers/{FUND}").status_code == 404
        assert caller(user).delete(f"{API}/{name}").status_code == 404


@pytest.mark.parametrize("user", ["vera", "audra"])
def test_who_only_reads_changes_nothing(portal: Portal, user: str) -> None:
    """A viewer and an auditor."""
    del portal
    assert put(user, "x").status_code == 403
    assert caller(user).post(API, b"x", content_type=BYTES).status_code == 403
    assert caller(user).delete(f"{API}/x").status_code == 403


def test_what_is_no_grant_is_told(portal: Portal) -> None:
    """And who has no login is not heard."""
    del portal
    answer = caller("ali").post(API, b"nonsense", content_type=BYTES)
    assert answer.status_code == 400
    assert "tallyport-grant/1" in answer.json()["detail"]
    assert client().get(API).status_code == 401
    assert caller("ali").get(f"{API}/none/versions/1").status_code == 404
