"""A real network whose members live in network namespaces of their own, so that links can be cut.

Each member has an address on a bridge that only this machine sees; a cut is a route to nowhere on
both sides, as when a line is dug up: nothing comes back, not even a refusal. Needs root and `ip`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from support.net import Net
from tallyport.app.network.comet import write_config
from tallyport.app.network.plan import Member


def run(*words: str) -> None:
    """Run a program; a failure says what it said."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"


def can_separate() -> bool:
    """Return whether this machine lets us make network namespaces."""
    if shutil.which("ip") is None or os.geteuid() != 0:
        return False
    name = f"tp{os.getpid()}-try"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False)
    if made.returncode == 0:
        run("ip", "netns", "del", name)
    return made.returncode == 0


class Apart(Net):
    """Members in namespaces."""

    def __init__(self, folder: Path, members: Sequence[str], port: int) -> None:
        super().__init__(folder, members, port)
        self._tag, self._net = f"tp{os.getpid() % 100_000}", f"10.213.{os.getpid() % 250}"
        self._cuts: list[tuple[str, str]] = []
        peers = tuple(replace(peer, host=self._address(peer.name)) for peer in self.plan.peers)
        self.plan = replace(self.plan, peers=peers)
        self.plan.write(folder)
        for peer in peers:
            write_config(Member(folder / peer.name), self.plan, peer)
        run("ip", "link", "add", self._tag, "type", "bridge")
        run("ip", "address", "add", f"{self._net}.254/24", "dev", self._tag)
        run("ip", "link", "set", self._tag, "up")
        for name in self.members:
            self._settle(name)

    def up(self) -> None:
        """Start each member's nodes in its own namespace."""
        supervise = (sys.executable, "-m", "tallyport.app.network.supervise", "--detach")
        for name in self.members:
            inside = ("ip", "netns", "exec", self._space(name))
            subprocess.run(  # They go on in the background, so they get no pipe of ours.
                (*inside, *supervise, str(self.folder), name),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=True,
            )

    def cut(self, *sides: Sequence[str]) -> None:
        """Let nothing pass between members of different sides."""
        for side in sides:
            others = [name for other in sides if other is not side for name in other]
            self._cuts += [(name, other) for name in side for other in others]
        for name, other in self._cuts:
            self._inside(name, "ip", "route", "add", "blackhole", f"{self._address(other)}/32")

    def heal(self) -> None:
        """Let everything pass again."""
        for name, other in self._cuts:
            self._inside(name, "ip", "route", "del", "blackhole", f"{self._address(other)}/32")
        self._cuts.clear()

    def close(self) -> None:
        """Stop the nodes, take the namespaces and the bridge away."""
        try:
            self.down()
        finally:
            for name in self.members:
                run("ip", "netns", "del", self._space(name))
            run("ip", "link", "del", self._tag)

    def _settle(self, name: str) -> None:
        space, outside = self._space(name), f"{self._tag}-{self.members.index(name)}"
        run("ip", "netns", "add", space)
        inside = ("type", "veth", "peer", "name", "eth0", "netns", space)
        run("ip", "link", "add", outside, *inside)
        run("ip", "link", "set", outside, "master", self._tag, "up")
        self._inside(name, "ip", "address", "add", f"{self._address(name)}/24", "dev", "eth0")
        self._inside(name, "ip", "link", "set", "eth0", "up")
        self._inside(name, "ip", "link", "set", "lo", "up")

    def _inside(self, name: str, *words: str) -> None:
        run("ip", "netns", "exec", self._space(name), *words)

    def _space(self, name: str) -> str:
        return f"{self._tag}-{name}"

    def _address(self, name: str) -> str:
        return f"{self._net}.{self.members.index(name) + 1}"
