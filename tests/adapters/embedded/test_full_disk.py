"""A disk with no room left (磁盘已满): the ledger stops with a sentence and loses nothing.

Goal: what was acknowledged stays, what was not did not happen, and with room again it goes on.
Method: a child process whose files may not grow beyond a size, at several sizes, so that the room
ends at different places of a commit; the audit of all bytes afterwards.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from support.engines import answer, engine
from support.toy import ALI, CHANNEL, TOY, Add, authority, sealed
from tallyport.adapters.embedded.audit import audit

CHILD = """
import resource
import sys
from pathlib import Path
from support.engines import answer, engine
from support.toy import ALI, Add, enrolment, sealed
from tallyport.adapters.embedded.engine import StoppedError
folder, room = Path(sys.argv[1]), int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
with engine(folder) as made:
    wish = sealed(ALI, "enrol", enrolment(ALI))
    try:
        for number in range(10_000):
            print(answer(made.submit(wish)).sequence, flush=True)
            wish = sealed(ALI, f"k{number}", Add(name=f"n{number}", amount=1))
    except StoppedError as error:
        print(error)
"""


@pytest.mark.parametrize("room", [90_000, 131_072, 165_000])
def test_it_stops_and_goes_on_with_room_again(tmp_path: Path, room: int) -> None:
    """The last acknowledged entry is there, the next number is the next wish's."""
    environment = {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", CHILD, str(tmp_path), str(room)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    *acknowledged, last = done.stdout.splitlines()
    assert last.startswith("the ledger has stopped: cannot write the ledger: ")
    assert list(map(int, acknowledged)) == list(range(1, len(acknowledged) + 1))
    audited = audit(tmp_path, CHANNEL, (TOY,), authority)
    assert audited.report.is_clean, audited.report.findings
    with engine(tmp_path) as made:
        assert made.size == len(acknowledged)
        entry = answer(made.submit(sealed(ALI, "with-room", Add(name="x", amount=1))))
        assert entry.sequence == len(acknowledged) + 1
