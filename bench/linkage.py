"""Speed and quality of matching, with exact joins beside it: one JSON object a figure.

Worlds are made by the project's own generator with a seed that nothing was tried on. Sizes come
from the command line or from LINKAGE_SIZES ("762 3000 20000"); noise from LINKAGE_NOISE.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from tallyport.evidence.linkage import Matching, match
from tallyport.evidence.sources.builtin import find_profile
from tallyport.evidence.sources.reading import read
from tallyport.worlds import make

AS_OF = date(2024, 12, 31)
SEED = 4_711
COMMAND = "make -s bench BENCH=linkage"


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


def measured(size: int, noise: float) -> None:
    """Make a world, match it, print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder)
        make(world, vehicles=size, seed=SEED, noise=noise)
        tables = read(world, find_profile(world), as_of=AS_OF).tables
        truth = pl.read_csv(world / "truth" / "triads.csv", infer_schema=False)
    start = time.perf_counter()
    result = match(tables, as_of=AS_OF)
    ours = time.perf_counter() - start
    start = time.perf_counter()
    by_number, by_agreement = exact_joins(tables)
    joins = time.perf_counter() - start
    show("linkage_seconds", size, ours, "s", joins)
    for name, key, other in (
        ("vehicle_declaration_f1", ["vin", "declaration_no"], by_number),
        ("vehicle_payment_f1", ["vin", "payment_id"], by_agreement),
    ):
        true = truth.select(key).drop_nulls()
        show(f"linkage_{name}", size, f1(pairs(result, key), true), "", f1(other, true))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    show("linkage_peak_memory", size, peak, "GiB", None)


def pairs(result: Matching, key: list[str]) -> pl.DataFrame:
    """Return distinct pairs of the result."""
    return result.triads.select(key).drop_nulls()


def show(name: str, size: int, value: float, unit: str, peer: float | None) -> None:
    """Print one figure for programs and one line for people."""
    figure = {
        "name": f"{name}_{size}",
        "value": round(value, 4),
        "unit": unit,
        "peer": "exact joins" if peer is not None else None,
        "peer_value": round(peer, 4) if peer is not None else None,
        "ratio": round(value / peer, 2) if peer else None,
        "command": COMMAND,
    }
    print(json.dumps(figure))
    print(f"{figure['name']:40} {value:10.3f} {unit:4} {peer or 0:10.3f}", file=sys.stderr)


if __name__ == "__main__":
    sizes = sys.argv[1:] or os.environ.get("LINKAGE_SIZES", "762 3000").split()
    for one in sizes:
        measured(int(one), float(os.environ.get("LINKAGE_NOISE", "1")))
