"""Agreement references (合同号文字): the agreement numbers that somebody typed into a field.

    XJYO-2024 040901   XJYO2024040901   XJYO–2024040901   xjyo-2024040901         as meant
    XJYO-20240409-01   XJYO-2O24O40901 (letters O)   ＸＪＹＯ－２０２４０４０９０１    as meant
    2024040901                                        the seller's letters left out
    XJYO-202404091   XJYO-2024040910   XJYO-224040901   a digit lost, two swapped: one edit away

The known numbers of the agreements are the dictionary. A number is reduced to letters and digits
with look-alikes merged; what is one edit away is found through forms with one character deleted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, unique

import numpy as np
import polars as pl
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from tallyport.evidence.linkage.fold import confused, folded

# Letters and digits in one run, with blanks and dashes allowed after the letters and inside.
REFERENCE = r"(?:[A-Z0]{2,5}[- ]{0,2})?[0-9O](?:[ -]?[0-9O]){7,11}\b"
DIGITS_MIN = 8


@unique
class Cited(IntEnum):
    """How an agreement is cited; higher is better."""

    NEAR = 1  # One character lost, doubled, swapped or wrong.
    NUMBER = 2  # The number without the seller's letters.
    EXACT = 3  # The whole number, whatever the writing.


def references(texts: pl.DataFrame, *, owner: str, text: str) -> pl.DataFrame:
    """Return `owner` and `reference` (folded, compact) for everything like a number in `text`."""
    return (
        texts.filter(pl.col(text).is_not_null())
        .select(owner, reference=folded(pl.col(text)).str.extract_all(REFERENCE))
        .explode("reference", empty_as_null=True)
        .with_columns(confused(pl.col("reference").str.replace_all(r"[^A-Z0-9]", "")))
        .filter(pl.col("reference").str.count_matches(r"\d") >= DIGITS_MIN)
        .unique(maintain_order=True)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The numbers of all agreements, as references are looked up among them."""

    known: pl.DataFrame  # contract_no, key, number
    shortened: pl.DataFrame  # contract_no, key, form: with one character deleted


def numbers(agreements: pl.DataFrame) -> Numbers:
    """Return the numbers of `agreements`."""
    plain = pl.col("contract_no").str.replace_all(r"[^A-Z0-9]", "")
    known = agreements.select(
        "contract_no", key=confused(plain), number=plain.str.extract(r"(\d+)$")
    )
    return Numbers(known=known, shortened=_shortened(known.select("key", "contract_no"), "key"))


def matched(references: pl.DataFrame, numbers: Numbers, *, owner: str) -> pl.DataFrame:
    """Return `owner`, `reference`, `contract_no` and `cited`: what each reference may mean."""
    known = numbers.known
    wanted = references.select("reference").unique(maintain_order=True)
    exact = wanted.join(known, left_on="reference", right_on="key").select(
        "reference", "contract_no", cited=pl.lit(int(Cited.EXACT), pl.Int8)
    )
    rest = wanted.join(exact, on="reference", how="anti")
    number = rest.join(known, left_on="reference", right_on="number").select(
        "reference", "contract_no", cited=pl.lit(int(Cited.NUMBER), pl.Int8)
    )
    near = _near(rest, numbers.shortened)
    each = pl.concat([exact, number, near])
    each = each.group_by("reference", "contract_no", maintain_order=True).agg(pl.col("cited").max())
    return references.join(each, on="reference").select(owner, "reference", "contract_no", "cited")


def cited(references: pl.DataFrame, numbers: Numbers, *, owner: str) -> pl.DataFrame:
    """Return `owner`, `contract_no` and `cited` for the agreements that may be meant."""
    return best(matched(references, numbers, owner=owner), owner=owner)


def best(matched: pl.DataFrame, *, owner: str) -> pl.DataFrame:
    """Return how each agreement is cited best by any reference of the owner."""
    return matched.group_by(owner, "contract_no", maintain_order=True).agg(pl.col("cited").max())


def _near(wanted: pl.DataFrame, shortened: pl.DataFrame) -> pl.DataFrame:
    """Return the references one edit away from a key, by the forms with one character deleted."""
    pairs = (
        _shortened(wanted, "reference")
        .join(shortened, on="form")
        .select("reference", "key", "contract_no")
        .unique(maintain_order=True)
    )
    if not pairs.height:
        return pairs.select("reference", "contract_no", cited=pl.lit(int(Cited.NEAR), pl.Int8))
    distance = np.asarray(
        cpdist(
            pairs["reference"].to_list(),
            pairs["key"].to_list(),
            scorer=OSA.distance,
            dtype=np.int32,
        )
    )
    return (
        pairs.with_columns(distance=pl.Series(distance))
        .filter(pl.col("distance") == 1)
        .select("reference", "contract_no", cited=pl.lit(int(Cited.NEAR), pl.Int8))
    )


def _shortened(codes: pl.DataFrame, column: str) -> pl.DataFrame:
    """Return `codes` with a row for the whole code and for each way to delete one character."""
    cut = (
        codes.with_columns(at=pl.int_ranges(0, pl.col(column).str.len_chars()))
        .explode("at", empty_as_null=True)
        .with_columns(
            form=pl.col(column).str.head(pl.col("at")) + pl.col(column).str.slice(pl.col("at") + 1)
        )
        .drop("at")
    )
    return pl.concat([codes.with_columns(form=pl.col(column)), cut])
