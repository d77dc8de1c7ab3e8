"""Forms send commands: once, as whoever may, and a refusal is told in the visitor's language.

Goal: what a page offers can be done, what it does not offer cannot be forced. Method: the forms
are read from the page as a browser would, filled in and sent, on a node of its own for each test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.portal import client, show, small_portal
from tallyport.app.portal import Portal
from tallyport.contracts.receivable.model import Certificate, Stage


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    """Yield a fresh node: these tests change it."""
    with small_portal(tmp_path) as portal:
        show(portal)
        yield portal


def forms(page: str) -> dict[str, dict[str, str]]:
    """Return the fields of every form that sends a command, by the command's form."""
    found = {}
    for form in re.findall(r'action="/commands".*?</form>', page, re.DOTALL):
        hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)
        fields = {name: value for name, value in hidden if name != "csrfmiddlewaretoken"}
        found[fields["form"]] = fields
    return found


def offered(user: str, address: str) -> dict[str, dict[str, str]]:
    """Return what a page offers a user."""
    return forms(client(user).get(address).content.decode())


def send(user: str, fields: dict[str, str], **headers: str) -> Any:  # noqa: ANN401 - Django's own.
    """Send a form as htmx does."""
    return client(user, hx_request="true", **headers).post("/commands", fields)


def row(portal: Portal, certificate_id: str) -> Certificate:
    """Return a certificate as it is now."""
    with portal.node.book() as book:
        certificate = book.get(Certificate, certificate_id)
    assert certificate is not None
    return certificate


def test_a_holder_splits_and_passes_on(portal: Portal) -> None:
    """Split in two lines, then transfer the first part; each leads back to the page."""
    address = "/certificates/RC-1/2/2"
    split = offered("bek", address)["receivable.Split/1"] | {"faces": "13,000,000.00\n870000"}
    answer = send("bek", split)
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == f"{address}?done={portal.node.engine.size}"
    assert row(portal, "RC-1/2/2/2").face.minor == 87_000_000

    transfer = offered("bek", f"{address}/1")["receivable.Transfer/1"] | {"taker": "can-steel"}
    assert send("bek", transfer).status_code == 204
    assert row(portal, "RC-1/2/2/1").stage is Stage.OFFERED
    page = client("bek").get(f"{address}/1?done=3").content.decode()
    assert "Done." in page


def test_a_refusal_is_told_in_every_language(portal: Portal) -> None:
    """Parts that do not sum to the face: recorded, shown with its entry, nothing changed."""
    said = {
        "en": "Parts must sum to face.",
        "zh": "各份金额合计必须等于票面。",
        "ru": "Части вместе должны равняться номиналу.",
    }
    for language, words in said.items():
        split = offered("bek", "/certificates/RC-1/2/2")["receivable.Split/1"]
        answer = send("bek", split | {"faces": "1.00; 2.00"}, accept_language=language)
        assert answer.status_code == 200
        page = answer.content.decode()
        assert words in page
        assert f"/ledger/{portal.node.engine.size}" in page
    assert row(portal, "RC-1/2/2").stage is Stage.OPEN


def test_after_a_refusal_the_form_can_be_mended(portal: Portal) -> None:
    """The answer brings a fresh key, which counts because it stands last."""
    split = offered("bek", "/certificates/RC-1/2/2")["receivable.Split/1"]
    told = send("bek", split | {"faces": "1.00; 2.00"}).content.decode()
    fresh = re.search(r'name="key" value="([^"]+)"', told)
    assert fresh is not None
    assert fresh[1] != split["key"]
    mended = {"faces": "13000000; 870000", "key": [split["key"], fresh[1]]}
    answer = client("bek", hx_request="true").post("/commands", split | mended)
    assert answer.status_code == 204
    assert row(portal, "RC-1/2/2").stage is Stage.SPLIT


def test_pressing_twice_does_nothing_twice(portal: Portal) -> None:
    """The form carries its idempotency key."""
    accept = offered("ali", "/certificates/RC-1/2/3")["receivable.Accept/1"]
    first, second = send("ali", accept), send("ali", accept)
    assert first.headers["HX-Redirect"] == second.headers["HX-Redirect"]
    assert row(portal, "RC-1/2/3").holder == "ali-trading"


def test_a_form_without_htmx_works_too(portal: Portal) -> None:
    """A browser without scripts is led back to the page."""
    decline = offered("ali", "/certificates/RC-1/2/3")["receivable.Decline/1"]
    answer = client("ali").post("/commands", decline)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/certificates/RC-1/2/3?done=")
    assert row(portal, "RC-1/2/3").stage is Stage.OPEN


def test_a_discount_goes_from_application_to_payment(portal: Portal) -> None:
    """bek-parts applies, the funder approves and pays out."""
    asked = {"financing_id": "FIN-2", "funder": "silk-factoring", "rate_bp_max": "700"}
    apply = offered("bek", "/certificates/RC-1/2/2")["financing.ApplyForDiscount/1"]
    assert send("bek", apply | asked | {"day_count": "ACT/360"}).status_code == 204

    reviewed = {"rate_bp": "600", "penalty_bp": "0", "evidence": "ATT-CLAIM", "reason": "usual"}
    approve = offered("fund", "/financings/FIN-2")["financing.Approve/1"]
    assert send("fund", approve | reviewed).status_code == 204
    disburse = offered("fund", "/financings/FIN-2")["financing.Disburse/1"]
    assert send("fund", disburse).status_code == 204
    assert row(portal, "RC-1/2/2").holder == "silk-factoring"


def test_a_viewer_and_a_stranger_are_offered_nothing(portal: Portal) -> None:
    """Vera looks for ali-trading; fund holds another certificate."""
    del portal
    assert not offered("vera", "/certificates/RC-1/2/3")
    assert offered("ali", "/certificates/RC-1/2/3")
    assert not offered("audra", "/certificates/RC-1/2/3")


def test_what_is_not_offered_cannot_be_forced(portal: Portal) -> None:
    """Neither as a viewer nor as another member; nothing is recorded."""
    size = portal.node.engine.size
    accept = offered("ali", "/certificates/RC-1/2/3")["receivable.Accept/1"]
    for user in ("vera", "audra", "bek"):
        assert "may not send" in send(user, accept).content.decode()
    assert portal.node.engine.size == size


def test_in_a_trial_the_operator_plays_everybody(portal: Portal) -> None:
    """With published keys only: on a real node the switch is off."""
    accept = offered("olga", "/certificates/RC-1/2/3")["receivable.Accept/1"]
    assert accept["member"] == "ali-trading"
    portal.is_trial = False
    assert "receivable.Accept/1" not in offered("olga", "/certificates/RC-1/2/3")
    assert "may not send" in send("olga", accept).content.decode()
    portal.is_trial = True
    assert send("olga", accept).status_code == 204


BROKEN = [
    {"faces": "many"},
    {"faces": "1.005"},
    {"form": "receivable.Explode/1"},
    {"form": ""},
    {"key": "not an id"},
    {"key": ""},
    {"member": "no member!"},
    {"certificate_id": ""},
    {"currency": "yuan", "faces": "1\n2"},
    {"form": "financing.Repay/1", "amount": "1", "financing_id": "x", "currency": "€"},
    {"form": "escrow.ReleaseTranche/1", "escrow_id": "ESC-1", "number": "9" * 30},
]


@pytest.mark.parametrize("changed", BROKEN)
def test_a_broken_form_is_told_what_to_mend(portal: Portal, changed: dict[str, str]) -> None:
    """One line of BROKEN: an answer with a reason, never an error page; nothing is recorded."""
    size = portal.node.engine.size
    split = offered("bek", "/certificates/RC-1/2/2")["receivable.Split/1"]
    answer = send("bek", split | {"faces": "1\n2"} | changed)
    assert answer.status_code == 200
    assert 'class="notice is-bad"' in answer.content.decode()
    assert portal.node.engine.size == size


def test_leading_back_never_leads_to_another_site(portal: Portal) -> None:
    """`back` may be forged."""
    del portal
    accept = offered("ali", "/certificates/RC-1/2/3")["receivable.Accept/1"]
    answer = send("ali", accept | {"back": "https://evil.example/x"})
    assert answer.headers["HX-Redirect"].startswith("/?done=")
