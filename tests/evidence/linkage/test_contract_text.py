"""Agreement numbers in free text: every habit of typing them, in any company of words.

Goal: a number is recognised however it is written, and a slip leads to the few numbers it may be.
Method: one text a habit; near misses that must stay unknown.
"""

from __future__ import annotations

import polars as pl
import pytest

from tallyport.evidence.linkage.contract_text import Cited, cited, numbers, references

NUMBER = "XJYO-2024040901"
KNOWN = pl.DataFrame({"contract_no": [NUMBER, "XJCS-2024101601", "XJCS-2024040901"]})


def meant(text: str | None) -> dict[str, Cited]:
    """Return what a text cites."""
    frame = pl.DataFrame({"id": ["r"], "text": [text]}, schema={"id": pl.String, "text": pl.String})
    rows = cited(references(frame, owner="id", text="text"), numbers(KNOWN), owner="id")
    return {one: Cited(how) for one, how in rows.select("contract_no", "cited").iter_rows()}


@pytest.mark.parametrize(
    "text",
    [
        "XJYO-2024040901",
        "xjyo-2024040901",
        "XJYO2024040901",
        "XJYO 2024040901",
        "XJYO- 2024 040901",
        "XJYO-20240409-01",
        "XJYO–2024040901",
        "ＸＪＹＯ－２０２４０４０９０１",
        "ХJYO-2024040901",  # Cyrillic Х.
        "XJY0-2O24O4O9O1",
        "ОПЛАТА ПО КОНТРАКТУ №XJYO-2024040901 ОТ 09.04.2024 АВАНС 30%",
        "/INV/XJYO-2024040901/BALANCE",
        "XJYO-2024040901 SHARTNOMA BO'YICHA TO'LOV SHIPMENT 1",
        "二手车款 合同号XJYO-2024040901 SHIPMENT 4+6",
    ],
)
def test_ways_to_write_it(text: str) -> None:
    """Ways to write it."""
    assert meant(text) == {NUMBER: Cited.EXACT}


@pytest.mark.parametrize(
    "text", ["XJYO-202404091", "XJYO-2024040910", "XJYO-2204040901", "XJYO-224040901"]
)
def test_one_slip(text: str) -> None:
    """One slip."""
    assert meant(text) == {NUMBER: Cited.NEAR}


def test_the_bare_number_may_be_of_any_seller() -> None:
    """The bare number may be of any seller."""
    assert meant("2024040901") == dict.fromkeys((NUMBER, "XJCS-2024040901"), Cited.NUMBER)


def test_two_numbers_in_one_field() -> None:
    """Two numbers in one field."""
    text = "/INV/XJYO-2024040901,XJCS-2024101601/FULL PAYMENT"
    assert meant(text) == dict.fromkeys((NUMBER, "XJCS-2024101601"), Cited.EXACT)


@pytest.mark.parametrize(
    "text", [None, "", "货款", "TO'LOV", "L/C NO LC2400231", "09.04.2024", "XJYO-2024091301"]
)
def test_other_texts_cite_nothing(text: str | None) -> None:
    """Other texts cite nothing."""
    assert meant(text) == {}
