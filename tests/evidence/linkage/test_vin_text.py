"""Vehicle numbers in free text: every habit of typing once, then what is no number.

Goal: tokens come out whole, folded and in order, whatever the separators. Method: one text a habit.
"""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyport.evidence.linkage.vin_text import tokens

A, B, C = "LGWEF2A52KL305843", "LC0CE4CB8N1049215", "LS4BDD3D9RA094679"


def found(text: str | None) -> list[str]:
    """Return the tokens of one text."""
    frame = pl.DataFrame(
        {"owner": [1], "text": [text]}, schema={"owner": pl.Int64, "text": pl.String}
    )
    return tokens(frame, owner="owner", text="text")["token"].to_list()


vins = st.text(alphabet="0123456789ABCDEFGHJKLMNPRSTUVWXYZ", min_size=17, max_size=17).filter(
    lambda text: any(letter.isdigit() for letter in text)
)


@given(st.lists(vins, min_size=1, max_size=6, unique=True), st.sampled_from(",;/、，；\n"))
def test_any_list_with_any_separator_is_read_back(numbers: list[str], separator: str) -> None:
    """Any list with any separator is read back."""
    assert found("车架号:" + separator.join(numbers)) == numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"0|0|二手乘用车|哈弗牌H6|5座|车架号码 {A},{B}", [A, B]),
        (f"VIN码：{A}、{B}", [A, B]),
        ("VIN:ＬＧＷＥＦ２Ａ５２ＫＬ３０５８４３", [A]),
        ("VIN:LGWЕF2А52КL305843", [A]),
        (f"VIN {A.lower()}", [A]),
        ("车架号:LVVDB21B9RN-581804", ["LVVDB21B9RN581804"]),
        (f"底盘号:LS4B DD3D 9RA0 94679/{B}", [C, B]),
        (f"车架号:{A} {B} LS4B DD3D9RA 094679", [A, B, C]),
        ("VIN 553497 336719 878664", ["553497", "336719", "878664"]),
        (f"VIN:PB542706 {A}", ["PB542706", A]),
        (f"车架号:{A}\n{B}", [A, B]),
        (f"车架号：{A} 合同号：XJYO-2024040901", [A]),
        ("FOR CARS VIN 537045,117204", ["537045", "117204"]),
        (f"{A} without any label", [A]),
    ],
)
def test_habits(text: str, expected: list[str]) -> None:
    """Habits."""
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "二手车出口 信息见随附单证",
        "0|0|二手乘用车|丰田牌RAV4|排量1987mL|5座",
        "VIN",
        "VIN: 见附件",
    ],
)
def test_texts_without_numbers(text: str | None) -> None:
    """Texts without numbers."""
    assert found(text) == []
