"""Bank statements of ISO 20022 become entries and balances, whichever version wrote them.

Goal: amount, direction and the other side of every entry are right. Method: one statement is
written out in two versions and must give the same rows; then the samples of the standard are read.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from support.shared import shared
from tallyport.evidence.sources import camt, encoding, xml_file
from tallyport.evidence.sources.profile import Form, Format
from tallyport.evidence.sources.raw import UnreadableError

BALANCES = """<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="USD">100.00</Amt>
<CdtDbtInd>DBIT</CdtDbtInd></Bal><Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp>
<Amt Ccy="USD">50.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>"""
DETAILS = """<NtryDtls><TxDtls><AmtDtls><InstdAmt><Amt Ccy="KZT">75000</Amt><CcyXchg>
<XchgRate>0.0022</XchgRate></CcyXchg></InstdAmt></AmtDtls><Chrgs><Rcrd><Amt Ccy="USD">10.00</Amt>
</Rcrd><Rcrd><Amt Ccy="USD">5.00</Amt></Rcrd></Chrgs><RltdPties>{parties}</RltdPties><RltdAgts>
<DbtrAgt><FinInstnId><{bic}>DXBKKZ22</{bic}></FinInstnId></DbtrAgt></RltdAgts><RmtInf>
<Ustrd>CONTRACT</Ustrd><Ustrd>XJYO-2024040401</Ustrd></RmtInf></TxDtls></NtryDtls>"""
PARTY = "<Nm>TOO BEREKE</Nm><PstlAdr><Ctry>KZ</Ctry></PstlAdr>"
ACCOUNT = "<DbtrAcct><Id><IBAN>KZ62</IBAN></Id></DbtrAcct><Cdtr><Nm>OURSELVES</Nm></Cdtr>"
OLD = DETAILS.format(parties=f"<Dbtr>{PARTY}</Dbtr>{ACCOUNT}", bic="BIC")
NEW = DETAILS.format(parties=f"<Dbtr><Pty>{PARTY}</Pty></Dbtr>{ACCOUNT}", bic="BICFI")


def document(details: str, version: str) -> str:
    """Return a message with one statement of one entry."""
    return f"""<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:{version}">
<BkToCstmrStmt><Stmt><Id>S-202402</Id><Acct><Id><Othr><Id>6222</Id></Othr></Id><Ccy>USD</Ccy></Acct>
{BALANCES}<Ntry><NtryRef>1</NtryRef><Amt Ccy="USD">150.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<BookgDt><Dt>2024-02-09</Dt></BookgDt><ValDt><DtTm>2024-02-08T10:00:00+05:00</DtTm></ValDt>
<AcctSvcrRef>T1</AcctSvcrRef>{details}</Ntry></Stmt></BkToCstmrStmt></Document>"""


def read(path: Path, kind: str) -> list[dict[str, str | None]]:
    """Return the rows of `kind` in the file, with the fields that are filled."""
    form = Form(glob="*", format=Format.CAMT_053, record=camt.RECORDS[kind])
    extract = camt.statement if kind == "bank_statement" else camt.entry
    found = encoding.Found(name="utf-8")
    (chunk,) = xml_file.chunks(path, form, found, camt.names(kind), extract)
    fields = chunk.frame.select(camt.names(kind))
    return [{name: value for name, value in row.items() if value} for row in fields.to_dicts()]


@pytest.mark.parametrize(
    ("details", "version"), [(OLD, "camt.053.001.02"), (NEW, "camt.053.001.08")]
)
def test_an_entry_is_the_same_in_every_version(tmp_path: Path, details: str, version: str) -> None:
    """The payer of what came in is the other side; charges are summed, texts are joined."""
    path = tmp_path / "statement.xml"
    path.write_text(document(details, version), "utf-8")
    assert read(path, "bank_entry") == [
        {
            "account_no": "6222",
            "statement_no": "S-202402",
            "entry_no": "T1",
            "booked_on": "2024-02-09",
            "value_on": "2024-02-08T10:00:00+05:00",
            "direction": "CRDT",
            "amount": "150.00",
            "currency": "USD",
            "instructed_amount": "75000",
            "instructed_currency": "KZT",
            "exchange_rate": "0.0022",
            "charges": "15.00",
            "counterparty": "TOO BEREKE",
            "counterparty_account": "KZ62",
            "counterparty_country": "KZ",
            "counterparty_bic": "DXBKKZ22",
            "remittance": "CONTRACT XJYO-2024040401",
        }
    ]
    assert read(path, "bank_statement") == [
        {
            "account_no": "6222",
            "statement_no": "S-202402",
            "currency": "USD",
            "opening": "-100.00",
            "closing": "50.00",
            "entries": "1",
        }
    ]


def test_the_other_side_of_money_that_went_out(tmp_path: Path) -> None:
    """It is the creditor."""
    path = tmp_path / "statement.xml"
    text = document(NEW, "camt.053.001.08")
    path.write_text(
        text.replace("<CdtDbtInd>CRDT</CdtDbtInd>\n<Book", "<CdtDbtInd>DBIT</CdtDbtInd>\n<Book")
    )
    (row,) = read(path, "bank_entry")
    assert (row["direction"], row["counterparty"]) == ("DBIT", "OURSELVES")


def test_a_statement_without_entries_is_one() -> None:
    """Nothing moved on the account: the statement has balances all the same."""
    path = shared("data", "standards", "iso20022", "samples", "camt.053.001.07_prowide.xml")
    (row,) = read(path, "bank_statement")
    assert row["account_no"]
    with pytest.raises(UnreadableError, match="no element lies"):
        read(path, "bank_entry")


def test_the_sample_is_read() -> None:
    """A statement that others wrote: each entry has an amount, a currency, a side and a number."""
    path = shared("data", "standards", "iso20022", "samples", "camt.053.001.02_gs.xml")
    entries = read(path, "bank_entry")
    assert entries
    for entry in entries:
        assert Decimal(entry["amount"] or "x") > 0
        assert entry["direction"] in ("CRDT", "DBIT")
        assert entry["currency"]
        assert entry["entry_no"]
    assert read(path, "bank_statement")[0]["account_no"]
