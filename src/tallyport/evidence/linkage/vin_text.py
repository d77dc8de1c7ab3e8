"""VIN text (车架号文字): the vehicle numbers that somebody typed into a free-text field.

    车架号码 LGWEF2A52KL305843,LGWEF2A56NL180835        two whole numbers
    VIN码：PB542706 ＨＬＸ３３Ｂ１２４ＰＢ４３４５１３    the end of one, and one in full width
    车架号:LS4B DD3D 9RA0 94679/LC0CE4CB8N1049215        one broken up by blanks
    FOR CARS VIN 537045,117204,378944                    last six characters

A token is what stands between separators, folded, without blanks and dashes. Whether it names a
vehicle, and which, is decided by `vin_match`.
"""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from tallyport.evidence.linkage.fold import folded

VIN_LENGTH = 17
TOKEN_MIN = 5  # Shorter pieces are not the end of a VIN, even with a character lost.
TOKEN_MAX = 19  # A VIN with two characters typed twice.
LABEL = r"(?:VIN(?:码|S)?|车架号码?|底盘号|CHASSIS(?: NO)?|FRAME(?: NO)?)[.:№\s]*([^\p{Han}|]+)"
WHOLE = r"\b[A-Z0-9]{17}\b"


def tokens(texts: pl.DataFrame, *, owner: str, text: str) -> pl.DataFrame:
    """Return `owner`, `place` (0, 1, ...) and `token` for every vehicle number in `text`."""
    upper = pl.col(text)
    typed = texts.filter(upper.is_not_null()).select(owner, folded(upper)).with_row_index("at")
    labelled = upper.str.contains(LABEL)
    parts = [(labelled, LABEL), (~labelled, WHOLE)]
    pieces = [
        typed.filter(rows).select("at", owner, piece=upper.str.extract_all(pattern).list.join(";"))
        for rows, pattern in parts
    ]
    lists = (
        pl.concat(pieces)
        .sort("at")
        .drop("at")
        .with_columns(
            pl.col("piece")
            .str.replace_all(r"VIN(?:码|S)?|车架号码?|底盘号|CHASSIS(?: NO)?|FRAME(?: NO)?", ";")
            .str.replace_all(r"[,;/、:|+\n\r\t]+", ";")
            .str.replace_all(r"[^A-Z0-9; ]", "")
            .str.split(";")
        )
        .explode("piece", empty_as_null=True)
        .with_row_index("at")
        .with_columns(pl.col("piece").str.strip_chars())
        .filter(pl.col("piece").str.contains(r"\d"))
    )
    has_blank = pl.col("piece").str.contains(" ")
    one = lists.filter(~has_blank).select("at", owner, token=pl.concat_list("piece"))
    several = lists.filter(has_blank).select(
        "at",
        owner,
        token=pl.col("piece").map_elements(
            lambda piece: list(_grouped(piece)), return_dtype=pl.List(pl.String)
        ),
    )
    return (
        pl.concat([one, several])
        .sort("at")
        .drop("at")
        .explode("token", empty_as_null=True)
        .filter(pl.col("token").str.len_chars().is_between(TOKEN_MIN, TOKEN_MAX))
        .unique(maintain_order=True)
        .with_columns(place=pl.int_range(pl.len()).over(owner))
        .select(owner, "place", "token")
    )


@lru_cache(maxsize=100_000)
def _grouped(piece: str) -> tuple[str, ...]:
    """Put blank-separated chunks together so that as many groups as possible look like VINs."""
    chunks = piece.split()
    best: list[tuple[float, tuple[str, ...]]] = [(0.0, ())]
    for end in range(1, len(chunks) + 1):
        options = []
        for start in range(max(0, end - 6), end):
            group = "".join(chunks[start:end])
            cost, before = best[start]
            options.append((cost + _oddness(len(group), end - start), (*before, group)))
        best.append(min(options))
    return best[-1][1]


def _oddness(length: int, chunks: int) -> float:
    """Return how unlike a VIN a group of `length` characters from `chunks` chunks looks."""
    if length == VIN_LENGTH:
        return 0.0 if chunks == 1 else 0.1
    if chunks == 1 and length in {6, 8}:
        return 0.2
    if length in {VIN_LENGTH - 1, VIN_LENGTH + 1}:
        return 0.6 + 0.1 * chunks
    return 2.0 + abs(length - VIN_LENGTH) / VIN_LENGTH
