"""VIN rules (车架号规则): which numbers are compared, and what a comparison is worth, as data.

A *block* brings a typed token and a vehicle together where a part of one equals a part of the
other. A *level* names how well two numbers fit. Both are tables, so that an engine needs nothing
but equality, pieces of a text and a distance to follow them: `vin_match` follows them with polars,
and another engine that does finds the same pairs and fits.

    token LGWEF2A5ZKL305843      block "last six"    vehicle LGWEF2A52KL305843
    merged 16WEF2A52K1305843     edits 0             fit CONFUSED
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, unique

WHOLE_MIN, WHOLE_MAX = 14, 19  # Lengths at which a token is meant to be a whole number.
SIZE_MAX = 10_000  # No length of a token is meant; longer ones are not typed.


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The first `head` and the last `tail` characters of a number; neither: all of it."""

    head: int = 0
    tail: int = 0
    is_merged: bool = False  # With look-alikes merged: see `fold.CONFUSED`.


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Tokens of a length, and the vehicles whose `vin` part equals their `token` part.

    `fit` is what such a pair is; without it the pair is compared.
    """

    size_min: int
    size_max: int
    token: Part
    vin: Part
    fit: Fit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The fit of a pair: its merged forms are `edits` apart, and the token is no shorter.

    With `is_same` the two are equal as they were typed, too.
    """

    fit: Fit
    edits: int
    size_min: int = 0
    is_same: bool = False


EXACT = Block(size_min=0, size_max=SIZE_MAX, token=Part(), vin=Part(), fit=Fit.EXACT)
# For tokens that are no vehicle's whole number.
ENDINGS = tuple(
    Block(size_min=size, size_max=size, token=Part(), vin=Part(tail=size), fit=fit)
    for size, fit in ((8, Fit.ENDING_8), (6, Fit.ENDING_6))
)
# One slip leaves at least one of these parts of a number as it was.
SLIPS = tuple(
    Block(size_min=WHOLE_MIN, size_max=WHOLE_MAX, token=part, vin=part)
    for part in (
        Part(tail=6, is_merged=True),
        Part(head=8, tail=3, is_merged=True),
        Part(head=13, is_merged=True),
    )
)
BLOCKS = (EXACT, *ENDINGS, *SLIPS)
COMPARED_MIN = Fit.NEAR  # Two slips are too many among all vehicles.

# The first that holds; none: Fit.NONE. A token shorter than WHOLE_MIN is compared with the end of
# the vehicle's number, as much of it as there is of the token.
LEVELS = (
    Level(fit=Fit.EXACT, edits=0, size_min=WHOLE_MIN, is_same=True),
    Level(fit=Fit.ENDING_8, edits=0, size_min=8, is_same=True),
    Level(fit=Fit.CONFUSED, edits=0, size_min=WHOLE_MIN),
    Level(fit=Fit.ENDING_6, edits=0),
    Level(fit=Fit.NEAR, edits=1, size_min=6),
    Level(fit=Fit.FAR, edits=2, size_min=WHOLE_MIN),
)
