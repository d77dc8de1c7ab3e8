"""VINs carry the check digit of ISO 3779, but for two of the three that source 000 names.

Goal: a wrong check digit in a world is there on purpose. Method: properties, then known numbers.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyport.worlds.reality import vin
from tallyport.worlds.reality.catalogue import MODELS, Model, model_of
from tallyport.worlds.reality.fleet import SERIAL_MAX


@given(
    model=st.sampled_from(MODELS), year=st.integers(2001, 2030), serial=st.integers(0, SERIAL_MAX)
)
def test_a_composed_vin_is_sound(model: Model, year: int, serial: int) -> None:
    """Seventeen characters of the VIN alphabet, the right check digit, the model recognisable."""
    number = vin.compose(model.prefix, year, model.plant, serial)

    assert len(number) == vin.LENGTH
    assert not set(number) & set("IOQ")
    assert vin.is_sound(number)
    assert model_of(number) == model


@given(serial=st.integers(0, SERIAL_MAX), at=st.integers(11, 16), shift=st.integers(1, 9))
def test_one_wrong_digit_is_noticed(serial: int, at: int, shift: int) -> None:
    """No single wrong digit of the serial number keeps the check digit right."""
    number = vin.compose("HLX33B12", 2024, "1", serial)
    wrong = str((int(number[at]) + shift) % 10)

    assert not vin.is_sound(number[:at] + wrong + number[at + 1 :])


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("LGWEF2A55EL036754", "X"),
        ("HLX33B128R1643455", "8"),
        ("JTDKB20X477006598", "7"),
        ("11111111111111111", "1"),  # The usual worked example of the standard.
        ("1M8GDM9AXKP042788", "X"),
    ],
)
def test_known_numbers(number: str, right: str) -> None:
    """Those of the article, and two that are worked through in many places."""
    assert vin.check_digit(number) == right
    assert vin.is_sound(number) == (number[8] == right)


@pytest.mark.parametrize(("year", "code"), [(2007, "7"), (2010, "A"), (2014, "E"), (2024, "R")])
def test_the_tenth_character_is_the_year(year: int, code: str) -> None:
    """Digits up to 2009, then letters."""
    assert vin.year_code(year) == code


def test_patterns_tell_models_apart() -> None:
    """No two models share the fixed part of a VIN, and none uses a letter that a VIN lacks."""
    prefixes = [model.prefix for model in MODELS]

    assert len(set(prefixes)) == len(prefixes)
    assert {len(prefix) for prefix in prefixes} == {8}
    assert not set("".join(prefixes) + "".join(m.plant for m in MODELS)) & set("IOQ")
    assert {len(model.hs_code) for model in MODELS} == {10}
