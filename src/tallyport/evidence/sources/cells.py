"""Clean the text of a cell before anything is read into it (单元格清理).

    "\\u3000ＸＪＹＯ－０１ "  text  ──▶ "ＸＪＹＯ－０１"      code ──▶ "XJYO-01"

White space includes the Chinese full-width and the non-breaking space, and the marks without width
that word processors leave behind. Text is kept as it came; only codes are folded, since only codes
are compared letter by letter.
"""

from __future__ import annotations

import polars as pl

EMPTY = ("NULL", "null", "N/A", "#N/A", "NaN", "nan", "\\N")  # What exports write for nothing.
LOST = "\N{REPLACEMENT CHARACTER}"  # Stands before every byte that fitted no encoding.
_EDGES = r"^[\s\x{0085}\x{00A0}\x{200B}-\x{200F}\x{2060}\x{3000}\x{FEFF}\x00]+"
_EDGES_BOTH = _EDGES + "|" + _EDGES[1:] + "$"
_INNER = _EDGES[1:]


def text(raw: pl.Expr) -> pl.Expr:
    """Return the cell without outer white space; nothing, and what stands for nothing, is null."""
    plain = raw.str.strip_chars()
    odd = plain.str.contains(_EDGES_BOTH)
    stripped = pl.when(odd).then(plain.str.replace_all(_EDGES_BOTH, "")).otherwise(plain)
    return pl.when((stripped == "") | stripped.is_in(EMPTY)).then(None).otherwise(stripped)


def folded(cleaned: pl.Expr) -> pl.Expr:
    """Return full-width letters, digits and signs as their plain forms (NFKC)."""
    plain = ~cleaned.str.contains(r"[^\x00-\x7F]")
    return pl.when(plain).then(cleaned).otherwise(cleaned.str.normalize("NFKC"))


def code(cleaned: pl.Expr) -> pl.Expr:
    """Return an identifier: folded, in capitals, without inner white space."""
    plain = ~cleaned.str.contains(r"[^0-9A-Z-]")
    tidy = folded(cleaned).str.replace_all(_INNER, "").str.to_uppercase()
    tidy = pl.when(tidy == "").then(None).otherwise(tidy)
    return pl.when(plain).then(cleaned).otherwise(tidy)


_TRUE = ("true", "yes", "y", "1", "是", "有", "да", "t")
_FALSE = ("false", "no", "n", "0", "否", "无", "нет", "f")


def flag(cleaned: pl.Expr) -> pl.Expr:
    """Return yes or no, in the languages of the sources."""
    low = folded(cleaned).str.to_lowercase()
    return pl.when(low.is_in(_TRUE)).then(True).when(low.is_in(_FALSE)).then(False)  # noqa: FBT003
