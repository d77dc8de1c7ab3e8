"""Clean the text of a cell before anything is read into it (单元格清理).

    "　ＸＪＹＯ－０１ "  as text ──▶ "ＸＪＹＯ－０１"      as code ──▶ "XJYO-01"

White space includes the Chinese full-width and the non-breaking space, and the marks without width
that word processors leave behind. Text is kept as it came; only codes are folded, since only codes
are compared letter by letter.
"""

from __future__ import annotations

import polars as pl

EMPTY = ("NULL", "null", "N/A", "#N/A", "NaN", "nan", "\\N")  # What exports write for nothing.
LOST = "\N{REPLACEMENT CHARACTER}"  # Stands before every byte that fitted no encoding.
_SPACES = (
    *range(0x21),  # Control characters and the space.
    *(0x7F, 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x2060, 0x3000, 0xFEFF),
    *range(0x2000, 0x2010),
)
EDGES = "".join(chr(point) for point in _SPACES)
INNER = "[" + "".join(f"\\x{{{point:04x}}}" for point in _SPACES) + "]"


def text(raw: pl.Expr) -> pl.Expr:
    """Return the cell without outer white space; nothing, and what stands for nothing, is null."""
    stripped = raw.str.strip_chars(EDGES)
    return pl.when((stripped != "") & ~stripped.is_in(EMPTY)).then(stripped)


def folded(cleaned: pl.Expr) -> pl.Expr:
    """Return full-width letters, digits and signs as their plain forms (NFKC)."""
    return cleaned.str.normalize("NFKC")


def plain_code(cleaned: pl.Expr) -> pl.Expr:
    """Return what is an identifier as it stands."""
    return pl.when(~cleaned.str.contains("[^0-9A-Z-]")).then(cleaned)


def code(cleaned: pl.Expr) -> pl.Expr:
    """Return an identifier: folded, in capitals, without inner white space."""
    tidy = folded(cleaned).str.replace_all(INNER, "").str.to_uppercase()
    return pl.when((tidy != "") & ~tidy.str.contains(LOST, literal=True)).then(tidy)


_TRUE = ("true", "yes", "y", "1", "是", "有", "да", "t")
_FALSE = ("false", "no", "n", "0", "否", "无", "нет", "f")


def flag(cleaned: pl.Expr) -> pl.Expr:
    """Return yes or no, in the languages of the sources."""
    low = folded(cleaned).str.to_lowercase()
    return pl.when(low.is_in(_TRUE)).then(True).when(low.is_in(_FALSE)).then(False)  # noqa: FBT003
