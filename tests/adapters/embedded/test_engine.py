"""The embedded engine: acknowledged is on disk, in one order, once.

Goal: the engine gives the same entries as the bare state machine, whatever the batches; it answers
retries, refuses floods, tells everybody when it stops, and is back where it was after every kill.
Method: the playroom of `support.toy` as the model; then faults one by one; then real processes that
are killed at random moments, with clients that send everything again.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.engines import ANSWER_SECONDS, LOG_KEY, answer, engine, submit_all
from support.toy import (
    ALI,
    BEK,
    CHANNEL,
    START,
    TOY,
    Add,
    Alarm,
    Playroom,
    Tally,
    authority,
    enrolment,
    sealed,
    total,
)
from tallyport.adapters.clock import ManualClock
from tallyport.adapters.ed25519 import verify as verify_ed25519
from tallyport.adapters.embedded import pipeline
from tallyport.adapters.embedded.audit import audit
from tallyport.adapters.embedded.checkpoint_file import CheckpointFile
from tallyport.adapters.embedded.engine import BusyError, Engine, StoppedError
from tallyport.adapters.embedded.lock import HeldError
from tallyport.adapters.embedded.log import Recorded, TimePassed
from tallyport.adapters.embedded.pipeline import BATCH_MAX
from tallyport.adapters.embedded.store import Database, StoreError
from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.ids import MemberId
from tallyport.ledger.entry import TimerEntry
from tallyport.ledger.machine import Rejected, Rejection
from tallyport.ledger.merkle import is_consistent
from tallyport.ledger.note import Checkpoint, parse_note
from tallyport.ledger.receipt import check

HOUR = timedelta(hours=1)
ENROL = sealed(ALI, "enrol", enrolment(ALI))


def additions(count: int, name: str = "x") -> list[bytes]:
    """Return envelopes that add one each."""
    return [sealed(ALI, f"{name}{number}", Add(name=name, amount=1)) for number in range(count)]


def head(made: Engine) -> Checkpoint:
    """Return the engine's checkpoint."""
    return Checkpoint.parse(parse_note(made.checkpoint()).text)


# The same as the bare machine.

wishes = st.lists(
    st.tuples(
        st.sampled_from([ALI, BEK]),
        st.lists(
            st.builds(Add, name=st.sampled_from("xy"), amount=st.integers(-2, 2))
            | st.builds(
                Alarm,
                name=st.sampled_from("xy"),
                due=st.integers(1, 100).map(lambda minutes: START + timedelta(minutes=minutes)),
            ),
            min_size=1,
            max_size=3,
        ),
        st.integers(0, 20),
    ),
    max_size=12,
)


@settings(max_examples=15)
@given(wishes, st.data())
def test_it_does_what_the_bare_machine_does(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[MemberId, list[object], int]],
    data: st.DataObject,
) -> None:
    """Whatever arrives together, and wherever it was closed and opened: the same bytes."""
    folder, room, clock = tmp_path_factory.mktemp("ledger"), Playroom(), ManualClock(START)
    begin = [ENROL, sealed(ALI, "enrol-bek", enrolment(BEK))]
    room.feed_all(begin)
    with engine(folder, clock) as made:
        submit_all(made, begin)
    for number, (member, commands, minutes) in enumerate(steps):
        room.at += timedelta(minutes=minutes)
        clock.set(room.at)
        together = [
            sealed(member, f"k{number}-{part}", *commands, valid_until=room.at + HOUR)
            for part in range(data.draw(st.integers(1, 3)))
        ]
        room.feed_all(together)
        with engine(folder, clock) as made:
            submit_all(made, together + together[:1])
    with engine(folder, clock) as made:
        assert [made.raw_entry(n) for n in range(1, made.size + 1)] == room.data
        assert made.entries(0) == room.entries
        assert made.last_at == (room.last and room.last.at)
        with made.book() as book:
            assert list(book.scan(Tally)) == list(room.state.scan(Tally))


def test_many_share_a_commit(tmp_path: Path) -> None:
    """Thousands are answered in order of their arrival, in far fewer commits."""
    commits: list[int] = []
    with engine(tmp_path) as made:
        made.listen(commits.append)
        entries = submit_all(made, [ENROL, *additions(2 * BATCH_MAX)])
        assert [entry.sequence for entry in entries] == list(range(1, 2 * BATCH_MAX + 2))
        with made.book() as book:
            assert total(book, "x") == 2 * BATCH_MAX
    assert commits[-1] == 2 * BATCH_MAX + 1
    assert commits == sorted(set(commits))
    assert len(commits) < BATCH_MAX


def test_a_key_may_sign_in_the_batch_that_lets_it_in(tmp_path: Path) -> None:
    """Signatures are checked before the batch is judged; this one cannot be, and still counts."""
    with engine(tmp_path) as made:
        futures = [made.submit(raw) for raw in (ENROL, *additions(2))]
        forged = sealed(ALI, "f", Add(name="x", amount=1))[:-10] + b'AAAAAAA="}'
        bad = made.submit(forged)
        assert [answer(future).sequence for future in futures] == [1, 2, 3]
        with pytest.raises(Rejected, match=Rejection.BAD_SIGNATURE.value):
            bad.result(ANSWER_SECONDS)


def test_a_retry_gets_the_first_entry(tmp_path: Path) -> None:
    """In the same batch, later, and after a new start."""
    [raw] = additions(1)
    with engine(tmp_path) as made:
        futures = [made.submit(one) for one in (ENROL, raw, raw)]
        recorded = [future.result(ANSWER_SECONDS) for future in futures]
        assert all(isinstance(one, Recorded) for one in recorded)
        assert [isinstance(one, Recorded) and one.is_repeat for one in recorded] == [
            False,
            False,
            True,
        ]
        assert answer(made.submit(raw)).sequence == 2
        assert made.size == 2
    with engine(tmp_path) as made:
        assert answer(made.submit(raw)).sequence == 2
        assert made.size == 2


def test_what_is_not_admitted_stops_nobody_else(tmp_path: Path) -> None:
    """Malformed and rejected ones among good ones: each gets its own answer."""
    with engine(tmp_path) as made:
        futures = [
            made.submit(raw)
            for raw in (
                ENROL,
                b"{",
                sealed(BEK, "k", Add(name="x", amount=1)),
                sealed(ALI, "r", Add(name="x", amount=-1)),
                sealed(ALI, "k", Add(name="x", amount=1)),
            )
        ]
        with pytest.raises(MalformedError, match="JSON"):
            futures[1].result(ANSWER_SECONDS)
        with pytest.raises(Rejected, match=Rejection.UNKNOWN_KEY.value):
            futures[2].result(ANSWER_SECONDS)
        reasons = [answer(futures[at]).reason for at in (0, 3, 4)]
        assert reasons == [None, "toy.tally_must_not_fall_below_zero", None]
        assert made.size == 3


# Time.


def test_timers_fire_when_somebody_lets_time_pass(tmp_path: Path) -> None:
    """Empty bytes ask for nothing else; with nothing due nothing is written."""
    clock = ManualClock(START)
    with engine(tmp_path, clock) as made:
        submit_all(made, [ENROL, sealed(ALI, "a", Alarm(name="x", due=START + HOUR))])
        assert isinstance(made.submit(b"").result(ANSWER_SECONDS), TimePassed)
        assert made.size == 2
        clock.set(START + HOUR)
    with engine(tmp_path, clock) as made:  # The timer is in the state, not in the process.
        assert isinstance(made.submit(b"").result(ANSWER_SECONDS), TimePassed)
        [fired] = made.entries(2)
        assert isinstance(fired, TimerEntry)
        assert fired.at == START + HOUR


def test_a_clock_that_is_set_back_does_not_take_time_back(tmp_path: Path) -> None:
    """The entry's time stays where the one before it was."""
    with engine(tmp_path, ManualClock(START + HOUR)) as made:
        answer(made.submit(sealed(ALI, "enrol", enrolment(ALI), valid_until=START + 2 * HOUR)))
    with engine(tmp_path, ManualClock(START)) as made:
        entry = answer(
            made.submit(sealed(ALI, "k", Add(name="x", amount=1), valid_until=START + 2 * HOUR))
        )
        assert entry.at == START + HOUR


# Proofs.


def test_receipts_and_extensions_hold_while_the_log_grows(tmp_path: Path) -> None:
    """Each entry under each later checkpoint."""
    with engine(tmp_path) as made:
        submit_all(made, [ENROL])
        heads = [head(made)]
        for raw in additions(6):
            submit_all(made, [raw])
            heads.append(head(made))
            for sequence in range(1, made.size + 1):
                checkpoint = check(made.receipt(sequence), [made.verifier_key], verify_ed25519)
                assert checkpoint == heads[-1]
        for number, old in enumerate(heads):
            for new in heads[number:]:
                proof = made.consistency(old.size, new.size)
                assert is_consistent(old.size, new.size, proof, old.head, new.head)


def test_what_is_not_there_is_a_key_error(tmp_path: Path) -> None:
    """Entries before the first and behind the last."""
    with engine(tmp_path) as made:
        assert made.entries(0) == []
        assert made.last_at is None
        submit_all(made, [ENROL])
        for sequence in (0, 2, -1):
            with pytest.raises((KeyError, OverflowError)):
                made.raw_entry(sequence)
            with pytest.raises((KeyError, OverflowError)):
                made.receipt(sequence)
        for old, new in ((0, 1), (1, 2), (2, 1)):
            with pytest.raises(KeyError):
                made.consistency(old, new)
        assert made.entries(5) == []


def test_the_checkpoint_beside_the_ledger_is_the_last(tmp_path: Path) -> None:
    """So that an old copy of the file is noticed."""
    with engine(tmp_path) as made:
        submit_all(made, [ENROL])
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with engine(tmp_path) as made:
        submit_all(made, additions(3))
        last = made.checkpoint()
    assert CheckpointFile(tmp_path).read() == last
    (tmp_path / "data.mdb").write_bytes(before["data.mdb"])
    with pytest.raises(StoreError, match=r"signed for 4 entries, this ledger has 1"):
        Engine(tmp_path, CHANNEL, (TOY,), authority, clock=ManualClock(START), log_key=LOG_KEY)
    (tmp_path / "checkpoint").write_text("torn")
    with engine(tmp_path) as made:
        assert made.size == 1


# Faults.


def test_a_second_engine_stays_out(tmp_path: Path) -> None:
    """The first goes on."""
    with engine(tmp_path) as made:
        with pytest.raises(HeldError):
            Engine(tmp_path, CHANNEL, (TOY,), authority, clock=ManualClock(START), log_key=LOG_KEY)
        submit_all(made, [ENROL])


def test_a_failed_start_lets_go(tmp_path: Path) -> None:
    """Whoever mends the cause can start at once, in the same process."""
    with engine(tmp_path) as made:
        submit_all(made, [ENROL])
    for _ in range(2):
        with pytest.raises(StoreError, match="channel"):
            Engine(tmp_path, "main", (TOY,), authority, clock=ManualClock(START), log_key=LOG_KEY)
    with engine(tmp_path) as made:
        assert made.size == 1


class GatedClock(ManualClock):
    """A clock that keeps the ledger's thread waiting until the gate opens."""

    def __init__(self) -> None:
        super().__init__(START)
        self.gate = threading.Event()

    def now(self) -> datetime:
        """Wait, then tell."""
        self.gate.wait(ANSWER_SECONDS)
        return super().now()


def test_a_flood_is_turned_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a clear answer; whatever was taken is done, and there is room again."""
    monkeypatch.setattr(pipeline, "WAITING_MAX", 5)
    monkeypatch.setattr(pipeline, "BATCH_MAX", 2)
    clock, taken = GatedClock(), list[Future[Recorded | TimePassed]]()
    with engine(tmp_path, clock) as made:
        with pytest.raises(BusyError, match="send it again"):
            taken.extend(made.submit(raw) for raw in (ENROL, *additions(100)))
        assert len(taken) < 50
        clock.gate.set()
        assert [answer(future).sequence for future in taken] == list(range(1, len(taken) + 1))
        assert answer(made.submit(additions(1, "again")[0])).sequence == len(taken) + 1


def test_everybody_is_told_when_it_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in the middle: those in the batch, those behind it, and whoever comes later."""
    clock = GatedClock()

    def broken(*_: object) -> None:
        raise StoreError("the disk is gone")

    with engine(tmp_path, clock) as made:
        monkeypatch.setattr(Database, "append_all", broken)
        futures = [made.submit(raw) for raw in (ENROL, *additions(BATCH_MAX + 10))]
        clock.gate.set()
        for future in futures:
            with pytest.raises(StoppedError, match="the disk is gone"):
                future.result(ANSWER_SECONDS)
        with pytest.raises(StoppedError, match="the disk is gone"):
            made.submit(ENROL)
        assert made.size == 0
    monkeypatch.undo()
    with engine(tmp_path) as made:
        assert made.size == 0
        assert answer(made.submit(ENROL)).sequence == 1


def test_a_listener_that_fails_loses_no_answer(tmp_path: Path) -> None:
    """What is on disk is acknowledged; then the node stops and says why."""

    def broken(_size: int) -> None:
        raise StoreError("no listener")

    with engine(tmp_path) as made:
        made.listen(broken)
        assert answer(made.submit(ENROL)).sequence == 1
        with pytest.raises(StoppedError, match="no listener"):  # noqa: PT012 - Not at once.
            for _ in range(10_000):
                made.submit(ENROL).result(ANSWER_SECONDS)


def test_what_waits_is_done_before_it_closes(tmp_path: Path) -> None:
    """Then nobody is let in any more; closing twice does nothing more."""
    with engine(tmp_path) as made:
        futures = [made.submit(raw) for raw in (ENROL, *additions(50))]
        made.close()
        assert [answer(future).sequence for future in futures] == list(range(1, 52))
        with pytest.raises(StoppedError, match="closed"):
            made.submit(ENROL)
        made.close()


# Killed, and started again.

CHILD = """
import sys
from pathlib import Path
from support.engines import answer, engine
from support.toy import *
folder, count = Path(sys.argv[1]), int(sys.argv[2])
with engine(folder) as made:
    futures = [made.submit(sealed(ALI, "enrol", enrolment(ALI)))]
    for number in range(count):
        name = f"n{number % 7}"
        raw = sealed(ALI, f"k{number}", Add(name=name, amount=number % 4 - 1))
        futures.append(made.submit(raw))
        if number % 5 == 4:
            for future in futures:
                print(answer(future).sequence, flush=True)
            futures = []
    for future in futures:
        print(answer(future).sequence, flush=True)
print("done", flush=True)
"""


def run(folder: Path, count: int, answers_max: int | None = None, delay: float = 0) -> list[int]:
    """Run the child; kill it some time after so many answers. Return what it acknowledged."""
    command = [sys.executable, "-c", CHILD, str(folder), str(count)]
    environment = {"PYTHONPATH": str(Path(__file__).parents[2])}
    lines: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.strip())
            if answers_max is not None and len(lines) >= answers_max:
                time.sleep(delay)
                process.send_signal(signal.SIGKILL)
                break
        lines += [line.strip() for line in process.stdout]
    return [int(line) for line in lines if line.isdigit()]  # The last one may be torn.


@pytest.mark.parametrize("seed", range(4))
def test_killed_at_random_and_started_again(tmp_path: Path, seed: int) -> None:
    """Nothing acknowledged is lost, nothing is done twice: the same head as undisturbed."""
    chance = random.Random(seed)  # noqa: S311
    count, killed, calm = 120, tmp_path / "killed", tmp_path / "calm"
    for _ in range(3):
        answers = run(killed, count, chance.randint(1, count), chance.uniform(0, 0.02))
        assert answers == list(range(1, len(answers) + 1))
        done = audit(killed, CHANNEL, (TOY,), authority)
        assert done.report.is_clean, done.report.findings
        assert done.report.counts.entries >= len(answers)
    for folder in (killed, calm):
        assert run(folder, count) == list(range(1, count + 2))
    with engine(killed) as one, engine(calm) as other:
        assert head(one) == head(other)
        assert head(one).size == count + 1
