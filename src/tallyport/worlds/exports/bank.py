"""Bank statements (银行对账单): ISO 20022 camt.053.001.08, one file an account, one `Stmt` a month.

Habits: the other side as *its* bank spells it; the contract number in one of six phrases, mistyped,
or left out for the ends of some VINs; charges and instructed amount only where the bank knows them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from tallyport.worlds.exports.remittance import remittance
from tallyport.worlds.files import File, amount, element, xml_file
from tallyport.worlds.habits import spelling
from tallyport.worlds.habits.clerk import Clerk
from tallyport.worlds.reality.model import Entry, Payment
from tallyport.worlds.reality.parties import Account, Party
from tallyport.worlds.reality.period import AS_OF
from tallyport.worlds.reality.rates import E10
from tallyport.worlds.reality.simulate import Reality

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
_CREATED = "2025-01-02T08:00:00"
_OPENING_MINOR = 12_000_000  # Every account begins with at least so much.
_CODES = (
    "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>XBCT</SubFmlyCd></Fmly></Domn>"
    "</BkTxCd>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Booking:
    """An entry as the statement shows it. `details` is what the bank knows beyond the amount."""

    id: str
    booked: date
    valued: date
    is_credit: bool
    amount_minor: int
    details: str
    defect: str = ""  # What spoilt the message, if anything.


def export(world: Reality, clerk: Clerk) -> Iterator[File]:
    """Write one file an account, in the order of the accounts."""
    by_account: dict[str, list[_Booking]] = {each.number: [] for each in world.cast.accounts}
    for payment in world.payments:
        by_account[payment.account.number].append(_receipt(clerk, payment))
    for entry in world.entries:
        by_account[entry.account.number].append(_own(clerk, entry))
    for account in world.cast.accounts:
        bookings = sorted(by_account[account.number], key=lambda each: (each.booked, each.id))
        path = f"09_bank/camt053_{account.number}.xml"
        yield xml_file(path, _document(clerk, account, bookings), encoding="UTF-8")


def _receipt(clerk: Clerk, payment: Payment) -> _Booking:
    """Show money that came from or for a buyer."""
    parts = _amounts(clerk, payment) + _parties(clerk, payment.payer, is_credit=True)
    return _Booking(
        id=payment.id,
        booked=payment.booked,
        valued=payment.valued,
        is_credit=True,
        amount_minor=payment.statement_minor,
        details=parts + _information(remittance(clerk, payment)),
    )


def _own(clerk: Clerk, entry: Entry) -> _Booking:
    """Show an entry of the seller's own business."""
    parties = _parties(clerk, entry.counterparty, is_credit=entry.is_credit)
    return _Booking(
        id=entry.id,
        booked=entry.booked,
        valued=entry.booked,
        is_credit=entry.is_credit,
        amount_minor=entry.amount_minor,
        details=parties + _information(entry.remittance),
    )


def _amounts(clerk: Clerk, payment: Payment) -> str:
    """Show what was instructed, at which rate it was exchanged, and what came off."""
    currency = f' Ccy="{payment.currency}"'
    instructed = element("Amt", amount(payment.gross_minor), currency)
    if payment.is_converted:
        rate = f"{payment.rate_e10 // E10}.{payment.rate_e10 % E10:010d}"
        exchange = (
            element("SrcCcy", payment.currency)
            + element("TrgtCcy", payment.account.currency)
            + element("XchgRate", rate)
        )
        exchange = "" if clerk.slips(40) else f"<CcyXchg>{exchange}</CcyXchg>"
        return f"<AmtDtls><InstdAmt>{instructed}{exchange}</InstdAmt></AmtDtls>"
    if not payment.charges_minor or clerk.slips(220):
        return ""
    charge = element("Amt", amount(payment.charges_minor), currency)
    return (
        f"<AmtDtls><InstdAmt>{instructed}</InstdAmt></AmtDtls>"
        f"<Chrgs><Rcrd>{charge}<CdtDbtInd>DBIT</CdtDbtInd></Rcrd></Chrgs>"
    )


def _parties(clerk: Clerk, other: Party | str, *, is_credit: bool) -> str:
    """Show the other side: debtor of money in, creditor of money out."""
    side = "Dbtr" if is_credit else "Cdtr"
    if other == "":
        return ""
    name = other if isinstance(other, str) else spelling.at_bank(clerk, other)
    country = "CN" if isinstance(other, str) else other.country
    place = f"<PstlAdr>{element('Ctry', country)}</PstlAdr>"
    party = f"<{side}><Pty>{element('Nm', name)}{place}</Pty></{side}>"
    if isinstance(other, str):
        return f"<RltdPties>{party}</RltdPties>"
    account = f"<{side}Acct><Id><Othr>{element('Id', other.account_no)}</Othr></Id></{side}Acct>"
    agent = f"<{side}Agt><FinInstnId>{element('BICFI', other.bic)}</FinInstnId></{side}Agt>"
    return f"<RltdPties>{party}{account}</RltdPties><RltdAgts>{agent}</RltdAgts>"


def _information(text: str) -> str:
    return f"<RmtInf>{element('Ustrd', text)}</RmtInf>" if text else ""


def _document(clerk: Clerk, account: Account, bookings: list[_Booking]) -> str:
    """Return the message of one account: twelve statements that follow on from each other."""
    balance = _opening(bookings)
    typed = clerk.torn(bookings, _DAMAGE)
    statements = []
    for month in range(1, 13):
        own = [each for each in typed if each.booked.month == month]
        closing = balance + sum(_signed(each) for each in own if not each.defect)
        statements.append(_statement(account, month, own, (balance, closing)))
        balance = closing
    header = element("MsgId", f"{account.number}-{AS_OF.year}") + element("CreDtTm", _CREATED)
    return (
        f'<Document xmlns="{_NAMESPACE}"><BkToCstmrStmt><GrpHdr>{header}</GrpHdr>\n'
        + "\n".join(statements)
        + "\n</BkToCstmrStmt></Document>"
    )


def _opening(bookings: list[_Booking]) -> int:
    """Return an opening balance that never lets the account fall below its minimum."""
    balance = lowest = 0
    for booking in bookings:
        balance += _signed(booking)
        lowest = min(lowest, balance)
    return _OPENING_MINOR - lowest


def _signed(booking: _Booking) -> int:
    return booking.amount_minor if booking.is_credit else -booking.amount_minor


def _statement(
    account: Account, month: int, bookings: list[_Booking], balances: tuple[int, int]
) -> str:
    """Return one month of one account."""
    first = date(AS_OF.year, month, 1)
    last = date(AS_OF.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    head = element("Id", f"{account.number}-{AS_OF.year}{month:02d}")
    head += element("ElctrncSeqNb", month) + element("CreDtTm", _CREATED)
    head += f"<Acct><Id><Othr>{element('Id', account.number)}</Othr></Id>"
    head += f"{element('Ccy', account.currency)}</Acct>"
    head += _balance("OPBD", balances[0], account.currency, first)
    head += _balance("CLBD", balances[1], account.currency, last)
    entries = "".join(f"\n{_entry(booking, account.currency)}" for booking in bookings)
    return f"<Stmt>{head}{entries}\n</Stmt>"


def _balance(code: str, minor: int, currency: str, day: date) -> str:
    kind = f"<Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
    sum_ = element("Amt", amount(minor), f' Ccy="{currency}"')
    when = f"<Dt>{element('Dt', day.isoformat())}</Dt>"
    return f"<Bal>{kind}{sum_}<CdtDbtInd>CRDT</CdtDbtInd>{when}</Bal>"


def _entry(booking: _Booking, currency: str) -> str:
    """Return one entry, or what is left of it after a defect."""
    sum_ = "12O.5O" if booking.defect == "amount" else str(amount(booking.amount_minor))
    day = "2024-02-31" if booking.defect == "day" else booking.booked.isoformat()
    return (
        "<Ntry>"
        + element("NtryRef", booking.id)
        + element("Amt", sum_, f' Ccy="{currency}"')
        + element("CdtDbtInd", "CRDT" if booking.is_credit else "DBIT")
        + "<Sts><Cd>BOOK</Cd></Sts>"
        + f"<BookgDt>{element('Dt', day)}</BookgDt>"
        + f"<ValDt>{element('Dt', booking.valued.isoformat())}</ValDt>"
        + element("AcctSvcrRef", booking.id)
        + _CODES.format(family="RCDT" if booking.is_credit else "ICDT")
        + f"<NtryDtls><TxDtls>{booking.details}</TxDtls></NtryDtls></Ntry>"
    )


def _spoil(defect: str) -> Callable[[_Booking], _Booking]:
    return lambda booking: _Booking(
        id=booking.id,
        booked=booking.booked,
        valued=booking.valued,
        is_credit=booking.is_credit,
        amount_minor=booking.amount_minor,
        details=booking.details,
        defect=defect,
    )


_DAMAGE = (_spoil("amount"), _spoil("day"))
