"""Speed and quality of matching, with exact joins beside it: one JSON object a figure.

Worlds are made by the project's own generator with a seed that nothing was tried on. Sizes come
from the command line or from LINKAGE_SIZES ("762 3000 20000"); noise from LINKAGE_NOISE. A folder
in the place of a size is a world that is there already (`bench/flat_world.py`).

Figures: the whole command, `tallyport evidence match`, as a process of its own, reading included;
and the VIN - declaration leg by itself (`bench/leg.py`), with exact joins and Splink, naive and
tuned, each in a process of its own on the same records (`bench/peers/linkage_leg.py`).
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import leg
import polars as pl
from flat_world import make_flat

from tallyport.evidence.linkage import fleet, mentions, records, sales
from tallyport.evidence.linkage.fold import compact
from tallyport.evidence.sources.builtin import find_profile
from tallyport.evidence.sources.reading import read

AS_OF = date(2024, 12, 31)
SEED = 4_711
COMMAND = "make -s bench BENCH=linkage"
ENGINES = ("own", "exact", "splink-tuned", "splink-naive")


def f1(said: pl.DataFrame, true: pl.DataFrame) -> float:
    """Return the F1 of distinct rows."""
    said, true = said.unique(), true.unique()
    hits = said.join(true, on=true.columns, how="inner").height
    return 2 * hits / (said.height + true.height) if said.height + true.height else 0.0


def exact_joins(tables: Mapping[str, pl.DataFrame]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return (vin, declaration) and (vin, payment) pairs as equal keys give them."""
    text = pl.concat(
        [
            tables["declaration_line"].select("declaration_no", text="specification"),
            tables["declaration"].select("declaration_no", text="note"),
        ]
    )
    named = text.select("declaration_no", vin=pl.col("text").str.extract_all(r"[A-Z0-9]{17}"))
    named = named.explode("vin").join(tables["vehicle"].select("vin"), on="vin", how="semi")
    paid = tables["bank_entry"].select(
        payment_id="entry_no", contract_no=pl.col("remittance").str.extract(r"([A-Z]{4}-\d{10})")
    )
    lines = tables["contract_line"].select("contract_no", "vin").drop_nulls()
    return (
        named.select("vin", "declaration_no"),
        paid.join(lines, on="contract_no").select("vin", "payment_id"),
    )


def measured(size: str, noise: float) -> None:
    """Make a world, match it, print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        world = Path(size) if Path(size).is_dir() else Path(folder) / "world"
        if not world.exists():
            make_flat(world, vehicles=int(size), seed=SEED, noise=noise)
        tables = read(world, find_profile(world), as_of=AS_OF).tables
        true = pl.read_csv(world / "truth" / "triads.csv", infer_schema=False)
        start = time.perf_counter()
        by_number, by_agreement = exact_joins(tables)
        joins = time.perf_counter() - start
        result, peak = Path(folder) / "result", Path(folder) / "peak"
        seconds = whole_run(world, result, peak)
        vehicles = tables["vehicle"].height
        show("linkage_seconds", vehicles, seconds, "s", ("exact joins", joins))
        said = pl.read_csv(result / "triads.csv", infer_schema=False)
        for name, key, other in (
            ("vehicle_declaration_f1", ["vin", "declaration_no"], by_number),
            ("vehicle_payment_f1", ["vin", "payment_id"], by_agreement),
        ):
            rows, wanted = said.select(key).drop_nulls(), true.select(key).drop_nulls()
            peer = ("exact joins", f1(other, wanted))
            show(f"linkage_{name}", vehicles, f1(rows, wanted), "", peer)
        show("linkage_peak_memory", vehicles, float(peak.read_text()) / 2**20, "GiB", None)
        leg_with_peers(Path(folder), tables, true)


def whole_run(world: Path, result: Path, peak: Path) -> float:
    """Run the command; return its seconds and leave its peak memory in KiB in a file."""
    code = (
        "import resource, subprocess, sys;"
        "subprocess.run(sys.argv[2:], check=True, stdout=subprocess.DEVNULL);"
        "usage = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "open(sys.argv[1], 'w').write(str(usage.ru_maxrss))"
    )
    program = Path(sys.executable).with_name("tallyport")
    command = [str(program), "evidence", "match", str(world), "--out", str(result)]
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code, str(peak), *command], check=True)  # noqa: S603
    return time.perf_counter() - start


def leg_with_peers(folder: Path, tables: Mapping[str, pl.DataFrame], true: pl.DataFrame) -> None:
    """Give the same records to every engine; print seconds, memory and F1 of each.

    True are the links of declarations that name a vehicle at all, however badly.
    """
    for kind in leg.KINDS:
        tables[kind].write_parquet(folder / f"{kind}.parquet")
    vehicles = written(folder, tables)
    named = pl.read_parquet(folder / "declared.parquet", columns=["declaration_no"])
    key = ["vin", "declaration_no"]
    true = true.select(key).drop_nulls().join(named, on="declaration_no", how="semi")
    figures = {engine: leg_of(engine, folder, true) for engine in ENGINES}
    for name, unit in (("seconds", "s"), ("processor_seconds", "s"), ("memory", "GiB"), ("f1", "")):
        for peer in ENGINES[1:]:
            value = figures["own"][name]
            show(f"linkage_leg_{name}", vehicles, value, unit, (peer, figures[peer][name]))


def leg_of(engine: str, folder: Path, true: pl.DataFrame) -> dict[str, float]:
    """Run one engine in a process of its own; return its figures, NaN where it failed."""
    program = Path(__file__).parent / "peers" / "linkage_leg.py"
    done = subprocess.run(  # noqa: S603 - Our own program.
        [sys.executable, str(program), engine, str(folder)],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        print(done.stderr[-2000:], file=sys.stderr)
        return dict.fromkeys(("seconds", "processor_seconds", "memory", "f1"), math.nan)
    told = json.loads(done.stdout.splitlines()[-1])
    links = pl.read_parquet(folder / f"{engine}.parquet", columns=true.columns)
    of_named = links.join(true, on="declaration_no", how="semi")
    return {**told, "f1": f1(of_named, true)}


def written(folder: Path, tables: Mapping[str, pl.DataFrame]) -> int:
    """Write numbers as declared and vehicles, for linkers of records; return how many vehicles."""
    rows = records.prepared(tables)
    fleet_ = fleet.fleet(rows)
    lines = rows["declaration_line"].select("declaration_no", "line_no", "family")
    heads = rows["declaration"].select(
        "declaration_no", "prefix", contract_no=compact(pl.col("contract_ref"))
    )
    declared = mentions.line_tokens(rows).rename({"token": "number"})
    declared = declared.join(lines, on=["declaration_no", "line_no"], how="left")
    declared.join(heads, on="declaration_no").write_parquet(folder / "declared.parquet")
    sold = sales.named_sales(rows, fleet_).join(
        rows["contract"].select("contract_no", "prefix"), on="contract_no"
    )
    vehicles = fleet_.join(sold.unique("vin"), on="vin", how="left").select(
        "vin", "family", "prefix", contract_no=compact(pl.col("contract_no"))
    )
    vehicles.write_parquet(folder / "vehicles.parquet")
    return vehicles.height


def show(name: str, size: int, value: float, unit: str, peer: tuple[str, float] | None) -> None:
    """Print one figure for programs and one line for people."""
    figure = {
        "name": f"{name}_{size}",
        "value": round(value, 4),
        "unit": unit,
        "peer": peer[0] if peer else None,
        "peer_value": round(peer[1], 4) if peer else None,
        "ratio": round(value / peer[1], 3) if peer and peer[1] else None,
        "command": COMMAND,
    }
    print(json.dumps(figure), flush=True)
    beside = f"{peer[1]:10.3f} {peer[0]}" if peer else ""
    print(f"{figure['name']:40} {value:10.3f} {unit:4} {beside}", file=sys.stderr)


if __name__ == "__main__":
    sizes = sys.argv[1:] or os.environ.get("LINKAGE_SIZES", "762 3000").split()
    for one in sizes:
        measured(one, float(os.environ.get("LINKAGE_NOISE", "1")))
