"""The nouns of the books (账簿): accounts of members, debit positive.

Each member has one set of books on the ledger. Money itself never lies with the platform: `CASH`
is what a licensed bank keeps for the member and has confirmed (CN-SCF-3, CN-SCF-4).

    debit (+) side    cash, certificates_held, loans_given, escrowed ... and expenses
    credit (-) side   certificates_owed, loans_owed, unearned_interest ... and income
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique
from typing import ClassVar

from tallyport.kernel.contract import Book
from tallyport.kernel.ids import BankReferenceId, HoldId, MemberId
from tallyport.kernel.money import Money


@unique
class Kind(StrEnum):
    """What an account counts."""

    CASH = "cash"  # 银行存款, at the settlement bank
    BANK = "bank"  # 银行往来: the other side of deposits and withdrawals
    CERTIFICATES_HELD = "certificates_held"  # 持有凭证
    CERTIFICATES_OWED = "certificates_owed"  # 应付凭证
    TRADE_RECEIVABLE = "trade_receivable"  # 应收账款
    TRADE_PAYABLE = "trade_payable"  # 应付账款
    LOANS_GIVEN = "loans_given"  # 发放融资
    LOANS_OWED = "loans_owed"  # 融资借款
    ESCROWED = "escrowed"  # 监管资金: still the payer's, no longer at its will
    UNEARNED_INTEREST = "unearned_interest"  # 未实现利息收益
    INTEREST_RECEIVABLE = "interest_receivable"  # 应收利息
    INTEREST_PAYABLE = "interest_payable"  # 应付利息
    INTEREST_INCOME = "interest_income"  # 利息收入
    INTEREST_EXPENSE = "interest_expense"  # 利息支出
    FEE_INCOME = "fee_income"  # 手续费收入
    FEE_EXPENSE = "fee_expense"  # 手续费支出
    PENALTY_INCOME = "penalty_income"  # 罚息收入
    PENALTY_EXPENSE = "penalty_expense"  # 罚息支出
    GUARANTEE_CLAIMS = "guarantee_claims"  # 代偿应收
    TRADE = "trade"  # 贸易往来: what a payment for goods was for


# Accounts that would be nonsense on the other side of zero.
NEVER_NEGATIVE = frozenset(
    {Kind.CASH, Kind.CERTIFICATES_HELD, Kind.LOANS_GIVEN, Kind.ESCROWED, Kind.GUARANTEE_CLAIMS}
)
NEVER_POSITIVE = frozenset({Kind.CERTIFICATES_OWED, Kind.LOANS_OWED, Kind.UNEARNED_INTEREST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Row: one account of one member in one currency."""

    TABLE: ClassVar[str] = "account"

    owner: MemberId
    kind: Kind
    currency: str
    balance_minor: int  # Debit positive.
    held_minor: int  # Of the balance, what open holds have promised; only cash is ever held.

    @property
    def key(self) -> str:
        """Owner, kind, currency: the accounts of a member stand together."""
        return account_key(self.owner, self.kind, self.currency)


@unique
class HoldStage(StrEnum):
    """Where a hold stands. Only OPEN holds anything; the rest is history and stays so."""

    OPEN = "open"
    COMMITTED = "committed"  # 已支付
    VOIDED = "voided"  # 已撤销
    EXPIRED = "expired"  # 已到期


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Row: cash that its owner has promised and cannot spend otherwise (预留资金)."""

    TABLE: ClassVar[str] = "hold"

    id: HoldId
    owner: MemberId
    amount: Money
    payee: MemberId | None  # Whom it is promised to; None: the owner says so when it commits.
    expires: datetime
    stage: HoldStage

    @property
    def key(self) -> str:
        """The hold's id."""
        return self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Circulation:
    """Row: all the money of one currency that banks have brought in and not paid out again."""

    TABLE: ClassVar[str] = "circulation"

    currency: str
    minor: int

    @property
    def key(self) -> str:
        """The currency."""
        return self.currency


@dataclass(frozen=True, slots=True, kw_only=True)
class BankReference:
    """Row: this bank's reference has been booked; it is never booked twice."""

    TABLE: ClassVar[str] = "bank_reference"

    bank: MemberId
    reference: BankReferenceId

    @property
    def key(self) -> str:
        """References are each bank's own."""
        return f"{self.bank}|{self.reference}"


def account_key(owner: MemberId, kind: Kind, currency: str) -> str:
    """Return the key of an account."""
    return "|".join((owner, kind, currency))  # noqa: FLY002 - Half the cost of an f-string here.


def balance(book: Book, owner: MemberId, kind: Kind, currency: str) -> int:
    """Return an account's balance in minor units, debit positive; 0 if it was never used."""
    return account(book, owner, kind, currency).balance_minor


def account(book: Book, owner: MemberId, kind: Kind, currency: str) -> Account:
    """Return an account; one that was never used is empty."""
    used = book.get(Account, account_key(owner, kind, currency))
    if used is not None:
        return used
    return Account(owner=owner, kind=kind, currency=currency, balance_minor=0, held_minor=0)


def circulating(book: Book, currency: str) -> int:
    """Return how much money of `currency` there is, in minor units."""
    row = book.get(Circulation, currency)
    return 0 if row is None else row.minor
