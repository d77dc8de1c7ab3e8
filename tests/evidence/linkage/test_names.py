"""Names: one form for every script and romanisation, and slips of the pen brought together.

Goal: a firm has one name in all papers, and two firms never have the same. Method: rows of one
name in many spellings; near misses that are other firms.
"""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyport.evidence.linkage.aliases import aliases
from tallyport.evidence.linkage.names import INITIAL, initials, is_person, normal


@pytest.mark.parametrize(
    ("form", "names"),
    [
        (
            "ALAI SERVIS",
            ['LLC "ALAY SERVIS"', "ООО «АЛАЙ СЕРВИС»", "OOO ALAI SERVIS", "ALAJ SERVIS LLC",
             "Алай Сервис ООО", "OOO ALAY SERVIS INN 750920549"],
        ),
        (
            "JIBEK IMPULS GRUP",
            ["ZHIBEK IMPULS GRUPP", "DJIBEK IMPOULS GROUPP LLC", "ОсОО «ЖИБЕК ИМПУЛЬС ГРУПП»",
             "OSOO JIBEK IMPULS GRUPP"],
        ),
        ("HUMO CHAIKA", ["KHUMO CHAYKA", "XUMO TCHAIKA", "HUMO CHAJKA", "ХУМО ЧАЙКА"]),
        (
            "HURSHID SHERMATOV",
            ["IE Shermatov Khurshid", "ИП Шерматов Хуршид Чориевич",
             "IP SHERMATOV HURSHID CHORIEVICH"],
        ),
        ("LOCMAN NAVRUZ", ["LOTSMAN NAVRUZ LLC", "Лоцман Навруз ТОО", "LOCMAN NAVROUZ"]),
        ("ETALON SEVER", ["AETALON SEVER", "ТОО «ЭТАЛОН СЕВЕР»", "LLP ETALON SEVER"]),
    ],
)  # fmt: skip
def test_spellings_of_one_name(form: str, names: list[str]) -> None:
    """Spellings of one name."""
    assert {normal(name) for name in names} == {form}


def test_a_chinese_name_stays_chinese_without_its_legal_form() -> None:
    """A chinese name stays chinese without its legal form."""
    assert normal("卡斯卡杜驾驰有限责任公司") == "卡斯卡杜驾驰"
    assert normal("尤里尤·萨尔谢诺武（个体）") == "尤里尤萨尔谢诺武"


def test_initials_name_nobody_for_sure() -> None:
    """Initials name nobody for sure."""
    assert initials("SHERMATOV K.C.") == ("SHERMATOV", "K")
    assert INITIAL in normal("ИП Шерматов Х.Ч.")
    assert initials("LLC SHERMATOV") is None


def test_persons_are_told_from_firms() -> None:
    """Persons are told from firms."""
    assert is_person("IE Akhmetov Dilshod")
    assert is_person("AKHMETOV DILSHOD PETROVICH")
    assert not is_person("LLC URAL MOTORS")


@given(st.text(max_size=40))
def test_any_text_has_a_form_that_stays(text: str) -> None:
    """Nothing a bank writes breaks it, and it never keeps blanks outside."""
    form = normal(text)
    assert form == form.strip()


def grouped(counts: dict[str, int], careful: str | None = None) -> dict[str, str]:
    """Return the alias of each name, given how often it stands in the papers."""
    names = [name for name, count in counts.items() for _ in range(count)]
    frame = pl.DataFrame({"name": names, "careful": [name == careful for name in names]})
    return dict(aliases(frame).select("name", "alias").iter_rows())


@pytest.mark.parametrize(
    "slip",
    ["JIEBK IMPULS GRUPP", "JIBEK IMPLS GRUPP", "JIBEK IMPULSS GRUPP", "JIBEKI MPULS GRUPP",
     "IMPULS JIBEK GRUPP"],
)  # fmt: skip
def test_a_slip_joins_the_frequent_name(slip: str) -> None:
    """A slip joins the frequent name."""
    alias = grouped({"JIBEK IMPULS GRUPP": 5, slip: 1})
    assert alias[slip] == alias["JIBEK IMPULS GRUPP"]


@pytest.mark.parametrize("other", ["JIBEK IMPULS TRANS", "BARAKA IMPULS GRUPP", "JIBEK GRUPP"])
def test_another_firm_stays_another(other: str) -> None:
    """Another firm stays another."""
    alias = grouped({"JIBEK IMPULS GRUPP": 5, other: 1})
    assert alias[other] != alias["JIBEK IMPULS GRUPP"]


@pytest.mark.parametrize("other", ["SOKOL SEVAR", "SEVER SOKOL"])
def test_two_careful_names_stay_two(other: str) -> None:
    """Where names are many, another firm has almost any name that a slip may make of one."""
    frame = pl.DataFrame({"name": ["SOKOL SEVER", other], "careful": [True, True]})
    assert aliases(frame)["alias"].n_unique() == 2


def test_a_slip_joins_the_nearest_careful_name() -> None:
    """One letter away from one, two from another; as near to both, it joins neither."""
    careful = ["ZENIT SOKOL TRAK", "ZENIT SOKOL TRANS"]
    slips = ["ZENIT SOKOLL TRAK", "ZENIT SOKOL TRANZ"]
    frame = pl.DataFrame({"name": [*careful, *slips], "careful": [True, True, False, False]})
    alias = dict(aliases(frame).select("name", "alias").iter_rows())
    assert alias["ZENIT SOKOLL TRAK"] == "ZENIT SOKOL TRAK"
    assert alias["ZENIT SOKOL TRANZ"] == "ZENIT SOKOL TRANS"
    between = pl.DataFrame(
        {"name": ["SOKOL SEVAR", "SOKOL SEVER", "SOKOL SEVR"], "careful": [True, True, False]}
    )
    assert aliases(between)["alias"].n_unique() == 3
