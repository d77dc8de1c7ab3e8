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


# Signs that folding may change. Most texts have none, and are spared what costs most.
ODD = r"[^\x00-\x7f\x{4e00}-\x{9fff}]"


def folded(text: pl.Expr) -> pl.Expr:
    """Return `text` in capital Latin letters, half width, with one kind of dash."""
    return text.map_batches(_folded, return_dtype=pl.String).str.to_uppercase()


def _folded(texts: pl.Series) -> pl.Series:
    """Fold the texts that have odd signs."""
    odd = texts.str.contains(ODD).arg_true()
    if not len(odd):
        return texts
    # The numero sign would become the letters NO and run into the number behind it.
    changed = texts.gather(odd).str.replace_all("№", " ", literal=True).str.normalize("NFKC")
    changed = changed.str.to_uppercase().str.replace_many({**LOOK_ALIKES, **DASHES})
    return texts.scatter(odd, changed)


def compact(text: pl.Expr) -> pl.Expr:
    """Return only the Latin letters and digits of a folded `text`."""
    return folded(text).str.replace_all(r"[^A-Z0-9]", "")


def confused(code: pl.Expr) -> pl.Expr:
    """Return a folded `code` with look-alike letters and digits merged into the digit."""
    return code.str.replace_many(CONFUSED)
