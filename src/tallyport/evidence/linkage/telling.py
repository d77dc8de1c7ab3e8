"""Telling (分头推算): stories of many clusters, told by as many processes as there are processors.

    clusters ──▶ batches ──▶ process 1 ──▶ stories, in the order of the clusters
                      └────▶ process 2 ──┘

No cluster knows of another, so who tells which story changes nothing. A process that starts costs
as much as some thousand payments: fewer are told here. A batch whose process died is told here too.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Self

from tallyport.evidence.linkage.cash import Applied, Instalment, Payment, applied

APART_MIN = 20_000  # Payments; about five seconds of telling.
TELLER = "tallyport.evidence.linkage.teller"
BATCH = 250  # Clusters: small enough that processes end together.

Cluster = tuple[list[Instalment], list[Payment], dict[str, list[int]], int]


def stories(clusters: Sequence[Cluster], *, processes: int | None = None) -> list[Applied]:
    """Return what `cash.applied` tells of each cluster. `processes` is chosen unless given."""
    if processes is None:
        payments = sum(len(paid) for _, paid, _, _ in clusters)
        processes = len(os.sched_getaffinity(0)) if payments >= APART_MIN else 1
    if processes < 2:  # noqa: PLR2004 - One can tell by itself.
        return _told(clusters)
    told: dict[int, list[Applied]] = {}
    batches = iter(range(0, len(clusters), BATCH))
    lock = Lock()

    def starts() -> Iterator[int]:
        while True:
            with lock:
                start = next(batches, None)
            if start is None:
                return
            yield start

    def tell() -> None:
        with _Teller() as teller:
            for start in starts():
                told[start] = teller.told(clusters[start : start + BATCH])

    with ThreadPoolExecutor(processes) as pool:
        for done in [pool.submit(tell) for _ in range(processes)]:
            done.result()
    return [story for start in sorted(told) for story in told[start]]


def _told(clusters: Sequence[Cluster]) -> list[Applied]:
    return [applied(*cluster) for cluster in clusters]


class _Teller:
    """A process that tells stories, batch by batch, over its standard input and output."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(  # noqa: S603 - Our own module.
            [sys.executable, "-m", TELLER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()  # An end of input ends it.

    def told(self, clusters: Sequence[Cluster]) -> list[Applied]:
        """Return the stories of `clusters`."""
        into, out = self._process.stdin, self._process.stdout
        if into is None or out is None:
            return _told(clusters)
        try:
            pickle.dump(clusters, into)
            into.flush()
            told: list[Applied] = pickle.load(out)  # noqa: S301 - From our own process.
        except (OSError, EOFError, pickle.UnpicklingError):
            return _told(clusters)
        return told
