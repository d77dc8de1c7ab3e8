"""Rows that were set aside come back mended, into their own places.

Goal: no row is lost between two systems and a person. Method: a folder with every kind of fault is
read, its quarantine written, mended as a person would in a spreadsheet, read and merged; then files
that people spoil.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyport.evidence.sources import loading, mending, merging, reading
from tallyport.evidence.sources.mending import FILE, LINE, MENDED, PROBLEMS
from tallyport.evidence.sources.reading import Reading
from tallyport.evidence.sources.rules import Severity
from tallyport.kernel.guard import FaultError

AS_OF = date(2024, 12, 31)
PROFILE = loading.parse("""\
profile: small
sources:
  stock:
    kind: vehicle
    files: {file: stock.csv, encoding: gb18030}
    fields: {vin: 车架号, cost_cny: 成本, brand: 品牌}
  customs:
    kind: declaration
    files: {file: customs.xml, record: Declaration}
    fields: {declaration_no: EntryId, exporter: Exporter}
  bank:
    kind: bank_entry
    files: {file: bank.xml, format: camt.053}
""")
STOCK = """车架号,成本,品牌
LS1,1,a
,2,b
LS3,x,=1+1
LS4,4
LS1,1,a
LS1,5,c
"""
CUSTOMS = "<R><Declaration><EntryId>1</EntryId><Exporter>R&D</Exporter></Declaration></R>"
BANK = """<Document><BkToCstmrStmt><Stmt><Id>S</Id><Acct><Id><IBAN>A</IBAN></Id></Acct>
<Ntry><AcctSvcrRef>1</AcctSvcrRef><Amt Ccy="USD">5</Amt><CdtDbtInd>CRDT</CdtDbtInd>&</Ntry>
</Stmt></BkToCstmrStmt></Document>"""

Change = Callable[[dict[str, str]], dict[str, str] | None]


@pytest.fixture
def found(tmp_path: Path) -> Reading:
    """Return the reading of a folder with every kind of fault."""
    (tmp_path / "stock.csv").write_text(STOCK, "gb18030")
    (tmp_path / "customs.xml").write_text(CUSTOMS, "utf-8")
    (tmp_path / "bank.xml").write_text(BANK, "utf-8")
    return reading.read(tmp_path, PROFILE, as_of=AS_OF)


def mend(path: Path, change: Change, encoding: str = "utf-8-sig", separator: str = ",") -> None:
    """Change the rows of a file as a person would; None removes a row."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for old in csv.DictReader(file) if (row := change(old)) is not None]
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=separator)
        writer.writeheader()
        writer.writerows(rows)


def again(folder: Path) -> Reading:
    """Read the mended files."""
    return mending.read_mended(folder, PROFILE, as_of=AS_OF)


def repaired(row: dict[str, str]) -> dict[str, str] | None:
    """Mend the stock as a person would."""
    match row[LINE]:
        case "3":
            return row | {"车架号": "LS2"}
        case "4":
            return row | {"成本": "3"}
        case "5":
            return row | {"品牌": "d"}
        case _:
            return None


def test_rows_go_out_and_come_back(found: Reading, tmp_path: Path) -> None:
    """Each with its place of origin, whatever a spreadsheet did to the file."""
    folder = tmp_path / "aside"
    written = mending.write_quarantine(found, folder)
    assert sorted(path.name for path in written) == ["bank.csv", "customs.csv", "stock.csv"]
    with (folder / "stock.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row[LINE] for row in rows] == ["3", "4", "5", "6", "7"]
    assert rows[0][PROBLEMS] == "vin: value_required (a value expected)"
    assert rows[1]["品牌"] == "'=1+1", "a spreadsheet would compute it"
    assert {row[FILE] for row in rows} == {"stock.csv"}

    mend(folder / "stock.csv", repaired, "gb18030", ";")
    table = again(folder).tables["vehicle"]

    assert table.select("vin", "cost_cny", "brand", "source", "file", "line").rows() == [
        ("LS2", Decimal(2), "b", "stock" + MENDED, "stock.csv", 3),
        ("LS3", Decimal(3), "=1+1", "stock" + MENDED, "stock.csv", 4),
        ("LS4", Decimal(4), "d", "stock" + MENDED, "stock.csv", 5),
    ]


def test_mended_records_take_their_places(found: Reading, tmp_path: Path) -> None:
    """As a sound delivery would have given, but for the hand of a person in `source`."""
    mending.write_quarantine(found, tmp_path / "aside")
    mend(tmp_path / "aside" / "stock.csv", repaired)

    merged = merging.merge(found, again(tmp_path / "aside"))

    table = merged.tables["vehicle"].sort("line").select("vin", "cost_cny", "line")
    assert table.rows() == [
        ("LS1", Decimal(1), 2),
        ("LS2", Decimal(2), 3),
        ("LS3", Decimal(3), 4),
        ("LS4", Decimal(4), 5),
    ]
    stock = merged.quarantine.filter(pl.col("source") == "stock")
    assert stock.select("line", "rule").rows() == [(6, "duplicate_row"), (7, "duplicate_key")]
    files = {file.source: (file.rows, file.good, file.quarantined) for file in merged.files}
    assert files["stock"] == (6, 4, 2)
    assert files["stock" + MENDED] == (3, 3, 0)


def test_a_person_counts_more_than_a_system(found: Reading, tmp_path: Path) -> None:
    """Who sends a contradicting row again has decided that it is right."""
    mending.write_quarantine(found, tmp_path / "aside")
    mend(tmp_path / "aside" / "stock.csv", lambda row: row if row[LINE] == "7" else None)

    merged = merging.merge(found, again(tmp_path / "aside"))

    table = merged.tables["vehicle"].filter(pl.col("vin") == "LS1")
    assert table.select("cost_cny", "source", "line").rows() == [(Decimal(5), "stock" + MENDED, 7)]
    gone = merged.quarantine.filter(pl.col("file") == "stock.csv", pl.col("line") == 2)
    assert gone.select("source", "rule", "came").rows() == [
        ("stock", "duplicate_key", "that of stock.csv:7")
    ]


def test_what_is_sent_again_unchanged_changes_nothing(found: Reading, tmp_path: Path) -> None:
    """A repeated row stays a repeated row, a broken one stays broken."""
    mending.write_quarantine(found, tmp_path / "aside")
    mend(tmp_path / "aside" / "stock.csv", lambda row: row if row[LINE] in "356" else None)
    (tmp_path / "aside" / "customs.csv").unlink()
    (tmp_path / "aside" / "bank.csv").unlink()

    merged = merging.merge(found, again(tmp_path / "aside"))

    assert merged.tables["vehicle"].sort("line").select("vin", "line").rows() == [
        ("LS1", 2),
        ("LS3", 4),
        ("LS4", 5),
    ]
    assert merged.tables["vehicle"].filter(pl.col("line") == 2)["source"].to_list() == ["stock"]


def test_records_of_xml_come_back(found: Reading, tmp_path: Path) -> None:
    """The quarantine shows the piece of the file; mended, it is taken apart again."""
    folder = tmp_path / "aside"
    mending.write_quarantine(found, folder)
    mend(folder / "customs.csv", lambda row: row | {"xml": row["xml"].replace("&", "&amp;")})
    mend(folder / "bank.csv", lambda row: row | {"xml": row["xml"].replace("&", "")})

    merged = merging.merge(found, again(folder))

    assert merged.tables["declaration"].select("declaration_no", "exporter", "line").rows() == [
        ("1", "R&D", 1)
    ]
    assert merged.tables["bank_entry"].select("entry_no", "amount", "line").rows() == [
        ("1", Decimal(5), 1)
    ]


def test_columns_may_be_filled_instead_of_xml(found: Reading, tmp_path: Path) -> None:
    """Somebody may rather type the values."""
    folder = tmp_path / "aside"
    mending.write_quarantine(found, folder)
    mend(folder / "customs.csv", lambda row: {"EntryId": "1", "xml": ""} | _place(row))
    table = again(folder).tables["declaration"]
    assert table.select("declaration_no", "file", "line").rows() == [("1", "customs.xml", 1)]


def _place(row: dict[str, str]) -> dict[str, str]:
    return {FILE: row[FILE], LINE: row[LINE]}


def test_a_row_that_is_still_wrong_waits_on(found: Reading, tmp_path: Path) -> None:
    """It keeps its first place when it is written out once more."""
    folder = tmp_path / "aside"
    mending.write_quarantine(found, folder)
    mend(folder / "stock.csv", lambda row: row if row[LINE] == "3" else None)
    once = again(folder)
    assert once.quarantine.select("source", "file", "line", "rule").rows() == [
        (f"{name}{MENDED}", f"mended:{name}.csv", 2, "value_required")
        for name in ("stock", "customs", "bank")
    ]
    mending.write_quarantine(once, tmp_path / "twice")
    with (tmp_path / "twice" / "stock.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row[FILE], row[LINE], row["成本"]) == ("stock.csv", "3", "2")


def test_a_new_row_has_the_place_of_the_mended_file(found: Reading, tmp_path: Path) -> None:
    """Somebody may add what was never delivered."""
    folder = tmp_path / "aside"
    mending.write_quarantine(found, folder)
    mend(folder / "stock.csv", lambda row: {"车架号": "LS9"} | dict.fromkeys(_place(row), ""))
    merged = merging.merge(found, again(folder))
    new = merged.tables["vehicle"].filter(pl.col("vin") == "LS9")
    assert new.select("source", "file", "line").rows() == [
        ("stock" + MENDED, "mended:stock.csv", 2)
    ]


@given(cell=st.text(alphabet="=+-@\t\r'a1新\"\n,;", min_size=1, max_size=6))
def test_a_cell_comes_back_as_it_went(tmp_path_factory: pytest.TempPathFactory, cell: str) -> None:
    """The mark against formulas is taken off again, also where the cell began with one."""
    folder = tmp_path_factory.mktemp("cells")
    with (folder / "stock.csv").open("w", encoding="gb18030", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(
            [["车架号", "成本", "品牌"], ["LS1", "x", cell]]
        )
    found = reading.read(folder, PROFILE, as_of=AS_OF)
    mending.write_quarantine(found, folder / "aside")
    table = again(folder / "aside").tables["vehicle"]
    assert table["brand"].to_list() == found.tables["vehicle"]["brand"].to_list()


def test_a_folder_without_mended_files_is_refused(tmp_path: Path) -> None:
    """The answer lists the names that were looked for."""
    with pytest.raises(FaultError, match=r"stock\.csv, customs\.csv, bank\.csv"):
        again(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b",,,\n"])
def test_a_spoiled_file_is_told(found: Reading, tmp_path: Path, content: bytes) -> None:
    """It costs its own rows, no others."""
    folder = tmp_path / "aside"
    mending.write_quarantine(found, folder)
    (folder / "customs.csv").write_bytes(content)
    mend(folder / "stock.csv", repaired)
    once = again(folder)
    assert len(once.tables["vehicle"]) == 3
    told = {f.source for f in once.findings if f.severity is Severity.FILE}
    assert "customs" + MENDED in told
