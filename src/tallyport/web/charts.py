"""Charts as plotly.js draws them (图表): figures in JSON; colours come from the page's style.

Colours are named, "accent" or "good"; the script in the page puts in what they are by day or night.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tallyport.kernel.money import Money
from tallyport.projections.queries.amounts import decimal
from tallyport.projections.queries.certificates import Detail
from tallyport.projections.queries.evidence import Count
from tallyport.projections.queries.overview import DRAWN, BookLine
from tallyport.web.texts import word

Figure = dict[str, Any]
BARS_MAX = 14  # Members with bars; more cannot be told apart.
FLOWS_MAX = 120  # Certificates in one picture; more than that is a thicket.
_STATUS = {"matched": "good", "partly": "fair", "contradicting": "bad"}
_KIND = dict(zip((kind.value for kind in DRAWN), ("cool", "accent", "good", "fair"), strict=True))
_UNITS = 100  # Bars are drawn in whole units; their exact amounts stand in the label.


def shares(counts: Iterable[Count], language: str) -> Figure | None:
    """Return dossiers by status as a ring."""
    found = list(counts)
    if not found:
        return None
    return {
        "data": [
            {
                "type": "pie",
                "hole": 0.62,
                "sort": False,
                "direction": "clockwise",
                "labels": [word("status", one.name, language) for one in found],
                "values": [one.count for one in found],
                "marker": {"colors": [_STATUS.get(one.name, "cool") for one in found]},
                "textinfo": "value",
            }
        ],
        "layout": {"height": 300, "legend": {"orientation": "h", "y": -0.05}},
    }


def book(lines: Iterable[BookLine], language: str) -> Figure | None:
    """Return what members hold as stacked bars, in the currency that most of it is in."""
    found = list(lines)
    if not found:
        return None
    currencies = [one.amount.currency for one in found]
    currency = max(sorted(set(currencies)), key=currencies.count)
    found = [one for one in found if one.amount.currency == currency]
    owners = _largest(found)
    traces = []
    for kind, color in _KIND.items():
        of_kind = {one.owner: one.amount for one in found if one.kind == kind}
        if of_kind:
            amounts = [of_kind.get(owner, Money(0, currency)) for owner in owners]
            traces.append(
                {
                    "type": "bar",
                    "orientation": "h",
                    "name": word("account", kind, language),
                    "y": owners,
                    "x": [one.minor // _UNITS for one in amounts],
                    "text": [decimal(one, ",") for one in amounts],
                    "textposition": "none",
                    "hovertemplate": "%{y}<br>%{text} " + currency,
                    "marker": {"color": color},
                }
            )
    return {
        "data": traces,
        "layout": {
            "barmode": "stack",
            "height": 90 + 34 * len(owners),
            "xaxis": {"title": {"text": currency}},
            "yaxis": {"autorange": "reversed", "automargin": True},
            "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom"},
        },
    }


def _largest(lines: list[BookLine]) -> list[str]:
    sums: dict[str, int] = {}
    for one in lines:
        sums[one.owner] = sums.get(one.owner, 0) + one.amount.minor
    return sorted(sums, key=lambda owner: -sums[owner])[:BARS_MAX]


def flow(detail: Detail, language: str) -> Figure | None:
    """Return the flow of one issue, from the debtor through every split to the last holders."""
    tree = detail.tree[:FLOWS_MAX]
    places = {one.id: number for number, one in enumerate(tree, start=1)}
    labels, colors = [str(detail.root.debtor)], ["cool"]
    source, target, value, text = list[int](), list[int](), list[int](), list[str]()
    for one in tree:
        financed = detail.financed.get(one.id)
        colors.append("good" if financed else "fair" if one.stage == "split" else "accent")
        labels.append(one.id if one.stage == "split" else f"{one.holder} · {one.id}")
        source.append(places.get(one.parent, 0) if one.parent else 0)
        target.append(places[one.id])
        value.append(max(one.face.minor // _UNITS, 1))
        amount = f"{decimal(one.face, ',')} {one.face.currency}"
        text.append(f"{one.id}: {amount}, {word('stage', one.stage.value, language)}")
    return {
        "data": [
            {
                "type": "sankey",
                "arrangement": "snap",
                "node": {"label": labels, "color": colors, "pad": 14, "thickness": 14},
                "link": {
                    "source": source,
                    "target": target,
                    "value": value,
                    "customdata": text,
                    "hovertemplate": "%{customdata}<extra></extra>",
                },
            }
        ],
        "layout": {"height": max(260, 44 * sum(1 for one in tree if one.stage != "split"))},
    }
