"""Writes that stop half way (写入中断): at every sector of a commit, in each of our stores.

Goal: whatever part of a commit reached the disk, the store is as before it or as after it, and goes
on. Method: LMDB writes the changed pages, waits for the disk, then writes one page that makes them
count. The file before a commit and the file after it are compared, and every state between them is
laid down and opened: after each sector in the order of writing, and some mixtures that a disk may
make of sectors it was not yet asked to finish.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from support.chain import Chain
from support.toy import ALI, CHANNEL, START, TOY, Add, Alarm, authority, enrolment, machine, sealed
from tallyport.adapters.consortium.outbox import Outbox
from tallyport.adapters.embedded.audit import Depth, audit
from tallyport.adapters.embedded.log import Log
from tallyport.adapters.embedded.store import Database

SECTOR, META_BYTES = 512, 2 * 4_096  # The two pages of which the younger one counts come first.
MIXTURES = 12
AUDITED = 8  # Every eighth state is replayed and gone on from; all are opened.
FILE = "data.mdb"


def between(before: bytes, after: bytes) -> Iterator[tuple[bytes, bool]]:
    """Yield each state of the file that a power cut can leave, and whether the commit counts."""
    old = before.ljust(len(after), b"\0")
    changed = [at for at in range(0, len(after), SECTOR) if _at(old, at) != _at(after, at)]
    data = [at for at in changed if at >= META_BYTES]
    meta = [at for at in changed if at < META_BYTES]
    assert len(data) > 8
    assert len(meta) == 1, "what makes a commit count fits into a sector"
    for count in range(len(data) + 1):
        yield _mixed(old, after, data[:count]), False
    chance = random.Random(4711)  # noqa: S311 - Chance that can be repeated.
    for _ in range(MIXTURES):
        some = [at for at in data if chance.random() < 0.5]
        yield _mixed(old, after, some), False
    yield _mixed(old, after, [*data, *meta]), True


def _at(image: bytes, at: int) -> bytes:
    return image[at : at + SECTOR]


def _mixed(old: bytes, after: bytes, written: list[int]) -> bytes:
    image = bytearray(old)
    for at in written:
        image[at : at + SECTOR] = _at(after, at)
    return bytes(image)


def add(key: str, amount: int = 1) -> bytes:
    """Return a signed addition."""
    valid = START + timedelta(hours=9)
    return sealed(ALI, key, Add(name="a", amount=amount), valid_until=valid)


def test_a_commit_of_the_embedded_ledger(tmp_path: Path) -> None:
    """Before or after; replayed, and what was not committed is committed then."""
    toys = machine()
    ring = sealed(ALI, "t", Alarm(name="a", due=START + timedelta(hours=1)))
    batches = [
        [sealed(ALI, "e", enrolment(ALI)), *(add(f"a{n}") for n in range(8)), ring],
        [add(f"b{n}", 9) for n in range(5)],
    ]
    images, heads = list[bytes](), list[bytes]()
    database = Database(tmp_path / "ledger")
    log = Log(database, toys)
    for batch in batches:
        log.commit([toys.parse(raw) for raw in batch], START)
        images.append((tmp_path / "ledger" / FILE).read_bytes())
        heads.append(log.tree.head)
    database.close()
    for number, (image, counts) in enumerate(between(*images)):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / FILE).write_bytes(image)
        is_looked_into = counts or number % AUDITED == 0
        if is_looked_into:
            report = audit(folder, CHANNEL, (TOY,), authority, depth=Depth.REPLAY).report
            assert report.is_clean, report.findings
        database = Database(folder)
        log = Log(database, toys)
        assert log.tree.head == heads[counts]
        if is_looked_into:
            log.commit([toys.parse(raw) for raw in batches[1]], START)
            assert log.tree.head == heads[1]
        database.close()


def test_a_block_of_the_consortium_s_ledger(tmp_path: Path) -> None:
    """The node gives the block again when it does not count, and comes to the same head."""
    chain = Chain(tmp_path)
    chain.enrol()
    images = list[bytes]()
    for block in range(2):
        chain.make(*(add(f"{block}-{n}", 1 - n) for n in range(12)), b"{}")
        images.append((tmp_path / FILE).read_bytes())
    for image, counts in between(*images):
        chain.kill()
        (tmp_path / FILE).write_bytes(image)
        assert chain.start() == (0 if counts else 1)  # Compares results and head of the block.
        assert len(chain.entries()) == 25
    chain.kill()


@pytest.mark.parametrize("gone", [0, 30])
def test_a_round_of_the_outbox(tmp_path: Path, gone: int) -> None:
    """What was kept before is kept; what is on its way now is there whole or not at all."""
    outbox = Outbox(tmp_path)
    kept = [bytes([65 + n]) * 700 for n in range(40)]
    numbers = outbox.change(kept, [])
    before = (outbox.waiting(), (tmp_path / FILE).read_bytes())
    outbox.change([b"x" * 900 for _ in range(20)], numbers[:gone])
    after = (outbox.waiting(), (tmp_path / FILE).read_bytes())
    outbox.close()
    for image, counts in between(before[1], after[1]):
        (tmp_path / FILE).write_bytes(image)
        opened = Outbox(tmp_path)
        assert opened.waiting() == (after if counts else before)[0]
        opened.close()
