"""Checks signatures in processes of their own (验签进程): one costs as much as all the rest.

    python -m tallyport.adapters.embedded.checker       reads requests, answers a byte a signature

Threads do not help: a thread that comes back from libsodium waits for the interpreter, up to five
milliseconds a signature while another thread is busy. A process has an interpreter of its own.

    request   number of signatures 4 bytes; each: suite 1, lengths 2 + 2 + 4 bytes, public key,
              signature, message
    answer    1 for a signature that fits, 0 for one that does not
"""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, NamedTuple

from tallyport.adapters.suites import verify
from tallyport.kernel.keys import Suite

ALONE_MAX = 24  # So few signatures are checked here: a millisecond, as much as asking costs.
PIPE_BYTES = 1 << 20  # A whole request fits, so that nobody waits to hand one over.
_SUITES = tuple(Suite)
_COUNT, _HEADER = struct.Struct(">I"), struct.Struct(">BHHI")


class Signed(NamedTuple):
    """A signature and what it is over."""

    suite: Suite
    public: bytes
    message: bytes
    signature: bytes


class Checkers:
    """A few processes that check. They start when there is enough to do, and stop with us.

    One thread starts checks, one thread (the same or another) asks for their results in that order.
    """

    def __init__(self, processes: int | None = None) -> None:
        beside = (os.cpu_count() or 1) - 1  # One processor is ours: we judge meanwhile.
        self._wanted = beside if processes is None else processes
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, signed: Sequence[Signed]) -> Checking:
        """Have signatures checked, and go on meanwhile."""
        if len(signed) <= ALONE_MAX or self._wanted == 0:
            return Checking([(signed, None)])
        while len(self._processes) < self._wanted:
            self._processes.append(_process())
        size = -(-len(signed) // len(self._processes))
        shares = [signed[at : at + size] for at in range(0, len(signed), size)]
        asked = zip(shares, self._processes, strict=False)  # There may be a share less.
        return Checking([(share, _asked(process, share)) for share, process in asked])

    def close(self) -> None:
        """End the processes."""
        for process in self._processes:
            process.kill()
            process.communicate()
        self._processes.clear()


class Checking:
    """Signatures that are being checked, in shares; a share that nobody took is checked here."""

    def __init__(self, shares: Sequence[tuple[Sequence[Signed], IO[bytes] | None]]) -> None:
        self._shares = shares

    def result(self) -> list[bool]:
        """Return for each signature whether it fits."""
        fits: list[bool] = []
        for share, out in self._shares:
            answer = b"" if out is None else out.read(len(share))
            if len(answer) == len(share):
                fits += map(bool, answer)
            else:  # Not asked, or the process died.
                fits += [verify(*one) for one in share]
        return fits


def _process() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tallyport.adapters.embedded.checker"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603
    if process.stdin is not None:
        with suppress(OSError):  # A small pipe only makes us wait now and then.
            fcntl.fcntl(process.stdin, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    return process


def _asked(process: subprocess.Popen[bytes], share: Sequence[Signed]) -> IO[bytes] | None:
    """Ask a process; return where it answers, or None when it is not there any more."""
    if process.stdin is None:
        return None
    try:
        process.stdin.write(request(share))
        process.stdin.flush()
    except OSError:
        return None
    return process.stdout


def request(share: Sequence[Signed]) -> bytes:
    """Return the bytes of a request."""
    parts = [_COUNT.pack(len(share))]
    for suite, public, message, signature in share:
        number = _SUITES.index(suite)
        parts.append(_HEADER.pack(number, len(public), len(signature), len(message)))
        parts += (public, signature, message)
    return b"".join(parts)


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer requests until there are no more."""
    while count := requests.read(_COUNT.size):
        fits = bytearray()
        for _ in range(_COUNT.unpack(count)[0]):
            number, *lengths = _HEADER.unpack(requests.read(_HEADER.size))
            public, signature, message = (requests.read(length) for length in lengths)
            fits.append(verify(_SUITES[number], public, message, signature))
        answers.write(fits)
        answers.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
