"""A number says what the standards say it says, and never more.

Goal: no real vehicle is refused for its number, no wrong number goes unseen. Method: numbers are
made with their check digit and spoiled at one place; thousands of real ones with known maker and
year come from other programs' tests; the three of source 000 are quoted.
"""

from __future__ import annotations

import csv
from collections import Counter

import polars as pl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from support.shared import shared
from tallyport.evidence import vin
from tallyport.evidence.vin import Doubt

SIGNS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
BODIES = st.text(alphabet=SIGNS, min_size=17, max_size=17)


def right(body: str) -> str:
    """Return `body` with the check digit that it demands."""
    return body[:8] + vin.check_digit(body) + body[9:]


@given(body=BODIES, place=st.integers(0, 16), sign=st.sampled_from("0123456789"))
def test_one_wrong_digit_is_seen(body: str, place: int, sign: str) -> None:
    """Any digit in place of another breaks the check, wherever it stands."""
    number = right(body)
    assert vin.facts(number).doubts == ()
    spoiled = number[:place] + sign + number[place + 1 :]
    if number[place].isdigit() and place != vin.CHECK_AT and sign != number[place]:
        assert vin.facts(spoiled).doubts == (Doubt.CHECK_DIGIT,)


@given(
    numbers=st.lists(
        st.one_of(
            BODIES, BODIES.map(right), st.text(alphabet=SIGNS + "IOQЖ新", max_size=18), st.none()
        )
    )
)
def test_a_column_is_judged_like_a_number(numbers: list[str | None]) -> None:
    """The expression for whole columns and the function for one number agree."""
    column = pl.DataFrame({"vin": pl.Series(numbers, dtype=pl.String)})
    found = column.select(vin.doubt(pl.col("vin"))).to_series().to_list()
    doubts = [vin.facts(number).doubts if number is not None else () for number in numbers]
    assert found == [next(iter(each), None) for each in doubts]


SOURCE_000 = [
    ("LGWEF2A55EL036754", "X", (Doubt.CHECK_DIGIT,), "GREAT WALL", "CN", 2014),
    ("HLX33B128R1643455", "8", (), "LI AUTO", "CN", 2024),
    ("JTDKB20X477006598", "7", (Doubt.CHECK_DIGIT,), "TOYOTA", "JP", 2007),
]


@pytest.mark.parametrize(("number", "digit", "doubts", "maker", "country", "year"), SOURCE_000)
def test_the_three_numbers_of_the_source(
    *, number: str, digit: str, doubts: tuple[Doubt, ...], maker: str, country: str, year: int
) -> None:
    """Two of them have a wrong check digit, and all three are real vehicles (rules.md)."""
    facts = vin.facts(number)
    assert (facts.check_digit, facts.doubts) == (digit, doubts)
    assert (facts.maker, facts.country) == (maker, country)
    assert vin.model_year(number, latest=2025) == year


@pytest.mark.parametrize("name", ["tesla", "kia"])
def test_the_numbers_of_other_programs(name: str) -> None:
    """Maker and model year as they expect them, for every number."""
    text = shared("data", "vehicles", f"vin_expected_{name}.yaml").read_text("utf-8")
    expected = [case for cases in yaml.safe_load(text).values() for case in cases]
    assert len(expected) > 600
    wrong = [
        case
        for case in expected
        if vin.facts(case["vin"]).maker != case["make"]
        or vin.model_year(case["vin"], latest=case["model_year"] + 1) != case["model_year"]
    ]
    assert not wrong
    doubts = Counter(doubt for case in expected for doubt in vin.facts(case["vin"]).doubts)
    assert not doubts


def test_auction_lots_are_nearly_all_right() -> None:
    """Of 1,257 American lots hardly any breaks the check: the rule is theirs."""
    path = shared("data", "vehicles", "usa_cars_auction_vin.csv")
    with path.open(encoding="utf-8", newline="") as file:
        numbers = {row["vin"].strip().upper() for row in csv.DictReader(file)}
    modern = [number for number in numbers if len(number) == vin.LENGTH]
    wrong = [number for number in modern if vin.facts(number).doubts]
    assert len(modern) > 1_000
    assert len(wrong) <= len(modern) // 100


@pytest.mark.parametrize(
    ("number", "doubt"),
    [
        ("LSVCE2BR5N104166", Doubt.LENGTH),
        ("LSVCE2BR5N10416644", Doubt.LENGTH),
        ("LSVCE2BR5NI041664", Doubt.CHARACTERS),
        ("ОSVCE2BR5N1041664", Doubt.CHARACTERS),
        ("", Doubt.LENGTH),
    ],
)
def test_a_number_out_of_form(number: str, doubt: Doubt) -> None:
    """Nothing is computed from it."""
    facts = vin.facts(number)
    assert (facts.doubts, facts.check_digit) == ((doubt,), None)


YEARS = [
    ("LSVCE2BR5N1041664", 2025, 2022),
    ("LSVCE2BR5N1041664", 2020, 1992),
    ("LSVCE2BR501041664", 2025, None),
    ("LSVCE2BR5Z1041664", 2025, None),
    ("5YJ3A1E12HF000001", 2017, 2017),
    ("1G1AB1234H1234567", 2025, 1987),
    ("SHORT", 2025, None),
]


@pytest.mark.parametrize(("number", "latest", "year"), YEARS)
def test_the_model_year(number: str, latest: int, year: int | None) -> None:
    """The newest that is possible; in North America the seventh character decides."""
    assert vin.model_year(number, latest=latest) == year


@pytest.mark.parametrize(
    ("pair", "country"),
    [("LA", "CN"), ("KL", "KR"), ("KA", None), ("W0", "DE"), ("??", None), ("1", None)],
)
def test_the_country(pair: str, country: str | None) -> None:
    """By the first two characters; what is not certain is None."""
    assert vin.facts(pair).country == country
