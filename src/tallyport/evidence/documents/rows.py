"""Lines of an invoice from its text (发票明细行): where no tag and no element says what is what.

    *机动车*乘用车  辆  1  100000.00  100000.00  13%  13000.00

A row begins with the name of its kind of goods between stars, and ends with net, rate and tax.
Where one of them cannot be read none is returned: the sum of some lines says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tallyport.evidence.documents.labels import spoken
from tallyport.evidence.documents.model import Item, Word
from tallyport.evidence.documents.numbers import rate_ppm
from tallyport.evidence.documents.order import lines

# The first star may be read as a cross.
_BEGINS = re.compile(r"\s*[*＊xX×]\s?[^*＊\s]{1,30}\s?[*＊]\s?\S")
_AMOUNT = re.compile(r"[¥￥]?(-?[\d,]{1,20}\.\d{2})|([*]{3})")
_FIGURE = re.compile(r"\d[\d,.]{0,20}")
_ENDS = 3  # Net, rate, tax.


def items(words: Sequence[Word]) -> list[Item]:
    """Return the lines, if each that begins as one can be read."""
    found: list[Item] = []
    for number, line in enumerate(lines(words), start=1):
        text = spoken(line)
        if not _BEGINS.match(text):
            continue
        name, _, rest = text.strip().partition("\t")
        cells = [name, *rest.replace(" %", "%").split()] if rest else text.split()
        one = _item(cells, f"page {line[0].page}, line {number}")
        if one is None:
            return []
        found.append(one)
    return found


def _item(cells: Sequence[str], origin: str) -> Item | None:
    """Return the line whose cells are these, None when they are none."""
    if len(cells) <= _ENDS:
        return None
    *front, net, rate, tax = cells
    amounts = [_AMOUNT.fullmatch(one) for one in (net, tax)]
    if None in amounts or rate_ppm(rate) is None:
        return None
    figures = [one for one in front[1:] if _FIGURE.fullmatch(one)][-2:]
    quantity, price = figures if len(figures) == 2 else ("", "")  # noqa: PLR2004 - Both or none.
    net, tax = (one[1] or one[2] if one else "" for one in amounts)
    return Item(
        name=front[0], quantity=quantity, price=price, net=net, rate=rate, tax=tax, origin=origin
    )
