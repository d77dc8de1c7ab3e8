"""Match a folder (匹配): read and link, no ledger and no rating; what the scorer's files need.

A home keeps what was delivered: a second delivery gives the result of both folders sent as one, and
only clusters that it touches are computed anew (`app.deliveries`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from tallyport.app import deliveries
from tallyport.app.as_of import as_of
from tallyport.app.decisions import Decisions
from tallyport.app.deliveries import Touched
from tallyport.app.home import Home
from tallyport.app.settings import Settings
from tallyport.app.worklist import ask
from tallyport.evidence.linkage import Matching, match
from tallyport.evidence.linkage.decided import NOTHING, Decided
from tallyport.evidence.linkage.memory import Memory
from tallyport.evidence.sources.builtin import find_profile
from tallyport.evidence.sources.deliveries import in_order, together
from tallyport.evidence.sources.loading import load
from tallyport.evidence.sources.mending import read_mended
from tallyport.evidence.sources.merging import merge
from tallyport.evidence.sources.profile import Profile
from tallyport.evidence.sources.reading import Reading, read
from tallyport.kernel.guard import FaultError

Progress = Callable[[str, int, int], None]  # What is done, how much of it, of how much.


def read_folder(
    folder: Path,
    *,
    profile: Path | None,
    day: date | None,
    progress: Progress,
    mended: Path | None = None,
) -> tuple[Reading, date]:
    """Return what the exports in `folder` hold, and the day that they speak of.

    `mended` is a folder of quarantined rows that somebody mended: they come back into their places.

    Raises:
        FaultError: no profile fits, the profile has mistakes, or there is nothing to read.
    """
    if not folder.is_dir():
        raise FaultError(f"文件夹不存在 / {folder}: expected a folder of exports; correct the path")
    chosen = load(profile) if profile is not None else find_profile(folder)
    today = datetime.now(UTC).date()
    reading = read(
        folder,
        chosen,
        lambda _name, done, of: progress(f"read {chosen.name}", done, of),
        as_of=day or today,
    )
    if mended is not None:
        reading = merge(reading, read_mended(mended, chosen, as_of=day or today))
    return reading, day or as_of(reading.tables, today)


def read_home(
    home: Home,
    *,
    profile: Path | None,
    day: date | None,
    progress: Progress,
    mended: Path | None = None,
) -> tuple[Reading, date]:
    """Return what all deliveries of `home` hold together; raises as `read_folder` does."""
    folders = deliveries.kept(home)
    if not folders:
        raise FaultError(f"没有交付 / {home.evidence}: expected a delivery, found none; send one")
    chosen = _profile(folders, profile)
    today = datetime.now(UTC).date()
    readings = []
    for number, folder in enumerate(folders, start=1):
        readings.append((folder.name, read(folder, chosen, as_of=day or today)))
        progress(f"read {chosen.name}", number, len(folders))
    reading = together(readings)
    if mended is not None:
        reading = merge(reading, read_mended(mended, chosen, as_of=day or today))
    return reading, day or as_of(reading.tables, today)


def _profile(folders: list[Path], profile: Path | None) -> Profile:
    """Return the profile that was named, or that fits the first delivery it can be told from."""
    if profile is not None:
        return load(profile)
    missed: FaultError | None = None
    for folder in folders:  # A correction may hold one file, which tells little.
        try:
            return find_profile(folder)
        except FaultError as fault:
            missed = missed or fault
    raise missed or FaultError("没有交付 / expected a delivery, found none; send one")


def link(
    reading: Reading,
    day: date,
    progress: Progress,
    memory: Memory | None = None,
    decided: Decided = NOTHING,
) -> Matching | None:
    """Return what belongs together in `reading`, or None when it has no vehicles.

    What people `decided` holds. What stands in stock for longer than the setting is found.
    """
    if reading.tables["vehicle"].is_empty():
        return None
    return match(
        in_order(reading.tables),
        as_of=day,
        progress=lambda _what, share: progress("match", round(100 * share), 100),
        memory=memory,
        decided=decided,
        stock_days=Settings.read().stock_days,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """What was read, and what of it belongs together."""

    reading: Reading
    matching: Matching | None  # None: there are no vehicles.
    touched: Touched | None = None  # What the last delivery changed, where deliveries are kept.


def match_home(
    home: Home, *, profile: Path | None, day: date | None, progress: Progress
) -> Matched:
    """Match all deliveries of `home`; raises as `read_folder` does."""
    reading, known = read_home(home, profile=profile, day=day, progress=progress)
    memory = deliveries.remembered(home)
    matching = link(reading, known, progress, memory, Decisions(home).decided())
    if matching is None:
        return Matched(reading=reading, matching=None)
    judged = ask(home, matching, reading.tables)
    touched = deliveries.remember(home, memory, judged)
    return Matched(reading=reading, matching=judged, touched=touched)


def match_folder(
    folder: Path, *, profile: Path | None, day: date | None, progress: Progress
) -> Matched:
    """Match what `folder` holds; raises as `read_folder` does."""
    reading, known = read_folder(folder, profile=profile, day=day, progress=progress)
    return Matched(reading=reading, matching=link(reading, known, progress))
