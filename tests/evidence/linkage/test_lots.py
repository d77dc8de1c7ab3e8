"""Lots: the sizes that fit what is known of an agreement, and the shipments that texts name.

Goal: the size is found from declarations and waybills, and ambiguity is kept for the payments to
decide. Method: Hypothesis ships whole lots; tables of hard cases.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyport.evidence.linkage.lots import AS_DECLARED, plausible_sizes, shipment_hints


@given(st.integers(1, 8), st.integers(2, 5))
def test_lots_on_declarations_of_their_own_are_found(size: int, many: int) -> None:
    """Whatever the size, when each lot goes on one declaration."""
    lines = list(range(1, size * many + 1))
    declarations: list[str | None] = [f"D{(line - 1) // size}" for line in lines]
    assert plausible_sizes(lines, declarations, [None] * len(lines), 1)[0] == size


@pytest.mark.parametrize(
    ("declared", "size"),
    [
        ("AAAABBBBBBBBCCCC", 4),  # Two lots on declaration B.
        ("AAAABBBBCCCCDDDDCC", 4),  # Lots 3 and 5 share declaration C; the last is short.
        ("AAAAAABBBB", 6),
        ("AAAAA.....", 5),  # The second lot has not left.
    ],
)
def test_hard_cases(declared: str, size: int) -> None:
    """Several lots on a declaration, a short last lot, vehicles still here."""
    lines = list(range(1, len(declared) + 1))
    declarations = [None if one == "." else one for one in declared]
    assert size in plausible_sizes(lines, declarations, [None] * len(lines), 1)


def test_one_declaration_for_all_leaves_several_sizes_open() -> None:
    """Payments will decide; waybills already rule out what they would split."""
    lines = list(range(1, 11))
    waybills: list[str | None] = [*["W1"] * 6, *["W2"] * 4]
    sizes = plausible_sizes(lines, ["A"] * 10, waybills, 1)
    assert sizes[0] == 10
    assert 6 in sizes
    assert 5 not in sizes


def test_a_payment_for_shipment_three_asks_for_three_lots() -> None:
    """So the lots are smaller than the declarations would allow."""
    lines = list(range(1, 13))
    sizes = plausible_sizes(lines, [*["A"] * 10, *["B"] * 2], [None] * 12, 3)
    assert sizes[0] == 5


def test_irregular_shipments_are_what_is_declared() -> None:
    """No size fits without exception."""
    lines = list(range(1, 7))
    assert plausible_sizes(lines, list("ABABBA"), [None] * 6, 1)[0] == AS_DECLARED


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CONTRACT XJYO-2024070801 SHIPMENT 2", (2,)),
        ("XJCS-2024051501 SHIPMENT 4+6", (4, 6)),
        ("ОСТАТОК ПАРТИЯ 1", (1,)),
        ("尾款 第3批", (3,)),
        ("BALANCE LOT 3", (3,)),
        ("АККРЕДИТИВ 2", (2,)),
        ("XJYO-2024070801 BALANCE", ()),
        ("SHIPMENT OF 2024", ()),
        (None, ()),
    ],
)
def test_shipments_that_a_text_names(text: str | None, expected: tuple[int, ...]) -> None:
    """A number of shipment, never a year or an agreement."""
    assert shipment_hints(text) == expected
