"""A draft loads, is mostly right, and says how sure it is.

Goal: a user corrects a draft instead of writing a profile. Method: tables of every kind are written
under their own names and under Chinese and Russian ones, and the draft must find all fields; the
exports of the worlds must be drafted as the built-in profile has them; noise must be answered.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from support.shared import shared
from tallyport.evidence.sources import builtin, loading, reading, shapes, synonyms
from tallyport.evidence.sources.draft import draft
from tallyport.evidence.sources.profile import Format, Profile, Source
from tallyport.evidence.sources.vocabulary import KINDS, Field, Kind, Type
from tallyport.kernel.guard import FaultError

ROWS = 12
FORMS = {
    "vin": "LSVCE2BR5N10416{:02}",
    "declaration_no": "9402202400000182{:02}",
    "currency": "USD",
    "instructed_currency": "USD",
    "incoterm": "DAP",
    "direction": "CRDT",
    "hs_code": "87032230{:02}",
    "country": "UZ",
    "counterparty_country": "UZ",
    "counterparty_bic": "DXBKKZ22",
    "bic": "DXBKKZ22",
}


def value(field: Field, row: int) -> str:
    """Return a value as a system would write it."""
    if field.name in FORMS:
        return FORMS[field.name].format(row)
    values = {
        Type.DATE: (date(2024, 1, 15) + timedelta(days=row)).isoformat(),
        Type.MOMENT: f"2024-01-{row + 1:02}T08:30:00+08:00",
        Type.DECIMAL: f"{1_000 + 7 * row}.50",
        Type.INTEGER: str(2010 + row if field.name == "model_year" else row + 1),
        Type.FLAG: ("yes", "no")[row % 2],
        Type.CODE: f"K-{row:04}",
        Type.TEXT: f"Слово {row} 新疆",
    }
    return values[field.type]


def table(kind: Kind, names: Sequence[str], separator: str = ",") -> str:
    """Return a CSV table of the kind, its columns called by `names`."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator)
    writer.writerow(names)
    writer.writerows([value(field, row) for field in kind.fields] for row in range(ROWS))
    return out.getvalue()


def drafted(path: Path) -> Source:
    """Return the only source of the draft for a file."""
    (source,) = loading.parse(draft(path)).sources
    return source


def mapped(source: Source) -> dict[str, str]:
    """Return which column is which field."""
    return {column.field.name: column.names[0] for column in source.columns}


@pytest.mark.parametrize(
    ("kind", "separator"), list(zip(KINDS.values(), cycle(",;\t|"), strict=False)), ids=KINDS
)
def test_a_table_under_its_own_names_is_known(tmp_path: Path, kind: Kind, separator: str) -> None:
    """Whoever uses our words gets all of them, whatever the file is called."""
    path = tmp_path / "export.csv"
    names = [field.name for field in kind.fields]
    path.write_text(table(kind, names, separator), "utf-8")
    source = drafted(path)
    assert source.kind is kind
    assert mapped(source) == {name: name for name in names}
    assert source.forms[0].separator == separator


def _words(kind: Kind, place: int) -> list[str]:
    """Return what the fields of `kind` are called in one language of the list."""
    return [synonyms.names(field.name)[place] for field in kind.fields]


# A table cannot have two columns of one name: kinds with such words are left out, by rule.
TOLD_APART = {
    f"{kind.name}-{language}": (kind, place)
    for kind in KINDS.values()
    for language, place in (("chinese", 1), ("last", -1))
    if len(set(_words(kind, place))) == len(kind.fields)
}


@pytest.mark.parametrize(("kind", "place"), TOLD_APART.values(), ids=TOLD_APART)
def test_a_table_under_other_names_is_known(tmp_path: Path, kind: Kind, place: int) -> None:
    """In Chinese, and in the last language of the list, as far as the words are different."""
    names = _words(kind, place)
    path = tmp_path / f"{kind.name}.csv"
    path.write_text(table(kind, names), "utf-8")
    source = drafted(path)
    assert source.kind is kind
    expected = dict(zip((field.name for field in kind.fields), names, strict=True))
    found = mapped(source)
    right = [name for name in expected if found.get(name) == expected[name]]
    assert len(right) >= len(expected) - 1


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_encoding_is_found(tmp_path: Path, name: str) -> None:
    """By trying in which of them the names are words that we know."""
    path = tmp_path / "stock.csv"
    kind = KINDS["vehicle"]
    path.write_bytes("车架号,品牌,收购成本万元\nLSVCE2BR5N1041664,新,6.5\n".encode(name))
    source = drafted(path)
    assert source.kind is kind
    assert mapped(source)["cost_cny"] == "收购成本万元"
    (cost,) = [column for column in source.columns if column.field.name == "cost_cny"]
    assert cost.times == 10_000


@pytest.mark.parametrize("name", ["export", "export.dat", "statement[1].csv", "a*b?.csv"])
def test_a_file_of_any_name_is_found_again(tmp_path: Path, name: str) -> None:
    """The ending tells no format, and signs of a pattern in a name stand for themselves."""
    kind = KINDS["vehicle"]
    path = tmp_path / "in[1]" / name
    path.parent.mkdir()
    path.write_text(table(kind, [field.name for field in kind.fields]), "utf-8")
    profile = loading.parse(draft(path))
    for folder in (path.parent, tmp_path):
        found = reading.read(folder, profile, as_of=date(2024, 12, 31))
        assert len(found.tables["vehicle"]) == ROWS


def test_russian_is_told_from_chinese(tmp_path: Path) -> None:
    """Windows-1251 decodes as GB18030, too, but not into names of columns."""
    path = tmp_path / "x.csv"
    text = "НомерАкта;ДатаПриемки;Склад;VIN;Пробег_км\nA-1;13.02.2024;TAS-1;N1041664;1 200\n"
    path.write_bytes(text.encode("windows-1251"))
    source = drafted(path)
    assert (source.kind.name, source.forms[0].encoding) == ("receipt", "windows-1251")
    assert all(column.dates == ("DD.MM.YYYY",) for column in source.columns)


DATES = [
    (["13.02.2024", "01.02.2024"], ("DD.MM.YYYY",)),
    (["2/13/2024", "1/2/2024"], ("M/D/YYYY",)),
    (["13/2/2024", "1/2/2024"], ("D/M/YYYY",)),
    (["2024-02-13", "45379", "2013年6月15日"], ("YYYY-MM-DD", "YYYY年M月D日", "excel")),
]


@pytest.mark.parametrize(("days", "formats"), DATES)
def test_the_formats_of_dates_are_found(
    tmp_path: Path, days: list[str], formats: tuple[str, ...]
) -> None:
    """Only a day above 12 tells day from month."""
    path = tmp_path / "receivables.csv"
    rows = "\n".join(f"I{number},C,{day},5" for number, day in enumerate(days))
    path.write_text(f"invoice no,customer no,invoice date,amount\n{rows}\n", "utf-8")
    source = drafted(path)
    assert source.kind.name == "receivable"
    assert set(source.columns[0].dates) == set(formats)


def test_what_nothing_tells_is_said(tmp_path: Path) -> None:
    """1/2/2024 may be a day of January or of February."""
    path = tmp_path / "receivables.csv"
    path.write_text("invoice no,customer no,invoice date,amount\nI,C,1/2/2024,5\n", "utf-8")
    assert "nothing tells day from month" in draft(path)


def test_numbers_with_commas_are_seen(tmp_path: Path) -> None:
    """Then the whole source is read so."""
    path = tmp_path / "invoices.csv"
    path.write_text('invoice no;net amount;tax\nI1;"1.234,50";"0,50"\nI2;"7,25";1\n', "utf-8")
    source = drafted(path)
    assert {column.decimal for column in source.columns} == {","}


def test_what_is_missing_is_shouted(tmp_path: Path) -> None:
    """The draft loads all the same, and names the column that it had to take."""
    path = tmp_path / "vehicle.csv"
    path.write_text("brand,model,odometer,plate,remark\na,b,5,c,d\n", "utf-8")
    text = draft(path)
    assert "vin: remark  # WRONG?" in text
    assert drafted(path).kind.name == "vehicle"


def test_a_header_further_down_is_found(tmp_path: Path) -> None:
    """Above it stands a title."""
    path = tmp_path / "x.csv"
    path.write_text("Report,,\n,,\nVIN,brand,odometer\nLSVCE2BR5N1041664,a,5\n", "utf-8")
    assert drafted(path).forms[0].header == 3


def test_sheets_are_sources(tmp_path: Path) -> None:
    """A workbook with two tables gives two sources; an empty sheet gives none."""
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for sheet, rows in (
            ("合同", [("合同号", "签订日期", "买方名称"), ("XJYO-1", "2024/3/28", "A")]),
            ("合同明细", [("合同号", "行号", "车架号"), ("XJYO-1", 1, "LSVCE2BR5N1041664")]),
            ("空", []),
        ):
            page = book.add_worksheet(sheet)
            for number, row in enumerate(rows):
                page.write_row(number, 0, row)
    profile = loading.parse(draft(path))
    assert [source.kind.name for source in profile.sources] == ["contract", "contract_line"]
    assert [source.forms[0].sheet for source in profile.sources] == ["合同", "合同明细"]


def test_elements_that_repeat_are_sources(tmp_path: Path) -> None:
    """Goods inside declarations are a table of their own; attributes and depth do not hide them."""
    path = tmp_path / "customs.xml"
    goods = "<Goods><GNo>{0}</GNo><GName>x</GName><CodeTS>8703223090</CodeTS></Goods>"
    one = "<Declaration><EntryId>9402202400000182{0}1</EntryId><DeclareDate>20240205</DeclareDate>"
    body = "".join((one + goods * 2 + "</Declaration>").format(number) for number in range(3))
    path.write_text(f"<Message><Body>{body}</Body></Message>", "utf-8")
    profile = loading.parse(draft(path))
    assert [(source.kind.name, source.forms[0].record) for source in profile.sources] == [
        ("declaration", "Body/Declaration"),
        ("declaration_line", "Body/Declaration/Goods"),
    ]


def test_elements_of_one_name_have_names_of_their_own(tmp_path: Path) -> None:
    """The same element may stand in two places; each is a source."""
    path = tmp_path / "x.xml"
    one = "<G><GNo>1</GNo><GName>x</GName></G>"
    path.write_text(f"<R><A>{one * 2}</A><B>{one * 2}</B></R>", "utf-8")
    names = [source.name for source in loading.parse(draft(path)).sources]
    assert names == ["x_G", "x_G_2"]


# The worlds: what the built-in profile says is what the draft should find.


def cases() -> Iterator[tuple[str, str]]:
    """Yield the world and the glob of each form of the built-in profile."""
    for source in builtin.builtin()["used_car_export"].sources:
        for form in source.forms:
            world = "dev3000hard" if form.format is Format.CSV else "dev762"
            yield world, form.glob


@pytest.mark.parametrize(("world", "glob"), sorted(set(cases())))
def test_exports_of_the_worlds_are_drafted(world: str, glob: str) -> None:
    """Kind and fields as a person mapped them, all of them."""
    known = builtin.builtin()["used_car_export"]
    folder = shared("worlds", world)
    path = min(folder.glob(glob))
    profile = loading.parse(draft(path))
    for source in profile.sources:
        expected = _of(known, source, glob)
        assert source.kind is expected.kind
        if source.forms[0].format is Format.CAMT_053:
            continue
        names = {column.field.name: column.names for column in expected.columns}
        found = mapped(source)
        wrong = {field: name for field, name in found.items() if name not in names.get(field, ())}
        assert not wrong
        assert set(found) == set(names)
    read = reading.read(path.parent, profile, as_of=date(2024, 12, 31))
    assert not [problem for problem in read.quarantine["rule"] if "duplicate" not in problem]


def _of(known: Profile, drafted_: Source, glob: str) -> Source:
    """Return the source of the built-in profile that reads the same table."""
    form = drafted_.forms[0]
    return next(
        source
        for source in known.sources
        for each in source.forms
        if each.glob == glob
        and (each.sheet, each.record.rpartition("/")[2])
        in ((form.sheet, form.record.rpartition("/")[2]), ("", ""))
        and (form.format is not Format.CAMT_053 or source.kind is drafted_.kind)
    )


# Whatever comes.


@given(content=st.binary(max_size=200))
def test_noise_is_answered(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """With a draft that loads, or with a fault that says what was expected."""
    path = tmp_path_factory.getbasetemp() / "noise.csv"
    path.write_bytes(content)
    try:
        text = draft(path)
    except FaultError:
        return
    assert loading.parse(text).sources


NAMES = st.text(alphabet="ab:#'\"{}[]&*!|>%@`-,?\\ 新\t", min_size=1, max_size=8)


@given(names=st.lists(NAMES, min_size=2, max_size=6), cell=NAMES)
def test_names_of_columns_are_never_yaml(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], cell: str
) -> None:
    """A column may be called like a part of a profile; the draft loads, or there is no table."""
    path = tmp_path_factory.getbasetemp() / "names.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([names, [cell] * len(names)])
    try:
        text = draft(path)
    except FaultError:
        return
    assert loading.parse(text).sources


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b""),
        ("a.csv", b"one column\n1\n"),
        ("a.xml", b"<a><b/></a>"),
        ("a.xml", b"<a><b><c>1</c><d>2</d></b>"),
        ("a.xml", b'<!DOCTYPE a [<!ENTITY x "y">]><a><b><c>1</c><d>2</d></b><b><c>1</c></b></a>'),
        ("a.xlsx", b"PK\x03\x04 and then nothing"),
    ],
)
def test_a_file_without_a_table_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    """The answer names the file."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FaultError, match=name):
        draft(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """So is a folder."""
    for path in (tmp_path / "missing.csv", tmp_path):
        with pytest.raises(FaultError, match="expected a readable file"):
            draft(path)


LIKENESS = [
    ("表显里程km", "odometer_km", 0.95),
    ("InspectDate", "inspected_on", 1.0),
    ("Пробег_км", "odometer_km", 0.95),
    ("CONTRACT NO.", "contract_no", 1.0),
    ("客户合同编号", "contract_no", 0.7),
]


@pytest.mark.parametrize(("name", "field", "least"), LIKENESS)
def test_names_are_alike(name: str, field: str, least: float) -> None:
    """Case, joints and units aside."""
    assert synonyms.likeness(name, field) >= least


@given(name=st.text(max_size=20))
def test_likeness_is_a_share(name: str) -> None:
    """Never below 0 nor above 1, whatever the name."""
    assert all(0 <= synonyms.likeness(name, field) <= 1 for field in ("vin", "total", "at"))
    assert all(0 <= synonyms.kind_likeness(name, kind) <= 1 for kind in KINDS.values())


def test_every_field_has_synonyms_of_a_field() -> None:
    """A misspelt entry would help nobody."""
    fields = {field.name for kind in KINDS.values() for field in kind.fields}
    listed = synonyms.listed()
    assert set(listed["fields"]) <= fields
    assert set(listed["kinds"]) == set(KINDS)
    assert set(shapes.BELONGS) <= fields
