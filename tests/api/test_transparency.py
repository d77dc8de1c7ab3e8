"""Tiles and the witness over HTTP: open where nothing is told, closed where it is.

Goal: other programs of this kind find what they expect. Method: the small node of the tests is
asked for every tile; bundles by several seats; a witness cosigns the node's own log.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from support.portal import client
from tallyport.adapters.ed25519 import Signing
from tallyport.adapters.witness import Witness
from tallyport.app.portal import Portal
from tallyport.cli.main import app
from tallyport.ledger.merkle import leaf_hash
from tallyport.ledger.note import Checkpoint, VerifierKey, parse_note
from tallyport.ledger.tiles import tiles_of
from tallyport.ledger.witnessing import Request

API = "/api/v1"


def test_every_tile_is_there_and_no_other(portal: Portal) -> None:
    """Without a login; kept for ever by whoever has it."""
    engine = portal.node.engine
    (tile,) = tiles_of(engine.size)
    found = client().get(f"{API}/{tile.path}")
    assert found.status_code == 200
    assert found.headers["Content-Type"] == "application/octet-stream"
    assert "immutable" in found.headers["Cache-Control"]
    leaves = [leaf_hash(engine.raw_entry(n)) for n in range(1, engine.size + 1)]
    assert found.content == b"".join(leaves)
    assert client().get(f"{API}/tile/0/000.p/3").content == b"".join(leaves[:3])
    for path in ("tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1", "tile/0/000.p/0", "tile/x/000"):
        assert client().get(f"{API}/{path}").status_code == 404, path


@pytest.mark.parametrize(
    ("user", "status"), [(None, 401), ("ali", 403), ("olga", 200), ("audra", 200)]
)
def test_bundles_are_for_seats_that_read_everything(
    portal: Portal, user: str | None, status: int
) -> None:
    """They hold everybody's entries."""
    asked = client(user).get(f"{API}/tile/entries/000.p/2")
    assert asked.status_code == status
    if status == 200:
        first = portal.node.engine.raw_entry(1)
        assert asked.content.startswith(len(first).to_bytes(2, "big") + first)
        assert "private" in asked.headers["Cache-Control"]


@pytest.fixture
def witness(portal: Portal, tmp_path: Path) -> Iterator[Witness]:
    """Let the node watch its own log."""
    (tmp_path / "name").write_text("eyes.example\n", "utf-8")
    (tmp_path / "logs").write_text(f"{portal.node.engine.verifier_key}\n", "utf-8")
    portal.witness = Witness(tmp_path, Signing(b"\x07" * 32), is_new=True)
    yield portal.witness
    portal.witness = None


def ask(request: Request | bytes) -> tuple[int, str, str]:
    """Send a request to the witness."""
    body = request if isinstance(request, bytes) else str(request).encode()
    came = client().post(f"{API}/witness/add-checkpoint", body, content_type="text/plain")
    return came.status_code, came.content.decode(), came.headers["Content-Type"]


def test_a_checkpoint_is_cosigned(portal: Portal, witness: Witness) -> None:
    """No login, no token of a form: the log's signature is what counts."""
    note = parse_note(portal.node.engine.checkpoint())
    checkpoint = Checkpoint.parse(note.text)
    status, line, _ = ask(Request(old=0, proof=(), note=note, checkpoint=checkpoint))
    assert status == 200
    joint = parse_note(f"{note}{line}")
    from tallyport.adapters.suites import verify  # noqa: PLC0415 - Beside its only use.

    assert joint.is_signed_by(witness.key, verify)
    status, size, kind = ask(Request(old=0, proof=(), note=note, checkpoint=checkpoint))
    assert (status, size, kind) == (409, f"{checkpoint.size}\n", "text/x.tlog.size")
    assert ask(b"old 0\n\nnonsense")[0] == 400


def test_a_node_that_is_no_witness_says_so(portal: Portal) -> None:
    """There is no such address."""
    assert portal.witness is None
    assert ask(b"old 0\n\n")[0] == 404


def test_on_the_command_line(portal: Portal, tmp_path: Path) -> None:
    """Make a witness, watch a log, write tiles."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "node.json").write_bytes((portal.home.folder / "node.json").read_bytes())

    def call(*words: str) -> str:
        result = CliRunner().invoke(app, words, env={"TALLYPORT_HOME": str(home)})
        assert result.exit_code == 0, result.output
        return result.output

    key = VerifierKey.parse(call("witness", "init", "eyes.example").replace("\n", ""))
    assert VerifierKey.parse(call("witness", "key").strip()) == key
    log = str(portal.node.engine.verifier_key)
    for _ in range(2):
        assert "watching tallyport/main" in call("witness", "watch", log)
    assert (home / "witness" / "logs").read_text("utf-8") == f"{log}\n"
    tiles = call("tiles", str(tmp_path / "tiles"), "--home", str(portal.home.folder))
    assert f"{portal.node.engine.size} entries" in tiles
    for words in (("witness", "init", "other"), ("witness", "init", "two words")):
        env = {"TALLYPORT_HOME": str(home)}
        assert CliRunner().invoke(app, words, env=env).exit_code != 0
