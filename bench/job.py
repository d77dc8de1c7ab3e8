"""The whole job in seconds: the demo of 762 vehicles, and steps 1 to 4 on a user's own exports.

    make bench BENCH=job [RUNS=3 EXPORTS=folder]

Each figure is the median of RUNS whole processes on a fresh home; the peer is the goal that was
set for it (60 s), so a ratio below 1 meets it. EXPORTS is by default the shared world of 762
vehicles; it is left out, loudly, when it is not there.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = int(os.environ.get("RUNS", "3"))
SHARED = Path(os.environ.get("TALLYPORT_SHARED", "../shared"))
EXPORTS = Path(os.environ.get("EXPORTS", SHARED / "worlds" / "dev762"))
GOAL_SECONDS = 60.0
COMMAND = "make bench BENCH=job"


def seconds(*words: str) -> float:
    """Return how long a command of ours takes on a fresh home: the median of RUNS."""
    took = []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as home:
            began = time.monotonic()
            subprocess.run(  # noqa: S603 - Our own command.
                [str(Path(sys.executable).parent / "tallyport"), *words],
                env=os.environ | {"TALLYPORT_HOME": home},
                stdout=subprocess.DEVNULL,
                check=True,
            )
            took.append(time.monotonic() - began)
    return statistics.median(took)


def main() -> None:
    """Measure, print a JSON object a figure on stdout and a table on stderr."""
    jobs = {"demo_762": ("demo", "--no-serve")}
    if EXPORTS.is_dir():
        jobs["run_own_exports"] = ("run", str(EXPORTS))
    else:
        sys.stderr.write(f"ABSENT: {EXPORTS}; set EXPORTS to a folder of exports\n")
    for name, words in jobs.items():
        value = seconds(*words)
        figure = {
            "name": name,
            "value": round(value, 2),
            "unit": "s",
            "peer": "goal",
            "peer_value": GOAL_SECONDS,
            "ratio": round(value / GOAL_SECONDS, 3),
            "command": COMMAND,
        }
        sys.stdout.write(json.dumps(figure) + "\n")
        sys.stderr.write(f"{name:20} {value:8.2f} s   goal {GOAL_SECONDS:.0f} s\n")


if __name__ == "__main__":
    main()
