"""What cells rest on, kept (血缘底稿): frames of the last appraisal, beside the places.

    evidence/lineage/links       every link: vehicle, record, probability, reasons
                     parties     every mention of a firm, and its cluster
                     findings    every finding with its records
                     inspections the items of every report, from which the VQI is made
                     trades      every order, invoice and haul with the records beside it
                     files       every file with its rows and what was set aside
                     history-N   trades, dues and remarks that ratings are made of

Written anew by each run; whoever deletes the folder loses explanations, no evidence.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from shutil import rmtree

import polars as pl

from tallyport.app.appraisal import Appraisal
from tallyport.app.finding_lines import all_finding_lines
from tallyport.app.home import Home
from tallyport.app.trade_lines import trade_lines
from tallyport.credit import History, history_of
from tallyport.credit.history import FRAMES
from tallyport.evidence.sources.vocabulary import INSPECTION_ITEMS

ABOUT = "about.json"
_FILES: Mapping[str, type[pl.DataType]] = {
    "source": pl.String,
    "file": pl.String,
    "rows": pl.Int64,
    "good": pl.Int64,
    "quarantined": pl.Int64,
}


def folder(home: Home) -> Path:
    """Return where the frames of a home lie."""
    return home.evidence / "lineage"


def keep_lineage(home: Home, appraisal: Appraisal) -> None:
    """Put the frames of `appraisal` in the place of the last ones."""
    place = folder(home)
    rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    if appraisal.matching is not None:
        appraisal.matching.links.write_parquet(place / "links.parquet")
        appraisal.matching.parties.write_parquet(place / "parties.parquet")
        reports = appraisal.reading.tables["inspection"]
        columns = ["report_no", *INSPECTION_ITEMS]
        reports.select(columns).write_parquet(place / "inspections.parquet")
    found = (
        {"id": one.id, "kind": one.kind, "records": list(one.records), "text": one.explanation}
        for one in all_finding_lines(appraisal)
    )
    _write(place / "findings.parquet", found, ("id", "kind", "text"))
    traded = (
        {
            "id": one.id,
            "status": one.status,
            "reasons": " ".join(one.reasons),
            "records": list(one.records),
        }
        for one in trade_lines(appraisal)
    )
    _write(place / "trades.parquet", traded, ("id", "status", "reasons"))
    files = [
        {
            "source": one.source,
            "file": one.file,
            "rows": one.rows,
            "good": one.good,
            "quarantined": one.quarantined,
        }
        for one in appraisal.reading.files
    ]
    pl.DataFrame(files, schema=_FILES).write_parquet(place / "files.parquet")
    for number, history in enumerate(appraisal.histories):
        _keep_history(place / f"history-{number}", history)


def _write(path: Path, rows: Iterable[Mapping[str, object]], texts: tuple[str, ...]) -> None:
    schema: dict[str, type[pl.DataType] | pl.DataType] = dict.fromkeys(texts, pl.String)
    schema["records"] = pl.List(pl.String)
    pl.DataFrame(list(rows), schema=schema).write_parquet(path)


def _keep_history(place: Path, history: History) -> None:
    place.mkdir()
    about = {"as_of": history.as_of.isoformat(), "currency": history.currency}
    (place / ABOUT).write_text(json.dumps(about), "utf-8")
    for name in FRAMES:
        getattr(history, name).write_parquet(place / f"{name}.parquet")


def histories_of(home: Home, role: str, subject: str) -> list[History]:
    """Return the histories that know a subject in a role, with nobody else in them."""
    found = []
    for place in sorted(folder(home).glob("history-*")):
        about = json.loads((place / ABOUT).read_text("utf-8"))
        mine = (pl.col("subject") == subject) & (pl.col("role") == role)
        frames = {
            name: pl.scan_parquet(place / f"{name}.parquet").filter(mine).collect()
            for name in FRAMES
        }
        if not frames["subjects"].is_empty():
            as_of = date.fromisoformat(about["as_of"])
            found.append(history_of(frames, as_of=as_of, currency=about["currency"]))
    return found


def places_of(history: History) -> dict[str, list[str]]:
    """Return where what indicators count stands: trades, dues, and trades by what groups them."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    trades = history.trades.with_columns(month=pl.col("opened_on").dt.strftime("%Y-%m"))
    for name in ("trade", "agreement", "counterparty", "month"):
        for key, place in trades.select(name, "place").drop_nulls().iter_rows():
            found[key].append(place)
    for key, place in history.dues.select("due", "place").drop_nulls().iter_rows():
        found[key] = [place]  # A bill is both a due and what groups its trades.
    for type_, records in history.remarks.select("type", "records").iter_rows():
        found[f"{type_}: {records}"] = records.split(";")
    return found


def rows_of(home: Home, name: str, condition: pl.Expr) -> list[dict[str, object]]:
    """Return the rows of a frame that meet a condition; none where it was not written."""
    path = folder(home) / f"{name}.parquet"
    if not path.is_file():
        return []
    return pl.scan_parquet(path).filter(condition).collect().to_dicts()
