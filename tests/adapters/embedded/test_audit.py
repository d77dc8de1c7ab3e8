"""The audit of a folder: what was changed on the disk is found, and nothing crashes.

Goal: the report of a good ledger is clean at every depth, also while it is written; a byte changed
in an entry, a node, a row or the meta table is named; a damaged page is a finding and not a crash.
Method: LMDB's own interface changes one thing at a time; then raw bytes of the file are flipped at
random, and a clean report must mean that everything reads as it was.
"""

from __future__ import annotations

import itertools
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from support.engines import LOG_KEY, engine, submit_all
from support.toy import ALI, BEK, CHANNEL, START, TOY, Add, Alarm, authority, enrolment, sealed
from tallyport.adapters.clock import ManualClock
from tallyport.adapters.ed25519 import Signing
from tallyport.adapters.embedded import audit as audit_module
from tallyport.adapters.embedded.audit import Audited, Depth, Kept, audit
from tallyport.adapters.embedded.frames import Frame, Kind, pack, unpack
from tallyport.adapters.embedded.reader import DamagedError, rising
from tallyport.adapters.embedded.store import Database, StoreError, node_key
from tallyport.ledger.merkle import Frontier
from tallyport.ledger.note import VerifierKey, origin_of
from tallyport.ledger.replay import Check

KEY = VerifierKey(origin_of(CHANNEL), LOG_KEY.public)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a ledger with some hundred entries, closed."""
    folder, clock = tmp_path_factory.mktemp("ledger"), ManualClock(START)
    with engine(folder, clock) as made:
        submit_all(made, [sealed(ALI, "enrol", enrolment(ALI)), sealed(ALI, "e", enrolment(BEK))])
        for batch in range(4):
            submit_all(
                made,
                [
                    sealed(BEK, f"k{batch}-{n}", Add(name=f"n{n % 40}", amount=n % 5 - 1))
                    for n in range(60)
                ],
            )
        submit_all(made, [sealed(ALI, "a", Alarm(name="中文", due=START + HOUR))])
        clock.set(START + HOUR)
        made.submit(b"").result(60)
    return folder


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    """Return a copy that may be damaged."""
    return Path(shutil.copytree(original, tmp_path / "copy"))


def look(folder: Path, depth: Depth = Depth.FULL, kept: Kept = Kept(key=KEY)) -> Audited:  # noqa: B008
    """Audit a folder."""
    return audit(folder, CHANNEL, (TOY,), authority, kept=kept, depth=depth)


def change(folder: Path, table: str, key: bytes, edit: Callable[[bytes], bytes | None]) -> None:
    """Change one value behind the ledger's back; None removes it."""
    database = Database(folder)
    with database.writing() as transaction:
        handle = getattr(database, table)
        value = edit(bytes(transaction.get(key, db=handle) or b""))
        if value is None:
            transaction.delete(key, db=handle)
        else:
            transaction.put(key, value, db=handle)
    database.close()


def flip(data: bytes) -> bytes:
    """Change one bit in the middle."""
    at = len(data) // 2
    return data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :]


@pytest.mark.parametrize("depth", Depth)
def test_a_good_ledger_is_clean(original: Path, depth: Depth) -> None:
    """At every depth; everything was counted; progress reached its end."""
    steps: list[tuple[int, int]] = []
    done = audit(
        original,
        CHANNEL,
        (TOY,),
        authority,
        kept=Kept(key=KEY),
        depth=depth,
        progress=lambda *step: steps.append(step),
    )
    counts = done.report.counts
    assert done.report.is_clean, done.report.findings
    assert counts.entries == 244
    assert counts.checkpoints == 1
    assert steps[-1][0] == steps[-1][1] >= 244
    assert (counts.rows > 0) == (depth is not Depth.TREE)
    assert counts.signatures == (243 if depth is Depth.FULL else 0)


def test_a_ledger_in_use_is_audited_as_of_a_moment(folder: Path) -> None:
    """Entries go on meanwhile."""
    clock = ManualClock(START + HOUR)
    with engine(folder, clock) as made:
        until = START + 2 * HOUR
        for number in range(3):
            raw = sealed(BEK, f"more{number}", Add(name="x", amount=1), valid_until=until)
            submit_all(made, [raw])
            assert look(folder).report.is_clean


def test_an_empty_ledger_is_clean(tmp_path: Path) -> None:
    """It says what it is, and nothing else."""
    with engine(tmp_path):
        pass
    done = look(tmp_path)
    assert done.report.is_clean, done.report.findings
    assert done.report.counts.entries == 0


@pytest.mark.parametrize("sequence", [1, 2, 57, 128, 243, 244])
def test_a_changed_entry_is_named(folder: Path, sequence: int) -> None:
    """At every depth: the tree alone is enough."""
    change(folder, "entries", sequence.to_bytes(8, "big"), flip)
    for depth in Depth:
        assert look(folder, depth).report.first_wrong == sequence


@pytest.mark.parametrize(("level", "index"), [(0, 0), (0, 243), (1, 3), (7, 0)])
def test_a_changed_node_is_named_by_the_entry_that_closed_it(
    folder: Path, level: int, index: int
) -> None:
    """Changed, shortened or missing; the entries are good."""
    closing = (index + 1) << level
    for edit in (flip, lambda node: node[:-1], lambda _node: None):
        change(folder, "nodes", node_key(level, index), edit)
        [finding] = look(folder).report.findings
        assert (finding.check, finding.sequence) == (Check.TREE, closing)


def test_a_node_too_many_is_found(folder: Path) -> None:
    """One that no entry closes, and one that is no node."""
    change(folder, "nodes", node_key(3, 500), lambda _: bytes(32))
    change(folder, "nodes", b"odd", lambda _: b"")
    findings = look(folder).report.findings
    assert [finding.check for finding in findings] == [Check.TREE, Check.TREE]


def test_a_changed_row_is_named_by_the_entry_that_wrote_it(folder: Path) -> None:
    """Changed, missing, one too many."""
    change(folder, "rows", b"tally/n7", flip)
    [finding] = look(folder).report.findings
    assert finding.check is Check.ROWS
    assert finding.sequence is not None
    assert finding.sequence > 180
    change(folder, "rows", b"tally/n7", lambda _: None)
    [finding] = look(folder).report.findings
    assert "missing" in finding.message
    change(folder, "rows", b"tally/rich", lambda _: b'{"name":"rich","total":1000000}')
    assert {finding.sequence is None for finding in look(folder).report.findings} == {True, False}
    assert look(folder, Depth.TREE).report.is_clean  # Rows are not its matter.


@pytest.mark.parametrize("name", [b"last", b"format", b"channel"])
def test_a_changed_meta_value_is_found(folder: Path, name: bytes) -> None:
    """The place of the last entry and the marks of the ledger; what others keep there is theirs."""
    change(folder, "meta", b"block", lambda _: b"of another engine")
    assert look(folder).report.is_clean
    change(folder, "meta", name, flip)
    for depth in Depth:
        [finding] = look(folder, depth).report.findings
        assert finding.check is Check.META
        assert repr(name) in finding.message
    change(folder, "meta", name, lambda _: None)
    assert not look(folder).report.is_clean


def test_a_lost_entry_is_a_gap(folder: Path) -> None:
    """The first one that is missing is named."""
    change(folder, "entries", (100).to_bytes(8, "big"), lambda _: None)
    assert look(folder).report.first_wrong == 100
    change(folder, "entries", b"odd", lambda _: b"no entry")
    assert look(folder).report.first_wrong == 100


def test_a_forged_signature_is_named(folder: Path) -> None:
    """With a tree that was made to fit it the replay is clean: only its signature is wrong."""
    mark = b'"signature":"'
    database = Database(folder)
    keys = [number.to_bytes(8, "big") for number in range(1, 245)]
    with database.writing() as transaction:
        entries = [bytes(transaction.get(key, db=database.entries) or b"") for key in keys]
        transaction.drop(database.entries, delete=False)
    before, _, after = entries[49].partition(mark)
    entries[49] = before + mark + (b"B" if after[:1] == b"A" else b"A") + after[1:]
    tree = Frontier()
    with database.writing() as transaction:
        for number, data in enumerate(entries, start=1):
            tree = database.append(transaction, tree, number, data)
    database.close()
    (folder / "checkpoint").unlink()
    assert look(folder, Depth.REPLAY).report.is_clean
    [finding] = look(folder).report.findings
    assert (finding.check, finding.sequence) == (Check.SIGNATURE, 50)


# Checkpoints.


def test_checkpoints_that_somebody_kept(original: Path, folder: Path, tmp_path: Path) -> None:
    """One of this ledger fits; of another history, another log or another key it does not."""
    note = (original / "checkpoint").read_text()
    assert look(folder, kept=Kept(notes=[note, note], key=KEY)).report.counts.checkpoints == 3
    with engine(tmp_path / "other") as made:
        submit_all(made, [sealed(ALI, "enrol", enrolment(ALI)), sealed(ALI, "x", enrolment(ALI))])
        other = made.checkpoint()
    for notes, key, message in (
        ([other], KEY, "not what the checkpoint was signed for"),
        (["no note"], KEY, "cannot be read"),
        ([note], VerifierKey(KEY.name, Signing(bytes(32)).public), "not signed by"),
        ([note.replace("toys", "main")], None, "expected tallyport/toys"),
    ):
        findings = look(folder, kept=Kept(notes=notes, key=key)).report.findings
        assert findings
        assert all(one.check is Check.CHECKPOINT for one in findings)
        assert message in str(findings[0])


def test_a_newest_commit_that_is_gone_is_missed(folder: Path, tmp_path: Path) -> None:
    """An old copy of the file fits together; the checkpoint beside it knows better."""
    before = shutil.copytree(folder, tmp_path / "before")
    with engine(folder, ManualClock(START + HOUR)) as made:
        raw = sealed(BEK, "one-more", Add(name="x", amount=1), valid_until=START + 2 * HOUR)
        submit_all(made, [raw])
    shutil.copy(Path(before) / "data.mdb", folder / "data.mdb")
    [finding] = look(folder).report.findings
    assert (finding.check, finding.sequence) == (Check.CHECKPOINT, 245)


# Damage.


def test_no_ledger_is_a_fault(tmp_path: Path) -> None:
    """A typing error in the folder's name is not a clean report."""
    with pytest.raises(StoreError, match="no ledger"):
        look(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize("data", [b"", b"no pages" * 10_000])
def test_a_file_that_is_no_ledger_is_damage(tmp_path: Path, data: bytes) -> None:
    """Found, not raised: the file is there."""
    (tmp_path / "data.mdb").write_bytes(data)
    findings = look(tmp_path).report.findings
    assert findings[0].check is Check.STORE
    assert findings[0].sequence == 1


@pytest.mark.parametrize("pages", [2, 5, 10])
def test_a_file_that_was_cut_off_is_damage(folder: Path, pages: int) -> None:
    """Reading behind its end kills the reader; the audit says where it was."""
    with (folder / "data.mdb").open("r+b") as file:
        file.truncate(pages * 4096)
    findings = look(folder).report.findings
    assert findings[0].check is Check.STORE
    assert "reader crashed" in findings[0].message or "cannot" in findings[0].message


def content(folder: Path) -> list[Frame]:
    """Return everything that can be read, by a process that may crash."""
    command = [sys.executable, "-m", "tallyport.adapters.embedded.reader", str(folder)]
    done = subprocess.run(command, capture_output=True, check=False)
    return unpack(done.stdout)[0]


def places(data: bytes, content_: list[Frame]) -> list[int]:
    """Return offsets in the file that lie within something that the ledger says."""
    found = []
    for frame in content_:
        at = data.find(frame.value) if len(frame.value) > 30 else -1
        if at >= 0:
            found.append(at + len(frame.value) // 2)
    return found


@pytest.mark.parametrize("seed", range(6))
def test_a_flipped_byte_of_content_is_found(original: Path, folder: Path, seed: int) -> None:
    """Anywhere in the file where an entry, a row or the meta table says something."""
    chance = random.Random(seed)  # noqa: S311
    data = (original / "data.mdb").read_bytes()
    good = content(original)
    at = chance.choice(places(data, good))
    (folder / "data.mdb").write_bytes(data[:at] + bytes((data[at] ^ 4,)) + data[at + 1 :])
    if content(folder) != good:  # It may have been an old copy of the page.
        assert not look(folder).report.is_clean


@pytest.mark.parametrize("seed", range(12))
def test_a_flipped_byte_anywhere_is_found_or_says_nothing(
    original: Path, folder: Path, seed: int
) -> None:
    """Page headers and branches too: clean means that everything reads as it was."""
    chance = random.Random(100 + seed)  # noqa: S311
    data = bytearray((original / "data.mdb").read_bytes())
    for _ in range(1 + seed % 3 * 20):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    (folder / "data.mdb").write_bytes(bytes(data))
    if look(folder).report.is_clean:
        assert content(folder) == content(original)


def test_a_reader_that_falls_silent_is_damage(
    original: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that leads nowhere must not keep the audit waiting for ever."""
    monkeypatch.setattr(audit_module, "STALL_SECONDS_MAX", 0)
    [finding] = look(original).report.findings
    assert finding.check is Check.STORE
    assert "stalled" in finding.message


def test_frames_come_whole_from_any_pieces() -> None:
    """However the pipe cuts them."""
    sent = [Frame(Kind.ENTRY, b"a", b"bb", b"ccc"), Frame(Kind.META), Frame(Kind.END, b"", b"x")]
    data = b"".join(pack(frame) for frame in sent)
    for size in range(1, len(data) + 1):
        waiting, got = b"", list[Frame]()
        for at in range(0, len(data), size):
            found, waiting = unpack(waiting + data[at : at + size])
            got += found
        assert got == sent
        assert not waiting


def test_a_page_that_leads_back_is_damage() -> None:
    """Keys must rise; else a circle would be walked for ever."""
    circle = itertools.cycle([(b"1", b"x"), (b"2", b"y")])
    with pytest.raises(DamagedError, match="leads back"):
        list(rising(circle))
