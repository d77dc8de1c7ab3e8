"""Translate an ISO 20022 bank statement (camt.053 对账单) into the canonical fields.

    <Stmt>  account, currency, opening and closing balance   ──▶ bank_statement
      <Ntry> amount, direction, dates, the other side         ──▶ bank_entry

The other side of an entry is the debtor when money came in and the creditor when it went out. An
entry that books several payments at once (`TxDtls`) becomes one row with the first one's details;
its remittance texts are joined. Versions 02 to 13 of the message differ in a few wrappers only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from lxml import etree

from tallyport.evidence.sources.vocabulary import KINDS

RECORDS = {"bank_statement": "BkToCstmrStmt/Stmt", "bank_entry": "BkToCstmrStmt/Stmt/Ntry"}

Element = etree._Element  # noqa: SLF001 - lxml has no other name for it.


def names(kind: str) -> tuple[str, ...]:
    """Return the columns that rows of `kind` have: its fields."""
    return tuple(field.name for field in KINDS[kind].fields)


@dataclass(frozen=True, slots=True)
class _At:
    """An element, read by paths of local names."""

    element: Element | None

    def at(self, *paths: str) -> _At:
        """Return what stands at the first of `paths` that there is."""
        if self.element is not None:
            for path in paths:
                steps = "/".join(f"{{*}}{step}" for step in path.split("/"))
                found = self.element.find(steps)
                if found is not None:
                    return _At(found)
        return _At(None)

    def text(self, *paths: str) -> str:
        found = self.at(*paths) if paths else self
        return "" if found.element is None else (found.element.text or "").strip()

    def every(self, path: str) -> list[_At]:
        if self.element is None:
            return []
        steps = "/".join(f"{{*}}{step}" for step in path.split("/"))
        return [_At(found) for found in self.element.findall(steps)]

    def mark(self, name: str) -> str:
        return "" if self.element is None else str(self.element.get(name) or "")


def statement(element: Element) -> Mapping[str, str]:
    """Return the fields of a `bank_statement`."""
    stmt = _At(element)
    return {
        "account_no": stmt.text("Acct/Id/IBAN", "Acct/Id/Othr/Id"),
        "statement_no": stmt.text("Id"),
        "currency": _currency(stmt),
        "opening": _balance(stmt, ("OPBD", "PRCD")),
        "closing": _balance(stmt, ("CLBD",)),
        "entries": stmt.text("TxsSummry/TtlNtries/NbOfNtries") or _entries(stmt),
    }


def _entries(stmt: _At) -> str:
    """Return how many entries there are; one that stands there twice is one."""
    entries = stmt.every("Ntry")
    numbers = [_number(each, each.at("NtryDtls/TxDtls")) for each in entries]
    named = {number for number in numbers if number}
    return str(len(named) + numbers.count(""))


def _number(ntry: _At, detail: _At) -> str:
    own = ntry.text("AcctSvcrRef") or detail.text("Refs/AcctSvcrRef")
    return own or ntry.text("NtryRef")


def _currency(stmt: _At) -> str:
    return stmt.text("Acct/Ccy") or stmt.at("Bal/Amt").mark("Ccy")


def _balance(stmt: _At, codes: tuple[str, ...]) -> str:
    for code in codes:
        for balance in stmt.every("Bal"):
            if balance.text("Tp/CdOrPrtry/Cd") == code:
                sign = "-" if balance.text("CdtDbtInd") == "DBIT" else ""
                return sign + balance.text("Amt")
    return ""


def entry(element: Element) -> Mapping[str, str]:
    """Return the fields of a `bank_entry`."""
    ntry = _At(element)
    stmt = _At(element.getparent())
    details = ntry.every("NtryDtls/TxDtls")
    detail = details[0] if details else _At(None)
    direction = ntry.text("CdtDbtInd")
    side = "Dbtr" if direction == "CRDT" else "Cdtr"
    instructed = detail.at("AmtDtls/InstdAmt/Amt")
    if instructed.element is None:
        instructed = ntry.at("AmtDtls/InstdAmt/Amt")
    texts = [text.text() for each in details for text in each.every("RmtInf/Ustrd")]
    return {
        "account_no": stmt.text("Acct/Id/IBAN", "Acct/Id/Othr/Id"),
        "statement_no": stmt.text("Id"),
        "entry_no": _number(ntry, detail),
        "booked_on": ntry.text("BookgDt/Dt", "BookgDt/DtTm"),
        "value_on": ntry.text("ValDt/Dt", "ValDt/DtTm"),
        "direction": direction,
        "amount": ntry.text("Amt"),
        "currency": ntry.at("Amt").mark("Ccy") or _currency(stmt),
        "instructed_amount": instructed.text(),
        "instructed_currency": instructed.mark("Ccy"),
        "exchange_rate": _rate(ntry, detail),
        "charges": _charges(ntry, detail),
        "counterparty": detail.text(f"RltdPties/{side}/Pty/Nm", f"RltdPties/{side}/Nm"),
        "counterparty_account": detail.text(
            f"RltdPties/{side}Acct/Id/IBAN", f"RltdPties/{side}Acct/Id/Othr/Id"
        ),
        "counterparty_country": detail.text(
            f"RltdPties/{side}/Pty/PstlAdr/Ctry", f"RltdPties/{side}/PstlAdr/Ctry"
        ),
        "counterparty_bic": detail.text(
            f"RltdAgts/{side}Agt/FinInstnId/BICFI", f"RltdAgts/{side}Agt/FinInstnId/BIC"
        ),
        "remittance": " ".join(text for text in texts if text) or ntry.text("AddtlNtryInf"),
    }


def _rate(ntry: _At, detail: _At) -> str:
    paths = (
        "AmtDtls/InstdAmt/CcyXchg/XchgRate",
        "AmtDtls/TxAmt/CcyXchg/XchgRate",
        "AmtDtls/CntrValAmt/CcyXchg/XchgRate",
    )
    return detail.text(*paths) or ntry.text(*paths)


def _charges(ntry: _At, detail: _At) -> str:
    """Return the total of the charges: as the bank gives it, or the sum of its records."""
    for at in (detail, ntry):
        total = at.text("Chrgs/TtlChrgsAndTaxAmt")
        parts = [part.text() for part in (*at.every("Chrgs/Rcrd/Amt"), *at.every("Chrgs/Amt"))]
        if total or len(parts) == 1:
            return total or parts[0]
        if parts:
            return _sum(parts)
    return ""


def _sum(parts: list[str]) -> str:
    """Return the sum as text, or all the texts when one of them is no number."""
    try:
        return f"{sum(map(Decimal, parts)):f}"
    except InvalidOperation:
        return " + ".join(parts)
