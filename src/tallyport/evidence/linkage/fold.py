"""Folding (归一): one spelling for text that people typed in several scripts.

    ＬＦＭＪＷ４ＣＶ  lfmjw4cv  LFМJW4СV (with Cyrillic М and С)  ─▶  LFMJW4CV
    XJOW–2024032901                                           ─▶  XJOW-2024032901

`folded` keeps what tells two texts apart; `confused` also merges the letters and digits that are
taken for one another on paper (O and 0, I and 1, B and 8), so it is for comparing only.
"""

from __future__ import annotations

import polars as pl

# Cyrillic letters that print like Latin ones. Typists switch keyboards in the middle of a word.
LOOK_ALIKES = dict(zip("АВЕЗКМНОРСТУХІЅЈ", "ABE3KMHOPCTYXISJ", strict=True))
DASHES = dict.fromkeys("‐‑‒–—―−﹣－", "-")
CONFUSED = dict(zip("OQDILZSGB", "000112568", strict=True))


def folded(text: pl.Expr) -> pl.Expr:
    """Return `text` in capital Latin letters, half width, with one kind of dash."""
    # The numero sign would become the letters NO and run into the number behind it.
    upper = text.str.replace_all("№", " ", literal=True).str.normalize("NFKC").str.to_uppercase()
    return upper.str.replace_many({**LOOK_ALIKES, **DASHES})


def compact(text: pl.Expr) -> pl.Expr:
    """Return only the Latin letters and digits of a folded `text`."""
    return folded(text).str.replace_all(r"[^A-Z0-9]", "")


def confused(code: pl.Expr) -> pl.Expr:
    """Return a folded `code` with look-alike letters and digits merged into the digit."""
    return code.str.replace_many(CONFUSED)
