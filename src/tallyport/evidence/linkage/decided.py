"""What people decided (人工判定): pairs that belong together, and pairs that do not.

    departure  vin       declaration_no   is_right     1  the vehicle left under this declaration
    payment    entry_no  contract_no      is_right     0  the payment did not come under this one

A decided pair is a candidate whatever the papers say, and its odds are as certain as odds get.
From `weights.LABELS_MIN` of them on, decided pairs teach too: while weights are estimated, their
belief stays at what was decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from tallyport.evidence.linkage.weights import LOG_ODDS_MAX, Floats

IS_RIGHT = "is_right"


def _none(left: str, right: str) -> pl.DataFrame:
    return pl.DataFrame(schema={left: pl.String, right: pl.String, IS_RIGHT: pl.Boolean})


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """Decisions about pairs, each pair once."""

    departures: pl.DataFrame = field(default_factory=lambda: _none("vin", "declaration_no"))
    payments: pl.DataFrame = field(default_factory=lambda: _none("entry_no", "contract_no"))


NOTHING = Decided()


def right(decided: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs that belong together, without the decision."""
    return decided.filter(IS_RIGHT).drop(IS_RIGHT)


def beliefs(pairs: pl.DataFrame, decided: pl.DataFrame) -> Floats:
    """Return 1 or 0 for each of `pairs` that was decided, NaN for the rest.

    Where one pair of an item was decided to be right, its other pairs are wrong unless somebody
    decided that they are right too.
    """
    key = [name for name in decided.columns if name != IS_RIGHT]
    chosen = right(decided)[key[0]].unique().implode()
    known = pairs.select(key).join(decided, on=key, how="left", maintain_order="left")
    belief = known.select(
        pl.when(pl.col(IS_RIGHT).is_not_null())
        .then(pl.col(IS_RIGHT).cast(pl.Float64))
        .when(pl.col(key[0]).is_in(chosen))
        .then(0.0)
        .otherwise(float("nan"))
    )
    return belief.to_series().to_numpy()


def held(log_odds: Floats, belief: Floats) -> Floats:
    """Return `log_odds`, certain where it was decided."""
    certain = np.where(belief > 0, LOG_ODDS_MAX, -LOG_ODDS_MAX)
    odds: Floats = np.where(np.isnan(belief), log_odds, certain)
    return odds


def without_wrong(pairs: pl.DataFrame, belief: Floats) -> pl.DataFrame:
    """Return the pairs that nobody said do not belong together."""
    return pairs.filter(pl.Series(belief != 0, dtype=pl.Boolean))


def pairs_of(rows: Sequence[tuple[str, str, bool]], left: str, place: str) -> pl.DataFrame:
    """Return decisions as a frame."""
    return pl.DataFrame(list(rows), schema=_none(left, place).schema, orient="row")
