"""A folder goes in, tables come out, and every row is accounted for.

Goal: rows of a file = its records + its rows in quarantine, for any content; one bad file never
stops the others. Method: a small profile with all formats reads folders that Hypothesis fills; then
each kind of bad input is put into a folder of good files, and the others must come out unharmed.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.shared import shared
from tallyport.evidence.sources import builtin, convert, encoding, loading, raw, reading
from tallyport.evidence.sources.reading import Reading
from tallyport.evidence.sources.rules import TEXTS, Rule, Severity
from tallyport.evidence.sources.vocabulary import KINDS, Type
from tallyport.kernel.guard import FaultError

AS_OF = date(2024, 12, 31)
PROFILE = loading.parse("""\
profile: small
encodings: [utf-8, gb18030]
sources:
  stock:
    kind: vehicle
    files: stock*.csv
    fields:
      vin: 车架号
      cost_cny: {from: 成本, unit: 万元}
      odometer_km: 里程
      bought_on: 日期
      brand: 品牌
  customs:
    kind: declaration
    files: {file: customs.xml, record: Declaration}
    fields: {declaration_no: EntryId, total: TotalValue}
  goods:
    kind: declaration_line
    files: {file: customs.xml, record: Declaration/Goods}
    fields: {declaration_no: ../EntryId, line_no: GNo, specification: GModel}
  countries:
    kind: high_risk_country
    optional: true
    files: countries.csv
    fields: {country: country, since: since}
""")
STOCK = "车架号,成本,里程,日期,品牌\nLS1,6.8529,80640,2024-09-24,星途\nLS2,1,2,45379,x\n"
CUSTOMS = (
    "<R><Declaration><EntryId>D1</EntryId><TotalValue>5</TotalValue><Goods><GNo>1</GNo>"
    "<GModel>a</GModel></Goods><Goods><GNo>2</GNo></Goods></Declaration></R>"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with two good files."""
    (tmp_path / "stock.csv").write_text(STOCK, "utf-8")
    (tmp_path / "customs.xml").write_text(CUSTOMS, "utf-8")
    return tmp_path


def read(folder: Path) -> Reading:
    """Read the folder with the small profile."""
    return reading.read(folder, PROFILE, as_of=AS_OF)


def rules(found: Reading) -> set[tuple[str, Rule]]:
    """Return the findings about files, but for notes."""
    return {
        (finding.source, finding.rule)
        for finding in found.findings
        if finding.severity is not Severity.NOTE
    }


NUMBERS = st.sampled_from(
    ["1", "-1", "1.5", "", "x", "9" * 30, "1,000", "\N{REPLACEMENT CHARACTER}1"]
)
DATES = st.sampled_from(["2024-01-01", "45379", "2099-01-01", "1850-01-01", "20240230", "", "x"])
VINS = st.sampled_from(["LS1", "ls1", "LS2", "LS3", "", " "])
ROWS = st.lists(
    st.tuples(VINS, NUMBERS, NUMBERS, DATES, st.sampled_from(["a", "b", ""])), max_size=9
)


@given(rows=ROWS, ragged=st.lists(st.sampled_from(["x", "1,2", '"', "1,2,3,4,5,6"]), max_size=2))
def test_nothing_is_lost(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, ...]],
    ragged: list[str],
) -> None:
    """Every row is a record or stands in quarantine, once; no key stands in a table twice."""
    folder = tmp_path_factory.mktemp("folder")
    out = io.StringIO(newline="")
    csv.writer(out).writerows([("车架号", "成本", "里程", "日期", "品牌"), *rows])
    (folder / "stock.csv").write_text(out.getvalue() + "\n".join(ragged), "utf-8")

    found = read(folder)

    filled = sum(any(cell.strip() for cell in row) for row in rows) + len(ragged)
    (file,) = found.files
    table = found.tables["vehicle"]
    aside = found.quarantine.filter(pl.col("severity") == "row")
    assert file.rows == filled == file.good + file.quarantined
    assert (len(table), len(aside)) == (file.good, file.quarantined)
    lines = [*table["line"], *aside["line"]]
    assert len(lines) == len(set(lines))
    assert table["vin"].is_unique().all()
    assert not table["vin"].has_nulls()
    for name, least in (("cost_cny", 0), ("odometer_km", 0), ("bought_on", date(1900, 1, 1))):
        assert not (table[name] < least).any()
    assert not (table["bought_on"] > AS_OF).any()
    _every_problem_is_told(found)


def _every_problem_is_told(found: Reading) -> None:
    """Each entry of the quarantine names a place, a rule and the row as it came."""
    for problem in found.quarantine.to_dicts():
        assert Rule(problem["rule"]) in TEXTS
        assert problem["expected"]
        assert problem["came"]
        assert isinstance(json.loads(problem["raw"]), dict)
    cells = found.quarantine.filter(pl.col("severity") == "cell")
    table = found.tables["vehicle"]
    for field in ("cost_cny", "odometer_km", "bought_on"):
        lines = cells.filter(pl.col("field") == field)["line"].to_list()
        assert (
            table.filter(pl.col("line").is_in(lines))[field].null_count()
            == table.filter(pl.col("line").is_in(lines)).height
        )


def test_the_tables_are_as_the_vocabulary_says(folder: Path) -> None:
    """All kinds are there, with all columns in their types, with and without a source."""
    found = read(folder)
    assert list(found.tables) == list(KINDS)
    for name, kind in KINDS.items():
        assert dict(found.tables[name].schema) == convert.schema(kind)
    assert found.tables["vehicle"].select("vin", "cost_cny", "bought_on", "line").rows() == [
        ("LS1", Decimal(68_529), date(2024, 9, 24), 2),
        ("LS2", Decimal(10_000), date(2024, 3, 28), 3),
    ]
    lines = found.tables["declaration_line"].select("declaration_no", "line_no", "specification")
    assert lines.rows() == [("D1", 1, "a"), ("D1", 2, None)]
    assert found.tables["vehicle"].select("source", "file").unique().rows() == [
        ("stock", "stock.csv")
    ]
    assert not rules(found)


def test_progress_is_told(folder: Path) -> None:
    """Once for each source, so that a bar can move."""
    told: list[tuple[str, int, int]] = []
    reading.read(folder, PROFILE, lambda *step: told.append(step), as_of=AS_OF)
    assert [step[1:] for step in told] == [(number, 4) for number in range(1, 5)]


def test_several_files_are_one_source(folder: Path) -> None:
    """A second delivery repeats a row and contradicts another: the first counts."""
    again = STOCK.replace("LS2,1,2", "LS2,1,3") + "LS3,1,2,2024-01-01,y\n"
    (folder / "stock2.csv").write_text(again, "utf-8")
    found = read(folder)
    assert found.tables["vehicle"].select("vin", "file", "line").rows() == [
        ("LS1", "stock.csv", 2),
        ("LS2", "stock.csv", 3),
        ("LS3", "stock2.csv", 4),
    ]
    aside = found.quarantine.select("file", "line", "rule", "severity", "came")
    assert aside.rows() == [
        ("stock2.csv", 2, "duplicate_row", "row", "that of stock.csv:2"),
        ("stock2.csv", 3, "duplicate_key", "row", "that of stock.csv:3"),
    ]
    assert json.loads(found.quarantine["raw"][1])["里程"] == "3"


CELLS = [
    ("成本", "x", Rule.NOT_A_NUMBER, "cost_cny"),
    ("成本", "-1", Rule.BELOW_ZERO, "cost_cny"),
    ("里程", "1.5", Rule.NOT_A_WHOLE_NUMBER, "odometer_km"),
    ("日期", "30.02.2024", Rule.NOT_A_DATE, "bought_on"),
    ("日期", "2099-01-01", Rule.AFTER_AS_OF, "bought_on"),
    ("日期", "1899-12-31", Rule.BEFORE_1900, "bought_on"),
    ("里程", "\N{REPLACEMENT CHARACTER}12", Rule.LOST_DIGITS, "odometer_km"),
    ("里程", "1\N{REPLACEMENT CHARACTER}\\xff", Rule.LOST_CHARACTERS, "odometer_km"),
]


@pytest.mark.parametrize(("column", "cell", "rule", "field"), CELLS)
def test_a_bad_cell_costs_the_cell(
    folder: Path, column: str, cell: str, rule: Rule, field: str
) -> None:
    """The row stays, the value is null, and the quarantine shows what came."""
    header = STOCK.splitlines()[0].split(",")
    row = ["LS9", "1", "2", "2024-01-01", "z"]
    row[header.index(column)] = cell
    (folder / "stock.csv").write_text(f"{','.join(header)}\n{','.join(row)}\n", "utf-8")
    found = read(folder)
    (problem,) = found.quarantine.to_dicts()
    assert (problem["line"], problem["field"], problem["came"]) == (2, field, cell)
    assert (problem["rule"], problem["severity"]) == (rule.value, "cell")
    assert found.tables["vehicle"][field].to_list() == [None]
    assert found.tables["vehicle"]["brand"].to_list() == ["z"]


def test_a_lost_character_in_a_text_is_noted_and_kept(folder: Path) -> None:
    """A name with a hole still helps to find the firm."""
    (folder / "stock.csv").write_text("车架号,品牌\nLS1,星\N{REPLACEMENT CHARACTER}\n", "utf-8")
    found = read(folder)
    assert found.tables["vehicle"]["brand"].to_list() == ["星\N{REPLACEMENT CHARACTER}"]
    assert found.quarantine["rule"].to_list() == ["lost_characters"]


def test_a_row_without_its_key_waits(folder: Path) -> None:
    """It cannot be told apart from others; its other faults are told, too."""
    (folder / "stock.csv").write_text("车架号,成本,里程,日期,品牌\n,x,2,2024-01-01,y\n", "utf-8")
    found = read(folder)
    told = found.quarantine.select("field", "rule", "severity").rows()
    assert told == [("vin", "value_required", "row"), ("cost_cny", "not_a_number", "cell")]
    assert not len(found.tables["vehicle"])


def test_columns_go_by_name(folder: Path) -> None:
    """Their order, case, width and spaces do not matter; strange ones are noted."""
    text = "里 程,新列,品牌,日期,成本,車架号 ,车架号\n5,?,b,2024-01-01,1,?,LS1\n"
    (folder / "stock.csv").write_text(text, "utf-8")
    found = read(folder)
    assert found.tables["vehicle"].select("vin", "odometer_km", "brand").rows() == [("LS1", 5, "b")]
    notes = {finding.came for finding in found.findings if finding.rule is Rule.COLUMN_UNUSED}
    assert notes == {"新列", "車架号"}


# Whole files: the other source is always read.

Spoil = tuple[str, bytes, Rule, int]  # Name of the file, its bytes, what is found, records left.
FILES: list[Spoil] = [
    ("stock.csv", b"", Rule.FILE_EMPTY, 0),
    ("stock.csv", STOCK.splitlines()[0].encode(), Rule.FILE_EMPTY, 0),
    ("stock.csv", "成本,里程\n1,2\n".encode(), Rule.COLUMN_MISSING, 0),
    ("stock.csv", STOCK.replace(",", "^").encode(), Rule.COLUMN_MISSING, 0),
    ("stock.csv", b"\x00\x01\x02\xff\xfe", Rule.COLUMN_MISSING, 0),
    ("stock.csv", STOCK.encode() + b"LS3,1,2,2024-01-01,\xff\n", Rule.ENCODING_UNKNOWN, 3),
    ("stock.csv", b"," * 5_000 + b"\n", Rule.FILE_UNREADABLE, 0),
    ("customs.xml", b"", Rule.FILE_EMPTY, 0),
    ("customs.xml", b"<R></R>", Rule.RECORDS_MISSING, 0),
    ("customs.xml", CUSTOMS[:-4].encode(), Rule.XML_BROKEN, 1),
    ("customs.xml", b'<!DOCTYPE R [<!ENTITY a "b">]>' + CUSTOMS.encode(), Rule.XML_ENTITIES, 0),
]


@pytest.mark.parametrize(("name", "content", "rule", "left"), FILES)
def test_a_bad_file_is_told_and_the_rest_goes_on(
    folder: Path, name: str, content: bytes, rule: Rule, left: int
) -> None:
    """A clear finding, with what was expected, what came and what to do."""
    source, kind = ("stock", "vehicle") if name == "stock.csv" else ("customs", "declaration")
    other, rows = ("declaration", 1) if name == "stock.csv" else ("vehicle", 2)
    (folder / name).write_bytes(content)
    found = read(folder)
    assert (source, rule) in rules(found)
    assert len(found.tables[kind]) == left
    assert len(found.tables[other]) == rows
    for finding in found.findings:
        assert finding.expected
        assert finding.came
        assert "What to do" in finding.sentence()


def test_a_missing_file_is_told_unless_it_is_optional(folder: Path) -> None:
    """The finding names what was looked for."""
    (folder / "stock.csv").unlink()
    found = read(folder)
    assert rules(found) == {("stock", Rule.FILE_MISSING)}
    assert found.findings[0].expected == "stock*.csv"


@pytest.mark.parametrize("name", ["gb18030", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_another_encoding_is_read_and_noted(folder: Path, name: str) -> None:
    """The header tells which one it is."""
    (folder / "stock.csv").write_bytes(STOCK.encode(name))
    found = read(folder)
    assert found.tables["vehicle"]["brand"].to_list() == ["星途", "x"]
    told = [finding.rule for finding in found.findings if finding.rule is Rule.ENCODING_OTHER]
    assert bool(told) == (name != "utf-8-sig")
    assert next(file.encoding for file in found.files if file.file == "stock.csv") == name


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_another_separator_is_read_and_noted(folder: Path, separator: str) -> None:
    """The header tells which one it is."""
    before = read(folder)
    (folder / "stock.csv").write_text(STOCK.replace(",", separator), "utf-8")
    found = read(folder)
    assert found.tables["vehicle"]["brand"].to_list() == before.tables["vehicle"]["brand"].to_list()
    told = [finding for finding in found.findings if finding.rule is Rule.SEPARATOR_OTHER]
    assert [(one.source, one.expected) for one in told] == [("stock", ",")]


def test_an_unknown_file_is_noted(folder: Path) -> None:
    """What lies in the folder and is not read could be what is missed."""
    (folder / "more").mkdir()
    (folder / "more" / "stock.xlsx").write_bytes(b"x")
    (folder / "readme.md").write_bytes(b"x")
    found = read(folder)
    told = [finding.file for finding in found.findings if finding.rule is Rule.FILE_UNUSED]
    assert told == ["more/stock.xlsx"]


def test_no_link_leads_out_of_the_folder(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A partner's archive may contain links to our own files."""
    outside = tmp_path_factory.mktemp("outside") / "secret.csv"
    outside.write_text(STOCK.replace("LS1", "SECRET"), "utf-8")
    (folder / "stock2.csv").symlink_to(outside)
    assert "SECRET" not in read(folder).tables["vehicle"]["vin"].to_list()


def test_a_file_that_may_not_be_read_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So is one that vanishes while it is read."""

    def denied(path: Path) -> tuple[str, int]:
        raise PermissionError(13, f"denied: {path.name}")

    monkeypatch.setattr(encoding, "digest", denied)
    assert rules(read(folder)) == {
        ("stock", Rule.FILE_UNREADABLE),
        ("customs", Rule.FILE_UNREADABLE),
        ("goods", Rule.FILE_UNREADABLE),
    }


def test_a_large_file_is_refused(folder: Path) -> None:
    """Above the limit nothing of it is read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raw, "FILE_BYTES_MAX", 5)
        found = read(folder)
    assert rules(found) >= {("stock", Rule.FILE_TOO_LARGE), ("customs", Rule.FILE_TOO_LARGE)}


def test_a_folder_without_anything_is_refused(tmp_path: Path) -> None:
    """There would be nothing to say about it."""
    with pytest.raises(FaultError, match="none; choose another profile"):
        read(tmp_path)
    with pytest.raises(FaultError, match="expected a folder"):
        read(tmp_path / "missing")


def test_without_an_as_of_day_today_is_it(folder: Path) -> None:
    """Whoever reads a folder of today need not say so."""
    assert reading.read(folder, PROFILE).as_of == datetime.now(UTC).date()


def test_a_record_that_looks_ahead_may(tmp_path: Path) -> None:
    """A due date lies in the future by its nature."""
    (tmp_path / "receivables.csv").write_text(
        "countryCode,customerID,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount\n"
        "1,C1,I1,1/2/2024,1/2/2030,5\n1,C1,I2,1/2/2030,1/2/2030,5\n",
        "utf-8",
    )
    found = reading.read(tmp_path, builtin.find_profile(tmp_path), as_of=AS_OF)
    assert found.tables["receivable"].select("invoice_no", "due_on").rows() == [
        ("I1", date(2030, 1, 2))
    ]
    assert found.quarantine.select("field", "rule", "severity").rows() == [
        ("issued_on", "after_as_of", "row")
    ]


# The worlds and the public data.

WORLDS = [
    (("worlds", "dev762"), "used_car_export"),
    (("worlds", "dev3000hard"), "used_car_export"),
    (("data", "receivables"), "receivables"),
    (("data", "orders"), "orders"),
]


@pytest.mark.parametrize(("parts", "name"), WORLDS)
def test_the_shared_folders_are_read(parts: tuple[str, ...], name: str) -> None:
    """All required files and columns are there; only repeated rows are set aside."""
    folder = shared(*parts)
    profile = builtin.find_profile(folder)
    found = reading.read(folder, profile, as_of=AS_OF)
    assert profile.name == name
    assert not rules(found)
    assert all(file.rows == file.good + file.quarantined for file in found.files)
    assert set(found.quarantine["rule"]) <= {"duplicate_row"}
    for source in profile.sources:
        assert len(found.tables[source.kind.name])


def test_the_two_forms_of_a_source_agree_in_their_types() -> None:
    """XML and CSV of one system give tables of one kind, filled alike."""
    rich = reading.read(
        shared("worlds", "dev762"), builtin.builtin()["used_car_export"], as_of=AS_OF
    )
    flat = reading.read(
        shared("worlds", "dev3000hard"), builtin.builtin()["used_car_export"], as_of=AS_OF
    )
    for name, kind in KINDS.items():
        one, two = rich.tables[name], flat.tables[name]
        assert one.schema == two.schema
        if not len(one):
            continue
        filled = {f.name for f in kind.fields if one[f.name].null_count() < len(one)}
        assert filled == {f.name for f in kind.fields if two[f.name].null_count() < len(two)}, name
        codes = [f.name for f in kind.fields if f.type is Type.CODE and f.name in filled]
        for code in codes:
            assert not one[code].str.contains(r"\s|[ａ-ｚＡ-Ｚ０-９]").any()


def test_a_world_copied_without_a_file_is_read(tmp_path: Path) -> None:
    """What is missing is told; the rest is as it was."""
    world = tmp_path / "world"
    shutil.copytree(shared("worlds", "dev762"), world, ignore=shutil.ignore_patterns("truth"))
    (world / "05_customs" / "declarations.xml").unlink()
    found = reading.read(world, builtin.find_profile(world), as_of=AS_OF)
    told = {(finding.source, finding.rule) for finding in found.findings}
    assert told == {
        ("declarations", Rule.FILE_MISSING),
        ("declaration_lines", Rule.FILE_MISSING),
    }
    assert len(found.tables["vehicle"]) == 762
