"""A profile is used only when every part of it means something, and each mistake is told.

Goal: nobody searches for what is wrong with a profile. Method: good profiles are checked against
what they must mean; then a table with every mistake, its line, and the words that must appear.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyport.evidence.sources import dates, loading, marks
from tallyport.evidence.sources.loading import ProfileError
from tallyport.evidence.sources.profile import Form, Format
from tallyport.kernel.guard import FaultError

GOOD = """\
profile: mine
about: Two
  sources.
encodings: [gb18030, utf-8]
dates: [YYYY-MM-DD, DD.MM.YYYY]
zone: Asia/Tashkent
sources:
  stock:
    kind: vehicle
    files:
      - {file: 02/stock.xlsx, sheet: 库存, header: 3}
      - {file: "02/*.tsv", encoding: gb18030}
    fields:
      vin: [车架号, VIN]
      cost_cny: {from: 收购成本万元, unit: 万元}
      odometer_km: {from: miles, unit: mile, decimal: ","}
      stock_state: {from: 状态, values: {已售: sold, 在库: in stock}}
      brand: {constant: BYD}
      plate: {from: 号牌, extract: '([A-Z0-9]+)$'}
      bought_on: {from: 日期, dates: excel}
  bank:
    kind: bank_entry
    optional: true
    files: {file: bank/*.xml, format: camt.053}
"""


def test_a_profile_means_what_it_says() -> None:
    """Habits go down from the profile to the column; a path alone is a form."""
    profile = loading.parse(GOOD)
    assert (profile.name, profile.about) == ("mine", "Two sources.")
    assert profile.encodings == ("gb18030", "utf-8")
    stock = profile.source("stock")
    assert stock is not None
    assert stock.forms == (
        Form(glob="02/stock.xlsx", format=Format.XLSX, sheet="库存", header=3),
        Form(glob="02/*.tsv", format=Format.CSV, encoding="gb18030", separator="\t"),
    )
    columns = {column.field.name: column for column in stock.columns}
    assert columns["vin"].names == ("车架号", "VIN")
    assert columns["cost_cny"].times == Decimal(10_000)
    assert columns["odometer_km"].decimal == ","
    assert columns["stock_state"].values == {"已售": "sold", "在库": "in stock"}
    assert columns["brand"].constant == "BYD"
    assert columns["plate"].extract == "([A-Z0-9]+)$"
    assert columns["bought_on"].dates == ("excel",)
    assert columns["vin"].dates == ("YYYY-MM-DD", "DD.MM.YYYY")
    assert columns["vin"].zone == "Asia/Tashkent"
    bank = profile.source("bank")
    assert bank is not None
    assert bank.optional
    assert {column.field.name for column in bank.columns} >= {"amount", "remittance"}
    assert profile.source("nobody") is None


def test_without_habits_the_safe_ones_hold() -> None:
    """Formats that read a text one way only, and UTC."""
    profile = loading.parse(
        "profile: p\nsources: {s: {kind: high_risk_country, files: a.csv, fields: {country: c}}}"
    )
    (column,) = profile.sources[0].columns
    assert (column.dates, column.zone, column.decimal) == (dates.SAFE, "UTC", ".")


def spoiled(old: str, new: str) -> str:
    """Return the good profile with one part of it exchanged."""
    assert old in GOOD
    return GOOD.replace(old, new)


MISTAKES = [
    (spoiled("profile: mine\n", ""), 1, "an entry `profile`"),
    (spoiled("zone: Asia/Tashkent", "zone: Mars/Olympus"), 6, "a time zone"),
    (spoiled("zone: Asia/Tashkent", "zones: UTC"), 6, "write zone"),
    (spoiled("encodings: [gb18030", "encodings: [klingon"), 4, "an encoding such as"),
    (spoiled("encodings: [gb18030", "encodings: [zip"), 4, "an encoding such as"),
    (spoiled("DD.MM.YYYY", "DD.MM"), 5, "name year, month and day"),
    (spoiled("YYYY-MM-DD, DD.MM.YYYY", "DD/MM/YYYY, M/D/YYYY"), 5, "keep the one"),
    (spoiled("dates: [YYYY-MM-DD", f"dates: [{'excel, ' * 20}YYYY-MM-DD"), 5, "at most 20"),
    (spoiled("kind: vehicle", "kind: vehicles"), 9, "write vehicle"),
    (spoiled("kind: vehicle", "kinds: vehicle"), 9, "add `kind:`"),
    (spoiled("vin: [车架号, VIN]", "vim: 车架号"), 14, "write vin"),
    (spoiled("vin: [车架号, VIN]", "plates: 车架号"), 14, "the required field vin"),
    (spoiled("vin: [车架号, VIN]", "vin: {}"), 14, "name the column"),
    (spoiled("vin: [车架号, VIN]", "vin: {from: [[a]]}"), 14, "a text"),
    (spoiled("vin: [车架号, VIN]", f"vin: [{'a, ' * 30}b]"), 14, "1 to 20 columns"),
    (spoiled("unit: 万元", "unit: 万"), 15, "one of 元"),
    (spoiled("unit: 万元", "times: many"), 15, "a number such as 10000"),
    (spoiled("unit: 万元", "times: 1e99"), 15, "a number such as 10000"),
    (spoiled("unit: 万元", "times: -1"), 15, "a number such as 10000"),
    (spoiled("constant: BYD", "constant: BYD, unit: kg"), 18, "a unit on a number only"),
    (spoiled('decimal: ","', "decimal: x"), 16, "one of ., ,"),
    (spoiled("([A-Z0-9]+)$", "[A-Z"), 19, "a regular expression"),
    (spoiled("([A-Z0-9]+)$", "[A-Z]+"), 19, "with one group"),
    (spoiled("02/stock.xlsx", "/etc/stock.xlsx"), 11, "a path below the folder"),
    (spoiled("02/stock.xlsx", "../stock.xlsx"), 11, "a path below the folder"),
    (spoiled("{file: 02/stock.xlsx,", "{"), 11, "an entry `file`"),
    (spoiled("02/stock.xlsx", "02/stock.doc"), 11, "ends in .doc"),
    (spoiled("02/stock.xlsx,", "02/stock.xlsx, format: word,"), 11, "one of csv, xlsx, xml"),
    (spoiled("02/stock.xlsx,", "02/stock.xml,"), 11, "the path of a record's element"),
    (spoiled("header: 3", "header: top"), 11, "the number of a line"),
    (spoiled('"02/*.tsv", encoding', '"02/*.tsv", separator: ";;", encoding'), 12, "one character"),
    (spoiled("encoding: gb18030}", "encoding: enigma}"), 12, "an encoding such as"),
    (spoiled("optional: true", "optional: perhaps"), 23, "one of true, false"),
    (spoiled("kind: bank_entry", "kind: order"), 22, "bank_entry or bank_statement"),
    (spoiled("  bank:", "  stock:"), 21, "each key once"),
    (spoiled("    fields:\n      vin", "    columns:\n      vin"), 14, "remove it"),
    (spoiled("about: Two\n  sources.", "about: [a, {b: c}]"), 2, "a text"),
    ("profile: p\nsources: []", 2, "1 to 200 named sources"),
    ("profile: p\nsources: {}", 2, "1 to 200 named sources"),
    ("profile: p\nsources: {a: b}", 2, "a mapping with kind"),
    (spoiled("  bank:", "  ../bank:"), 22, "rename the source"),
    ("- a\n- b", 1, "a mapping with profile"),
    ("just a text", 1, "a mapping with profile"),
    ("profile: p\nsources: {s: {kind: order, files: [], fields: {order_no: a}}}", 2, "a file"),
    ("", 1, "plain YAML"),
    ("a: [", 1, "plain YAML"),
    ("a: &x 1\nb: *x", 1, "aliases"),
    ("a: \x00", 1, "plain YAML"),
    ("x" * (marks.TEXT_MAX + 1), 1, "at most"),
    ("[" * 5_000, 1, "plain YAML"),
]


@pytest.mark.parametrize(("text", "line", "words"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_is_told_with_its_line(text: str, line: int, words: str) -> None:
    """What was expected, what came, what to do, and where."""
    with pytest.raises(ProfileError) as refused:
        loading.parse(text)
    told = [mistake for mistake in refused.value.mistakes if words in mistake.sentence()]
    assert told, refused.value
    assert told[0].line == line
    assert f"line {line}: " in str(refused.value)
    assert isinstance(refused.value, FaultError)


def test_all_mistakes_are_told_at_once() -> None:
    """Nobody corrects one line at a time; they come in the order of the file."""
    text = GOOD.replace("Asia/Tashkent", "Mars").replace("万元}", "万}").replace("[车", "[[], 车")
    with pytest.raises(ProfileError) as refused:
        loading.parse(text)
    assert [mistake.line for mistake in refused.value.mistakes] == [6, 14, 15]


@given(text=st.text(alphabet="abc:[]{}-,*&!|>'\"\n #%@?~", max_size=60))
def test_noise_is_never_another_error(text: str) -> None:
    """Whatever a file contains, it is no profile and says so."""
    with pytest.raises(ProfileError):
        loading.parse(text)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """A missing file and one in another encoding are mistakes too."""
    (tmp_path / "other.yaml").write_bytes("profile: 配置".encode("gb18030"))
    for name in ("missing.yaml", "other.yaml"):
        with pytest.raises(ProfileError, match="a readable UTF-8 file"):
            loading.load(tmp_path / name)


def test_a_file_is_read(tmp_path: Path) -> None:
    """Also with a mark at its beginning, as editors on Windows write it."""
    path = tmp_path / "profile.yaml"
    path.write_text(GOOD, "utf-8-sig")
    assert loading.load(path) == loading.parse(GOOD)
