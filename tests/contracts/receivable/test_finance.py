"""A certificate passes to a funder whole, once, at a price, and not from under another's pledge.

Goal: what the contract of financing may rely on. Method: the move, every refusal, forgeries.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from support.certificates import CUT, ISSUED, OFFERED, OPEN, PLEDGED, ROOT, certificate
from support.judging import Attempt, Step, carry, play, stops, verdict
from support.town import ALI, BANK, BEK, FUND, PORT, SECOND_FUND, Town, cny
from tallyport.contracts.receivable.accept import Accept
from tallyport.contracts.receivable.finance import CertificateFinanced, Refusal, financed
from tallyport.contracts.receivable.mature import PaymentMissed
from tallyport.contracts.receivable.model import Stage
from tallyport.contracts.receivable.transfer import Transfer
from tallyport.kernel.contract import Book, Context, Events
from tallyport.kernel.ids import CertificateId, FinancingId, MemberId
from tallyport.kernel.money import Money

FINE = CertificateFinanced(
    certificate_id=ROOT,
    financing_id=FinancingId("F-1"),
    seller=ALI,
    funder=FUND,
    price=cny(58_000_000),
)


def decide(book: Book, wish: CertificateFinanced, context: Context) -> Events:
    """Judge a wish as the contract of financing would."""
    return (financed(book, wish, context.today),)


@pytest.mark.parametrize("before", [(), (PLEDGED,)])
def test_it_moves_to_the_funder(before: tuple[Step, ...]) -> None:
    """Also when it is pledged already, by this very financing."""
    town = Town()
    play(town, *OPEN, *before)
    assert verdict(town, decide, ALI, FINE) is None
    carry(town, FINE)
    one = certificate(town)
    assert (one.holder, one.stage, one.moves) == (FUND, Stage.OPEN, 1)


BACK: tuple[Step, ...] = (
    *OPEN,
    (ALI, Transfer(certificate_id=ROOT, taker=PORT)),
    (PORT, Accept(certificate_id=ROOT)),
)
ATTEMPTS: list[Attempt] = [  # In the order of the checks.
    (Refusal.NOT_FOUND, (), ALI, FINE),
    (Refusal.NOT_OPEN, ISSUED, ALI, FINE),
    (Refusal.NOT_OPEN, OFFERED, ALI, FINE),
    (Refusal.NOT_OPEN, CUT, ALI, FINE),
    (Refusal.DUE, (*OPEN, timedelta(days=200)), ALI, FINE),
    (Refusal.NOT_HOLDER, OPEN, BEK, replace(FINE, seller=BEK)),
    (Refusal.BY_DEBTOR, BACK, PORT, replace(FINE, seller=PORT)),
    (Refusal.NOT_A_FUNDER, OPEN, ALI, replace(FINE, funder=BEK)),
    (Refusal.NOT_A_FUNDER, OPEN, ALI, replace(FINE, funder=BANK)),
    (Refusal.NOT_A_FUNDER, OPEN, ALI, replace(FINE, funder=MemberId("nobody"))),
    (Refusal.NOT_A_FUNDER, OPEN, ALI, replace(FINE, funder=PORT)),
    (Refusal.NOT_A_FUNDER, OPEN, ALI, replace(FINE, funder=ALI)),
    (Refusal.WRONG_CURRENCY, OPEN, ALI, replace(FINE, price=Money(1, "USD"))),
    (Refusal.WRONG_PRICE, OPEN, ALI, replace(FINE, price=cny(0))),
    (Refusal.WRONG_PRICE, OPEN, ALI, replace(FINE, price=cny(60_000_001))),
    (Refusal.PLEDGED, (*OPEN, PLEDGED), ALI, replace(FINE, financing_id=FinancingId("F-2"))),
]


@pytest.mark.parametrize(("reason", "steps", "actor", "wish"), ATTEMPTS)
def test_it_refuses(
    reason: Refusal, steps: tuple[Step, ...], actor: MemberId, wish: CertificateFinanced
) -> None:
    """One line of ATTEMPTS: after these steps, this is refused for this reason."""
    town = Town()
    play(town, *steps)
    assert verdict(town, decide, actor, wish) is reason


def test_every_refusal_is_tried_in_order() -> None:
    """ATTEMPTS follows the enum, so the enum's order is the order that clients are told."""
    assert list(dict.fromkeys(reason for reason, *_ in ATTEMPTS)) == list(Refusal)


def test_forged_sales_stop_the_replay() -> None:
    """Not the seller's, to the seller, at no price, above the face, in other money, twice, late."""
    town = Town()
    play(town, *OPEN)
    for label, forged in [
        ("RCV-FINANCE-1", replace(FINE, seller=BEK)),
        ("RCV-FINANCE-1", replace(FINE, funder=ALI)),
        ("RCV-FINANCE-2", replace(FINE, price=cny(0))),
        ("RCV-FINANCE-2", replace(FINE, price=cny(60_000_001))),
        ("RCV-FINANCE-2", replace(FINE, price=Money(1, "USD"))),
        ("RCV-1", replace(FINE, certificate_id=CertificateId("RC-404"))),
    ]:
        stops(town, label, forged)
    stops(town, "RCV-FINANCE-1", FINE, replace(FINE, funder=SECOND_FUND))
    missed = PaymentMissed(root_id=ROOT, debtor=PORT, owed=cny(60_000_000))
    stops(town, "RCV-3", missed, FINE)
