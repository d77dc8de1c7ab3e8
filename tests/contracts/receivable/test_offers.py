"""Offered, taken, declined, withdrawn: a certificate moves only when both want it, and whole.

Goal: one holder at any moment, and no certificate stuck on the way. Method: ways there and back,
every refusal of the four verbs, forgeries.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from support.certificates import (
    ISSUE,
    ISSUED,
    LIMIT,
    OFFERED,
    OPEN,
    PLEDGED,
    ROOT,
    another,
    certificate,
    check,
)
from support.judging import Happened, Step, play, stops, verdict
from support.town import ALI, BEK, CAN, PORT, Town
from tallyport.contracts.books.model import Kind
from tallyport.contracts.books.post import Posted, exchange
from tallyport.contracts.limit.model import Limit
from tallyport.contracts.pledge.search import is_free
from tallyport.contracts.receivable import accept, decline, transfer, withdraw
from tallyport.contracts.receivable.accept import Accept, CertificateAccepted
from tallyport.contracts.receivable.decline import Decline, OfferDeclined
from tallyport.contracts.receivable.mature import PaymentMissed
from tallyport.contracts.receivable.model import Root, Stage
from tallyport.contracts.receivable.transfer import CertificateOffered, Transfer
from tallyport.contracts.receivable.withdraw import OfferWithdrawn, Withdraw
from tallyport.kernel.ids import CertificateId, MemberId
from tallyport.kernel.money import MINOR_MAX, Money

ACCEPT, DECLINE = Accept(certificate_id=ROOT), Decline(certificate_id=ROOT)
TRANSFER, WITHDRAW = Transfer(certificate_id=ROOT, taker=BEK), Withdraw(certificate_id=ROOT)
HALF_A_YEAR = timedelta(days=182, hours=14)  # Nine hours before the due date begins in China.


def test_there_and_back() -> None:
    """To Bek and on to Can; every giver's debt is paid for the face, and every move counted."""
    town = Town()
    play(town, *OFFERED)
    assert (certificate(town).holder, certificate(town).offered_to) == (ALI, BEK)
    play(town, (BEK, ACCEPT), (BEK, replace(TRANSFER, taker=CAN)), (CAN, ACCEPT))
    one = certificate(town)
    assert (one.holder, one.offered_to, one.stage, one.moves) == (CAN, None, Stage.OPEN, 2)
    check(town)


@pytest.mark.parametrize(("actor", "command"), [(BEK, DECLINE), (ALI, WITHDRAW)])
@pytest.mark.parametrize("wait", [timedelta(0), timedelta(days=400)])
def test_an_offer_that_fails_leaves_the_giver_as_before(
    actor: MemberId, command: object, wait: timedelta
) -> None:
    """Declined or withdrawn, even after a missed payment: open, in the same hand, to be used."""
    town = Town()
    play(town, *OFFERED, wait, (actor, command))
    one = certificate(town)
    assert (one.holder, one.offered_to, one.stage, one.moves) == (ALI, None, Stage.OPEN, 0)
    if not wait:
        play(town, (ALI, replace(TRANSFER, taker=CAN)))
    check(town)


def test_a_declined_issue_gives_everything_back() -> None:
    """The limit, the invoice; the same trade can be promised again, under another id."""
    town = Town()
    play(town, *ISSUED, (ALI, DECLINE))
    assert certificate(town).stage is Stage.CANCELLED
    assert town.row(Limit, LIMIT).used_minor == 0
    assert is_free(town.state, ISSUE.backing[0])
    assert (town.row(Root, ROOT).leaves, town.row(Root, ROOT).outstanding_minor) == (0, 0)
    again = replace(ISSUE, certificate_id=CertificateId("RC-2"))
    play(town, (PORT, again))
    check(town)


def test_a_debtor_may_take_its_own_promise_back_in_payment() -> None:
    """And pass it on again: it is a claim like any other."""
    town = Town()
    play(town, *OPEN, (ALI, replace(TRANSFER, taker=PORT)), (PORT, ACCEPT))
    play(town, (PORT, TRANSFER), (BEK, ACCEPT))
    assert certificate(town).holder == BEK
    check(town)


def full(owner: MemberId) -> Happened:
    """Return a posting after which `owner` can be owed nothing more by anybody."""
    lines = exchange(owner, Kind.TRADE, Kind.TRADE_RECEIVABLE, Money(MINOR_MAX, "CNY"))
    return Happened(Posted(purpose="test", about="test", currency="CNY", lines=lines))


ATTEMPTS: list[tuple[ModuleType, str, tuple[Step, ...], MemberId, object]] = [
    (accept, "NOT_FOUND", (), ALI, ACCEPT),
    (accept, "NOT_OFFERED", OPEN, ALI, ACCEPT),
    (accept, "NOT_OFFERED", (*ISSUED, (ALI, DECLINE)), ALI, ACCEPT),
    (accept, "NOT_TAKER", ISSUED, BEK, ACCEPT),
    (accept, "NOT_TAKER", OFFERED, ALI, ACCEPT),
    (accept, "DUE", (*OFFERED, timedelta(days=400)), BEK, ACCEPT),
    (accept, "PLEDGED", (*OFFERED, PLEDGED), BEK, ACCEPT),
    (accept, "TOO_MUCH", (*ISSUED, full(ALI)), ALI, ACCEPT),
    (accept, "TOO_MUCH", (*OFFERED, full(BEK)), BEK, ACCEPT),
    (decline, "NOT_FOUND", (), ALI, DECLINE),
    (decline, "NOT_OFFERED", OPEN, ALI, DECLINE),
    (decline, "NOT_TAKER", ISSUED, BEK, DECLINE),
    (decline, "NOT_TAKER", OFFERED, ALI, DECLINE),
    (transfer, "NOT_FOUND", (), ALI, TRANSFER),
    (transfer, "NOT_OPEN", ISSUED, ALI, TRANSFER),
    (transfer, "NOT_OPEN", OFFERED, ALI, TRANSFER),
    (transfer, "NOT_HOLDER", OPEN, BEK, TRANSFER),
    (transfer, "NOT_HOLDER", OPEN, PORT, TRANSFER),
    (transfer, "DUE", (*OPEN, timedelta(days=400)), ALI, TRANSFER),
    (transfer, "NO_TAKER", OPEN, ALI, replace(TRANSFER, taker=ALI)),
    (transfer, "NO_TAKER", OPEN, ALI, replace(TRANSFER, taker=MemberId("nobody"))),
    (transfer, "PLEDGED", (*OPEN, PLEDGED), ALI, TRANSFER),
    (withdraw, "NOT_FOUND", (), ALI, WITHDRAW),
    (withdraw, "NOT_OFFERED", OPEN, ALI, WITHDRAW),
    (withdraw, "NOT_OFFERED", ISSUED, ALI, WITHDRAW),
    (withdraw, "NOT_HOLDER", OFFERED, BEK, WITHDRAW),
]


@pytest.mark.parametrize(("verb", "reason", "steps", "actor", "command"), ATTEMPTS)
def test_it_refuses(
    verb: ModuleType, reason: str, steps: tuple[Step, ...], actor: MemberId, command: object
) -> None:
    """One line of ATTEMPTS: after these steps, this is refused for this reason."""
    town = Town()
    play(town, *steps)
    decide: Callable[..., Any] = verb.decide
    assert verdict(town, decide, actor, command) is verb.Refusal[reason]


@pytest.mark.parametrize("verb", [accept, decline, transfer, withdraw])
def test_every_refusal_is_tried_in_order(verb: ModuleType) -> None:
    """ATTEMPTS follows the enums, so an enum's order is the order that clients are told."""
    tried = dict.fromkeys(reason for module, reason, *_ in ATTEMPTS if module is verb)
    assert list(tried) == [reason.name for reason in verb.Refusal]


def test_forged_moves_stop_the_replay() -> None:
    """Who is not the holder gives nothing; who was not asked gets nothing."""
    town = Town()
    play(town, *OPEN, (PORT, another(2)))
    offered = CertificateOffered(certificate_id=ROOT, giver=ALI, taker=BEK)
    stops(town, "RCV-TRANSFER-1", replace(offered, giver=BEK, taker=CAN))
    stops(town, "RCV-TRANSFER-1", replace(offered, taker=ALI))
    stops(town, "RCV-1", replace(offered, certificate_id=CertificateId("RC-404")))
    stops(town, "RCV-1", replace(offered, certificate_id=CertificateId("RC-2")))
    stops(town, "RCV-1", offered, offered)
    taken = CertificateAccepted(certificate_id=ROOT, giver=ALI, holder=BEK)
    stops(town, "RCV-1", taken)
    stops(town, "RCV-ACCEPT-1", offered, replace(taken, holder=CAN))
    other = CertificateAccepted(certificate_id=CertificateId("RC-2"), giver=PORT, holder=BEK)
    stops(town, "RCV-ACCEPT-1", other)
    stops(town, "RCV-1", OfferDeclined(certificate_id=ROOT))
    stops(town, "RCV-1", OfferWithdrawn(certificate_id=ROOT))


def test_after_maturity_nothing_moves_on_replay_either() -> None:
    """RCV-3: the log cannot move what has matured."""
    town = Town()
    play(town, *OPEN)
    missed = PaymentMissed(root_id=ROOT, debtor=PORT, owed=ISSUE.face)
    offered = CertificateOffered(certificate_id=ROOT, giver=ALI, taker=BEK)
    stops(town, "RCV-3", missed, offered)
    stops(
        town,
        "RCV-3",
        offered,
        missed,
        CertificateAccepted(certificate_id=ROOT, giver=ALI, holder=BEK),
    )


def test_until_the_last_hour() -> None:
    """An offer is taken on the eve of the due date, and no later."""
    town = Town()
    play(town, *OFFERED, HALF_A_YEAR)
    assert verdict(town, accept.decide, BEK, ACCEPT) is None
