"""Match a folder (匹配): read and link, no ledger and no rating; what the scorer's files need."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from tallyport.app.as_of import as_of
from tallyport.evidence.linkage import Matching, match
from tallyport.evidence.sources.builtin import find_profile
from tallyport.evidence.sources.loading import load
from tallyport.evidence.sources.mending import read_mended
from tallyport.evidence.sources.merging import merge
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


def link(reading: Reading, day: date, progress: Progress) -> Matching | None:
    """Return what belongs together in `reading`, or None when it has no vehicles."""
    if reading.tables["vehicle"].is_empty():
        return None
    return match(
        reading.tables,
        as_of=day,
        progress=lambda _what, share: progress("match", round(100 * share), 100),
    )


def match_folder(
    folder: Path, *, profile: Path | None, day: date | None, progress: Progress
) -> Matching | None:
    """Return what belongs together in `folder`; raises as `read_folder` does."""
    reading, known = read_folder(folder, profile=profile, day=day, progress=progress)
    return link(reading, known, progress)
