"""Money as whole minor units of one currency: 分 for CNY, cent for USD; never a float.

MONEY-1  range      |minor| <= MINOR_MAX; whoever decodes an amount checks it before building one
MONEY-2  currency   amounts of different currencies are never added; `payments.fx` converts
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tallyport.kernel.guard import invariant

MINOR_MAX = 2**53 - 1  # Every JSON reader reads it exactly (RFC 7493); 90 trillion yuan.


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """`minor` units of `currency` (ISO 4217). Zero and negative amounts are values too."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        invariant(-MINOR_MAX <= self.minor <= MINOR_MAX, "MONEY-1")

    def __add__(self, other: Money) -> Money:
        invariant(self.currency == other.currency, "MONEY-2")
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        invariant(self.currency == other.currency, "MONEY-2")
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Add up `amounts`, all of which are in `currency`; nothing adds up to zero."""
    return sum(amounts, start=Money(0, currency))


def share_out(whole_minor: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Share `whole_minor` >= 0 in proportion to `weights`; the parts sum to the whole.

    Each part is rounded down; what is left goes out unit by unit to the largest remainders, the
    earlier first where they are equal. All weights 0: the first takes everything.
    """
    pot = sum(weights)
    if pot == 0:
        return (whole_minor, *(0 for _ in weights[1:]))
    parts = [whole_minor * weight // pot for weight in weights]
    remainders = [whole_minor * weight % pot for weight in weights]
    order = sorted(range(len(weights)), key=lambda at: (-remainders[at], at))
    for at in order[: whole_minor - sum(parts)]:
        parts[at] += 1
    return tuple(parts)
