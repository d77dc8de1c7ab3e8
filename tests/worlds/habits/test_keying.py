"""A slip keeps enough of what was meant, and is never the same as it.

Goal: what a clerk mistyped can still be recognised by a person. Method: every slip on every number.
"""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyport.worlds.chance import Dice
from tallyport.worlds.habits import keying
from tallyport.worlds.reality import vin

SERIALS = st.integers(1_000, 999_999)
CYRILLIC = str.maketrans("АВСЕНКМРТХУ", "ABCEHKMPTXY")


def distance(left: str, right: str) -> int:
    """Return the edit distance, a swap of neighbours counting once."""
    rows = [list(range(len(right) + 1))]
    for i, char in enumerate(left, 1):
        row = [i]
        for j, other in enumerate(right, 1):
            cost = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (char != other))
            if i > 1 and j > 1 and char == right[j - 2] and left[i - 2] == other:
                cost = min(cost, rows[-2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]


def folded(text: str) -> str:
    """Undo what is only another way to type the same."""
    plain = unicodedata.normalize("NFKC", text).upper().translate(CYRILLIC)
    return "".join(char for char in plain if char.isalnum())


@given(seed=st.integers(), serial=SERIALS, is_abroad=st.booleans())
def test_a_mistyped_vin_is_one_slip_away(seed: int, serial: int, is_abroad: bool) -> None:  # noqa: FBT001
    """Other letters, groups and scripts aside, one slip is all that happened."""
    meant = vin.compose("HLX33B12", 2024, "1", serial)
    mistype = keying.vin_abroad if is_abroad else keying.vin
    typed = mistype(Dice(seed, "typing"), meant)

    assert typed != meant
    assert distance(folded(typed), meant) <= 1
    if is_abroad:
        typed.encode("windows-1251")


@given(seed=st.integers(), day=st.integers(10, 28), running=st.integers(1, 99))
def test_a_mistyped_contract_number_is_one_slip_away(seed: int, day: int, running: int) -> None:
    """Dashes, spaces and scripts aside."""
    meant = f"XJYO-202404{day}{running:02d}"
    typed = keying.number(Dice(seed, "typing"), meant)

    assert typed != meant
    assert distance(folded(typed), folded(meant)) <= 1


@given(seed=st.integers(), serial=SERIALS)
def test_the_end_of_a_vin_is_its_end(seed: int, serial: int) -> None:
    """Eight or six characters."""
    meant = vin.compose("HLX33B12", 2024, "1", serial)
    end = keying.vin_end(Dice(seed, "typing"), meant)

    assert meant.endswith(end)
    assert len(end) in keying.ENDS


@pytest.mark.parametrize("slip", [keying.swapped, keying.confused, keying.wrong_digit])
def test_what_cannot_slip_stays(slip: keying.Slip) -> None:
    """A text without anything to swap, confuse or miscount."""
    assert slip(Dice(1, "typing"), "AAAA") == "AAAA"


def test_worked_examples() -> None:
    """Those of the module's first page."""
    dice, meant = Dice(1, "typing"), "HLX33B128R1643455"

    assert keying.cyrillic(dice, meant) == "НLХ33В128R1643455"
    assert keying.full_width(dice, "HLX 33") == "ＨＬＸ ３３"
    assert keying.lowered(dice, meant) == "hlx33b128r1643455"
    assert keying.grouped(dice, meant).replace(" ", "") == meant
    assert keying.doubled_letter(dice, "1a1") == "1aa1"
    assert keying.doubled_letter(dice, "123") == "123"
    assert len(keying.dropped(dice, meant)) == 16
    assert keying.name(dice, "KARAVAN") != "KARAVAN"
