"""The seller's own money (自营收支): purchases, freight, fees, rebates, loans, refunds.

None of it belongs to a vehicle of an export deal, and some of it looks as if it did. Two sorts of
mischief show here alone: money that leaves as a service fee and comes back as a buyer's payment
(资金回流), and a refund of most of a deal that a bank has financed (融资后退款).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from tallyport.kernel import ratio
from tallyport.worlds.chance import Dice
from tallyport.worlds.reality.conduct import Fate
from tallyport.worlds.reality.deals import is_spared
from tallyport.worlds.reality.mischief import Sort
from tallyport.worlds.reality.model import (
    Deal,
    Declaration,
    Entry,
    EntryKind,
    Finding,
    Payment,
    Rebate,
    Waybill,
)
from tallyport.worlds.reality.parties import Account, Cast, Party, Role, Seller
from tallyport.worlds.reality.payments import References
from tallyport.worlds.reality.period import AS_OF, FIRST_DAY
from tallyport.worlds.reality.rates import Rates

_PURCHASED_PER_MILLE = 120
_BILLED_PER_MILLE = 350
_FINANCED_PER_MILLE = 70
_TREASURY = "国家金库"
_SERVICES = ("咨询服务费", "市场推广费", "场地服务费")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The entries of the seller's own business, as they are booked."""

    cast: Cast
    references: References
    entries: list[Entry] = field(default_factory=list)

    def account(self, seller: Seller, currency: str) -> Account:
        """Return an account of `seller`."""
        return next(
            each
            for each in self.cast.accounts
            if each.seller == seller and each.currency == currency
        )

    def book(self, account: Account, day: date, draft: _Draft) -> Entry:
        """Book `draft` on `day`; outside the year that the statements cover nobody sees it."""
        entry = Entry(
            id=self.references.next(account, day),
            kind=draft.kind,
            account=account,
            booked=day,
            is_credit=draft.is_credit,
            amount_minor=draft.amount_minor,
            counterparty=draft.counterparty,
            remittance=draft.remittance,
            contract_no=draft.contract_no,
            linked_id=draft.linked_id,
        )
        if FIRST_DAY <= day <= AS_OF:
            self.entries.append(entry)
        return entry


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """An entry before it has a day and a reference."""

    kind: EntryKind
    amount_minor: int
    counterparty: Party | str
    remittance: str
    is_credit: bool = False
    contract_no: str = ""
    linked_id: str = ""


def run(
    dice: Dice, ledger: Ledger, deals: Iterable[Deal], declarations: Iterable[Declaration]
) -> None:
    """Book what running the business costs: vehicles, customs agents, services, the bank."""
    for deal in deals:
        account = ledger.account(deal.seller, "CNY")
        for line in deal.lines:
            if not line.is_second_sale and dice.happens(_PURCHASED_PER_MILLE):
                draft = _Draft(
                    kind=EntryKind.PURCHASE,
                    amount_minor=line.vehicle.cost_fen,
                    counterparty="个人",
                    remittance="二手车收购款",
                )
                ledger.book(account, line.vehicle.bought, draft)
    for declaration in declarations:
        if dice.happens(_BILLED_PER_MILLE):
            account = ledger.account(declaration.deals[0].seller, "CNY")
            draft = _Draft(
                kind=EntryKind.CUSTOMS_FEE,
                amount_minor=dice.between(30_000, 160_000),
                counterparty="天山口岸报关行",
                remittance="报关费",
            )
            ledger.book(account, declaration.released + dice.days(1, 9), draft)
    for seller in ledger.cast.sellers:
        account = ledger.account(seller, "CNY")
        for month in range(12):
            day = FIRST_DAY + timedelta(days=month * 30) + dice.days(2, 27)
            service = _Draft(
                kind=EntryKind.SERVICE,
                amount_minor=dice.between(400_000, 6_500_000),
                counterparty="乌鲁木齐商务服务中心",
                remittance=dice.pick(_SERVICES),
            )
            ledger.book(account, day, service)
            charge = _Draft(
                kind=EntryKind.BANK_CHARGE,
                amount_minor=dice.between(2_000, 30_000),
                counterparty="",
                remittance="BANK CHARGES",
            )
            ledger.book(account, day + dice.days(0, 2), charge)


def haul_and_reclaim(
    dice: Dice, ledger: Ledger, waybills: Iterable[Waybill], rebates: Iterable[Rebate]
) -> None:
    """Book freight, and the rebates of a day in one sum as the treasury pays them."""
    for waybill in waybills:
        if dice.happens(_BILLED_PER_MILLE):
            account = ledger.account(waybill.declaration.deals[0].seller, "CNY")
            draft = _Draft(
                kind=EntryKind.FREIGHT,
                amount_minor=len(waybill.lines) * dice.between(700_000, 1_900_000),
                counterparty=waybill.carrier,
                remittance="运费",
            )
            ledger.book(account, waybill.departed.date() + dice.days(3, 30), draft)
    paid: dict[tuple[str, date], list[Rebate]] = {}
    for rebate in rebates:
        if rebate.received is not None:
            paid.setdefault((rebate.seller.prefix, rebate.received), []).append(rebate)
    for (_, day), together in sorted(paid.items(), key=lambda item: item[0]):
        draft = _Draft(
            kind=EntryKind.TAX_REBATE,
            amount_minor=sum(rebate.amount_fen for rebate in together),
            counterparty=_TREASURY,
            remittance="出口退税",
            is_credit=True,
        )
        ledger.book(ledger.account(together[0].seller, "CNY"), day, draft)


def borrow(
    dice: Dice, ledger: Ledger, rates: Rates, deals: Iterable[Deal], fates: Mapping[str, Fate]
) -> dict[str, Entry]:
    """Finance some deals at 60 to 70% of their total; repaid with interest in time."""
    loans = {}
    for deal in deals:
        is_refunded = fates.get(deal.number) is Fate.REFUNDED
        if not is_refunded and (is_spared(deal) or not dice.happens(_FINANCED_PER_MILLE)):
            continue
        account = ledger.account(deal.seller, "CNY")
        day = deal.signed + dice.days(3, 8)
        worth = rates.convert(deal.total_minor, deal.currency, "CNY", min(day, AS_OF))
        amount = worth * dice.between(60, 70) // 100 // 100_000 * 100_000
        loan = ledger.book(
            account,
            day,
            _Draft(
                kind=EntryKind.FINANCING,
                amount_minor=amount,
                counterparty=account.bank,
                remittance=f"贷款发放 合同{deal.number}",
                is_credit=True,
                contract_no=deal.number,
            ),
        )
        loans[deal.number] = loan
        days = dice.between(60, 120)
        ledger.book(
            account,
            day + timedelta(days=days),
            _Draft(
                kind=EntryKind.LOAN_REPAYMENT,
                amount_minor=amount + ratio.half_up(amount * 435 * days, 360 * ratio.BP_WHOLE),
                counterparty=account.bank,
                remittance=f"归还贷款 合同{deal.number}",
                contract_no=deal.number,
            ),
        )
    return loans


def give_back(
    dice: Dice,
    ledger: Ledger,
    payments: Iterable[Payment],
    loans: Mapping[str, Entry],
    fates: Mapping[str, Fate],
) -> list[Finding]:
    """Refund overpayments and whole deals; let circular money leave before it comes back."""
    findings = []
    refundable: dict[str, list[Payment]] = {}
    for payment in payments:
        number = payment.deals[0].number
        if fates.get(number) is Fate.REFUNDED:
            refundable.setdefault(number, []).append(payment)
        if payment.excess_minor:
            excess = payment.excess_minor * payment.statement_minor // payment.gross_minor
            draft = _Draft(
                kind=EntryKind.REFUND_OVER,
                amount_minor=excess if payment.is_converted else payment.excess_minor,
                counterparty=payment.payer,
                remittance="REFUND OF OVERPAYMENT",
                contract_no=number,
                linked_id=payment.id,
            )
            ledger.book(payment.account, payment.booked + dice.days(3, 12), draft)
        if payment.payer.role is Role.AFFILIATE:
            findings.append(_circle(dice, ledger, payment))
    for number, paid in refundable.items():
        findings.append(_refund(dice, ledger, paid, loans[number]))
    return findings


def _circle(dice: Dice, ledger: Ledger, payment: Payment) -> Finding:
    """Let about as much leave as a service fee, a few days before it comes back."""
    draft = _Draft(
        kind=EntryKind.CIRCULAR_OUT,
        amount_minor=payment.statement_minor * dice.between(1003, 1030) // 1000,
        counterparty=payment.payer,
        remittance=dice.pick((*_SERVICES, "TECHNICAL SERVICE FEE")),
        linked_id=payment.id,
    )
    out = ledger.book(payment.account, payment.booked - dice.days(2, 6), draft)
    others = (out.id, payment.deals[0].number)
    return Finding(type=Sort.CIRCULAR_PAYMENT, key=(payment.id,), others=others)


def _refund(dice: Dice, ledger: Ledger, paid: list[Payment], loan: Entry) -> Finding:
    """Give most of the money back, from the account that got the most of it."""
    deal = paid[0].deals[0]
    reached = max(paid, key=lambda payment: payment.statement_minor)
    arrived = sum(each.statement_minor for each in paid if each.account == reached.account)
    draft = _Draft(
        kind=EntryKind.REFUND_AFTER_FINANCING,
        amount_minor=arrived * dice.between(82, 95) // 100 // 100 * 100,
        counterparty=deal.buyer,
        remittance=f"退款 {deal.number}",
        contract_no=deal.number,
    )
    day = max(loan.booked, paid[-1].booked) + dice.days(8, 25)
    refund = ledger.book(reached.account, day, draft)
    others = (deal.number, loan.id)
    return Finding(type=Sort.REFUND_AFTER_FINANCING, key=(refund.id,), others=others)
