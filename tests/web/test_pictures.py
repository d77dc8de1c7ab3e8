"""The tree of an issue and the charts: every certificate once, nothing on top of anything.

Goal: a picture says what the table says. Method: random trees; boxes are compared pair by pair.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from tallyport.contracts.receivable.model import Certificate, Root, Stage, Terms
from tallyport.kernel.ids import CertificateId, LimitId, MemberId
from tallyport.kernel.money import Money
from tallyport.projections.queries.certificates import Detail, Financed
from tallyport.projections.queries.evidence import Count
from tallyport.projections.queries.overview import BookLine
from tallyport.web import charts
from tallyport.web.picture import HEIGHT, WIDTH, tree_picture

TERMS = Terms(
    debtor=MemberId("landport"),
    due=date(2024, 10, 8),
    limit_id=LimitId("L"),
    agreement="a",
    evidence=None,
    long_term_reason=None,
)


def grown(splits: list[int]) -> Detail:
    """Return an issue in which the n-th leaf in turn is split into so many parts."""
    root = Certificate(
        id=CertificateId("RC"),
        root=CertificateId("RC"),
        parent=None,
        generation=0,
        holder=MemberId("ali"),
        face=Money(10**12, "CNY"),
        terms=TERMS,
        stage=Stage.OPEN,
        offered_to=None,
        guarantor=None,
        moves=0,
    )
    tree, leaves = {root.id: root}, [root]
    for turn, parts in enumerate(splits):
        parent = leaves.pop(turn % len(leaves))
        tree[parent.id] = _in_stage(parent, Stage.SPLIT)
        share = parent.face.minor // parts
        faces = [share] * (parts - 1) + [parent.face.minor - share * (parts - 1)]
        for number, minor in enumerate(faces, start=1):
            child = _in_stage(parent.child(number, Money(minor, "CNY")), Stage.OPEN)
            tree[child.id] = child
            leaves.append(child)
    outstanding = Root(
        id=root.id,
        debtor=TERMS.debtor,
        limit_id=TERMS.limit_id,
        face=root.face,
        outstanding_minor=root.face.minor,
        leaves=len(leaves),
        backing=(),
        is_matured=False,
        is_missed=False,
    )
    sold = Financed(
        financing_id="F", applicant="ali", funder="fund", stage="disbursed", price=Money(1, "CNY")
    )
    return Detail(
        certificate=root,
        root=outstanding,
        line=(root,),
        tree=tuple(tree[key] for key in sorted(tree)),
        journal=(),
        entries=(),
        financed={leaves[0].id: sold},
    )


def _in_stage(certificate: Certificate, stage: Stage) -> Certificate:
    return replace(certificate, stage=stage)


@given(st.lists(st.integers(2, 12), max_size=8))
def test_boxes_never_lie_on_each_other(splits: list[int]) -> None:
    """Every certificate has one box, inside the picture; every part has a line to its parent."""
    detail = grown(splits)
    picture = tree_picture(detail, "en")
    assert sorted(box.id for box in picture.boxes) == sorted(one.id for one in detail.tree)
    assert len(picture.lines) == len(detail.tree) - 1
    for box in picture.boxes:
        assert 0 <= box.x <= picture.width - WIDTH
        assert 0 <= box.y <= picture.height - HEIGHT
    for one, other in combinations(picture.boxes, 2):
        assert abs(one.x - other.x) >= WIDTH or abs(one.y - other.y) >= HEIGHT


@given(st.lists(st.integers(2, 12), max_size=8))
def test_the_flow_keeps_what_flows(splits: list[int]) -> None:
    """Into a certificate that was split comes what goes out of it, up to rounding to whole yuan."""
    figure = charts.flow(grown(splits), "en")
    assert figure is not None
    link = figure["data"][0]["link"]
    for node in set(link["source"]) & set(link["target"]):
        into = sum(v for v, t in zip(link["value"], link["target"], strict=True) if t == node)
        out = sum(v for v, s in zip(link["value"], link["source"], strict=True) if s == node)
        assert abs(into - out) <= 12


def test_the_example_of_the_source() -> None:
    """60 000 000 into two: the first above the second, their parent between them."""
    boxes = {box.id: box for box in tree_picture(grown([2]), "zh").boxes}
    assert boxes["RC/1"].y < boxes["RC"].y < boxes["RC/2"].y
    assert boxes["RC/1"].x == boxes["RC/2"].x > boxes["RC"].x
    assert boxes["RC"].stage_word == "已拆分"
    assert boxes["RC"].is_chosen


def test_nothing_to_draw_is_no_chart() -> None:
    """The page then says so in words."""
    assert charts.shares([], "en") is None
    assert charts.book([], "en") is None


def test_the_book_is_drawn_in_its_main_currency() -> None:
    """Amounts of different currencies never stand on one scale."""
    lines = [
        BookLine(owner="a", kind="cash", amount=Money(500, "CNY")),
        BookLine(owner="b", kind="cash", amount=Money(900, "CNY")),
        BookLine(owner="b", kind="escrowed", amount=Money(100, "CNY")),
        BookLine(owner="c", kind="cash", amount=Money(10_000, "USD")),
    ]
    figure = charts.book(lines, "ru")
    assert figure is not None
    assert figure["layout"]["xaxis"]["title"]["text"] == "CNY"
    assert [trace["name"] for trace in figure["data"]] == ["деньги", "на эскроу"]
    assert figure["data"][0]["y"] == ["b", "a"]
    assert figure["data"][0]["x"] == [9, 5]


def test_shares_are_named_in_the_visitor_s_language() -> None:
    """Matched is good."""
    figure = charts.shares([Count(name="matched", count=3), Count(name="partly", count=1)], "zh")
    assert figure is not None
    assert figure["data"][0]["labels"] == ["匹配", "部分匹配"]
    assert figure["data"][0]["marker"]["colors"] == ["good", "fair"]
