"""Names are invented, told apart, and transliterated in four ways.

Goal: two mentions that look alike are alike because of a habit. Method: the tables are checked
whole, the conventions by worked examples.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyport.worlds.chance import Dice
from tallyport.worlds.reality import casting, names

WORDS = [word for word, _ in (*names.BRANDS, *names.TRADES, *names.GIVEN, *names.SURNAMES)]


@pytest.mark.parametrize("scheme", names.SCHEMES)
def test_every_word_becomes_latin(scheme: dict[str, str]) -> None:
    """Nothing Cyrillic is left over, and no two words become one."""
    latin = [names.latin(word, scheme) for word in WORDS]

    assert all(re.fullmatch("[A-Za-z]+", word) for word in latin)
    assert len(set(latin)) == len(set(WORDS))


@pytest.mark.parametrize(
    ("word", "spellings"),
    [
        ("Жемчуг", ["Zhemchug", "Zhemchug", "Shemtschug", "Jemchug"]),
        ("Щедрость", ["Shchedrost", "Shchedrost", "Schtschedrost", "Shedrost"]),
        ("Юрта", ["Yurta", "Iurta", "Jurta", "Yurta"]),
        ("Милан", ["Milan", "Milan", "Milan", "Milan"]),
    ],
)
def test_conventions(word: str, spellings: list[str]) -> None:
    """Passport, bank, German, Turkic."""
    assert [names.latin(word, scheme) for scheme in names.SCHEMES] == spellings


@given(seed=st.integers(), vehicles=st.integers(20, 3000))
def test_nobody_is_called_like_another(seed: int, vehicles: int) -> None:
    """Parties of one trade differ in the name that a stranger would read."""
    cast = casting.cast(Dice(seed, "cast"), vehicles)
    english = [party.english for party in cast.parties]

    assert len(set(english)) == len(english)
    assert cast.milan.english == 'LLC "MILAN" Group'
    assert any(buyer.is_watched for buyer in cast.buyers)
    assert not cast.milan.is_watched
    accounts = [account.number for account in cast.accounts]
    assert len(set(accounts)) == len(accounts)
    assert {len(number) for number in accounts} == {20}
