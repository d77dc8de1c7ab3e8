"""Reading over HTTP: what pages show, as JSON, as of one entry, by whoever may.

Goal: every address answers what the description promises. Method: the description itself lists the
addresses; each answer is checked against its schema by a checker of a few lines that shares no code
with what made it.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from support import papers
from support.portal import ESCROW, LIMIT, VIN, client
from support.town import OPERATOR
from tallyport.adapters.ed25519 import verify
from tallyport.app.paper_desk import PaperDesk
from tallyport.app.permissions import PortalRole, Seat
from tallyport.app.portal import Portal
from tallyport.ledger.note import Checkpoint, VerifierKey, parse_note
from tallyport.ledger.receipt import check, parse_receipt

OLGA = Seat(user="olga", member=OPERATOR, roles=frozenset({PortalRole.OPERATOR}))
GIVEN = {
    "number": "1",
    "certificate_id": "RC-1/2/1",
    "limit_id": LIMIT,
    "financing_id": "FIN-1",
    "escrow_id": ESCROW,
    "vin": VIN,
    "sequence": "16",
    "party": "buyer/001",
    "name": "document:operator:sealed:1",
    "version": "1",
    "place": "000.p/3",
}


def get(path: str, user: str = "olga", **headers: str) -> Any:  # noqa: ANN401 - Django's own.
    """Ask for something."""
    return client(user, **headers).get(f"/api/v1/{path}")


def description() -> dict[str, Any]:
    """Return the OpenAPI description."""
    found: dict[str, Any] = client().get("/api/v1/openapi.json").json()
    return found


def fits(value: Any, schema: dict[str, Any], parts: dict[str, Any]) -> bool:  # noqa: ANN401, C901, PLR0911 - JSON.
    """Return whether `value` is what `schema` says; just the words that we use."""
    if "$ref" in schema:
        return fits(value, parts[schema["$ref"].rpartition("/")[2]], parts)
    if "anyOf" in schema:
        return any(fits(value, one, parts) for one in schema["anyOf"])
    if "enum" in schema:
        return value in schema["enum"]
    match schema.get("type"):
        case "object" if "properties" in schema:
            return isinstance(value, dict) and all(
                name in value and fits(value[name], one, parts)
                for name, one in schema["properties"].items()
            )
        case "object":
            return isinstance(value, dict)
        case "array":
            return isinstance(value, list) and all(
                fits(one, schema.get("items", {}), parts) for one in value
            )
        case "integer":
            return type(value) is int
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "null":
            return value is None
        case _:
            return True


def test_every_address_answers_what_it_promises(portal: Portal) -> None:
    """All read operations of the description, with the things of the story."""
    portal.node.documents.put(GIVEN["name"], 1, b"a document")
    PaperDesk(portal.home).take(OLGA, "paper", papers.einvoice(), portal.node.clock.now())
    described = description()
    parts, asked = described["components"]["schemas"], 0
    for path, operations in described["paths"].items():
        if "get" not in operations:
            continue
        address = path.removeprefix("/api/v1/").format(**GIVEN)
        address = address.replace("tile/000", "tile/0/000")
        answer = get(address + ("?old=3&new=9" if address == "consistency" else ""))
        assert answer.status_code == 200, (address, answer.content)
        for kind, content in operations["get"]["responses"]["200"]["content"].items():
            charset = "latin-1" if kind == "application/octet-stream" else "utf-8"
            text = answer.content.decode(charset)
            value = answer.json() if kind == "application/json" else text
            assert fits(value, content["schema"], parts), address
        asked += 1
    assert asked > 25


def test_the_description_is_whole(portal: Portal) -> None:
    """OpenAPI 3.1; every reference leads somewhere; every form of command is there, by its name."""
    described = description()
    assert described["openapi"].startswith("3.1")
    text = json.dumps(described)
    parts = described["components"]["schemas"]
    refs = {piece.partition('"')[0] for piece in text.split("#/components/schemas/")[1:]}
    assert not refs - set(parts)
    command = parts["Command"]
    assert set(command["discriminator"]["mapping"]) == set(portal.node.engine.machine.command_forms)
    ids = [one["operationId"] for path in described["paths"].values() for one in path.values()]
    assert len(ids) == len(set(ids))
    for path in described["paths"].values():
        for operation in path.values():
            assert operation["summary"]
            assert "default" in operation["responses"]


def test_a_command_is_described_as_the_ledger_takes_it(portal: Portal) -> None:
    """Every form: the fields are all there and no more; a command of the story fits its schema."""
    parts = description()["components"]["schemas"]
    for form, kind in portal.node.engine.machine.command_forms.items():
        schema = parts[form.replace("/", ".v")]
        assert set(schema["properties"]) == {"form", *kind.__annotations__}
        assert schema["additionalProperties"] is False
    for sequence in range(1, portal.node.engine.size + 1):
        for command in get(f"entries/{sequence}").json()["commands"]:
            assert fits(command, parts[command["form"].replace("/", ".v")], parts)


def test_the_docs_need_no_script(portal: Portal) -> None:
    """Every operation and every command on one page."""
    page = client().get("/api/v1/docs").content.decode()
    assert "<script" not in page
    assert "/api/v1/certificates" in page
    assert all(f.replace("/", ".v") in page for f in portal.node.engine.machine.command_forms)


def test_amounts_are_decimal_strings(portal: Portal) -> None:
    """60 000 000 yuan."""
    del portal
    face = get("certificates/RC-1").json()["certificate"]["face"]
    assert face == {"currency": "CNY", "minor": 6_000_000_000, "value": "60000000.00"}


def test_as_long_as_nothing_happens_nothing_is_sent(portal: Portal) -> None:
    """ETag and 304; another seat has another tag; a new entry changes it."""
    first = get("certificates")
    tag = first.headers["ETag"]
    assert first.headers["Vary"] == "Authorization, Cookie"
    again = get("certificates", if_none_match=tag)
    assert again.status_code == 304
    assert not again.content
    assert get("certificates", "ali").headers["ETag"] != tag
    before = portal.node.engine.size
    client("ali").post(
        "/api/v1/commands",
        {"commands": [{"form": "receivable.Accept/1", "certificate_id": "RC-404"}]},
        content_type="application/json",
        headers={"idempotency-key": "etag"},
    )
    assert portal.node.engine.size == before + 1
    assert get("certificates", if_none_match=tag).status_code == 200
    assert "ETag" not in get("dossiers").headers


@pytest.mark.parametrize(
    "path", ["entries", "dossiers", "certificates", "books/journal", "ratings"]
)
def test_a_list_goes_on_by_its_cursor(portal: Portal, path: str) -> None:
    """Pages of three, put together, are the list."""
    del portal
    whole = get(f"{path}?most=200").json()["items"]
    pieces: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = get(f"{path}?most=3" + (f"&after={cursor}" if cursor else "")).json()
        pieces += answer["items"]
        cursor = answer["next"]
    assert pieces == whole


def test_a_receipt_is_checked_by_an_outsider(portal: Portal) -> None:
    """Receipt, key and checkpoint come over the API; the key needs no login."""
    key = VerifierKey.parse(client().get("/api/v1/log-key").content.decode())
    receipt = parse_receipt(json.dumps(get("receipts/16").json()))
    assert check(receipt, [key], verify).size == portal.node.engine.size
    note = parse_note(client().get("/api/v1/checkpoint").content.decode())
    assert Checkpoint.parse(note.text).size == portal.node.engine.size
    assert note.is_signed_by(key, verify)


WRONG = [
    ("certificates/RC-404", 404),
    ("limits/none", 404),
    ("financings/none", 404),
    ("escrows/none", 404),
    ("entries/999", 404),
    ("entries/0", 400),
    ("entries/99999999999999999999", 400),
    ("receipts/999", 404),
    ("consistency?old=9&new=3", 404),
    ("consistency?old=1", 400),
    ("certificates?most=0", 400),
    ("certificates?most=1000", 400),
    ("entries?after=soon", 400),
    ("dossiers/NOSUCH", 404),
    ("ratings/nobody", 404),
    ("nowhere", 404),
    (f"certificates?after={'x' * 500}", 400),
]


@pytest.mark.parametrize(("path", "status"), WRONG)
def test_what_is_wrong_is_a_problem(portal: Portal, path: str, status: int) -> None:
    """One line of WRONG."""
    del portal
    answer = get(path)
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["do"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"escrows/{ESCROW}", 403),
        (f"limits/{LIMIT}", 403),
        ("findings", 403),
        ("sources", 403),
        (f"dossiers/{VIN}", 404),
        ("entries/18", 404),
        ("receipts/18", 404),
        ("certificates/RC-1", 200),
    ],
)
def test_a_seat_reads_only_what_concerns_it(portal: Portal, path: str, status: int) -> None:
    """bek-parts; what it may not even know of is not found."""
    del portal
    assert get(path, "bek").status_code == status
    assert get(path, "audra").status_code == 200


def test_lists_are_cut_to_the_seat(portal: Portal) -> None:
    """bek-parts asks for others' accounts and gets its own."""
    del portal
    owners = {one["owner"] for one in get("books/balances?member=landport", "bek").json()}
    assert owners == {"bek-parts"}
    assert get("escrows", "bek").json()["items"] == []
    assert {one["owner"] for one in get("books/balances?member=landport").json()} == {"landport"}


def test_health_needs_no_login(portal: Portal) -> None:
    """For whoever watches the process."""
    assert client().get("/healthz").json() == {"status": "alive"}
    ready = client().get("/readyz").json()
    assert ready["status"] == "ready"
    assert ready["entries"] == portal.node.engine.size


def test_a_method_that_is_not_there_is_told(portal: Portal) -> None:
    """DELETE is nobody's."""
    del portal
    assert client("olga").delete("/api/v1/certificates").status_code == 405
