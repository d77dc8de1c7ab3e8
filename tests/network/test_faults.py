"""A disk that fills up, a store that rots, a flood of rubbish: one suffers, the ledger goes on.

Goal: the one says why it stopped, the others do not notice, and it comes back with the same head.
Method: a real network in which one member's ledger lies on a small file system (root only); bytes
of a store are overwritten; transactions that nobody may send are sent by the thousand.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.net import Net, entry_of, free_port, require_cometbft, until
from support.network_chaos import MEMBERS, endure
from tallyport.adapters.consortium.rpc import Rpc, RpcError
from tallyport.adapters.embedded.audit import audit
from tallyport.app.network.running import down, prepare_joining, up
from tallyport.contracts import table
from tallyport.contracts.members.authority import signer

pytestmark = [pytest.mark.cometbft]
VICTIM = "logistics"
FILE_SYSTEM_MIB = 3


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Yield a folder that is a file system of its own, a small one."""
    if os.geteuid() != 0:
        pytest.skip("NOT ROOT: a full disk under a node was not tested")
    folder.mkdir(parents=True)
    size = f"size={FILE_SYSTEM_MIB}m"
    subprocess.run(("mount", "-t", "tmpfs", "-o", size, "tmpfs", folder), check=True)
    try:
        yield folder
    finally:
        subprocess.run(("umount", "-l", folder), check=True)


def test_a_full_disk_a_rotten_store_and_a_flood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One network, three misfortunes in a row; every payment stands once."""
    require_cometbft()
    monkeypatch.setenv("TALLYPORT_SNAPSHOT_BLOCKS", "5")
    net = Net(tmp_path / "net", MEMBERS, free_port(8))
    with small_disk(net.folder / VICTIM / "ledger") as disk:
        try:
            net.up()
            net.found()
            paid = fill(net, disk)
            paid = flood(net, paid)
            paid = rot(net, paid)
            keys = net.keys()
            assert len(keys) == len(set(keys)) == 1 + paid
        finally:
            net.close()


def fill(net: Net, disk: Path) -> int:
    """Fill the disk; the node stops and says why; with room it goes on where it was."""
    with (disk / "filler").open("ab") as filler:
        try:
            while True:
                filler.write(bytes(1 << 16))
                filler.flush()
        except OSError:
            pass
    log, paid = net.folder / VICTIM / "logs" / "app.log", 0

    def is_full() -> bool:
        nonlocal paid
        for answer in [net.pay("bank", number) for number in range(paid, paid + 40)]:
            entry_of(answer)
        paid += 40
        return "cannot write the ledger" in log.read_text(errors="replace")

    until(is_full, "the victim's disk is full")
    (disk / "filler").unlink()
    net.same_heads()
    return paid


def flood(net: Net, paid: int) -> int:
    """Send rubbish to one node without pause; it follows, and the others notice nothing."""
    peer = net.plan.peer("customs")
    over, sent = threading.Event(), 0

    def send() -> None:
        nonlocal sent
        rpc = Rpc(peer.host, peer.rpc_port)
        while not over.is_set():
            try:
                rpc.broadcast([os.urandom(200) for _ in range(500)])
            except RpcError:
                time.sleep(0.1)
            sent += 500
        rpc.close()

    thread = threading.Thread(target=send)
    thread.start()
    try:
        for number in range(paid, paid + 10):
            entry_of(net.pay("bank", number))
        heads = net.gateway("customs"), net.gateway("bank")
        until(lambda: heads[0].size >= heads[1].size, "who is flooded follows")
    finally:
        over.set()
        thread.join()
    assert sent >= 5_000, "that was no flood"
    return paid + 10


def rot(net: Net, paid: int) -> int:
    """Overwrite pages of a store that is at rest: the audit finds it, a snapshot replaces it."""
    down(net.folder, [VICTIM])
    member = net.folder / VICTIM
    store = member / "ledger" / "data.mdb"
    data = bytearray(store.read_bytes())
    chance = random.Random(1)  # noqa: S311 - Chance that can be repeated.
    for page in range(4, len(data) // 4_096):
        data[4_096 * page + 100 : 4_096 * page + 140] = chance.randbytes(40)
    store.write_bytes(data)
    report = audit(member / "ledger", net.plan.channel, table.ALL, signer).report
    assert not report.is_clean
    for number in range(paid, paid + 5):
        entry_of(net.pay("bank", number))
    for kept in (member / "ledger").iterdir():
        kept.unlink()
    state = (member / "comet" / "data" / "priv_validator_state.json").read_bytes()
    shutil.rmtree(member / "comet" / "data")
    (member / "comet" / "data").mkdir()
    (member / "comet" / "data" / "priv_validator_state.json").write_bytes(state)
    prepare_joining(net.folder, VICTIM)
    up(net.folder, [VICTIM])
    net.same_heads()
    return paid + 5


def test_a_few_bad_rounds(tmp_path: Path) -> None:
    """Deaths and stand-stills from one integer; `make chaos-network` runs a hundred."""
    require_cometbft()
    net = Net(tmp_path / "net", MEMBERS, free_port(8))
    try:
        net.up()
        endure(net, seed=7, rounds=2, say=print)
    finally:
        net.close()
