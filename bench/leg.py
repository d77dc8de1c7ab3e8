"""The VIN – declaration leg alone: which vehicle is meant on which declaration.

Drawn from what declarations themselves say (numbers typed in texts, agreement, model) and from
stock and agreements; waybills, invoices and payments are left out, so that a general record linker
can be given the same. `Leg.links` runs the modules of the product as `linkage.match` does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from unittest.mock import patch

import polars as pl

from tallyport.evidence.linkage import (
    agreements,
    departures,
    fleet,
    loads,
    mentions,
    records,
    sales,
    vin_match,
)
from tallyport.evidence.linkage.decided import NOTHING
from tallyport.evidence.sources.builtin import find_profile
from tallyport.evidence.sources.reading import read

AS_OF = date(2024, 12, 31)
KINDS = ("vehicle", "contract", "contract_line", "declaration", "declaration_line", "seller")
Candidates = Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """The tables of the leg, and the numbers to be matched."""

    tables: dict[str, pl.DataFrame]
    tokens: pl.DataFrame  # declaration_no, line_no, token
    vehicles: pl.DataFrame  # vin, family, model, model_year

    def links(self, candidates: pl.DataFrame) -> pl.DataFrame:
        """Return the links when `candidates` has the vehicles that the numbers may mean."""
        own = vin_match.candidates

        def given(tokens: pl.DataFrame, vins: pl.DataFrame) -> pl.DataFrame:
            return candidates if "declaration_no" in tokens.columns else own(tokens, vins)

        with patch.object(vin_match, "candidates", given):
            return linked(self.tables)


def tables_of(world: Path) -> dict[str, pl.DataFrame]:
    """Read the tables of the leg."""
    tables = read(world, find_profile(world), as_of=AS_OF).tables
    return {kind: tables[kind] for kind in KINDS}


def prepared(world: Path) -> Leg:
    """Read a world and take the texts apart."""
    tables = tables_of(world)
    rows = records.prepared(tables)
    vehicles = fleet.fleet(rows)
    return Leg(tables=tables, tokens=mentions.line_tokens(rows), vehicles=vehicles)


def linked(tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Return `vin`, `declaration_no`, `line_no`, `probability`."""
    rows = records.prepared(tables)
    vehicles = fleet.fleet(rows)
    found = mentions.mentions(rows, vehicles)
    named = sales.named_sales(rows, vehicles)
    agreement = agreements.agreements(rows, found, named)
    load = loads.loads(rows, found, named, agreement)
    sold = sales.all_sales(rows, found, named=named, agreement=agreement, load=load)
    scored = departures.candidates(
        rows, found, sales=sold, agreement=agreement, load=load, decided=NOTHING.departures
    )
    return departures.departures(scored).select(
        "vin", "declaration_no", "line_no", pl.col("probability").round(9)
    )
