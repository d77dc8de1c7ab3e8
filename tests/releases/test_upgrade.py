"""What an earlier release wrote is read, audited and served by today's code, and shows the same.

Goal: whoever upgrades keeps every entry, the head, and what the pages said. Method: ledgers that
earlier releases exported on the day they were made (tools/release_data.py) are imported into an
empty home and compared with what those releases showed then, view by view.
"""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from release_data import FILE_BYTES_MAX, shown
from tallyport.adapters.embedded.audit import audit
from tallyport.adapters.porting import export_ledger, import_ledger
from tallyport.adapters.suites import verify as verify_signature
from tallyport.app.bootstrap import open_node
from tallyport.app.home import Home
from tallyport.app.settings import Settings
from tallyport.contracts import table
from tallyport.contracts.members.authority import signer
from tallyport.contracts.members.model import Member
from tallyport.ledger.note import VerifierKey
from tallyport.ledger.verification import ProvedEntry, verify

FOLDER = Path(__file__).parent
RELEASES = sorted(path.name.removesuffix(".jsonl.gz") for path in FOLDER.glob("*.jsonl.gz"))


def test_there_is_one() -> None:
    """The first release, at least; small, as everybody clones it."""
    assert "0.1.0" in RELEASES
    assert all((FOLDER / f"{name}.jsonl.gz").stat().st_size <= FILE_BYTES_MAX for name in RELEASES)


@pytest.fixture(scope="module", params=RELEASES)
def upgraded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Home, dict[str, Any]]:
    """Import a release's ledger; return the home and what the release knew of it."""
    release: str = request.param
    expected = json.loads((FOLDER / f"{release}.json").read_text("utf-8"))
    home = Home(tmp_path_factory.mktemp(release))
    (home.folder / "node.json").write_text(json.dumps(expected["node"]), "utf-8")
    key = VerifierKey.parse(expected["key"])
    held = import_ledger(FOLDER / f"{release}.jsonl.gz", home.ledger, table.ALL, signer, key=key)
    assert (held.entries, held.head.hex()) == (expected["entries"], expected["head"])
    return home, expected


def test_it_is_sound_and_exports_the_same(
    upgraded: tuple[Home, dict[str, Any]], tmp_path: Path
) -> None:
    """Audited in full; exported again it is the file that the release wrote."""
    home, expected = upgraded
    report = audit(home.ledger, expected["node"]["channel"], table.ALL, signer).report
    assert report.is_clean, report.findings
    export_ledger(home.ledger, tmp_path / "again.jsonl.gz")
    kept = FOLDER / f"{expected['release']}.jsonl.gz"
    assert (tmp_path / "again.jsonl.gz").read_bytes() == kept.read_bytes()


def test_it_is_served_and_shows_the_same(upgraded: tuple[Home, dict[str, Any]]) -> None:
    """Same head and key, every view as it was then, receipts that prove; and it goes on."""
    home, expected = upgraded
    with open_node(Settings(home=home.folder)) as node:
        assert node.head == expected["head"]
        assert str(node.engine.verifier_key) == expected["key"]
        assert node.views.position == expected["entries"]
        with closing(node.views.reader()) as views:
            assert shown(views, expected["columns"]) == expected["views"]
        for sequence in (1, expected["entries"]):
            proved = verify(
                str(node.engine.receipt(sequence)), [node.engine.verifier_key], verify_signature
            )
            assert isinstance(proved, ProvedEntry)
        node.settle()
        assert node.engine.size == expected["entries"], "nothing is left to do"
        with node.book() as book:
            assert sum(1 for _ in book.scan(Member)) > 3
