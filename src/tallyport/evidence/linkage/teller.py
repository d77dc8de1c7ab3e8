"""Teller (推算进程): a process that tells the stories of the clusters it is sent; see `telling`."""

from __future__ import annotations

import pickle
import sys

from tallyport.evidence.linkage.cash import applied


def serve() -> None:
    """Answer each batch on standard input with its stories, until nothing comes any more."""
    while True:
        try:
            clusters = pickle.load(sys.stdin.buffer)  # noqa: S301 - From whoever started us.
        except EOFError:
            return
        pickle.dump([applied(*cluster) for cluster in clusters], sys.stdout.buffer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    serve()
