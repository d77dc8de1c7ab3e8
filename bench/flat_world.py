"""Worlds of any size as flat files: what the generator simulates, without workbooks and XML.

    python bench/flat_world.py FOLDER VEHICLES [SEED] [NOISE]

The simulation, its clerks and the truth are those of `tallyport.worlds`; only the forms differ: a
sheet holds a million rows at most, and a document of a gigabyte is nobody's export. About 1 GB of
memory and a minute a 100,000 vehicles.
"""

from __future__ import annotations

import csv
import gc
import io
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from unittest.mock import patch

from lxml import etree

from tallyport.worlds import truth
from tallyport.worlds.chance import Dice
from tallyport.worlds.exports import (
    SYSTEMS,
    bank,
    buyer_registry,
    contracts,
    customs,
    inspections,
    invoices_tax,
)
from tallyport.worlds.files import Cell, File, Table
from tallyport.worlds.habits.clerk import Clerk
from tallyport.worlds.reality.simulate import simulate

SHEETS = {
    "合同": "01_contracts/contracts.csv",
    "合同明细": "01_contracts/contract_lines.csv",
    "发票": "08_invoices_tax/export_invoices.csv",
    "买方": "10_buyer_registry/buyers.csv",
}
GB18030 = {"05_customs/declaration_heads.csv", "05_customs/declaration_goods.csv"}
ENTRY = (  # Column, and where a camt.053 entry has it.
    ("entry_no", "NtryRef"),
    ("booking_date", "BookgDt/Dt"),
    ("value_date", "ValDt/Dt"),
    ("credit_debit", "CdtDbtInd"),
    ("amount", "Amt"),
    ("currency", "Amt/@Ccy"),
    ("instructed_amount", ".//InstdAmt/Amt"),
    ("instructed_currency", ".//InstdAmt/Amt/@Ccy"),
    ("exchange_rate", ".//XchgRate"),
    ("charges", ".//Chrgs/Rcrd/Amt"),
    ("counterparty_name", ".//Pty/Nm"),
    ("counterparty_account", ".//RltdPties//Acct//Id|.//DbtrAcct//Othr/Id|.//CdtrAcct//Othr/Id"),
    ("counterparty_country", ".//Pty/PstlAdr/Ctry"),
    ("counterparty_bic", ".//BICFI"),
    ("remittance_info", ".//Ustrd"),
)
Lines = tuple[list[str], list[list[str]]]


class Flattened:
    """Takes workbooks and documents as the exports write them; keeps them as tables."""

    def __init__(self) -> None:
        self.tables: dict[str, Lines] = {}

    def workbook(self, path: str, sheets: Mapping[str, Table]) -> File:
        """Stand in for `workbook_file`."""
        for name, table in sheets.items():
            rows = [[_shown(cell) for cell in row] for row in table.rows]
            self.tables[SHEETS[name]] = (list(table.columns), rows)
        return File(path, b"")

    def document(self, path: str, body: str, *, encoding: str) -> File:
        """Stand in for `xml_file`."""
        del encoding
        if path.startswith("09_bank"):
            self._statements(body)
            return File(path, b"")
        own, parts = ("Report", "") if path.startswith("03") else ("Declaration", "Goods")
        heads: list[dict[str, str]] = []
        goods: list[dict[str, str]] = []
        for record in _records(body, own):
            heads.append({child.tag: child.text or "" for child in record if not len(child)})
            goods += [
                {child.tag: child.text or "" for child in part}
                for part in (record.iterfind(parts) if parts else ())
            ]
        if parts:
            self.tables["05_customs/declaration_heads.csv"] = _columns(heads)
            self.tables["05_customs/declaration_goods.csv"] = _columns(goods)
        else:
            self.tables["03_inspections/inspection_reports.csv"] = _columns(heads)
        return File(path, b"")

    def _statements(self, body: str) -> None:
        """Add the entries and balances of one account."""
        names = ["account_no", "statement_no", *(name for name, _ in ENTRY)]
        entries = self.tables.setdefault("09_bank/statement_entries.csv", (names, []))[1]
        names = ["account_no", "statement_no", "currency", "opening", "closing", "entries"]
        balances = self.tables.setdefault("09_bank/statements.csv", (names, []))[1]
        paths = [etree.XPath(path) for _, path in ENTRY]
        plain = body.replace(' xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"', "", 1)
        for statement in _records(plain, "Stmt"):
            account, number = statement.findtext("Acct//Id/Othr/Id"), statement.findtext("Id")
            currency = statement.findtext("Acct/Ccy")
            opening, closing = [each.findtext("Amt") for each in statement.iterfind("Bal")]
            rows = list(statement.iterfind("Ntry"))
            balances.append([account, number, currency, opening, closing, str(len(rows))])
            entries += [[account, number, *(_found(path(row)) for path in paths)] for row in rows]


def _shown(cell: Cell) -> str:
    return str(cell)


def _found(nodes: list[etree._Element | str]) -> str:
    """Return the text of the first node."""
    if not nodes:
        return ""
    return nodes[0] if isinstance(nodes[0], str) else nodes[0].text or ""


def _records(body: str, tag: str) -> Iterator[etree._Element]:
    """Yield the elements named `tag`, and forget each behind the reader."""
    for _, element in etree.iterparse(io.BytesIO(body.encode()), tag=tag):
        yield element
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def _columns(records: list[dict[str, str]]) -> Lines:
    """Return records as a table of all their names."""
    names = list(dict.fromkeys(name for record in records for name in record))
    return names, [[record.get(name, "") for name in names] for record in records]


def write(path: Path, lines: Lines, encoding: str) -> None:
    """Write one flat file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(lines[0])
        writer.writerows(lines[1])


def make_flat(folder: Path, *, vehicles: int, seed: int, noise: float = 1.0) -> None:
    """Write a world of flat files below `folder`, with its truth."""
    gc.disable()  # Millions of records, no cycles: looking for them takes half of the time.
    reality = simulate(seed, vehicles)
    for system, export in SYSTEMS.items():
        clerk, flat = Clerk(Dice(seed, system), round(noise * 100)), Flattened()
        with (
            patch.object(contracts, "workbook_file", flat.workbook),
            patch.object(invoices_tax, "workbook_file", flat.workbook),
            patch.object(buyer_registry, "workbook_file", flat.workbook),
            patch.object(customs, "xml_file", flat.document),
            patch.object(inspections, "xml_file", flat.document),
            patch.object(bank, "xml_file", flat.document),
        ):
            _plain(folder, export(reality, clerk))
        for path, lines in flat.tables.items():
            write(folder / path, lines, "gb18030" if path in GB18030 else "utf-8")
    _plain(folder, truth.files(reality))


def _plain(folder: Path, files: Iterator[File]) -> None:
    """Write the files that are flat already."""
    for file in files:
        if file.content:
            path = folder / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)


if __name__ == "__main__":
    make_flat(
        Path(sys.argv[1]),
        vehicles=int(sys.argv[2]),
        seed=int(sys.argv[3]) if len(sys.argv) > 3 else 4_711,
        noise=float(sys.argv[4]) if len(sys.argv) > 4 else 1.0,
    )
