"""Members are not equal (异构节点): other hash seeds, another Python, a slow disk, few blocks kept.

Goal: all come to the same head, and the slowest of four holds nobody up. Method: each member's
processes are started in an environment of their own, one of them by another patch version of
Python where the machine has one; the kernel then delays every fsync of one member.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.net import SECONDS_MAX, Net, entry_of, free_port, require_cometbft, until
from support.network_chaos import MEMBERS
from tallyport.adapters.consortium.rpc import Rpc

pytestmark = [pytest.mark.cometbft]
SEEDS = dict(zip(MEMBERS, ("0", "1", "4242", "random"), strict=True))
SLOW = "logistics"
FSYNC_SECONDS = 0.2  # Thirty times what a disk takes; a block has several.
BLOCKS_KEPT = 20  # More than the slow one is ever behind: what others dropped it could not fetch.


def another_python() -> str | None:
    """Return a Python of our minor version and another patch: our packages run in it too."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    ask = "import sys; print(*sys.version_info[:3])"
    for folder in (*os.environ["PATH"].split(os.pathsep), "/usr/bin"):
        path = Path(folder) / name
        if not path.exists():
            continue
        said = subprocess.run([path, "-c", ask], capture_output=True, text=True, check=False)
        if said.stdout.split() not in ([], [str(part) for part in sys.version_info[:3]]):
            return str(path)
    return None


def start(net: Net, name: str, python: str) -> None:
    """Start a member by that Python, under the hash seed that is set for it."""
    source = Path(__file__).parents[2] / "src"
    packages = os.pathsep.join((str(source), sysconfig.get_path("purelib")))
    environment = os.environ | {"PYTHONPATH": packages, "PYTHONHASHSEED": SEEDS[name]}
    words = (python, "-m", "tallyport.app.network.supervise", "--detach", str(net.folder), name)
    quiet = subprocess.DEVNULL
    subprocess.run(words, env=environment, stdin=quiet, stdout=quiet, stderr=quiet, check=True)


def environment(net: Net, name: str) -> dict[str, str]:
    """Return the environment in which a member's application runs."""
    pid = (net.folder / name / "app.pid").read_text("ascii")
    words = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return dict(word.split("=", 1) for word in words if "=" in word)


def program(net: Net, name: str) -> str:
    """Return the program that a member's application is."""
    pid = (net.folder / name / "app.pid").read_text("ascii")
    return str(Path(f"/proc/{pid}/exe").readlink())


@contextmanager
def slow_disk(net: Net, name: str) -> Iterator[None]:
    """Let every fsync of both processes of a member take long."""
    pids = [(net.folder / name / f"{one}.pid").read_text("ascii") for one in ("app", "comet")]
    delay = f"inject=fsync,fdatasync:delay_exit={int(FSYNC_SECONDS * 1e6)}"
    attach = [word for pid in pids for word in ("-p", pid)]
    words = ["strace", "-f", "-qq", "-o", os.devnull, "-e", "trace=fsync,fdatasync", "-e", delay]
    tracer = subprocess.Popen([*words, *attach], stderr=subprocess.DEVNULL)
    try:
        status = [Path(f"/proc/{pid}/status") for pid in pids]
        until(
            lambda: all(f"TracerPid:\t{tracer.pid}\n" in one.read_text() for one in status),
            "the disk is slow",
        )
        yield
    finally:
        tracer.terminate()
        tracer.wait()


def test_uneven_members_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four environments, one head; a slow disk delays its own member only; blocks are dropped."""
    require_cometbft()
    monkeypatch.setenv("TALLYPORT_RETAIN_BLOCKS", str(BLOCKS_KEPT))
    net, other = Net(tmp_path / "net", MEMBERS, free_port(8)), another_python()
    try:
        for name in MEMBERS:
            start(net, name, other if other and name == SLOW else sys.executable)
        until(lambda: all(one.is_up and one.height for one in net.nodes()), "all nodes are up")
        net.found()
        for number in range(12):
            entry_of(net.pay(MEMBERS[number % 4], number))
        net.same_heads()
        assert {name: environment(net, name)["PYTHONHASHSEED"] for name in MEMBERS} == SEEDS
        assert other is None or program(net, SLOW) == str(Path(other).resolve())
        print(f"{SLOW} ran by {other or 'our own Python: no other patch version is here'}")  # noqa: T201
        paid = 12 + on_a_slow_disk(net, 12)
        keys = net.keys()
        assert len(keys) == len(set(keys)) == 1 + paid
        until(lambda: pay_again(net) and earliest_block(net) > 1, "old blocks are dropped")
        net.same_heads()
    finally:
        net.close()


def on_a_slow_disk(net: Net, first: int) -> int:
    """Pay while one member's disk is slow; the others answer, and it comes to the same head."""
    if shutil.which("strace") is None:
        print("NO STRACE: a slow disk under a node was not tested")  # noqa: T201
        return 0
    with slow_disk(net, SLOW):
        waiting = net.pay(SLOW, first)
        for number in range(first, first + 5):
            entry_of(net.pay("bank", number))
        entry_of(waiting)
        net.same_heads()
    return 6


def pay_again(net: Net) -> bool:
    """Make a block."""
    net.gateway("bank").submit(b"").result(SECONDS_MAX)
    return True


def earliest_block(net: Net) -> int:
    """Return the first block that a node still has."""
    peer = net.plan.peers[0]
    rpc = Rpc(peer.host, peer.rpc_port)
    try:
        return int(rpc.ask("status")["sync_info"]["earliest_block_height"])
    finally:
        rpc.close()
