"""Cash application (核销): which instalments each payment of an agreement settles.

Payments arrive in parts, late, together for two shipments, a little short of charges, now and then
too much. The solver walks through the payments of an agreement in the order of days and keeps the
cheapest partial stories (a beam search); a story costs more for everything that seldom happens:

    paying what the text does not name            leaving an instalment open
    paying far from the due day                   spilling into a second instalment unannounced
    paying a later instalment first               paying too much

    deposit 171,900   balance 401,100
    payments 90,000 "DEPOSIT"   81,865 "DEPOSIT" (net, charges of 35)   401,100
    ─▶       90,000 + 81,900 for the deposit, 401,100 for the balance

CASH-1  no instalment receives more than it asks for
CASH-2  a payment settles no more than its gross amount
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import permutations
from math import exp

from tallyport.kernel.guard import invariant

BEAM = 24  # Stories kept after each payment; more found nothing better in trials.
HOPELESS = 9.0  # A story so much dearer than the cheapest weighs a ten-thousandth.
ALIKE_MAX = 3  # Of stories that differ only in which payment went where.
PAYMENTS_MAX = 1_000  # Of agreements that hang together; more would take minutes.
RATE_TOLERANCE = 0.015  # A day's rate against the bank's.
ROUND_MINOR = 100_00  # Buyers pay parts in round sums.

# Costs, in units of about one natural logarithm of rarity.
OFF_TEXT = 6.0
SPILL = 3.0
OVERPAID = 4.0
CHARGE = 0.7
PLAIN = 0.5  # Costs below it: nothing about the payment is odd.
PART = 0.8
ODD_PART = 1.5
SKIPPED = 0.4
LEFT_OPEN = 2.0
UNPAID = 1.0
FAR_MAX = 3.0  # Years late cost no more than months: money comes when it comes.
EARLY_DAYS, LATE_DAYS, FAR_DAYS = 30, 25, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """What is asked for: `amount` in minor units, `due` as a day number, if known."""

    key: int
    contract_no: str
    item: str
    shipment: int
    amount: int
    due: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What a payment is worth under one agreement: `gross` as far as known, and `how` well."""

    gross: int
    how: str  # "exact", "net" (charges unknown) or "rate" (converted at the day's rate)
    cost: float = 0.0  # How improbable it is that the payment came under this agreement.


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What came, what it may have come for, and the hints of its text."""

    entry_no: str
    worth: Mapping[str, Worth]  # By agreement.
    day: int
    together: bool  # The text names several agreements.
    items: frozenset[str]  # Items that the text names; empty: none.
    shipments: tuple[int, ...]  # Shipments that the text names.
    named: frozenset[int] = frozenset()  # Instalments of the vehicles that the text names.


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """`amount` of a payment's gross settles an instalment; `place` 0 is the first."""

    entry_no: str
    key: int
    place: int
    amount: int


@dataclass(frozen=True, slots=True)
class _Story:
    cost: float
    left: tuple[int, ...]
    told: tuple[Settled, ...] = ()
    gross: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """The cheapest story: what settles what, each payment's gross amount, and how sure each is.

    `sure` is the weight of all stories that agree, among those kept; a story of cost c weighs
    exp(-c).
    """

    settled: tuple[Settled, ...]
    gross: dict[str, int]
    sure: dict[tuple[str, int], float]
    cost: float


def applied(
    instalments: list[Instalment],
    payments: list[Payment],
    charges: dict[str, list[int]],
    today: int,
) -> Applied:
    """Apply `payments` to `instalments`; `charges` are the usual ones by payment's entry_no."""
    stories = [_Story(0.0, tuple(one.amount for one in instalments))]
    for payment in sorted(payments, key=lambda one: (one.day, one.entry_no))[:PAYMENTS_MAX]:
        usual = charges.get(payment.entry_no, [])
        told = [
            option for story in stories for option in _options(story, payment, instalments, usual)
        ]
        stories = _cheapest(told)
    ended = sorted(
        ((story.cost + _ending(story, instalments, today), story) for story in stories),
        key=lambda pair: pair[0],
    )
    least, best = ended[0]
    weights: defaultdict[tuple[str, int], float] = defaultdict(float)
    total = 0.0
    for cost, story in ended:
        weight = exp(least - cost)
        total += weight
        for one in story.told:
            weights[one.entry_no, one.key] += weight
    return Applied(
        settled=best.told,
        gross=dict(best.gross),
        sure={(one.entry_no, one.key): weights[one.entry_no, one.key] / total for one in best.told},
        cost=least,
    )


def _cheapest(stories: list[_Story]) -> list[_Story]:
    """Keep the cheapest stories, and of those that leave the same open only a few."""
    alike: Counter[tuple[int, ...]] = Counter()
    kept: list[_Story] = []
    for story in sorted(stories, key=lambda one: one.cost):
        if kept and story.cost > kept[0].cost + HOPELESS:
            break
        alike[story.left] += 1
        if alike[story.left] <= ALIKE_MAX:
            kept.append(story)
        if len(kept) == BEAM:
            break
    return kept


def _options(
    story: _Story, payment: Payment, instalments: list[Instalment], usual: list[int]
) -> list[_Story]:
    """Return the stories in which `payment` settles one or two open instalments, or nothing."""
    open_ = [
        index
        for index, one in enumerate(instalments)
        if story.left[index] > 0 and one.contract_no in payment.worth
    ]
    options = []
    for index in open_:
        off = _off(payment, instalments, story, (index,))
        options.extend(_single(story, payment, instalments, index, usual, off))
    # A payment that closes one instalment to the cent was not meant for two.
    least = min((option.cost for option in options), default=OFF_TEXT) - story.cost
    if len(open_) > 1 and least >= PLAIN:
        options.extend(_doubles(story, payment, instalments, open_, usual))
    if not options:
        worth = min(payment.worth.values(), key=lambda one: one.cost)
        options.append(_told(story, payment, [], worth.gross, OVERPAID + OFF_TEXT))
    return options


def _single(
    story: _Story,
    payment: Payment,
    instalments: list[Instalment],
    index: int,
    usual: list[int],
    off: float,
) -> list[_Story]:
    """Settle one instalment: close it, pay a part of it, or pay too much."""
    left = story.left[index]
    one = instalments[index]
    worth = payment.worth[one.contract_no]
    off += worth.cost
    closing = _closing(worth, left, usual)
    if closing is not None:
        gross, cost = closing
        return [_told(story, payment, [(one.key, index, left)], gross, off + cost)]
    gross, cost = _part(worth, usual)
    if gross < left:
        return [_told(story, payment, [(one.key, index, gross)], gross, off + cost + PART)]
    excess = (gross - left) / gross
    return [_told(story, payment, [(one.key, index, left)], gross, off + OVERPAID + 4 * excess)]


def _doubles(
    story: _Story,
    payment: Payment,
    instalments: list[Instalment],
    open_: list[int],
    usual: list[int],
) -> list[_Story]:
    """Settle two instalments: both in whole (or too much), or one whole and a part of the other."""
    options = []
    for first, second in permutations(open_, 2):
        one, other = instalments[first], instalments[second]
        if one.contract_no != other.contract_no and not payment.together:
            continue
        worth = payment.worth[one.contract_no]
        together = story.left[first] + story.left[second]
        off = _off(payment, instalments, story, (first, second)) + worth.cost
        off += 0.0 if _announced(payment, one, other) else SPILL
        whole = [(instalments[at].key, at, story.left[at]) for at in sorted((first, second))]
        closing = _closing(worth, together, usual) if first < second else None
        if closing is not None:
            gross, cost = closing
            # Both to the cent: the text, which names one of them, need not name the other.
            names_one = _off_text(payment, one) != _off_text(payment, other)
            exact = cost == 0 or (payment.together and worth.how != "rate")
            spared = OFF_TEXT if exact and names_one else 0.0
            options.append(_told(story, payment, whole, gross, off + cost - spared))
            continue
        gross, cost = _part(worth, usual)
        rest = gross - story.left[first]
        if 0 < rest < story.left[second]:
            odd = 0.0 if rest % ROUND_MINOR == 0 else ODD_PART
            pair = [
                (instalments[first].key, first, story.left[first]),
                (instalments[second].key, second, rest),
            ]
            pair.sort(key=lambda part: part[1])
            options.append(_told(story, payment, pair, gross, off + cost + odd))
        elif first < second and gross > together:
            excess = OVERPAID + 4 * (gross - together) / gross
            options.append(_told(story, payment, whole, gross, off + excess))
    return options


def _closing(worth: Worth, left: int, usual: list[int]) -> tuple[int, float] | None:
    """Return the gross amount and cost with which the payment is exactly `left`, if it can be."""
    missing = left - worth.gross
    if worth.how == "rate":
        off = abs(missing) / left
        return (left, off / RATE_TOLERANCE) if off <= RATE_TOLERANCE else None
    if missing == 0:
        return left, 0.0
    if worth.how == "net" and missing in usual:
        return left, CHARGE
    return None


def _part(worth: Worth, usual: list[int]) -> tuple[int, float]:
    """Return the gross amount and cost of a payment that closes nothing."""
    if worth.how == "rate":
        return worth.gross, ODD_PART
    if worth.gross % ROUND_MINOR == 0:
        return worth.gross, 0.0
    if worth.how == "net":
        for charge in usual:
            if (worth.gross + charge) % ROUND_MINOR == 0:
                return worth.gross + charge, CHARGE
    return worth.gross, ODD_PART


def _announced(payment: Payment, first: Instalment, second: Instalment) -> bool:
    """Tell whether the text names both."""
    if first.contract_no != second.contract_no:
        return payment.together
    both = {first.shipment, second.shipment} <= set(payment.shipments)
    return len(payment.shipments) > 1 and both


def _off(
    payment: Payment, instalments: list[Instalment], story: _Story, chosen: tuple[int, ...]
) -> float:
    """Return the cost of choosing these instalments, whatever the amount."""
    cost = 0.0
    for index in chosen:
        one = instalments[index]
        cost += _off_text(payment, one)
        if payment.named and one.key not in payment.named:
            cost += OFF_TEXT / 2
        cost += _far(payment, one)
    if payment.shipments and len(payment.shipments) > len(chosen):
        cost += SPILL
    due = [instalments[index].due for index in chosen]
    contract_no = instalments[chosen[-1]].contract_no
    latest = max((day for day in due if day is not None), default=None)
    if latest is not None:
        cost += SKIPPED * sum(
            1
            for index, one in enumerate(instalments)
            if index not in chosen
            and one.contract_no == contract_no
            and story.left[index] > 0
            and one.due is not None
            and one.due < latest
        )
    return cost


def _off_text(payment: Payment, one: Instalment) -> float:
    """Return the cost of paying `one` with a text that names another item or shipment."""
    is_other = (payment.items and one.item not in payment.items) or (
        payment.shipments and one.shipment and one.shipment not in payment.shipments
    )
    return OFF_TEXT if is_other else 0.0


def _far(payment: Payment, one: Instalment) -> float:
    """Return the cost of paying `one` so long before or after it is due."""
    if one.due is None:
        return 1.0
    late = payment.day - one.due
    excess = max(0, late - LATE_DAYS, -late - EARLY_DAYS)
    return min(FAR_MAX, excess / FAR_DAYS)


def _told(
    story: _Story,
    payment: Payment,
    parts: list[tuple[int, int, int]],
    gross: int,
    cost: float,
) -> _Story:
    """Return `story` with one payment more."""
    left = list(story.left)
    settled = []
    invariant(sum(amount for _, _, amount in parts) <= gross, "CASH-2")
    for place, (key, index, amount) in enumerate(parts):
        left[index] -= amount
        invariant(left[index] >= 0, "CASH-1")
        settled.append(Settled(entry_no=payment.entry_no, key=key, place=place, amount=amount))
    return _Story(
        story.cost + cost,
        tuple(left),
        (*story.told, *settled),
        (*story.gross, (payment.entry_no, gross)),
    )


def _ending(story: _Story, instalments: list[Instalment], today: int) -> float:
    """Return the cost of what is left open at the end."""
    cost = 0.0
    for left, one in zip(story.left, instalments, strict=True):
        if left == 0:
            continue
        if left < one.amount:
            cost += LEFT_OPEN
        elif one.due is not None and one.due < today:
            cost += UNPAID
    return cost
