"""VIN matching (车架号匹配): which vehicles a typed token may name, and how well it fits.

    exact      all 17 characters
    ending     the last 8 or 6 characters, and the token has no more
    confused   equal once look-alikes are merged (O and 0, I and 1, B and 8)
    near       one character lost, doubled, swapped or wrong
    far        two of those: believable only among the few vehicles of one agreement

Candidates come from joins on parts of the number, never from comparing everything with everything:
one wrong character leaves the last six, or the first eight with the last three, or the first
thirteen as they were. Which parts, and what a comparison is worth, say the tables of `vin_rules`.
"""

from __future__ import annotations

from functools import reduce

import numpy as np
import numpy.typing as npt
import polars as pl
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from tallyport.evidence.linkage import vin_rules
from tallyport.evidence.linkage.fold import confused
from tallyport.evidence.linkage.vin_rules import WHOLE_MIN, Block, Fit, Part

__all__ = ["Fit", "candidates", "edits", "fits", "with_parts"]


def edits(left: list[str], right: list[str]) -> npt.NDArray[np.int32]:
    """Return how many slips lie between each text and the one beside it."""
    return np.asarray(cpdist(left, right, scorer=OSA.distance, dtype=np.int32, workers=-1))


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
    level = pl.lit(int(Fit.NONE))
    for one in reversed(vin_rules.LEVELS):
        holds = (pl.col("edits") == one.edits) & (pl.col("size") >= one.size_min)
        if one.is_same:
            holds &= pl.col("token") == pl.col("ending")
        level = pl.when(holds).then(int(one.fit)).otherwise(level)
    return pairs.with_columns(edits=pl.Series(edits(left.to_list(), right.to_list()))).select(
        level.cast(pl.Int8).alias("fit")
    )["fit"]


def with_parts(vins: pl.DataFrame) -> pl.DataFrame:
    """Return `vins` with a column for each part of the number that `candidates` looks up.

    Who asks for candidates among the same vehicles again and again has the parts taken once.
    """
    parts = {_name(block.vin): _part(block.vin, "vin") for block in vin_rules.BLOCKS}
    return vins.with_columns(
        part.alias(name) for name, part in parts.items() if name not in vins.columns
    )


def candidates(tokens: pl.DataFrame, vins: pl.DataFrame) -> pl.DataFrame:
    """Return `token`, `vin`, `fit` for the distinct tokens, judged against all of `vins`.

    `vins` has a `vin` once.
    """
    wanted = tokens.select("token").unique(maintain_order=True)
    same = wanted.join(  # The block EXACT; joined so, it leaves the rest as well.
        vins.select("vin", is_known=pl.lit(value=True)),
        left_on="token",
        right_on="vin",
        how="left",
        maintain_order="left",
    )
    is_known = pl.col("is_known").is_not_null()
    fit = pl.lit(int(Fit.EXACT), pl.Int8)
    exact = same.filter(is_known).select("token", vin="token", fit=fit)
    rest = same.filter(~is_known).select("token")
    if not rest.height:
        return exact
    known = with_parts(vins)
    endings = [_pairs(block, rest, known) for block in vin_rules.ENDINGS]
    slips = [_pairs(block, rest, known) for block in vin_rules.SLIPS]
    pairs = pl.concat(slips).unique(["token", "vin"], maintain_order=True)
    judged = pairs.with_columns(fit=fits(pairs["token"], pairs["vin"]))
    judged = judged.filter(pl.col("fit") >= vin_rules.COMPARED_MIN)
    return pl.concat([exact, *endings, judged])


def _pairs(block: Block, wanted: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs that `block` brings together, with its fit."""
    size = pl.col("token").str.len_chars()
    left = wanted.filter(size.is_between(block.size_min, block.size_max)).select(
        "token", key=_part(block.token, "token")
    )
    right = known.select("vin", key=_name(block.vin))
    fit = pl.lit(None if block.fit is None else int(block.fit), pl.Int8)
    return left.join(right, on="key", maintain_order="left_right").select("token", "vin", fit=fit)


def _name(part: Part) -> str:
    """Return the column that has a part of the numbers."""
    if part == Part():
        return "vin"
    return f"vin_{part.head}_{part.tail}{'_merged' if part.is_merged else ''}"


def _part(part: Part, column: str) -> pl.Expr:
    """Return a part of the number in `column`."""
    code = pl.col(column)
    code = confused(code) if part.is_merged else code
    pieces = [code.str.head(part.head)] if part.head else []
    pieces += [code.str.tail(part.tail)] if part.tail else []
    return reduce(lambda one, other: one + other, pieces) if pieces else code
