"""Aliases (别名归并): forms of a name that are one name with a slip of the pen.

    JIBEK IMPULS GRUP   71 times        JIEBK IMPULS GRUP, JIBEK IMPULS RGUP   once each

A form joins a more frequent one when they differ in one edit, or in two if the name is long, or
only in the order of the words. A name on an invoice, in a registry in its own language or on a
watch list counts as frequent: it was entered with care. Two such names are never one, however
alike: RODNIK ZODIAK MOTORS is another firm than ZODIAK RODNIK MOTORS. A form that is as near to two
of them joins neither. Candidates come from forms with one character deleted and from names with all
words but one in common.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from tallyport.evidence.linkage.names import normal

CARE = 1000  # What one careful entry counts against slips.
LENGTH_MIN = 6  # Shorter names differ by one letter too easily.
LONG = 12
LONG_EDITS = 2


def aliases(names: pl.DataFrame) -> pl.DataFrame:
    """Return `name` and `alias`, the head form of its group.

    `names` has `name` and `careful` (true where it was entered with care), one row a mention.
    """
    distinct = (
        names.filter(pl.col("name").is_not_null())
        .group_by("name", maintain_order=True)
        .agg(weight=pl.len() + CARE * pl.col("careful").cast(pl.Int64).sum())
        .with_columns(form=pl.col("name").map_elements(normal, return_dtype=pl.String))
    )
    forms = (
        distinct.filter(pl.col("form").str.len_chars() > 0)
        .group_by("form", maintain_order=True)
        .agg(pl.col("weight").sum())
        .with_columns(plain=pl.col("form").str.replace_all(" ", ""))
    )
    pairs = _close(forms)
    head = _heads(forms, pairs)
    return distinct.join(head, on="form", how="left", maintain_order="left").select(
        "name", "form", alias=pl.coalesce("alias", "form")
    )


def _close(forms: pl.DataFrame) -> pl.DataFrame:
    """Return pairs `left`, `right` of forms close enough to be one name."""
    words = forms.select("form", word=pl.col("form").str.split(" "))
    keys = [
        words.select("form", key=pl.lit("=") + pl.col("word").list.sort().list.join(" ")),
        _deleted(forms),
        _but_one(words),
    ]
    keyed = pl.concat(keys)
    # A key shared by very many forms tells nothing and would cost quadratic time.
    keyed = keyed.filter(pl.len().over("key").is_between(2, 60))
    pairs = (
        keyed.join(keyed, on="key", suffix="_right")
        .filter(pl.col("form") < pl.col("form_right"))
        .select(left="form", right="form_right")
        .unique(maintain_order=True)
        .with_columns(
            a=pl.col("left").str.replace_all(" ", ""), b=pl.col("right").str.replace_all(" ", "")
        )
    )
    if not pairs.height:
        return pairs.select("left", "right", distance=pl.lit(0, pl.Int32))
    distance = np.asarray(
        cpdist(pairs["a"].to_list(), pairs["b"].to_list(), scorer=OSA.distance, dtype=np.int32)
    )
    size = pl.min_horizontal(pl.col("a").str.len_chars(), pl.col("b").str.len_chars())
    same_words = (
        pl.col("left").str.split(" ").list.sort() == pl.col("right").str.split(" ").list.sort()
    )
    near = (pl.col("distance") <= 1) & (size >= LENGTH_MIN)
    near_long = (pl.col("distance") <= LONG_EDITS) & (size >= LONG)
    return (
        pairs.with_columns(distance=pl.Series(distance))
        .filter(near | near_long | same_words)
        .select("left", "right", "distance")
    )


def _deleted(forms: pl.DataFrame) -> pl.DataFrame:
    """Return the plain form and all ways to delete one character of it, as keys."""
    whole = forms.select("form", key="plain")
    cut = (
        forms.filter(pl.col("plain").str.len_chars() >= LENGTH_MIN)
        .with_columns(at=pl.int_ranges(0, pl.col("plain").str.len_chars()))
        .explode("at", empty_as_null=True)
        .select(
            "form",
            key=pl.col("plain").str.head(pl.col("at"))
            + pl.col("plain").str.slice(pl.col("at") + 1),
        )
    )
    return pl.concat([whole, cut]).unique(maintain_order=True)


def _but_one(words: pl.DataFrame) -> pl.DataFrame:
    """Return the words but one, with the place of the missing one, as keys."""
    several = words.filter(pl.col("word").list.len() > 1)
    return (
        several.with_columns(at=pl.int_ranges(0, pl.col("word").list.len()))
        .explode("at", empty_as_null=True)
        .select(
            "form",
            key=pl.col("word").list.head(pl.col("at")).list.join(" ")
            + "_"
            + pl.col("word").list.slice(pl.col("at") + 1).list.join(" "),
        )
        .unique(maintain_order=True)
    )


def _heads(forms: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Let each form follow its heaviest neighbour that is heavier than itself."""
    weight = dict(forms.select("form", "weight").iter_rows())
    near: dict[str, list[tuple[int, str]]] = {}
    for left, right, distance in pairs.iter_rows():
        light, heavy = sorted((left, right), key=lambda form: (weight[form], form))
        if weight[light] < CARE:
            near.setdefault(light, []).append((distance, heavy))
    best = {light: _best(heavier, weight) for light, heavier in near.items()}
    alias = {form: form for form in weight}
    for form in sorted(weight, key=lambda form: (-weight[form], form)):
        if form in best:
            alias[form] = alias[best[form] or form]
    return pl.DataFrame(
        {"form": list(alias), "alias": list(alias.values())},
        schema={"form": pl.String, "alias": pl.String},
    )


def _best(heavier: list[tuple[int, str]], weight: dict[str, int]) -> str | None:
    """Return the careful name that is nearest, or None if two are; else the heaviest form."""
    careful = sorted(one for one in heavier if weight[one[1]] >= CARE)
    if not careful:
        return max((form for _, form in heavier), key=lambda form: (weight[form], form))
    if len(careful) > 1 and careful[0][0] == careful[1][0]:
        return None
    return careful[0][1]
