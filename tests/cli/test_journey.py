"""A user's journey on the command line: demo, verify, audit, own exports, proofs, bad input.

Goal: every step of the issue can be reached from the command line, twice the same input does
nothing twice, and what is wrong is said in a sentence with exit status 1, never with a trace.
Method: the real commands in this process, on a small simulated business, with a real ledger.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tallyport import worlds
from tallyport.cli.main import app
from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.guard import FaultError

VEHICLES = 60
run = CliRunner().invoke


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run a small demo once."""
    folder = tmp_path_factory.mktemp("demo") / "home"
    result = call("demo", "--home", str(folder), "--vehicles", str(VEHICLES), "--no-serve")
    assert result.exit_code == 0, result.output
    return folder


def call(*words: str, home: Path | None = None) -> Result:
    """Run a command, with the node in `home` if one is named."""
    environment = {"TALLYPORT_HOME": str(home)} if home else {}
    result: Result = run(app, list(words), env=environment)
    return result


@contextmanager
def refused(sentence: str) -> Iterator[None]:
    """Expect a fault whose words hold `sentence`; `main` prints it and ends with status 1."""
    with pytest.raises((FaultError, MalformedError)) as fault:
        yield
    assert sentence in str(fault.value)


def fails(*words: str, home: Path | None = None) -> None:
    """Run a command and raise what it raised."""
    result = call(*words, home=home)
    assert result.exit_code != 0
    if isinstance(result.exception, Exception):
        raise result.exception


def test_the_demo_tells_all_seven_steps(home: Path) -> None:
    """Played again it does nothing again and says the same head."""
    words = ("demo", "--home", str(home), "--vehicles", str(VEHICLES), "--no-serve")
    again = call(*words)
    assert again.exit_code == 0
    for number in range(1, 8):
        assert f"\n{number}  " in "\n" + again.output
    assert "0 dossiers attested" in again.output
    assert call(*words).output.splitlines()[-1] == again.output.splitlines()[-1]


def test_the_receipt_proves_the_settlement_offline(home: Path) -> None:
    """And a receipt in which one amount was changed proves nothing."""
    receipt, key = home / "report" / "receipt.json", home / "report" / "log.key"
    good = call("verify", str(receipt), "--key", str(key))
    assert (good.exit_code, "proved" in good.output) == (0, True)
    forged = receipt.with_name("forged.json")
    forged.write_text(receipt.read_text("utf-8").replace("supplier-d", "supplier-c", 1), "utf-8")
    assert call("verify", str(forged), "--key", str(key)).exit_code == 1


def test_the_report_stands_alone(home: Path) -> None:
    """One file: its script is inside, it names no address, and it shows the sixty million."""
    page = (home / "report" / "report.html").read_text("utf-8")
    assert "<script src" not in page
    assert "<link" not in page
    assert "6,000" in page


def test_the_audit_finds_nothing_then_names_the_entry_that_was_changed(
    home: Path, tmp_path: Path
) -> None:
    """One byte of an entry in the file of a copy is changed."""
    sound = call("audit", "--home", str(home))
    assert (sound.exit_code, "sound" in sound.output) == (0, True)
    copy = tmp_path / "copy"
    (copy / "ledger").mkdir(parents=True)
    (copy / "node.json").write_bytes((home / "node.json").read_bytes())
    data = (home / "ledger" / "data.mdb").read_bytes()
    # LMDB leaves old pages lying about: every copy of the entry is changed, the live one with them.
    data = data.replace(b"certificates_settled", b"certificates_settlfd")
    (copy / "ledger" / "data.mdb").write_bytes(data)
    damaged = call("audit", "--home", str(copy))
    assert damaged.exit_code == 1
    assert "first wrong entry" in damaged.output


def test_a_member_sends_a_command_and_proves_it(home: Path, tmp_path: Path) -> None:
    """The same key again gives the same entry; the receipt of it can be checked."""
    deposit = {
        "form": "books.Deposit/1",
        "owner": "supplier-a",
        "amount": {"minor": 1, "currency": "CNY"},
        "reference": "CLI-1",
    }
    words = ("send", json.dumps(deposit), "--as", "tarim-bank", "--key", "cli-1")
    first, second = call(*words, home=home), call(*words, home=home)
    assert first.exit_code == second.exit_code == 0
    assert first.output == second.output
    number = first.output.split("entry ")[1].split()[0]
    assert call("entry", number, home=home).exit_code == 0
    assert call("receipt", number, "--out", str(tmp_path), home=home).exit_code == 0
    proof, key = tmp_path / f"receipt-{number}.json", tmp_path / "verifier.key"
    assert "proved" in call("verify", str(proof), "--key", str(key)).output


def test_a_refusal_is_an_answer(home: Path) -> None:
    """It has a stable reason, an entry, and status 1."""
    accept = '{"form":"receivable.Accept/1","certificate_id":"RC-404"}'
    result = call("send", accept, "--as", "supplier-a", "--key", "cli-2", home=home)
    assert result.exit_code == 1
    assert "receivable.certificate_not_found" in result.output


def test_an_old_checkpoint_is_extended(home: Path, tmp_path: Path) -> None:
    """Whoever kept a checkpoint can be shown that nothing before it was changed."""
    kept = tmp_path / "kept"
    kept.write_text(call("checkpoint", home=home).stdout, "utf-8")
    assert call("extension", str(kept), "--out", str(tmp_path), home=home).exit_code == 0
    proof = next(tmp_path.glob("extension-*.json"))
    result = call("verify", str(proof), "--key", str(tmp_path / "verifier.key"))
    assert "nothing of them was changed" in " ".join(result.output.split())


def test_own_exports_are_appraised_twice_and_attested_once(tmp_path: Path) -> None:
    """The node is made by itself; the second run attests nothing."""
    exports, out = tmp_path / "exports", tmp_path / "out"
    worlds.make(exports, vehicles=VEHICLES, seed=7)
    words = ("run", str(exports), "--out", str(out))
    first = call(*words, home=tmp_path / "home")
    assert first.exit_code == 0, first.output
    assert f"{VEHICLES} dossiers attested" in first.output
    second = call(*words, home=tmp_path / "home")
    assert "0 dossiers attested" in second.output
    assert {path.name for path in out.glob("*.csv")} == {
        "findings.csv",
        "findings_of_yards_and_locks.csv",
        "parties.csv",
        "triads.csv",
    }
    matched = call("evidence", "match", str(exports), "--out", str(tmp_path / "again"))
    assert matched.exit_code == 0
    for name in ("triads.csv", "parties.csv", "findings.csv"):
        assert (tmp_path / "again" / name).read_bytes() == (out / name).read_bytes()


def test_what_is_wrong_is_said(home: Path, tmp_path: Path) -> None:
    """A folder that is none, a node that is none, an entry that is none, JSON that is none."""
    with refused("expected a folder"):
        fails("run", str(tmp_path / "nowhere"), home=tmp_path / "home")
    with refused("no node here"):
        fails("checkpoint", home=tmp_path / "nowhere")
    with refused("expected a number from 1 to"):
        fails("entry", "999999", home=home)
    with refused("not JSON"):
        fails("send", "{", "--as", "supplier-a", "--key", "k", home=home)
    with refused("another node"):
        fails("demo", "--home", str(home), "--seed", "2", "--no-serve")
