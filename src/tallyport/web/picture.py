"""The tree of an issue as a picture (凭证树图): boxes and lines, laid out here, drawn as SVG.

Each column is a generation, each leaf a row; a certificate that was split stands at the height of
the middle of its parts.
"""

from __future__ import annotations

from dataclasses import dataclass

from tallyport.contracts.receivable.model import Certificate
from tallyport.kernel.money import Money
from tallyport.projections.queries.certificates import Detail, Financed
from tallyport.web.texts import word

WIDTH, HEIGHT = 218, 74  # Of a box, in units of the picture.
ACROSS, DOWN = 46, 16  # Between boxes.
EDGE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One certificate in the picture."""

    id: str
    x: int
    y: int
    face: Money
    holder: str
    stage: str
    stage_word: str
    financed: Financed | None
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """All boxes, and the lines between them as SVG paths."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[str, ...]


def tree_picture(detail: Detail, language: str) -> Picture:
    """Return the picture of the whole issue, with the certificate that is looked at marked."""
    below: dict[str | None, list[Certificate]] = {}
    for one in detail.tree:
        below.setdefault(one.parent, []).append(one)
    rows = _rows(detail.tree, below)
    boxes, lines = [], []
    for one in detail.tree:
        x, y = _left(one), _top(rows[one.id])
        boxes.append(
            Box(
                id=one.id,
                x=x,
                y=y,
                face=one.face,
                holder=one.holder,
                stage=one.stage.value,
                stage_word=word("stage", one.stage.value, language),
                financed=detail.financed.get(one.id),
                is_chosen=one.id == detail.certificate.id,
            )
        )
        for child in below.get(one.id, []):
            begin, end = y + HEIGHT // 2, _top(rows[child.id]) + HEIGHT // 2
            middle = x + WIDTH + ACROSS // 2
            lines.append(
                f"M{x + WIDTH} {begin}C{middle} {begin} {middle} {end} {_left(child)} {end}"
            )
    return Picture(
        width=max(box.x for box in boxes) + WIDTH + EDGE,
        height=max(box.y for box in boxes) + HEIGHT + EDGE,
        boxes=tuple(boxes),
        lines=tuple(lines),
    )


def _rows(
    tree: tuple[Certificate, ...], below: dict[str | None, list[Certificate]]
) -> dict[str, int]:
    """Return twice the row of each certificate, so that middles stay whole."""
    rows: dict[str, int] = {}
    leaves = 0
    for one in _walked(tree[0], below):
        if one.id not in below:
            rows[one.id], leaves = 2 * leaves, leaves + 1
    for one in sorted(tree, key=lambda each: -each.generation):
        if one.id in below:
            parts = [rows[child.id] for child in below[one.id]]
            rows[one.id] = (min(parts) + max(parts)) // 2
    return rows


def _walked(
    top: Certificate, below: dict[str | None, list[Certificate]]
) -> tuple[Certificate, ...]:
    """Return the tree in the order in which its leaves stand, parts by their numbers."""
    found, waiting = [], [top]
    while waiting:
        one = waiting.pop()
        found.append(one)
        children = sorted(below.get(one.id, []), key=lambda each: _number(each.id), reverse=True)
        waiting += children
    return tuple(found)


def _number(certificate_id: str) -> int:
    return int(certificate_id.rpartition("/")[2])


def _left(one: Certificate) -> int:
    return EDGE + one.generation * (WIDTH + ACROSS)


def _top(row: int) -> int:
    return EDGE + row * (HEIGHT + DOWN) // 2
