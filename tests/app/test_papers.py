"""Papers of a folder: which files are taken, and where each belongs.

Goal: documents among exports are found by what they are, linked by what they name, and a broken one
hides no other. Method: generated papers beside an export; tables with what they name.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from support import papers as make
from tallyport.app.papers import content, in_folder, linked
from tallyport.evidence.documents.model import Rule
from tallyport.kernel.guard import FaultError

AS_OF = date(2024, 12, 31)
NUMBER = "24999000000000000017"


def test_papers_are_found_among_exports_and_linked(tmp_path: Path) -> None:
    """An e-invoice whose amount agrees, one that is broken, and an export that is no paper."""
    (tmp_path / "invoice.xml").write_bytes(make.einvoice(number=NUMBER))
    (tmp_path / "broken.ofd").write_bytes(b"PK\x03\x04 and nothing else")
    (tmp_path / "customs.xml").write_text("<declarations/>")
    (tmp_path / "sales.csv").write_text("a,b")
    assert [path.name for path in in_folder(tmp_path)] == ["broken.ofd", "invoice.xml"]

    tables = {"invoice": pl.DataFrame({"invoice_no": [NUMBER], "total_cny": ["113000.00"]})}
    broken, invoice = linked(tmp_path, tables, as_of=AS_OF)
    assert (invoice.kind, invoice.key, invoice.by) == ("invoice", NUMBER, "invoice number")
    assert {one.rule for one in broken.paper.findings} == {Rule.BROKEN}
    assert broken.kind == ""

    tables = {"invoice": pl.DataFrame({"invoice_no": [NUMBER], "total_cny": ["113000.01"]})}
    _, invoice = linked(tmp_path, tables, as_of=AS_OF)
    assert Rule.AMOUNT_DIFFERS in {one.rule for one in invoice.paper.findings}


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    """The path is named."""
    with pytest.raises(FaultError, match="no-such"):
        content(tmp_path / "no-such.pdf")
