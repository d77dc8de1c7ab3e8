"""Grow bad input from good, guided by what it reaches in our code (覆盖引导). Needs atheris.

python -m support.fuzz.run 60            sixty seconds for each target
python -m support.fuzz.run 600 ofd csv   ten minutes for each of these
python -m support.fuzz.run 0 ofd FILE    one input again

Each target has a process of its own, which ends at the first find: an exception that was not
promised, more than INPUT_SECONDS_MAX for an input, or more than MEMORY_MB_MAX. What was found lies
in var/fuzz, and so does the input that led somewhere new, from which the next call goes on.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
HELD = ROOT / "var" / "fuzz"
INPUT_BYTES_MAX = 20_000  # What breaks a reader does so in little.
INPUT_SECONDS_MAX = 130  # A picture may take 120 (`recognition`); any other takes half a second.
MEMORY_MB_MAX = 2_048  # polars alone takes a fifth.


def main() -> int:
    """Run the targets one after the other; return how many ended with a find."""
    seconds, *names = sys.argv[1:]
    if len(names) == 2 and Path(names[1]).is_file():
        from support.fuzz.targets import TARGETS  # noqa: PLC0415 - Not instrumented here.

        TARGETS[names[0]](Path(names[1]).read_bytes())
        return 0
    from support.fuzz.seeds import seeds  # noqa: PLC0415 - See above.
    from support.fuzz.targets import TARGETS  # noqa: PLC0415

    wrong = [name for name in names if name not in TARGETS]
    if wrong:
        sys.stderr.write(f"expected targets of {', '.join(TARGETS)}; came {', '.join(wrong)}\n")
        return 2
    found = 0
    for name in names or TARGETS:
        corpus = HELD / name
        corpus.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds(name)):
            (corpus / f"seed-{number}").write_bytes(seed)
        command = [
            sys.executable, "-m", "support.fuzz.guided", name, str(corpus),
            f"-max_total_time={seconds}", f"-max_len={INPUT_BYTES_MAX}",
            f"-timeout={INPUT_SECONDS_MAX}", f"-rss_limit_mb={MEMORY_MB_MAX}",
            f"-artifact_prefix={HELD}/found-{name}-", "-print_final_stats=1", "-verbosity=0",
        ]  # fmt: skip
        done = subprocess.run(command, check=False)
        sys.stderr.write(f"{name}: {'nothing found' if not done.returncode else 'FOUND'}\n")
        found += bool(done.returncode)
    return found


if __name__ == "__main__":
    raise SystemExit(main())
