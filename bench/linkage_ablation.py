"""What each part of matching adds: the world with known truth, matched with one part left out.

Parts of the method are switched off in place; kinds of evidence are left out of the tables. Prints
a table for `docs/matching.md` on standard error and one JSON object a figure on standard output.

    python bench/linkage_ablation.py WORLD       (a folder with exports and `truth`)
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from tallyport.evidence.linkage import lots, match, payers, receipts, trials, vin_match, weights
from tallyport.evidence.sources.builtin import find_profile
from tallyport.evidence.sources.reading import read

AS_OF = date(2024, 12, 31)
KEYS = {
    "declaration": ["vin", "declaration_no"],
    "pairs": ["vin", "payment_id"],
    "triads": ["vin", "declaration_no", "declaration_line", "payment_id"],
}
Tables = dict[str, pl.DataFrame]


@contextmanager
def patched(module: Any, name: str, value: object) -> Iterator[None]:  # noqa: ANN401 - A module.
    """Replace a name of a module for a while."""
    held = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, held)


def without(kind: str, *columns: str) -> Callable[[Tables], Tables]:
    """Return a change that empties columns of a kind, or the whole kind."""

    def change(tables: Tables) -> Tables:
        table = tables[kind]
        if not columns:
            return {**tables, kind: table.clear()}
        empty = [pl.lit(None, table.schema[column]).alias(column) for column in columns]
        return {**tables, kind: table.with_columns(empty)}

    return change


def silent(tables: Tables) -> Tables:
    """Take the vehicle numbers out of the texts of declarations."""
    cut = pl.col("specification").str.replace(r"\|[^|]*(VIN|车架|底盘).*$", "")
    lines = tables["declaration_line"].with_columns(specification=cut)
    return without("declaration", "note")({**tables, "declaration_line": lines})


def equal(levels: weights.Levels, seed: weights.Floats, groups: weights.Levels) -> weights.Floats:
    """Stand in for the estimated weights: each level is worth as much as every other."""
    del seed, groups
    worth: weights.Floats = levels.sum(axis=1) * 1.0 - 1.0
    return worth


def first_sizes(dealings: trials.Dealings, sizes: dict[str, list[int]]) -> trials.Cashbook:
    """Stand in for trials: only the most plausible lots."""
    return HELD_CASHBOOK(dealings, {one: plausible[:1] for one, plausible in sizes.items()})


def by_declaration(*_: object) -> list[int]:
    """Stand in for lots: a shipment is what goes on one declaration."""
    return [lots.AS_DECLARED]


HELD_CASHBOOK = trials.cashbook
HELD_CANDIDATES = vin_match.candidates


def exact_only(tokens: pl.DataFrame, vins: pl.DataFrame) -> pl.DataFrame:
    """Stand in for VIN matching: whole numbers only, typed without a slip."""
    found = HELD_CANDIDATES(tokens, vins)
    return found.filter(pl.col("fit") == vin_match.Fit.EXACT)


METHOD: dict[str, tuple[Any, str, object]] = {
    "numbers typed with slips, or only their ends": (vin_match, "candidates", exact_only),
    "usual charges where none are stated": (receipts, "usual_charges", lambda _: {}),
    "doubtful payments placed by what is open": (payers, "OPEN_MAX", 1e-9),
    "lots apart from declarations": (lots, "plausible_sizes", by_declaration),
    "payments deciding between lots": (trials, "cashbook", first_sizes),
}
EVIDENCE: dict[str, Callable[[Tables], Tables]] = {
    "vehicle numbers in texts of declarations": silent,
    "agreement numbers on declarations": without("declaration", "contract_ref"),
    "waybills": without("waybill_vehicle"),
    "citations on waybills": without("waybill", "contract_ref", "declaration_ref"),
    "invoices and rebate claims": without("invoice"),
    "remittance texts": without("bank_entry", "remittance"),
    "names of payers": without("bank_entry", "counterparty"),
    "instructed amounts and charges": without(
        "bank_entry", "instructed_amount", "instructed_currency", "charges", "exchange_rate"
    ),
    "buyer registry": without("buyer"),
    "warehouse receipts": without("receipt"),
}


def figures(tables: Tables, truth: pl.DataFrame) -> dict[str, float]:
    """Match and return F1 by key, and the share of wrong rows among those above .99."""
    said = match(tables, as_of=AS_OF).triads.with_columns(
        pl.col("declaration_line").cast(pl.String)
    )
    result = {}
    for name, key in KEYS.items():
        rows, true = said.select(key).drop_nulls().unique(), truth.select(key).drop_nulls().unique()
        hits = rows.join(true, on=key, how="inner").height
        result[name] = 2 * hits / max(1, rows.height + true.height)
    sure = said.filter(pl.col("probability") >= 0.99)
    right = sure.join(truth, on=KEYS["triads"], how="semi", nulls_equal=True).height
    result["wrong above .99"] = sure.height - right
    return result


def main(world: Path) -> None:
    """Print one line for everything and one for each part left out."""
    tables = dict(read(world, find_profile(world), as_of=AS_OF).tables)
    truth = pl.read_csv(world / "truth" / "triads.csv", infer_schema=False)
    truth = truth.with_columns(
        pl.when(pl.col(column) == "").then(None).otherwise(column).alias(column)
        for column in KEYS["triads"]
    )
    show("everything", figures(tables, truth))
    for name, (module, attribute, value) in METHOD.items():
        with patched(module, attribute, value):
            show(f"without {name}", figures(tables, truth))
    for name, change in EVIDENCE.items():
        show(f"without {name}", figures(change(tables), truth))


def show(name: str, measured: dict[str, float]) -> None:
    """Print one line for people and its figures for programs."""
    cells = " | ".join(
        f"{value:.4f}" if value <= 1 else f"{value:.0f}" for value in measured.values()
    )
    print(f"| {name} | {cells} |", file=sys.stderr)
    for figure, value in measured.items():
        print(
            json.dumps(
                {
                    "name": f"linkage_ablation {name}: {figure}",
                    "value": round(value, 5),
                    "unit": "",
                    "peer": None,
                    "peer_value": None,
                    "ratio": None,
                    "command": "python bench/linkage_ablation.py WORLD",
                }
            )
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
