"""Pictures (图): figures for plotly.js as plain data; pages and reports draw the same ones.

The colours are readable by people who see red and green alike (Okabe and Ito, 2008).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Figure: TypeAlias = dict[str, Any]

GREEN, ORANGE, RED, BLUE, GREY, SKY = (
    "#009E73",
    "#E69F00",
    "#D55E00",
    "#0072B2",
    "#9AA5B1",
    "#56B4E9",
)
_STAGE_COLOURS = {"settled": GREEN, "open": BLUE, "offered": SKY, "cancelled": GREY}
_LAYOUT: Figure = {
    "font": {"family": "system-ui, sans-serif", "size": 13},
    "margin": {"l": 12, "r": 12, "t": 12, "b": 28},
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "showlegend": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A certificate as a picture needs it."""

    id: str
    parent: str | None
    holder: str
    face_minor: int
    stage: str
    is_sold: bool


def certificate_flow(leaves: Sequence[Leaf], debtor: str) -> Figure:
    """Return the flow of a certificate from its debtor to the last holders (Sankey)."""
    at = {leaf.id: number + 1 for number, leaf in enumerate(leaves)}
    labels = [debtor] + [f"{leaf.holder}<br>{leaf.face_minor / 100:,.2f}" for leaf in leaves]
    colours = [GREY] + [
        ORANGE if leaf.is_sold else _STAGE_COLOURS.get(leaf.stage, SKY) for leaf in leaves
    ]
    return {
        "data": [
            {
                "type": "sankey",
                "arrangement": "snap",
                "node": {"label": labels, "color": colours, "pad": 18, "thickness": 16},
                "link": {
                    "source": [at.get(leaf.parent or "", 0) for leaf in leaves],
                    "target": [at[leaf.id] for leaf in leaves],
                    "value": [leaf.face_minor / 100 for leaf in leaves],
                    "color": "rgba(154,165,177,0.35)",
                },
            }
        ],
        "layout": _LAYOUT | {"height": 460},
    }


def shares(counts: Mapping[str, int], colours: Mapping[str, str]) -> Figure:
    """Return a ring of named shares."""
    names = [name for name, count in counts.items() if count]
    return {
        "data": [
            {
                "type": "pie",
                "hole": 0.62,
                "labels": names,
                "values": [counts[name] for name in names],
                "marker": {"colors": [colours.get(name, GREY) for name in names]},
                "textinfo": "label+value",
                "sort": False,
            }
        ],
        "layout": _LAYOUT | {"height": 320},
    }


def bars(counts: Mapping[str, int | float], colour: str = BLUE) -> Figure:
    """Return horizontal bars, the first on top."""
    names = list(counts)[::-1]
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "x": [counts[name] for name in names],
                "y": names,
                "marker": {"color": colour},
                "text": [f"{counts[name]:,}" for name in names],
                "textposition": "auto",
                "cliponaxis": False,
            }
        ],
        "layout": _LAYOUT
        | {
            "height": 60 + 30 * max(3, len(names)),
            "yaxis": {"automargin": True},
            "xaxis": {"zeroline": True, "gridcolor": "rgba(154,165,177,0.25)"},
        },
    }


def columns(counts: Mapping[str, int], colour: str = BLUE) -> Figure:
    """Return upright bars in the given order."""
    return {
        "data": [
            {
                "type": "bar",
                "x": list(counts),
                "y": list(counts.values()),
                "marker": {"color": colour},
                "text": [str(count) for count in counts.values()],
                "textposition": "auto",
            }
        ],
        "layout": _LAYOUT | {"height": 300, "yaxis": {"gridcolor": "rgba(154,165,177,0.25)"}},
    }


def book(balances: Sequence[tuple[str, str, int]]) -> Figure:
    """Return the book: one row a member, one colour an account, debit right and credit left.

    `balances` are (owner, kind, minor units) of one currency.
    """
    owners = sorted({owner for owner, _, _ in balances}, reverse=True)
    kinds = sorted({kind for _, kind, _ in balances})
    by = {(owner, kind): minor / 100 for owner, kind, minor in balances}
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "name": kind.replace("_", " "),
                "y": owners,
                "x": [by.get((owner, kind), 0) for owner in owners],
            }
            for kind in kinds
        ],
        "layout": _LAYOUT
        | {
            "barmode": "relative",
            "showlegend": True,
            "legend": {"orientation": "h", "y": -0.15},
            "height": 120 + 34 * max(3, len(owners)),
            "yaxis": {"automargin": True},
            "xaxis": {"gridcolor": "rgba(154,165,177,0.25)"},
        },
    }
