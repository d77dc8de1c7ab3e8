"""A world read with the plainest parsers, as somebody who knows only the files would read it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from lxml import etree
from python_calamine import CalamineWorkbook

from tallyport.worlds import make

CAMT = "{urn:iso:std:iso:20022:tech:xsd:camt.053.001.08}"

Record = dict[str, str]


@dataclass
class Reader:
    """The files of one world. Every cell is text; an absent XML element is an empty cell."""

    folder: Path

    def table(self, path: str, encoding: str = "utf-8-sig", separator: str = ",") -> list[Record]:
        """Read a CSV file."""
        text = (self.folder / path).read_bytes().decode(encoding)
        return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=separator))

    def truth(self, name: str) -> list[Record]:
        """Read a file of the truth."""
        return self.table(f"truth/{name}.csv", "utf-8")

    def sheet(self, path: str, name: str) -> list[Record]:
        """Read a sheet of a workbook; whole numbers without a fraction."""
        workbook = CalamineWorkbook.from_path(str(self.folder / path))
        head, *rows = workbook.get_sheet_by_name(name).to_python()
        return [
            {str(column): _text(cell) for column, cell in zip(head, row, strict=True)}
            for row in rows
        ]

    def elements(self, path: str, name: str) -> list[etree._Element]:
        """Return the elements called `name` of an XML file."""
        return list(etree.parse(str(self.folder / path)).iter(name))

    @cached_property
    def contracts(self) -> list[Record]:
        """Contract headers."""
        return self.sheet("01_contracts/contracts.xlsx", "合同")

    @cached_property
    def contract_lines(self) -> list[Record]:
        """Contract lines."""
        return self.sheet("01_contracts/contracts.xlsx", "合同明细")

    @cached_property
    def stock(self) -> list[Record]:
        """Stock records."""
        return self.table("02_vehicles/vehicle_stock.csv", "gb18030")

    @cached_property
    def inspections(self) -> list[Record]:
        """Inspection reports."""
        reports = self.elements("03_inspections/inspection_reports.xml", "Report")
        return [_fields(report) for report in reports]

    @cached_property
    def services(self) -> list[Record]:
        """Work orders and accidents."""
        return self.table("04_service_history/service_records.csv")

    @cached_property
    def declarations(self) -> list[tuple[Record, list[Record]]]:
        """Declarations: header fields, goods lines."""
        return [
            (_fields(each), [_fields(goods) for goods in each.iter("Goods")])
            for each in self.elements("05_customs/declarations.xml", "Declaration")
        ]

    def logistics(self, name: str) -> list[Record]:
        """One file of the forwarder."""
        return self.table(f"06_logistics/{name}.csv", "utf-8")

    def warehouse(self, name: str) -> list[Record]:
        """One file of the warehouses."""
        return self.table(f"07_overseas_warehouse/{name}.csv", "windows-1251", ";")

    @cached_property
    def invoices(self) -> list[Record]:
        """Export invoices."""
        return self.sheet("08_invoices_tax/export_invoices.xlsx", "发票")

    @cached_property
    def rebates(self) -> list[Record]:
        """Tax rebates."""
        return self.table("08_invoices_tax/tax_rebate.csv", "gb18030")

    @cached_property
    def buyers(self) -> list[Record]:
        """The buyer registry."""
        return self.sheet("10_buyer_registry/buyers.xlsx", "买方")

    @cached_property
    def statements(self) -> list[etree._Element]:
        """Monthly statements of all accounts, in the order of accounts and months."""
        return [
            statement
            for path in sorted((self.folder / "09_bank").iterdir())
            for statement in self.elements(f"09_bank/{path.name}", f"{CAMT}Stmt")
        ]

    @cached_property
    def entries(self) -> list[Record]:
        """Bank entries of all accounts."""
        return [
            {
                "account": text_of(statement, "Acct/Id/Othr/Id"),
                "currency": text_of(statement, "Acct/Ccy"),
                "id": text_of(entry, "AcctSvcrRef"),
                "amount": text_of(entry, "Amt"),
                "direction": text_of(entry, "CdtDbtInd"),
                "booked": text_of(entry, "BookgDt/Dt"),
                "name": text_of(entry, "NtryDtls/TxDtls/RltdPties//Nm"),
                "instructed": text_of(entry, "NtryDtls/TxDtls/AmtDtls/InstdAmt/Amt"),
                "rate": text_of(entry, "NtryDtls/TxDtls/AmtDtls/InstdAmt/CcyXchg/XchgRate"),
                "charges": text_of(entry, "NtryDtls/TxDtls/Chrgs/Rcrd/Amt"),
                "remittance": text_of(entry, "NtryDtls/TxDtls/RmtInf/Ustrd"),
            }
            for statement in self.statements
            for entry in statement.iter(f"{CAMT}Ntry")
        ]


def text_of(element: etree._Element, path: str) -> str:
    """Return the text at `path` in the namespace of camt.053, or nothing."""
    steps = [f"{CAMT}{step}" if step else "" for step in path.split("/")]
    return element.findtext("/".join(steps)) or ""


@contextmanager
def made(*, vehicles: int, seed: int = 1, noise: float = 1.0) -> Iterator[Reader]:
    """Make a world for the length of a test."""
    with TemporaryDirectory() as folder:
        make(Path(folder), vehicles=vehicles, seed=seed, noise=noise)
        yield Reader(Path(folder))


def _fields(element: etree._Element) -> Record:
    """Return the leaves directly below `element`; what is absent reads as empty."""
    found: Record = _Blank()
    found.update({str(child.tag): child.text or "" for child in element if not len(child)})
    return found


class _Blank(dict[str, str]):
    """A record in which every absent field is empty."""

    def __missing__(self, _key: str) -> str:
        return ""


def _text(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
