"""Every page answers, to everybody who may see it, in every language, and to nobody else.

Goal: no page breaks on an empty node or on a full one. Method: the pages are found in the table of
addresses, asked through Django's test client as several seats, and read for what must be there.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.portal import ESCROW, LIMIT, VIN, client, empty_portal, show
from tallyport.app.portal import Portal

LISTS = (
    "/",
    "/dossiers",
    "/certificates",
    "/limits",
    "/financings",
    "/escrows",
    "/pledges",
    "/books",
    "/ledger",
    "/evidence",
    "/evidence/quarantine",
    "/evidence/findings",
    "/evidence/ratings",
    "/evidence/trades",
    "/evidence/settlements",
    "/members",
    "/nodes",
    "/ledger/checkpoint",
    "/ledger/verify",
)
THINGS = (
    f"/dossiers/{VIN}",
    "/certificates/RC-1",
    "/certificates/RC-1/2/1",
    f"/limits/{LIMIT}",
    "/financings/FIN-1",
    f"/escrows/{ESCROW}",
    "/ledger/1",
    "/ledger/16",
    "/evidence/ratings/buyer/001",
)
SAYS = [  # Address, and what its page must say.
    ("/evidence/trades?kind=haul", "haul not billed"),
    ("/evidence/trades", "freight_bill:ZD1"),
    ("/evidence/settlements?role=shipper", "37.1"),
    ("/", "60,000,000.00"),
    ("/", "landport"),
    ("/dossiers?text=восток", "LGWEF2A55EL000001"),
    (f"/dossiers/{VIN}", "opens to the commitment"),
    (f"/dossiers/{VIN}", "05_customs/declarations.xml:117"),
    ("/certificates?role=owed", "No certificates."),
    ("/certificates/RC-1/2/1", "30,790,000.00 CNY"),
    ("/certificates/RC-1/2/1", "bek-parts ⇢ silk-factoring"),
    ("/certificates/RC-1", "CN-SCF-1@"),
    ("/limits", "75 %"),
    (f"/limits/{LIMIT}", "/certificates/RC-1"),
    ("/financings/FIN-1", "5.5 %"),
    (f"/escrows/{ESCROW}", "700,000.00"),
    (f"/escrows/{ESCROW}", "waits"),
    ("/pledges?asset=LP-2024", "agreement:LP-2024-11"),
    ("/pledges?asset=nothing", "No pledges."),
    ("/books", "all accounts sum to zero"),
    ("/nodes", "kept by one node here"),
    ("/ledger", "escrow.ReleaseTranche/1"),
    ("/ledger?outcome=refused", "No entries."),
    ("/ledger/16", "financing.Disburse/1"),
    ("/evidence", "gb18030"),
    ("/evidence/quarantine?source=customs", "write 12500.00"),
    ("/evidence/findings?kind=double_sale", "Sold twice"),
    ("/evidence/ratings/buyer/001", "12 days"),
    ("/members", "Tarim Bank"),
]


@pytest.mark.parametrize("address", LISTS + THINGS)
@pytest.mark.parametrize("language", ["en", "zh-CN", "ru,en;q=0.5"])
def test_a_page_answers_in_every_language(portal: Portal, address: str, language: str) -> None:
    """200, in the language that was asked for, and no key of a text in sight."""
    del portal
    answer = client("olga", accept_language=language).get(address)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert f'<html lang="{language[:2]}">' in page
    visible = re.sub(r"<[^>]*>|<script.*?</script>", " ", page, flags=re.DOTALL)
    assert not re.findall(r"\b(?:nav|list|action|frame|overview|refusal)\.[a-z_]+\b", visible)


@pytest.mark.parametrize(("address", "words"), SAYS)
def test_a_page_says_what_it_is_for(portal: Portal, address: str, words: str) -> None:
    """One line of SAYS."""
    del portal
    assert words in client("olga").get(address).content.decode()


@pytest.mark.parametrize("address", LISTS + THINGS)
def test_nobody_sees_a_page_without_logging_in(portal: Portal, address: str) -> None:
    """Whoever has no seat is led to the login and back again."""
    del portal
    answer = client().get(address)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login?next=%2F")


@pytest.mark.parametrize(
    "address",
    [
        "/certificates/RC-404",
        "/limits/none",
        "/financings/x",
        "/escrows/x",
        "/ledger/999",
        "/ledger/0",
        "/ledger/99999999999",
        "/dossiers/NOSUCHVIN",
        "/evidence/ratings/x",
        "/nowhere",
    ],
)
def test_what_is_not_there_is_not_found(portal: Portal, address: str) -> None:
    """A page of ours says so, with what to do."""
    del portal
    answer = client("olga").get(address)
    assert answer.status_code == 404
    assert "Check the address" in answer.content.decode()


HIDDEN = [  # bek-parts may not see what concerns it in no way.
    (f"/escrows/{ESCROW}", "milan-group and ali-trading"),
    (f"/limits/{LIMIT}", "landport and silk-factoring"),
    ("/evidence", "evidence"),
    ("/evidence/findings", "evidence"),
    ("/evidence/ratings", "evidence"),
    (f"/dossiers/{VIN}", "its attester"),
    ("/ledger/18", "the opening of the escrow"),
    ("/ledger/18/receipt", "the opening of the escrow"),
]


@pytest.mark.parametrize(("address", "whose"), HIDDEN)
def test_a_seat_sees_only_what_concerns_its_member(
    portal: Portal, address: str, whose: str
) -> None:
    """403 with who may; an auditor, who reads everything, sees it."""
    del portal, whose
    assert client("bek").get(address).status_code == 403
    assert client("audra").get(address).status_code == 200


def test_lists_hold_only_what_concerns_the_member(portal: Portal) -> None:
    """bek-parts sees its certificate, and neither limits nor escrows of others."""
    del portal
    bek = client("bek")
    assert "RC-1/2/2" in bek.get("/certificates").content.decode()
    assert "RC-1/1<" not in bek.get("/certificates").content.decode()
    assert "No limits." in bek.get("/limits").content.decode()
    assert "No escrows." in bek.get("/escrows").content.decode()
    assert "milan-group" not in bek.get("/books").content.decode()
    assert "No dossiers yet." in bek.get("/dossiers").content.decode()


def test_an_empty_node_has_pages_too(portal: Portal, tmp_path: Path) -> None:
    """Every list has its empty state, every chart its sentence."""
    with empty_portal(tmp_path) as empty:
        show(empty)
        try:
            for address in LISTS:
                assert client("audra").get(address).status_code == 200, address
        finally:
            show(portal)


def test_a_list_goes_on_by_cursor(portal: Portal) -> None:
    """All dossiers are found by following "more"; htmx gets rows only."""
    del portal
    seen: list[str] = []
    address = "/dossiers"
    for _ in range(5):
        answer = client("olga", hx_request="true").get(address).content.decode()
        seen += re.findall(r'href="/dossiers/([A-Z0-9]{17})"', answer)
        more = re.search(r'hx-get="([^"]+)"', answer)
        if more is None:
            break
        address = more[1].replace("&amp;", "&")
        assert ("<html" in answer) == (len(seen) == 50)
    assert len(seen) == len(set(seen)) == 120


def test_a_page_is_as_of_one_entry(portal: Portal) -> None:
    """The foot of each page says which."""
    page = client("olga").get("/limits").content.decode()
    assert f"As of entry {portal.node.engine.size}" in page


@pytest.mark.parametrize("page", ["/ledger/{}", "/ledger/{}/receipt"])
@pytest.mark.parametrize("user", ["bek", "olga"])
def test_a_number_beyond_every_number_is_not_found(portal: Portal, page: str, user: str) -> None:
    """No database can look for it; nobody's page breaks over it."""
    del portal
    assert client(user).get(page.format(10**20)).status_code == 404
