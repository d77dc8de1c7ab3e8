"""Papers as pages, over HTTP and in a real browser.

Goal: whoever may hands a file in and sees what it says; others see nothing of it; the same file
twice is harmless; a hostile one is refused in words. Method: papers made by hand; Django's test
client as several seats; Chromium in three languages, with a picture where TALLYPORT_SHOTS says.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import Browser, Page

from support import papers as make
from support.portal import PASSWORD, client, served
from tallyport.app import paper_desk
from tallyport.app.origins import Origins
from tallyport.app.paper_desk import PaperDesk
from tallyport.app.portal import Portal

INVOICE = make.einvoice()


@pytest.fixture
def desk(portal: Portal) -> PaperDesk:
    """Return the desk of the node, with nothing on it."""
    (portal.home.evidence / "papers.sqlite").unlink(missing_ok=True)
    return PaperDesk(portal.home)


def hand_in(
    user: str, content: bytes, name: str = "invoice.xml", **headers: str
) -> tuple[int, str]:
    """Send the form; return the status, and where it leads or what it says."""
    form = {"paper": SimpleUploadedFile(name, content)}
    answer = client(user, **headers).post("/papers", form)
    return answer.status_code, answer.headers.get("Location") or answer.content.decode()


@pytest.mark.parametrize("language", ["en", "zh-CN", "ru,en;q=0.5"])
def test_the_pages_answer_in_every_language(desk: PaperDesk, language: str) -> None:
    """The list and a paper; no key of a text in sight."""
    status, address = hand_in("olga", INVOICE)
    assert (status, len(desk.all(None, before=None, most=9))) == (302, 1)
    for one in ("/papers", address):
        text = client("olga", accept_language=language).get(one).content.decode()
        assert "papers." not in text
        assert "paper_" not in text
        assert "invoice.xml" in text
    for shown in ("24999000000000000017", "113000.00", "EInvoice/InvoiceNumber"):
        assert shown in text


def test_the_same_file_twice_is_harmless_and_says_so(desk: PaperDesk) -> None:
    """It leads to the same page, which says that nothing was changed."""
    _, first = hand_in("ali", INVOICE)
    _, again = hand_in("ali", INVOICE, "renamed.xml")
    assert again == f"{first}?again=1"
    assert "handed in before" in client("ali").get(again).content.decode()
    assert len(desk.all(None, before=None, most=9)) == 1


def test_the_same_invoice_again_is_a_finding(desk: PaperDesk) -> None:
    """In other bytes it names the first; from another member it names nobody."""
    hand_in("ali", INVOICE, "first.xml")
    _, mine = hand_in("ali", make.einvoice(note="x"))
    assert "the same as first.xml" in client("ali").get(mine).content.decode()
    _, other = hand_in("bek", INVOICE)
    text = client("bek").get(other).content.decode()
    assert "one of another member" in text
    assert "first.xml" not in text
    assert len(desk.all(None, before=None, most=9)) == 3


def test_who_may_hand_in_and_see(desk: PaperDesk) -> None:
    """A viewer reads what its member has, an auditor all, a stranger nothing; they do not send."""
    _, address = hand_in("ali", INVOICE)
    number = address.rpartition("/")[2]
    for user, status in (("vera", 200), ("audra", 200), ("olga", 200), ("bek", 404)):
        assert client(user).get(address).status_code == status
        assert client(user).get(f"/api/v1/papers/{number}").status_code == status
    assert "invoice.xml" not in client("bek").get("/papers").content.decode()
    for user in ("vera", "audra"):
        assert 'name="paper"' not in client(user).get("/papers").content.decode()
        assert hand_in(user, make.einvoice(note=user))[0] == 403
    assert client().get("/papers").status_code == 302
    assert client().post("/papers", {}).status_code == 302
    assert len(desk.all(None, before=None, most=9)) == 1


def test_a_form_without_its_token_is_refused(desk: PaperDesk) -> None:
    """Another site cannot hand anything in."""
    strict = client("ali")
    strict.handler.enforce_csrf_checks = True
    answer = strict.post("/papers", {"paper": SimpleUploadedFile("x.xml", INVOICE)})
    assert answer.status_code == 403
    assert desk.all(None, before=None, most=9) == ()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"MZ\x90\x00", "the form of the file is not one that is read"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><eInvoice/>", "the XML declares entities"),
        (make.pdf(["x"], extra=b"/OpenAction << /S /JavaScript /JS (x) >>"), "would do something"),
        (make.zipped({"../../etc/passwd": b"x"}), "a path leads out of the package"),
    ],
)
def test_a_hostile_file_is_refused_in_words(desk: PaperDesk, content: bytes, said: str) -> None:
    """It is kept as refused, or not taken at all; nothing of it is used."""
    status, place = hand_in("ali", content, "<b>\u202e.pdf")
    text = client("ali").get(place).content.decode() if status == 302 else place
    assert said in text
    assert "<b>.pdf" not in text
    for kept in desk.all(None, before=None, most=9):
        assert kept.paper.is_refused
        assert not kept.paper.fields
        assert "\u202e" not in kept.paper.file


def test_a_file_that_is_too_large_is_not_taken(
    desk: PaperDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says how large it may be; the API too."""
    monkeypatch.setattr(paper_desk, "UPLOAD_BYTES_MAX", 100)
    assert hand_in("ali", INVOICE)[0] == 400
    body = client("ali").post("/api/v1/papers", INVOICE, content_type="application/octet-stream")
    assert body.status_code == 400
    assert desk.all(None, before=None, most=9) == ()


def test_a_busy_desk_says_so(desk: PaperDesk) -> None:
    """Two readings at once; the third is told to come again."""
    held = [paper_desk._reading.acquire() for _ in range(paper_desk.AT_ONCE_MAX)]
    try:
        status, text = hand_in("ali", INVOICE)
    finally:
        for _ in held:
            paper_desk._reading.release()
    assert (status, "try again in a minute" in text) == (400, True)
    assert hand_in("ali", INVOICE)[0] == 302
    assert len(desk.all(None, before=None, most=9)) == 1


def test_programs_hand_in_as_people_do(desk: PaperDesk) -> None:
    """Bytes as the body, larger than other requests may be; the second time it is not new."""
    large = INVOICE + b" " * (3 << 20)
    for is_new in (True, False):
        answer = client("ali").post(
            "/api/v1/papers?file=a.xml", large, content_type="application/octet-stream"
        )
        assert answer.status_code == 200
        assert answer.json()["is_new"] is is_new
        assert answer.json()["paper"]["kind"] == "invoice"
    (one,) = client("ali").get("/api/v1/papers").json()
    assert one["paper"]["file"] == "a.xml"
    assert client("bek").get("/api/v1/papers").json() == []
    assert len(desk.all(None, before=None, most=9)) == 1


def test_a_paper_leads_to_its_record(desk: PaperDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """By invoice number, VIN or agreement number, where the last reading has it."""
    known = {"vehicle:HLX33B128R1643455"}
    monkeypatch.setattr(Origins, "known", lambda _self, named: known & set(named))
    _, address = hand_in("ali", make.einvoice(note="车架号HLX33B128R1643455"))
    assert 'href="/dossiers/HLX33B128R1643455"' in client("ali").get(address).content.decode()
    assert len(desk.all(None, before=None, most=9)) == 1


@pytest.mark.browser
@pytest.mark.parametrize("locale", ["en-GB", "zh-CN", "ru-RU"])
def test_a_person_hands_in_a_paper(
    portal: Portal, browser: Browser, tmp_path: Path, locale: str
) -> None:
    """Chosen, sent, read; with a picture for people to look at; nothing on the console."""
    file = tmp_path / "invoice.ofd"
    file.write_bytes(make.zipped(make.ofd_files(["发票"], attached=make.einvoice(total="1.00"))))
    with served(portal) as address:
        (portal.home.evidence / "papers.sqlite").unlink(missing_ok=True)
        page = browser.new_context(
            locale=locale, viewport={"width": 1280, "height": 900}
        ).new_page()
        told: list[str] = []
        page.on("console", lambda message: told.append(message.text))
        page.goto(f"{address}/login")
        page.fill("[name=username]", "olga")
        page.fill("[name=password]", PASSWORD)
        page.click("button.strong")
        page.goto(f"{address}/papers")
        page.set_input_files("[name=paper]", str(file))
        page.click("main form button.strong")
        page.wait_for_selector("text=24999000000000000017")
        _shoot(page, f"paper-{locale}")
        page.goto(f"{address}/papers")
        _shoot(page, f"papers-{locale}")
        page.click("text=invoice.ofd")
        page.wait_for_selector("text=113000.00")
        assert told == []
        assert len(PaperDesk(portal.home).all(None, before=None, most=9)) == 1


def _shoot(page: Page, name: str) -> None:
    if folder := os.environ.get("TALLYPORT_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
