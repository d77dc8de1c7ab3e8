"""Tiles and witnesses of a real ledger, and what another program says of them.

Goal: a log of ours is held to its word with tools that share no code with it. Method: the toys'
ledger is cut into tiles, witnessed, proved; restarted and raced witnesses; Go's packages for its
checksum database read all of it (slow).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from support.engines import LOG_KEY, engine, submit_all
from support.toy import ALI, CHANNEL, Add, enrolment, sealed
from tallyport.adapters.ed25519 import Signing
from tallyport.adapters.embedded.engine import Engine
from tallyport.adapters.embedded.store import StoreError
from tallyport.adapters.proofs import ProofError, write_proof
from tallyport.adapters.suites import verify as verify_signature
from tallyport.adapters.tiles import write_tiles
from tallyport.adapters.witness import Answer, Witness, WitnessError, ask
from tallyport.ledger.note import Checkpoint, VerifierKey, origin_of, parse_note
from tallyport.ledger.tiles import tiles_of
from tallyport.ledger.verification import Policy, ProvedEntry, verify

KEY = VerifierKey(origin_of(CHANNEL), LOG_KEY.public)
EYES = Signing(hashlib.sha256(b"eyes").digest())
SIZE = 300


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Yield a ledger of a tile and a bit, in the folder `ledger`."""
    with engine(tmp_path_factory.mktemp("log") / "ledger") as made:
        submit_all(made, [sealed(ALI, "enrol", enrolment(ALI))])
        adds = (sealed(ALI, f"add-{n}", Add(name="a", amount=n)) for n in range(SIZE - 1))
        submit_all(made, adds)
        made.submit(b"").result()  # The checkpoint beside it is written before the next commit.
        assert made.size == SIZE
        yield made


def folder_of(log: Engine) -> Path:
    """Return where a ledger is."""
    return Path(log._database.env.path())


def witness(folder: Path, *logs: VerifierKey) -> Witness:
    """Return a witness that watches `logs`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "name").write_text("eyes.example/w1\n", "utf-8")
    (folder / "logs").write_text("".join(f"{key}\n" for key in logs), "utf-8")
    return Witness(folder, EYES, is_new=not (folder / "seen.sqlite").exists())


@contextmanager
def served(answering: Callable[[bytes], Answer]) -> Iterator[str]:
    """Yield the address of a witness that answers so."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = answering(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.end_headers()
            self.wfile.write(answer.text.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def test_the_folder_has_every_tile_and_writes_none_again(log: Engine, tmp_path: Path) -> None:
    """Same bytes as the engine's own hashes; the second time what is full stays."""
    assert write_tiles(folder_of(log), tmp_path, with_entries=True) == SIZE
    for tile in tiles_of(SIZE):
        found = b"".join(log.hashes(8 * tile.level, tile.first, tile.width))
        assert (tmp_path / tile.path).read_bytes() == found
    bundle = (tmp_path / "tile/entries/001.p/44").read_bytes()
    assert bundle[2 : 2 + int.from_bytes(bundle[:2], "big")] == log.raw_entry(257)
    full = tmp_path / "tile/0/000"
    before = full.stat().st_mtime_ns
    write_tiles(folder_of(log), tmp_path)
    assert full.stat().st_mtime_ns == before
    note = parse_note((tmp_path / "checkpoint").read_text("utf-8"))
    assert Checkpoint.parse(note.text).size == SIZE


def test_without_entries_nothing_of_the_business_is_in_it(log: Engine, tmp_path: Path) -> None:
    """Hashes and a checkpoint."""
    write_tiles(folder_of(log), tmp_path)
    assert not (tmp_path / "tile/entries").exists()
    assert not [
        path for path in tmp_path.rglob("*") if path.is_file() and b"Add" in path.read_bytes()
    ]


def test_no_ledger_no_tiles(tmp_path: Path) -> None:
    """Said with the folder."""
    with pytest.raises(StoreError, match="found none"):
        write_tiles(tmp_path, tmp_path / "out")


def test_a_witness_cosigns_and_the_receipt_is_proved_by_both(log: Engine, tmp_path: Path) -> None:
    """A quorum of log and witness; asked again it goes on from what it has seen."""
    eyes = witness(tmp_path / "witness", KEY)
    with served(eyes.add_checkpoint) as url:
        note = ask(log, log.checkpoint(), url, eyes.key)
        again = ask(log, note, url, eyes.key)
    assert again.startswith(note)
    path = write_proof(log, 12, tmp_path, checkpoint=note)
    proved = verify(path.read_text("utf-8"), Policy((KEY, eyes.key), 2), verify_signature)
    assert isinstance(proved, ProvedEntry)
    assert proved.entry["sequence"] == 12
    assert len(path.read_bytes()) <= 2_048 + 1_024


STRANGE = "— eyes.example/w2 AAAAAAA=\n"


def test_only_its_own_cosignature_is_taken(log: Engine, tmp_path: Path) -> None:
    """Lines of unknown keys are ignored, as the source says."""
    eyes, note = witness(tmp_path, KEY), log.checkpoint()

    def more(body: bytes) -> Answer:
        told = eyes.add_checkpoint(body)
        return replace(told, text=f"{STRANGE}{told.text}") if told.status == 200 else told

    with served(more) as url:
        for _ in range(2):
            joint = ask(log, note, url, eyes.key)
            (*before, last) = parse_note(joint).signatures
            assert (joint[: len(note)], last.name) == (note, eyes.key.name)
            assert len(before) == len(parse_note(note).signatures)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "expected lines of signatures"),
        ("hello\n", "expected lines of signatures"),
        (STRANGE.strip(), "expected lines of signatures"),
        (STRANGE * 200, "expected lines of signatures"),
        (STRANGE, r"expected a cosignature of eyes.example/w1"),
    ],
)
def test_an_answer_without_it_is_told(log: Engine, tmp_path: Path, text: str, words: str) -> None:
    """Whatever else it says."""
    answer = Answer(status=200, text=text)
    with served(lambda _: answer) as url, pytest.raises(WitnessError, match=words):
        ask(log, log.checkpoint(), url, witness(tmp_path, KEY).key)


def test_a_restarted_witness_remembers(log: Engine, tmp_path: Path) -> None:
    """What it has seen is on disk before it signs."""
    with served(witness(tmp_path / "witness", KEY).add_checkpoint) as url:
        ask(
            log,
            log.checkpoint(),
            url,
            VerifierKey.parse(str(witness(tmp_path / "witness", KEY).key)),
        )
    seen = witness(tmp_path / "witness", KEY).seen(KEY.name)
    assert seen is not None
    assert seen.size == log.size


def test_a_witness_that_lost_its_memory_does_not_go_on(tmp_path: Path) -> None:
    """It could sign a second history."""
    witness(tmp_path / "witness", KEY)
    (tmp_path / "witness" / "seen.sqlite").unlink()
    with pytest.raises(WitnessError, match="is lost"):
        Witness(tmp_path / "witness", EYES)


def test_of_many_that_ask_at_once_the_larger_size_stays(log: Engine, tmp_path: Path) -> None:
    """Each is compared with what the one before it left."""
    eyes = witness(tmp_path / "witness", KEY)
    with served(eyes.add_checkpoint) as url:
        ask(log, log.checkpoint(), url, eyes.key)
        note = log.checkpoint()
        threads = [threading.Thread(target=ask, args=(log, note, url, eyes.key)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    seen = eyes.seen(KEY.name)
    assert seen is not None
    assert seen.size == log.size


def test_what_it_does_not_watch_it_does_not_cosign(log: Engine, tmp_path: Path) -> None:
    """And what does not answer, or answers for another, is told."""
    blind = witness(tmp_path / "blind")
    with served(blind.add_checkpoint) as url, pytest.raises(WitnessError, match="status 404"):
        ask(log, log.checkpoint(), url, blind.key)
    with pytest.raises(WitnessError, match="does not answer"):
        ask(log, log.checkpoint(), "http://127.0.0.1:9", blind.key)
    with pytest.raises(WitnessError, match="begins with http"):
        ask(log, log.checkpoint(), "file:///etc/passwd", blind.key)
    eyes = witness(tmp_path / "witness", KEY)
    with served(eyes.add_checkpoint) as url, pytest.raises(WitnessError, match="got another"):
        ask(log, log.checkpoint(), url, VerifierKey("other", EYES.public, eyes.key.algorithm))


def test_a_body_that_is_none_is_400(tmp_path: Path) -> None:
    """With a sentence."""
    answer = witness(tmp_path / "witness", KEY).add_checkpoint(b"old x\n\n")
    assert (answer.status, answer.text.startswith("expected")) == (400, True)


def test_a_folder_that_is_no_witness(tmp_path: Path) -> None:
    """It needs a name, and readable keys."""
    with pytest.raises(WitnessError, match="with a name"):
        Witness(tmp_path, EYES)
    eyes = witness(tmp_path / "w")
    (tmp_path / "w" / "logs").write_text("nonsense\n", "utf-8")
    body = b"old 0\n\ntallyport/x\n1\n" + b"A" * 43 + "=\n\n— tallyport/x AAAAAAAA\n".encode()
    with pytest.raises(WitnessError, match="expected keys"):
        eyes.add_checkpoint(body)
    (tmp_path / "w" / "name").write_text("two words\n", "utf-8")
    with pytest.raises(WitnessError, match="without spaces"):
        Witness(tmp_path / "w", EYES)


def test_a_proof_needs_an_entry_and_a_checkpoint_of_this_log(log: Engine, tmp_path: Path) -> None:
    """Another's, or a forged head, leads nowhere."""
    with pytest.raises(ProofError, match="no entry"):
        write_proof(log, SIZE + 1, tmp_path)
    other = log.checkpoint().replace(CHANNEL, "other")
    with pytest.raises(ProofError, match="expected a checkpoint of this log"):
        write_proof(log, 1, tmp_path, checkpoint=other)


@pytest.mark.slow
def test_another_implementation_agrees(log: Engine, tmp_path: Path) -> None:
    """Go's sumdb packages: signatures, head from tiles, every entry, inclusion, cosignature."""
    go = shutil.which("go")
    if go is None:
        absent = pytest.fail if os.environ.get("CI") else pytest.skip
        absent("GO ABSENT: install Go 1.22 or newer")
    eyes = witness(tmp_path / "witness", KEY)
    with served(eyes.add_checkpoint) as url:
        note = ask(log, log.checkpoint(), url, eyes.key)
    write_tiles(folder_of(log), tmp_path / "tiles", with_entries=True)
    proof = write_proof(log, 257, tmp_path, checkpoint=note)
    source = shutil.copytree(Path(__file__).parents[1] / "support" / "go", tmp_path / "go")
    words = [str(KEY), str(eyes.key), str(tmp_path / "tiles"), str(proof)]
    built = tmp_path / "check"
    subprocess.run([go, "build", "-o", str(built), "."], cwd=source, check=True, timeout=300)

    def said() -> str:
        ended = subprocess.run(
            [str(built), *words], capture_output=True, text=True, check=False, timeout=60
        )
        return ended.stdout + ended.stderr

    assert said() == f"agreed: {SIZE} entries\n"
    bundle = tmp_path / "tiles/tile/entries/000"
    bundle.write_bytes(bundle.read_bytes().replace(b'"amount":17', b'"amount":18'))
    assert "is not what its leaf says" in said()
