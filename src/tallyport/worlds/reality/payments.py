"""What buyers paid (收款): in one transfer or several, for one deal or two, sometimes by others.

    30% of 311 560.00 USD:  32 000.00 + 61 468.00 sent, 61 450.00 arrived, bank charges 18.00

A payment settles one instalment or several, in order; what a buyer pays above them is excess. KZT
and UZS are exchanged by the seller's bank, at its own rate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from tallyport.kernel import ratio
from tallyport.worlds.chance import Dice
from tallyport.worlds.reality import conduct, mischief
from tallyport.worlds.reality.conduct import Fate
from tallyport.worlds.reality.deals import is_spared
from tallyport.worlds.reality.mischief import Sort
from tallyport.worlds.reality.model import Deal, Finding, Instalment, Payment, Settlement
from tallyport.worlds.reality.parties import Account, Cast, Party, Role
from tallyport.worlds.reality.period import AS_OF
from tallyport.worlds.reality.rates import E10, Rates

_ROUND = {"USD": 10_000, "CNY": 100_000, "RUB": 1_000_000, "KZT": 5_000_000, "UZS": 100_000_000}
_SPLIT_FROM_ROUNDS = 40  # Smaller instalments are paid in one go.
_PARTS = ((1, 68), (2, 22), (3, 10))
_CHARGES = {"USD": (5, 60), "CNY": (20, 300), "RUB": (300, 3_000)}  # In whole units.
_CHARGED_PER_MILLE = 540
_EXCESS_PER_MILLE = 25
_SHORT_PER_MILLE = 15
_HELPED_PER_MILLE = 250
_JOINT_PER_MILLE = 450
_JOINT_WITHIN = timedelta(days=6)
_OTHER_ACCOUNT_PER_MILLE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """A transfer that somebody means to send."""

    day: date
    deals: tuple[Deal, ...]
    settlements: tuple[Settlement, ...]
    is_plain: bool  # Nothing unusual may happen to it otherwise.


class References:
    """References of entries (流水号): letter of the bank, day, running number of the day."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._running: Counter[tuple[str, date]] = Counter()

    def next(self, account: Account, day: date) -> str:
        """Return a reference that was not given before."""
        key = (account.letter, day)
        self._running[key] += self._dice.between(1, 120)
        return f"{account.letter}{day:%y%m%d}{self._running[key]:07d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """What paying needs: the parties with their accounts, the rates, the references."""

    cast: Cast
    rates: Rates
    references: References

    def account(self, dice: Dice, deal: Deal) -> Account:
        """Return the seller's account that a payment for `deal` reaches."""
        own = {each.currency: each for each in self.cast.accounts if each.seller == deal.seller}
        if deal.currency not in own:
            return own[dice.weigh((("CNY", 60), ("USD", 40)))]
        if dice.happens(_OTHER_ACCOUNT_PER_MILLE) and not is_spared(deal):
            return own["CNY"]
        return own[deal.currency]


def pay(
    dice: Dice, bank: Bank, deals: Sequence[Deal], instalments: Sequence[Instalment], vehicles: int
) -> tuple[list[Payment], list[Finding], Mapping[str, Fate]]:
    """Return the payments until the as-of day, in the order of booking."""
    fates = conduct.decide(dice, deals, instalments, vehicles)
    wishes = _join(dice, _wishes(dice, deals, instalments, fates))
    payers = _payers(dice, bank.cast, wishes, vehicles)
    payments = [
        _payment(dice, bank, wish, payer) for wish, payer in zip(wishes, payers, strict=True)
    ]
    findings = [
        Finding(
            type=Sort.THIRD_PARTY_HIGH_RISK, key=(payment.id,), others=(payment.deals[0].number,)
        )
        for payment in payments
        if payment.payer.role is Role.RISKY
    ]
    return payments, findings, fates


def _wishes(
    dice: Dice,
    deals: Sequence[Deal],
    instalments: Sequence[Instalment],
    fates: Mapping[str, Fate],
) -> list[_Wish]:
    """Plan the transfers of every instalment, as its deal's fate will have it."""
    by_deal: dict[str, list[Instalment]] = {}
    for instalment in instalments:
        by_deal.setdefault(instalment.contract_no, []).append(instalment)
    wishes = []
    for deal in deals:
        own = by_deal.get(deal.number, [])
        fate = fates.get(deal.number, Fate.PUNCTUAL)
        struck = conduct.worst(own, fate) if fate in {Fate.LATE, Fate.DEFAULT} else None
        for instalment in own:
            if instalment.due is None:
                continue
            if fate is Fate.DEFAULT and struck and instalment.due >= (struck.due or AS_OF):
                continue
            if fate is Fate.LATE and instalment is struck:
                day = instalment.due + dice.days(*conduct.LATE_DAYS)
                amounts = [instalment.amount_minor]
            else:
                day = max(deal.signed + timedelta(days=1), instalment.due + dice.days(-5, 6))
                amounts = _parts(dice, deal, instalment.amount_minor)
            for amount in amounts:
                settlement = Settlement(instalment=instalment, amount_minor=amount)
                is_plain = fate is Fate.PUNCTUAL and not is_spared(deal) and len(amounts) == 1
                wishes.append(
                    _Wish(day=day, deals=(deal,), settlements=(settlement,), is_plain=is_plain)
                )
                day += dice.days(2, 8)
    wishes = [wish for wish in wishes if wish.day <= AS_OF]
    return sorted(wishes, key=lambda wish: (wish.day, wish.deals[0].number))


def _parts(dice: Dice, deal: Deal, amount_minor: int) -> list[int]:
    """Divide an instalment into transfers: round sums first, the rest last, perhaps a bit short."""
    step = _ROUND[deal.currency]
    count = dice.weigh(_PARTS) if amount_minor >= step * _SPLIT_FROM_ROUNDS else 1
    parts, left = [], amount_minor
    for _ in range(count - 1):
        part = left * dice.between(25, 60) // 100 // step * step
        parts.append(part)
        left -= part
    if dice.happens(_SHORT_PER_MILLE) and not is_spared(deal):
        left -= left * dice.between(5, 20) // 1000
    return [*parts, left]


def _join(dice: Dice, wishes: list[_Wish]) -> list[_Wish]:
    """Let a buyer pay two instalments of deals with one seller in one transfer."""
    joined: list[_Wish] = []
    open_at: dict[tuple[str, str, str], int] = {}
    for wish in wishes:
        deal = wish.deals[0]
        key = (deal.seller.prefix, deal.buyer.id, deal.currency)
        at = open_at.pop(key, None) if wish.is_plain else None
        if (
            at is not None
            and wish.day - joined[at].day <= _JOINT_WITHIN
            and dice.happens(_JOINT_PER_MILLE)
        ):
            first = joined[at]
            deals = first.deals if first.deals == wish.deals else (*first.deals, *wish.deals)
            settlements = (*first.settlements, *wish.settlements)
            joined[at] = replace(
                first, day=wish.day, deals=deals, settlements=settlements, is_plain=False
            )
        else:
            if wish.is_plain:
                open_at[key] = len(joined)
            joined.append(wish)
    return sorted(joined, key=lambda wish: (wish.day, wish.deals[0].number))


def _payers(dice: Dice, cast: Cast, wishes: list[_Wish], vehicles: int) -> list[Party]:
    """Choose who sends each transfer: the buyer, an authorised firm, or somebody worse."""
    plain = [at for at, wish in enumerate(wishes) if wish.is_plain]
    circular = mischief.cases(Sort.CIRCULAR_PAYMENT, vehicles, dice)
    risky = mischief.cases(Sort.THIRD_PARTY_HIGH_RISK, vehicles, dice)
    chosen = dice.some(plain, circular + risky)
    from_seller, odd = set(chosen[:circular]), set(chosen)
    helpers = cast.helpers
    payers = []
    for at, wish in enumerate(wishes):
        deal = wish.deals[0]
        helper = helpers.get(deal.buyer.id)
        if at in from_seller:
            payers.append(cast.affiliates[deal.seller.prefix])
        elif at in odd:
            payers.append(dice.pick(cast.risky))
        elif helper is not None and not is_spared(deal) and dice.happens(_HELPED_PER_MILLE):
            payers.append(helper)
        else:
            payers.append(deal.buyer)
    return payers


def _payment(dice: Dice, bank: Bank, wish: _Wish, payer: Party) -> Payment:
    """Send the transfer: charges come off, or the seller's bank exchanges it."""
    deal = wish.deals[0]
    account = bank.account(dice, deal)
    settled = sum(part.amount_minor for part in wish.settlements)
    excess = 0
    if wish.is_plain and payer.id == deal.buyer.id and dice.happens(_EXCESS_PER_MILLE):
        excess = settled * dice.between(4, 20) // 1000 // 1000 * 1000
    if account.currency == deal.currency:
        charged = dice.happens(_CHARGED_PER_MILLE)
        charges = dice.between(*_CHARGES[deal.currency]) * 100 if charged else 0
        rate = E10
    else:
        charges = 0
        market = bank.rates.cross(deal.currency, account.currency, wish.day, E10)
        rate = market * (10_000 - dice.between(10, 60)) // 10_000
    return Payment(
        id=bank.references.next(account, wish.day),
        account=account,
        booked=wish.day,
        valued=wish.day - dice.days(0, 1),
        payer=payer,
        deals=wish.deals,
        currency=deal.currency,
        settlements=wish.settlements,
        excess_minor=excess,
        charges_minor=charges,
        rate_e10=rate,
        statement_minor=ratio.half_up((settled + excess - charges) * rate, E10),
    )
