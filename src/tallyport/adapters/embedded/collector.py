"""Python's search for garbage that refers to itself (垃圾回收), less often where a ledger runs.

Rows, entries and envelopes never refer to each other in a circle, so nearly all of what Python's
collector walks over is in use. Set as delivered it looks after every 700 new objects, which is
what ten commands make, and costs a quarter of a node's time.
"""

from __future__ import annotations

import gc

NEW_OBJECTS_MIN = 20_000  # About a batch of commands. Garbage in circles waits so long: some MB.
YOUNG_ROUNDS, MIDDLE_ROUNDS = 20, 20  # How many rounds before an older generation is walked.


def relax() -> None:
    """Look for garbage less often in this process; never more often than somebody set it."""
    if 0 < gc.get_threshold()[0] < NEW_OBJECTS_MIN:
        gc.set_threshold(NEW_OBJECTS_MIN, YOUNG_ROUNDS, MIDDLE_ROUNDS)
