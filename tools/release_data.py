"""Keep what a release wrote (升级样本), so that every later one shows that it still reads it.

    .venv/bin/tallyport demo --home var/release --vehicles 40 --no-serve
    .venv/bin/python tools/release_data.py var/release

writes tests/releases/VERSION.jsonl.gz, the ledger of the demo, and VERSION.json: head, node file
and, of every view, a digest of its rows as that release showed them. Run it with the release's own
code on the day of the release, commit both files, and never write them again.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

from tallyport.adapters.porting import export_ledger

FOLDER = Path(__file__).parents[1] / "tests" / "releases"
FILE_BYTES_MAX = 200_000  # It is cloned by everybody; the small demo has a tenth of it.


def shown(views: sqlite3.Connection, columns: dict[str, list[str]] | None = None) -> dict[str, str]:
    """Return a digest of each view's rows, in `columns` if they are given, else in all it has."""
    digests = dict[str, str]()
    for table, names in sorted((columns or columns_of(views)).items()):
        chosen = ", ".join(f'"{name}"' for name in names)
        rows = views.execute(f'SELECT {chosen} FROM "{table}"')  # noqa: S608 - Our own names.
        spelled = sorted(json.dumps(list(row), ensure_ascii=False) for row in rows)
        digests[table] = hashlib.sha256("\n".join(spelled).encode()).hexdigest()
    return digests


def columns_of(views: sqlite3.Connection) -> dict[str, list[str]]:
    """Return the columns of every view; where reactors stand is none."""
    named = views.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    return {
        table: [row[1] for row in views.execute(f'PRAGMA table_info("{table}")')]
        for (table,) in named
        if table != "position"
    }


def main(home: Path, release: str) -> int:
    """Write both files of a release."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    ledger = FOLDER / f"{release}.jsonl.gz"
    if ledger.exists():
        print(f"{ledger} is there already: what a release wrote is never written again")
        return 1
    header = export_ledger(home / "ledger", ledger)
    if ledger.stat().st_size > FILE_BYTES_MAX:
        ledger.unlink()
        print(f"expected at most {FILE_BYTES_MAX} bytes; play a smaller demo")
        return 1
    with closing(sqlite3.connect(home / "views.sqlite")) as views:
        expected = {
            "release": release,
            "entries": header.entries,
            "head": header.head.hex(),
            "node": json.loads((home / "node.json").read_text("utf-8")),
            "key": (home / "report" / "log.key").read_text("utf-8").strip(),
            "columns": columns_of(views),
            "views": shown(views),
        }
    text = json.dumps(expected, indent=1, ensure_ascii=False) + "\n"
    ledger.with_name(f"{release}.json").write_text(text, "utf-8")
    print(f"wrote {ledger} and its .json: {header.entries} entries")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else version("tallyport")))  # noqa: PLR2004
