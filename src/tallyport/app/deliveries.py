"""Deliveries that are kept (多次交付): files come day by day, the matching follows.

    evidence/deliveries/2024-05-01.3f9a…   the files as they came; never changed
    evidence/matching.sqlite               stories told and links found the last time

A delivery is known by its day and the digest of its files: the same folder sent again changes
nothing. The result is that of all files sent at once, whatever the order in which they arrived;
`app.matching` says how much of it had to be computed anew.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

from tallyport.app.home import Home
from tallyport.evidence.linkage import Matching
from tallyport.evidence.linkage.memory import Memory
from tallyport.evidence.sources.encoding import digest
from tallyport.kernel.guard import FaultError

DELIVERIES_MAX = 4_000  # Ten years of one a day.
DIGEST_LENGTH = 12
_PARTIAL = ".partial-"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS story (key TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS link (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """What a delivery changed: clusters in all and computed anew, links that came or went."""

    clusters: int
    computed: int
    links: int
    changed: int

    def sentence(self) -> str:
        """Return the counts as a user reads them."""
        return (
            f"{self.clusters:,} clusters, {self.computed:,} computed anew;"
            f" {self.links:,} links, {self.changed:,} changed"
        )


def keep(home: Home, folder: Path, day: date) -> Path:
    """Copy `folder` to the deliveries of `home`, as of `day`; return where it lies.

    Raises:
        FaultError: no such folder, or there are too many deliveries.
    """
    if not folder.is_dir():
        raise FaultError(f"文件夹不存在 / {folder}: expected a folder of exports; correct the path")
    place = home.evidence / "deliveries"
    place.mkdir(parents=True, exist_ok=True)
    target = place / f"{day.isoformat()}.{_name(folder)}"
    if target.is_dir():
        return target
    if len(kept(home)) >= DELIVERIES_MAX:
        raise FaultError(
            f"交付次数过多 / {place}: expected at most {DELIVERIES_MAX} deliveries; move old ones"
            " away and deliver their rows as one folder"
        )
    partial = Path(mkdtemp(prefix=_PARTIAL, dir=place))  # A copy that was cut short does not count.
    try:
        for path in _files(folder):
            copy = partial / path.relative_to(folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target


def kept(home: Home) -> list[Path]:
    """Return the deliveries, the oldest first; of one day in the order of their digests."""
    place = home.evidence / "deliveries"
    found = place.iterdir() if place.is_dir() else iter(())
    return sorted(path for path in found if path.is_dir() and not path.name.startswith(_PARTIAL))


def _files(folder: Path) -> list[Path]:
    root = folder.resolve()
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and path.resolve().is_relative_to(root)  # No link leads out.
    )


def _name(folder: Path) -> str:
    """Return a digest of the names and contents of the files."""
    whole = sha256()
    for path in _files(folder):
        whole.update(f"{path.relative_to(folder).as_posix()}\0{digest(path)[0]}\n".encode())
    return whole.hexdigest()[:DIGEST_LENGTH]


@contextmanager
def _database(home: Home) -> Iterator[sqlite3.Connection]:
    home.evidence.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(home.evidence / "matching.sqlite")) as database, database:
        database.executescript(_SCHEMA)
        yield database


def remembered(home: Home) -> Memory:
    """Return the stories of the last matching."""
    with _database(home) as database:
        return Memory(known=dict(database.execute("SELECT key, body FROM story")))


def remember(home: Home, memory: Memory, matching: Matching) -> Touched:
    """Keep what was told and linked this time for the next; return what changed since the last."""
    names = _links(matching)
    with _database(home) as database:
        before = {name for (name,) in database.execute("SELECT name FROM link")}
        database.execute("DELETE FROM story")
        database.executemany("INSERT INTO story VALUES (?, ?)", memory.used.items())
        database.execute("DELETE FROM link")
        database.executemany("INSERT INTO link VALUES (?)", [(name,) for name in sorted(names)])
    return Touched(
        clusters=len(memory.used),
        computed=len(memory.fresh),
        links=len(names),
        changed=len(names ^ before),
    )


def _links(matching: Matching) -> set[str]:
    """Return every link by name: vehicle and record, vehicle and payment with its amount."""
    records = matching.links.select("vin", "kind", "record").iter_rows()
    paid = matching.allocations.select(
        "vin", "payment_id", "contract_no", "item", "shipment", "line_no", "amount_minor"
    ).iter_rows()
    return {"|".join(map(str, row)) for rows in (records, paid) for row in rows}
