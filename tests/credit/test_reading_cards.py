"""Cards as data: the one in the package is right, and a wrong one is refused with all its mistakes.

Goal: nobody rates with a card that does not add up. Method: the built-in card with one thing
changed at a time; what is said names the place, what was expected and what came.
"""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from tallyport.credit.card import POINTS_MAX, WEIGHTS_SUM, Grade
from tallyport.credit.history import history_of
from tallyport.credit.indicators import INDICATORS
from tallyport.credit.reading_cards import CardError, builtin, load, parse
from tallyport.kernel.guard import InvariantError

TEXT = (files("tallyport.credit") / "cards" / "trade.yaml").read_text("utf-8")


def test_the_card_of_the_package() -> None:
    """Six roles, each with several indicators; buyers and sellers with twelve."""
    card = builtin()
    assert set(card.roles) == {"buyer", "seller", "customer", "merchant", "shipper", "carrier"}
    assert all(sum(weights.values()) == WEIGHTS_SUM for weights in card.roles.values())
    assert min(len(card.roles[role]) for role in ("buyer", "seller")) >= 12
    assert set(card.binned) == set(INDICATORS)
    assert len({one.code for one in card.binned.values()}) == len(INDICATORS)
    assert [card.grade(score) for score in (1000, 800, 799, 650, 500, 350, 349, 0)] == [
        Grade.C1, Grade.C1, Grade.C2, Grade.C2, Grade.C3, Grade.C4, Grade.C5, Grade.C5,
    ]  # fmt: skip


def test_findings_that_the_card_does_not_name_weigh_as_other() -> None:
    """And one that it names without a role weighs nothing there."""
    card = builtin()
    assert card.severity_of("new_rule", "buyer") == 3
    assert card.severity_of("double_sale", "buyer") == 0
    assert card.severity_of("sanctioned_party", "merchant") == 0


CHANGES: list[tuple[str, str, str]] = [
    ("roles.buyer: expected weights that sum to 100", "default_share: 14", "default_share: 15"),
    ("indicators.shoe_size: expected one of", "  experience:\n", "  shoe_size:\n"),
    ("bounds from best to worst", "[[9500, 10], [9000, 9]", "[[9000, 10], [9500, 9]"),
    ("points that fall from 10", "[[9500, 10], [9000, 9]", "[[9500, 9], [9000, 10]"),
    ("points that fall from 10", "[[9500, 10], [9000, 9]", "[[9500, 9], [9000, 9]"),
    ("a pair of bound and points", "[[9500, 10], [9000, 9]", "[[9500, 10, 1], [9000, 9]"),
    ("a whole number from 0 to 10", "[[9500, 10], [9000, 9]", "[[9500, 11], [9000, 9]"),
    ("grades: expected least scores that fall", "C2: 650", "C2: 900"),
    ("severity: expected an entry `other`", "  other: {", "  rest: {"),
    ("severity.double_sale.seller: expected", "double_sale: {buyer: 0, seller: 9}",
     "double_sale: {buyer: 0, seller: much}"),
    ("either `finding` or `trades_below`", "trades_below: 3", "below: 3"),
    ("ceilings[0].grade: expected one of", "{grade: C5, finding", "{grade: D, finding"),
    ("limits.share_bp: expected shares that fall", "C2: 6000", "C2: 9000"),
    ("a step above 0", "buyer: {step: 1000000", "buyer: {step: 0"),
    ("limits.rounding: expected the roles", "    merchant: {step", "    trader: {step"),
    ("white_list.grades: expected a list", "grades: [C1, C2]", "grades: C1"),
    ("window_days: expected a whole number", "window_days: 365", "window_days: year"),
    ("card: expected text", "card: trade", "card: 7"),
    ("roles.buyer: expected indicators that have bins", "    experience: 6\n  seller",
     "    shoe_size: 6\n  seller"),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "before", "after"), CHANGES)
def test_a_wrong_card_is_refused(expected: str, before: str, after: str) -> None:
    """One line of CHANGES."""
    assert before in TEXT
    with pytest.raises(CardError) as refused:
        parse(TEXT.replace(before, after, 1), origin="mine.yaml")
    assert expected in str(refused.value)
    assert "mine.yaml" in str(refused.value)


def test_all_mistakes_come_at_once() -> None:
    """Three things wrong, three lines."""
    wrong = TEXT.replace("C2: 650", "C2: 900").replace("card: trade", "card: 7")
    wrong = wrong.replace("severe_from: 8", "severe_from: 80")
    with pytest.raises(CardError) as refused:
        parse(wrong, origin="mine.yaml")
    assert str(refused.value).count("correct it") == 3


@pytest.mark.parametrize("text", ["", "7", "[]", "a: [", "card: trade", "!!python/object:os.x {}"])
def test_what_is_no_card_is_refused(text: str) -> None:
    """Never an error of another kind, and nothing is run."""
    with pytest.raises(CardError):
        parse(text, origin="mine.yaml")


def test_a_card_is_read_from_a_file(tmp_path: Path) -> None:
    """One that is missing is said to be missing."""
    path = tmp_path / "card.yaml"
    with pytest.raises(CardError, match="expected a readable"):
        load(path)
    path.write_text(TEXT, "utf-8")
    assert load(path) == builtin()


def test_every_bin_is_reached_by_its_bound() -> None:
    """At the bound the points are those of the bin; nothing known earns none."""
    for binned in builtin().binned.values():
        assert [binned.points(bound) for bound, _ in binned.bins] == [
            points for _, points in binned.bins
        ]
        assert binned.bins[0][1] == POINTS_MAX
        assert binned.points(None) == 0


def test_frames_of_another_shape_are_our_own_mistake() -> None:
    """Credit reads exactly the frames that it declares."""
    with pytest.raises(InvariantError, match="HIST-1"):
        history_of({}, as_of=date(2024, 1, 1), currency="CNY")


def test_the_yaml_is_plain() -> None:
    """A reader in another language gets the same card."""
    assert yaml.safe_load(TEXT)["card"] == "trade"
