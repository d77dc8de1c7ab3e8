"""Cells lose what nobody sees, and nothing else.

Goal: a text in a table is what the partner wrote. Method: texts are wrapped in every kind of white
space and must come back bare; codes must come out alike however they were typed.
"""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyport.evidence.sources import cells

WORDS = st.text(alphabet="XJYO0123新Жж№–-", min_size=1, max_size=12)
SPACES = st.text(alphabet=cells.EDGES, max_size=4)


def text(raw: str) -> str | None:
    """Return the cleaned text of one cell."""
    frame = pl.Series("raw", [raw]).to_frame()
    found: str | None = frame.select(cells.text(pl.col("raw"))).item()
    return found


def code(raw: str) -> str | None:
    """Return the identifier in one cell."""
    frame = pl.Series("raw", [raw]).to_frame()
    found: str | None = frame.select(cells.code(cells.text(pl.col("raw")))).item()
    return found


@given(word=WORDS, before=SPACES, behind=SPACES)
def test_a_text_is_what_was_written(word: str, before: str, behind: str) -> None:
    """White space around it goes, what is inside stays."""
    assert text(f"{before}{word}{behind}") == word
    assert text(f"{before}{word}{behind or ' '}{word}") == f"{word}{behind or ' '}{word}"


@given(word=WORDS, space=SPACES)
def test_a_code_is_the_same_however_it_was_typed(word: str, space: str) -> None:
    """Case, width and spaces are habits of a keyboard, not parts of an identifier."""
    wide = word.translate({ord(sign): ord(sign) + 0xFEE0 for sign in "XJYO0123-"})
    assert (
        code(word)
        == code(word.lower())
        == code(wide)
        == code(f"{space}{word[:2]}{space}{word[2:]}")
    )


@given(word=WORDS)
def test_a_plain_code_stands_as_it_is(word: str) -> None:
    """The quick way and the thorough way give one answer."""
    frame = pl.Series("raw", [word]).to_frame()
    quick = frame.select(cells.plain_code(pl.col("raw"))).item()
    assert quick in (None, code(word))


@pytest.mark.parametrize("nothing", ["", "  ", "\u3000", "NULL", " N/A ", "#N/A", "\ufeff", "\\N"])
def test_nothing_is_null(nothing: str) -> None:
    """Exports write nothing in many ways."""
    assert text(nothing) is None


def test_a_code_with_a_lost_character_is_none() -> None:
    """A number with a hole is not the number; the finding shows what came."""
    assert code(f"XJ{cells.LOST}\\xff1") is None


@pytest.mark.parametrize(
    ("said", "meant"), [("Yes", True), ("否", False), ("ДА", True), ("x", None)]
)
def test_yes_and_no(said: str, meant: object) -> None:
    """Yes and no in three languages; anything else is neither."""
    frame = pl.Series("raw", [said]).to_frame()
    assert frame.select(cells.flag(pl.col("raw"))).item() is meant
