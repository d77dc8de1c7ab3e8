"""Keep nodes alive (进程守护): one CometBFT and one application a member, each started again.

CometBFT ends, with status 0, when its application does; an application waits for CometBFT for
ever. So the application comes first, CometBFT when the socket is there, and whichever has ended
is started again, a little later each time it happens at once.

    python -m tallyport.app.network.supervise [--detach] DIR [MEMBER ...]
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tallyport.adapters.embedded.lock import Lock
from tallyport.app.network.comet import binary
from tallyport.app.network.plan import Member, Plan
from tallyport.kernel.guard import FaultError

PAUSE_SECONDS_MAX = 10  # What dies at once is not started more often than that.
_LOOK_SECONDS = 0.1
_LONG_SECONDS = 5  # Who has run so long is healthy: its next start is immediate.
_STOP_SECONDS = 10
LOCK_FILE = "network.lock"
DETACH = "--detach"


@dataclass(slots=True)
class Child:
    """One process that is to run."""

    name: str
    command: Sequence[str]
    folder: Path
    log: Path
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    pause: float = 0.0

    @property
    def pid_file(self) -> Path:
        """Where its number stands."""
        return self.folder / f"{self.name}.pid"

    def is_running(self) -> bool:
        """Return whether it runs."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start it, unless it ended a moment ago."""
        now = time.monotonic()
        if self.process is not None and now < self.began + self.pause:
            return
        ran = now - self.began
        self.pause = 0.5 if ran > _LONG_SECONDS else min(2 * self.pause, PAUSE_SECONDS_MAX) or 0.5
        self.began = now
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - Our own two programs.
                self.command, cwd=self.folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        self.pid_file.write_text(str(self.process.pid), "ascii")

    def stop(self) -> None:
        """Ask it to end; insist after a while."""
        if self.process is None:
            return
        if self.is_running():
            self.process.terminate()
            try:
                self.process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.pid_file.unlink(missing_ok=True)


class Pair:
    """The two processes of one member."""

    def __init__(self, folder: Path, program: Path) -> None:
        self.member = Member(folder.absolute())
        self.member.logs.mkdir(parents=True, exist_ok=True)
        home = self.member.folder
        self.application = Child(
            "app",
            (sys.executable, "-m", "tallyport.app.network.serve", str(home)),
            home,
            self.member.logs / "app.log",
        )
        self.comet = Child(
            "comet",
            (str(program), "start", "--home", str(self.member.comet)),
            home,
            self.member.logs / "comet.log",
        )

    def look(self) -> None:
        """Start what has ended."""
        if not self.application.is_running():
            self.application.start()
        elif not self.comet.is_running() and self.member.socket.exists():
            self.comet.start()

    def stop(self) -> None:
        """End both: CometBFT first, so that it does not miss its application."""
        self.comet.stop()
        self.application.stop()


def supervise(folder: Path, names: Sequence[str], over: threading.Event) -> None:
    """Keep the members' nodes alive until `over` is set.

    Raises:
        NetworkError: CometBFT is not installed, or there is no such member.
        HeldError: somebody supervises these members already.
    """
    plan, program = Plan.read(folder), binary()
    peers = [plan.peer(name) for name in names] or list(plan.peers)
    locks = [Lock(folder / peer.name / LOCK_FILE) for peer in peers]
    pairs = [Pair(folder / peer.name, program) for peer in peers]
    try:
        while True:
            for pair in pairs:
                pair.look()
            if over.wait(_LOOK_SECONDS):
                return
    finally:
        for pair in pairs:
            if pair.comet.process is not None:
                pair.comet.process.terminate()  # All at once; `stop` waits for each.
        for pair in pairs:
            pair.stop()
        for lock in locks:
            lock.close()


def stay(folder: Path, names: Sequence[str]) -> None:
    """Keep the members' nodes alive until this process is told to end.

    Raises:
        FaultError: as `supervise`.
    """
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    supervise(folder, names, over)


def main() -> None:
    """Supervise what the command line names until told to stop."""
    words = sys.argv[1:]
    if words[:1] == [DETACH]:
        words = words[1:]
        if os.fork():
            os._exit(0)  # Whoever called us goes on.
        os.setsid()  # No terminal that closes takes us with it.
    try:
        stay(Path(words[0]), words[1:])
    except FaultError as error:
        sys.stderr.write(f"tallyport: {error}\n")
        sys.exit(1)


def stop_left_over(folder: Path) -> list[int]:
    """End processes of a member whose supervisor was killed; return their numbers."""
    stopped = []
    for name in ("comet", "app"):
        path = folder / f"{name}.pid"
        try:
            number = int(path.read_text("ascii"))
            command = Path(f"/proc/{number}/cmdline").read_bytes().decode(errors="replace")
        except (OSError, ValueError):
            path.unlink(missing_ok=True)
            continue
        if str(folder.absolute()) in command:  # Else the number belongs to somebody else by now.
            os.kill(number, signal.SIGTERM)
            stopped.append(number)
        path.unlink(missing_ok=True)
    return stopped


if __name__ == "__main__":
    main()
