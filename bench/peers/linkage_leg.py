"""One engine on the VIN – declaration leg, in a process of its own: seconds, GiB and links.

    python bench/peers/linkage_leg.py ENGINE FOLDER

FOLDER has `declared.parquet` (one row a number typed on a declaration), `vehicles.parquet` and the
canonical tables; the links go to `ENGINE.parquet`. Engines:

    own            tallyport, from the canonical tables on, texts included
    exact          equal keys
    splink-naive   Splink on DuckDB as its tutorial has it: a comparison a column, Damerau
    splink-tuned   one joint comparison of what the cars of an agreement share, fixed u for the
                   levels of a VIN, Levenshtein; of each number the best vehicle, and the other way
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1]))
THRESHOLD = 0.5


def own(folder: Path) -> pl.DataFrame:
    """Run the modules of the product."""
    import leg  # noqa: PLC0415 - Other engines shall not pay for it.

    return leg.linked({kind: pl.read_parquet(folder / f"{kind}.parquet") for kind in leg.KINDS})


def exact(folder: Path) -> pl.DataFrame:
    """Join equal numbers."""
    declared = pl.read_parquet(folder / "declared.parquet")
    return declared.join(
        pl.read_parquet(folder / "vehicles.parquet"), left_on="number", right_on="vin"
    ).select("declaration_no", vin="number")


def naive(folder: Path) -> pl.DataFrame:
    """Compare every column by itself."""
    import splink.comparison_library as cl  # noqa: PLC0415 - See above.
    from splink import block_on  # noqa: PLC0415

    comparisons = [
        cl.DamerauLevenshteinAtThresholds("number", [1, 2]),
        cl.ExactMatch("contract_no"),
        cl.ExactMatch("family"),
        cl.ExactMatch("prefix"),
    ]
    blocks = [block_on("number"), block_on("substr(number, -6)"), block_on("contract_no", "family")]
    trained = [block_on("number"), block_on("contract_no", "family")]
    pairs = _predicted(folder, comparisons, blocks, trained)
    return pairs.select("declaration_no", vin="number")


def tuned(folder: Path) -> pl.DataFrame:
    """Compare the trade as a whole, and the number by levels whose u is known."""
    import splink.comparison_level_library as cll  # noqa: PLC0415 - See above.
    import splink.comparison_library as cl  # noqa: PLC0415
    from splink import block_on  # noqa: PLC0415

    def level(sql: str, u: float) -> Any:  # noqa: ANN401 - Splink's.
        return cll.CustomLevel(sql).configure(u_probability=u, fix_u_probability=True)

    model = "coalesce(family_l = family_r, true)"  # A number in the note is of any model.
    short = "length(number_l) < 14 or length(number_r) < 14"
    end = "right(number_l, least(length(number_l), length(number_r)))"
    same_end = f"({short}) and {end} = right(number_r, least(length(number_l), length(number_r)))"
    comparisons = [
        cl.CustomComparison(
            [
                level("number_l = number_r", 1e-7),
                level("merged_l = merged_r", 1e-7),
                level(same_end, 2e-6),
                level(f"not ({short}) and levenshtein(merged_l, merged_r) <= 1", 1e-6),
                level(f"not ({short}) and levenshtein(merged_l, merged_r) <= 2", 1e-5),
                cll.ElseLevel().configure(u_probability=1 - 2e-5, fix_u_probability=True),
            ],
            output_column_name="number",
        ),
        cl.CustomComparison(
            [
                cll.CustomLevel(f"contract_no_l = contract_no_r and {model}"),
                cll.CustomLevel(f"prefix_l = prefix_r and {model}"),
                cll.CustomLevel(model),
                cll.ElseLevel(),
            ],
            output_column_name="trade",
        ),
    ]
    blocks = [
        block_on("number"),
        block_on("substr(merged, -6)"),
        block_on("substr(merged, 1, 8)", "substr(merged, -3)"),
        block_on("substr(merged, 1, 13)"),
    ]
    trained = [block_on("substr(merged, -6)"), block_on("contract_no", "family")]
    pairs = _predicted(folder, comparisons, blocks, trained)
    best = pl.col("weight") == pl.col("weight").max().over("place", "typed")
    other = pl.col("weight") == pl.col("weight").max().over("number")
    return pairs.filter(best).filter(other).select("declaration_no", vin="number")


def _predicted(
    folder: Path, comparisons: list[Any], blocks: list[Any], trained: list[Any]
) -> pl.DataFrame:
    """Train Splink and predict; rows with both sides of each pair."""
    from splink import Linker, SettingsCreator  # noqa: PLC0415 - See above.
    from splink.internals.duckdb.database_api import DuckDBAPI  # noqa: PLC0415

    logging.getLogger("splink").setLevel(logging.ERROR)
    engine = DuckDBAPI()
    merged = pl.col("number").str.replace_many(list("OQDILZSGB"), list("000112568"))
    columns = ["unique_id", "number", "merged", "contract_no", "family", "prefix"]
    declared = pl.read_parquet(folder / "declared.parquet").with_row_index("unique_id")
    vehicles = pl.read_parquet(folder / "vehicles.parquet").rename({"vin": "number"})
    sides = [
        frame.with_columns(merged=merged, unique_id=pl.col("unique_id").cast(pl.Int64))
        .select(columns)
        .to_arrow()
        for frame in (declared, vehicles.with_row_index("unique_id"))
    ]
    linker = Linker(
        [
            engine.register(side, dataset_display_name=name)
            for name, side in zip(("declared", "vehicles"), sides, strict=True)
        ],
        SettingsCreator(
            link_type="link_only",
            comparisons=comparisons,
            blocking_rules_to_generate_predictions=blocks,
            probability_two_random_records_match=1 / max(1, vehicles.height),
            retain_matching_columns=False,
        ),
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    for rule in trained:
        linker.training.estimate_parameters_using_expectation_maximisation(rule, max_pairs=2e6)
    found = linker.inference.predict(threshold_match_probability=THRESHOLD)
    pairs = pl.from_arrow(found.as_pyarrow_table())
    pairs = pairs.select(
        place=pl.col("unique_id_l"), other=pl.col("unique_id_r"), weight="match_weight"
    )
    left = declared.select(
        place=pl.col("unique_id").cast(pl.Int64), typed="number", declaration_no="declaration_no"
    )
    right = vehicles.with_row_index("other").select(pl.col("other").cast(pl.Int64), "number")
    return pairs.join(left, on="place").join(right, on="other")


ENGINES: dict[str, Callable[[Path], pl.DataFrame]] = {
    "own": own,
    "exact": exact,
    "splink-naive": naive,
    "splink-tuned": tuned,
}


def main(engine: str, folder: Path) -> None:
    """Run one engine and say what it took."""
    start = time.perf_counter()
    links = ENGINES[engine](folder)
    seconds = time.perf_counter() - start
    processor = time.process_time()
    links.select("vin", "declaration_no").unique().write_parquet(folder / f"{engine}.parquet")
    # The peak of this program alone: `getrusage` starts with that of whoever started it.
    status = Path("/proc/self/status").read_text("ascii")
    peak = int(status.partition("VmHWM:")[2].split()[0]) / 2**20
    print(json.dumps({"seconds": seconds, "processor_seconds": processor, "memory": peak}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
