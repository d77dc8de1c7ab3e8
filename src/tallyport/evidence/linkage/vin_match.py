"""VIN matching (车架号匹配): which vehicles a typed token may name, and how well it fits.

    exact      all 17 characters
    ending     the last 8 or 6 characters, and the token has no more
    confused   equal once look-alikes are merged (O and 0, I and 1, B and 8)
    near       one character lost, doubled, swapped or wrong
    far        two of those: believable only among the few vehicles of one agreement

Candidates come from joins on parts of the number, never from comparing everything with everything:
one wrong character leaves the last six, or the first eight with the last three, or the first
thirteen as they were.
"""

from __future__ import annotations

from enum import IntEnum, unique

import numpy as np
import polars as pl
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from tallyport.evidence.linkage.fold import confused

ENDINGS = (8, 6)
FAR_EDITS = 2
WHOLE_MIN, WHOLE_MAX = 14, 19  # Lengths at which a token is meant to be a whole number.


@unique
class Fit(IntEnum):
    """How a token fits a vehicle; higher is better."""

    NONE = 0
    FAR = 1
    NEAR = 2
    ENDING_6 = 3
    CONFUSED = 4
    ENDING_8 = 5
    EXACT = 6


def fits(tokens: pl.Series, vins: pl.Series) -> pl.Series:
    """Return the `Fit` of each token with the vehicle beside it."""
    pairs = pl.DataFrame({"token": tokens, "vin": vins}).with_columns(
        size=pl.col("token").str.len_chars()
    )
    pairs = pairs.with_columns(
        ending=pl.when(pl.col("size") < WHOLE_MIN)
        .then(pl.col("vin").str.tail(pl.col("size")))
        .otherwise("vin")
    )
    if not pairs.height:
        return pl.Series("fit", [], dtype=pl.Int8)
    left = pairs.select(confused(pl.col("token"))).to_series()
    right = pairs.select(confused(pl.col("ending"))).to_series()
    distance = np.asarray(
        cpdist(left.to_list(), right.to_list(), scorer=OSA.distance, dtype=np.int32)
    )
    whole = pl.col("size") >= WHOLE_MIN
    same = pl.col("token") == pl.col("ending")
    level = (
        pl.when(same & whole)
        .then(Fit.EXACT)
        .when(same & (pl.col("size") >= ENDINGS[0]))
        .then(Fit.ENDING_8)
        .when(whole & (pl.col("distance") == 0))
        .then(Fit.CONFUSED)
        .when(same | (~whole & (pl.col("distance") == 0)))
        .then(Fit.ENDING_6)
        .when((pl.col("distance") == 1) & (whole | (pl.col("size") >= ENDINGS[1])))
        .then(Fit.NEAR)
        .when(whole & (pl.col("distance") == FAR_EDITS))
        .then(Fit.FAR)
        .otherwise(Fit.NONE)
    )
    return pairs.with_columns(distance=pl.Series(distance)).select(
        level.cast(pl.Int8).alias("fit")
    )["fit"]


def candidates(tokens: pl.DataFrame, vins: pl.DataFrame) -> pl.DataFrame:
    """Return `token`, `vin`, `fit` for the distinct tokens, judged against all of `vins`."""
    wanted = tokens.select("token").unique(maintain_order=True)
    known = vins.select("vin").unique(maintain_order=True)
    exact = wanted.join(known, left_on="token", right_on="vin", how="semi")
    found = [exact.select("token", vin="token", fit=pl.lit(int(Fit.EXACT), pl.Int8))]
    rest = wanted.join(exact, on="token", how="anti").with_columns(
        size=pl.col("token").str.len_chars()
    )
    for size, fit in zip(ENDINGS, (Fit.ENDING_8, Fit.ENDING_6), strict=True):
        ends = rest.filter(pl.col("size") == size)
        found.append(
            ends.join(
                known.with_columns(end=pl.col("vin").str.tail(size)),
                left_on="token",
                right_on="end",
                how="inner",
            ).select("token", "vin", fit=pl.lit(int(fit), pl.Int8))
        )
    whole = rest.filter(pl.col("size").is_between(WHOLE_MIN, WHOLE_MAX))
    pairs = _blocked(whole, known)
    found.append(
        pairs.with_columns(fit=fits(pairs["token"], pairs["vin"]))
        .filter(pl.col("fit") >= Fit.NEAR)
        .select("token", "vin", "fit")
    )
    return pl.concat(found).unique(maintain_order=True)


def _blocked(whole: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs that agree in one of three parts of the number."""
    pairs = []
    token, vin = confused(pl.col("token")), confused(pl.col("vin"))
    for left_key, right_key in zip(_parts(token), _parts(vin), strict=True):
        left = whole.select("token", key=left_key)
        right = known.select("vin", key=right_key)
        pairs.append(left.join(right, on="key", how="inner").select("token", "vin"))
    return pl.concat(pairs).unique(maintain_order=True)


def _parts(code: pl.Expr) -> tuple[pl.Expr, ...]:
    """Return the parts of a number of which one slip leaves at least one as it was."""
    return code.str.tail(6), code.str.head(8) + code.str.tail(3), code.str.head(13)
