"""Candidates of the VIN – declaration leg on Spark and embedded: the same links, or a failure.

    make scale                       worlds of SCALE_SIZES ("20000 100000") vehicles
    .venv-scale/bin/python bench/scale.py FOLDER ...     worlds that are there already

Both engines follow the tables of `linkage.vin_rules`. Prints one JSON object a figure; exits with 1
when an engine finds a pair that the other does not, or any link of the leg differs.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import polars as pl
import spark_match
from flat_world import make_flat
from leg import Leg, prepared
from pyspark.sql import SparkSession

from tallyport.evidence.linkage import vin_match

SEED = 4_711
COMMAND = "make scale"


def compared(spark: SparkSession, world: Path) -> bool:
    """Run both engines on a world; print what each took, and tell whether they agree."""
    leg = prepared(world)
    with tempfile.TemporaryDirectory() as folder:
        leg.tokens.select("token").write_parquet(Path(folder) / "tokens.parquet")
        leg.vehicles.select("vin").write_parquet(Path(folder) / "vehicles.parquet")
        start = time.perf_counter()
        theirs = spark_match.matched(spark, Path(folder))
        spark_s = time.perf_counter() - start
        start = time.perf_counter()
        tokens = pl.read_parquet(Path(folder) / "tokens.parquet")
        ours = vin_match.candidates(tokens, pl.read_parquet(Path(folder) / "vehicles.parquet"))
        ours.write_parquet(Path(folder) / "ours.parquet")
        own_s = time.perf_counter() - start
    size = leg.vehicles.height
    show(f"scale_candidates_seconds_{size}", own_s, spark_s)
    return agree("candidates", ours, theirs) and agree("links", *links(leg, ours, theirs))


def links(leg: Leg, ours: pl.DataFrame, theirs: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the links of the leg as drawn from either engine's candidates."""
    return leg.links(ours), leg.links(theirs)


def agree(what: str, ours: pl.DataFrame, theirs: pl.DataFrame) -> bool:
    """Tell, on standard error too, whether two frames hold the same rows."""
    theirs = theirs.select(ours.columns)
    if ours.sort(ours.columns).equals(theirs.sort(ours.columns)):
        print(f"{what}: {ours.height} on both engines, the same", file=sys.stderr)
        return True
    only = ours.join(theirs, on=ours.columns, how="anti", nulls_equal=True)
    more = theirs.join(ours, on=ours.columns, how="anti", nulls_equal=True)
    print(
        f"{what} DIFFER: embedded only {only.head(5)}, Spark only {more.head(5)}", file=sys.stderr
    )
    return False


def show(name: str, own: float, spark: float) -> None:
    """Print one figure."""
    print(
        json.dumps(
            {
                "name": name,
                "value": round(own, 3),
                "unit": "s",
                "peer": "the same tables on Spark, local",
                "peer_value": round(spark, 3),
                "ratio": round(own / spark, 3),
                "command": COMMAND,
            }
        )
    )


def main(worlds: list[str]) -> int:
    """Compare on every world; return the status to exit with."""
    begun = time.perf_counter()
    spark = spark_match.session(os.cpu_count() or 1, int(os.environ.get("SCALE_GIB", "3")))
    spark.range(1).count()
    show("scale_start_seconds", 0.0, time.perf_counter() - begun)  # Embedded, nothing has to start.
    same = [compared(spark, Path(world)) for world in worlds]
    if not worlds:
        for size in os.environ.get("SCALE_SIZES", "20000 100000").split():
            with tempfile.TemporaryDirectory() as folder:
                make_flat(Path(folder), vehicles=int(size), seed=SEED)
                same.append(compared(spark, Path(folder)))
    spark.stop()
    return 0 if all(same) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
