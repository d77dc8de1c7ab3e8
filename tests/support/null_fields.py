"""Tables in which fields are missing that need not be there, as broken exports leave them."""

from __future__ import annotations

import random
from collections.abc import Mapping

import polars as pl

from tallyport.evidence.sources.vocabulary import KINDS

EMPTY_SHARE = 0.06  # Of the tables: a file that could not be read at all.


def thinned(
    tables: Mapping[str, pl.DataFrame], chance: random.Random, share: float = 0.4
) -> dict[str, pl.DataFrame]:
    """Return the tables with a share of the optional fields null in some rows or in all."""
    found = {}
    for kind, table in tables.items():
        gone = []
        for field in KINDS[kind].fields:
            if not field.required and chance.random() < share:
                every = chance.choice((1, 1, 2, 5))
                kept = pl.int_range(pl.len()) % every != 0
                gone.append(pl.when(kept).then(pl.col(field.name)).alias(field.name))
        thin = table.with_columns(gone)
        found[kind] = thin.clear() if chance.random() < EMPTY_SHARE else thin
    return found
