"""Amounts that prove each other (金额互证): where no label was read, a sum tells which is which.

100000.00   13000.00        on one line, without a word that was read
113000.00                   the total: net and tax are those two, for nothing else adds up
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tallyport.evidence.documents.model import Field
from tallyport.evidence.documents.numbers import minor
from tallyport.evidence.documents.order import Line

SHARE = 80  # Of the confidence, in per cent: the figures agree, but no label says so.
_AMOUNT = re.compile(r"(?<![\d.,])-?[\d,]{1,20}\.\d{2}(?!\d)")
_PAIR = 2


def proved(page: Sequence[Line], texts: Sequence[str], known: Sequence[Field]) -> list[Field]:
    """Return net and tax, or the total, where the others leave one way to add up."""
    held = {one.name: minor(one.value) for one in known if one.name in {"net", "tax", "total"}}
    if held.keys() & {"net", "tax"}:
        return []
    total = held.get("total")
    amounts = [_AMOUNT.findall(text) for text in texts]
    pairs = [
        (at, *two)
        for at, two in enumerate(amounts)
        if len(two) == _PAIR and _adds_up(two, total, amounts[at + 1 :])
    ]
    if len({(net, tax) for _, net, tax in pairs}) != 1:
        return []
    at, net, tax = pairs[-1]
    sure = min(word.confidence_bp for word in page[at]) * SHARE // 100
    origin = f"page {page[at][0].page}, line {at + 1}"
    named = {"net": net, "tax": tax}
    return [
        Field(name=name, value=value, confidence_bp=sure, origin=origin)
        for name, value in named.items()
    ]


def _adds_up(two: Sequence[str], total: int | None, below: Sequence[Sequence[str]]) -> bool:
    net, tax = (minor(one) or 0 for one in two)
    if not 0 <= tax < net:
        return False
    wholes = {total} if total is not None else {minor(one) for some in below for one in some}
    return net + tax in wholes
