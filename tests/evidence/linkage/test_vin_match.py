"""Typed numbers against vehicles: which fit, how well, and that blocking loses none.

Goal: every single slip is found without comparing everything. Method: Hypothesis makes the slips.
"""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyport.evidence.linkage.vin_match import Fit, candidates, fits

VIN = "LGWEF2A52KL305843"
FLEET = pl.DataFrame({"vin": [VIN, "LC0CE4CB8N1049215", "HLX33B120PB468643", "LS4BDD3D9RA094679"]})
LETTERS = "ACEFHJKMNPRTUVWXY3479"  # Letters and digits that nobody takes for others.


def best(token: str) -> tuple[str, Fit] | None:
    """Return the best vehicle for a token."""
    rows = candidates(pl.DataFrame({"token": [token]}), FLEET).sort("fit", descending=True)
    return (rows["vin"][0], Fit(rows["fit"][0])) if rows.height else None


@given(st.integers(0, 16), st.sampled_from(LETTERS))
def test_one_wrong_character_is_found(place: int, letter: str) -> None:
    """One wrong character is found."""
    token = VIN[:place] + letter + VIN[place + 1 :]
    found = best(token)
    assert found is not None
    assert found[0] == VIN
    assert found[1] >= Fit.NEAR


@given(st.integers(0, 16))
def test_one_lost_character_is_found(place: int) -> None:
    """One lost character is found."""
    found = best(VIN[:place] + VIN[place + 1 :])
    assert found is not None
    assert found[0] == VIN


@given(st.integers(0, 15))
def test_two_swapped_characters_are_found(place: int) -> None:
    """Two swapped characters are found."""
    found = best(VIN[:place] + VIN[place + 1] + VIN[place] + VIN[place + 2 :])
    assert found is not None
    assert found[0] == VIN


@pytest.mark.parametrize(
    ("token", "fit"),
    [
        (VIN, Fit.EXACT),
        ("KL305843"[-8:], Fit.ENDING_8),
        ("305843", Fit.ENDING_6),
        ("1GWEF2A52KL3O5843", Fit.CONFUSED),
        ("LGWEF2A52KL305S43", Fit.NEAR),
    ],
)
def test_levels(token: str, fit: Fit) -> None:
    """Levels."""
    assert best(token) == (VIN, fit)


@pytest.mark.parametrize("token", ["305844", "XXXXXXXXXXXXXXXXX", "LGWEF2A52", "43"])
def test_strangers_fit_nobody(token: str) -> None:
    """Strangers fit nobody."""
    assert best(token) is None


def test_two_slips_are_far_and_only_among_given_pairs() -> None:
    """Two slips are far and only among given pairs."""
    typed = "LGWEF2A25KL305X43"
    assert best(typed) is None
    assert fits(pl.Series([typed]), pl.Series([VIN])).to_list() == [Fit.FAR]


def test_an_ending_shared_by_two_vehicles_fits_both() -> None:
    """An ending shared by two vehicles fits both."""
    fleet = pl.DataFrame({"vin": [VIN, "HLX33B120PB305843"]})
    rows = candidates(pl.DataFrame({"token": ["305843"]}), fleet)
    assert rows["vin"].sort().to_list() == sorted(fleet["vin"])
