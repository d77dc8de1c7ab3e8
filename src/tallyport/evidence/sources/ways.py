"""Read texts in one of several ways (逐级解析): each way gets only what the ones before left.

Most cells of a column are written alike, so the first way reads nearly all of them, and the slow
ways for rare habits cost nothing where nobody has them. Equal texts are read once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

Way = Callable[[pl.Expr], pl.Expr]  # From text to value; null where the text is of another kind.

_TEXT = "text"
_VALUE = "value"


def read(texts: pl.Series, ways: Sequence[Way], dtype: pl.DataType) -> pl.Series:
    """Return the values of `texts`; null where no way reads the text, or there is none."""
    known = texts.unique().drop_nulls().alias(_TEXT).to_frame()
    done = [pl.DataFrame(schema={_TEXT: pl.String(), _VALUE: dtype})]
    for way in ways:
        if not len(known):
            break
        tried = known.with_columns(way(pl.col(_TEXT)).cast(dtype).alias(_VALUE))
        done.append(tried.filter(pl.col(_VALUE).is_not_null()))
        known = tried.filter(pl.col(_VALUE).is_null()).select(_TEXT)
    table = pl.concat(done)
    joined = texts.alias(_TEXT).to_frame().join(table, on=_TEXT, how="left", maintain_order="left")
    return joined[_VALUE]
