"""Gaps (缺漏): cells that are empty although the source usually fills them.

A column that most records of its table fill is wanted of every record; a column that is mostly
empty is a habit of the source, and its gaps say nothing.

    waybill.declaration_ref   filled in 96 of 200   not wanted
    declaration.contract_ref  filled in 151 of 166  wanted: its 15 gaps count
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from tallyport.evidence.dossiers.model import Dossier
from tallyport.evidence.sources.vocabulary import KINDS

USUAL_MIN_PCT = 50
_ASKED = (  # What the firms themselves write or have written for a trade.
    "contract",
    "contract_line",
    "declaration",
    "declaration_line",
    "waybill",
    "waybill_vehicle",
    "receipt",
    "invoice",
)


@dataclass(frozen=True, slots=True)
class Usual:
    """By kind, the columns that are usually filled."""

    columns: Mapping[str, frozenset[str]]

    def count(self, dossier: Dossier) -> tuple[int, int]:
        """Return how many cells of the dossier's records are wanted, and how many are filled."""
        wanted = filled = 0
        for one in dossier.evidence:
            usual = self.columns.get(one.record.kind)
            if usual is not None:
                wanted += len(usual)
                filled += sum(1 for name, _ in one.record.fields if name in usual)
        return wanted, filled


def usual(tables: Mapping[str, pl.DataFrame]) -> Usual:
    """Return the usual columns of `tables`."""
    found: dict[str, frozenset[str]] = {}
    for kind in _ASKED:
        table = tables.get(kind)
        if table is None or not table.height:
            continue
        filled = table.select(field.name for field in KINDS[kind].fields).count().row(0, named=True)
        found[kind] = frozenset(
            name for name, count in filled.items() if 100 * count >= USUAL_MIN_PCT * table.height
        )
    return Usual(found)
