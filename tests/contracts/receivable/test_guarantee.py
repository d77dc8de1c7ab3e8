"""A guarantor stands beside the debtor, and when it pays it has the claim.

Goal: a guarantee adds security and moves no value; honouring it pays the holder once and the
guarantor in the end. Method: the story, every refusal of both verbs, forgeries.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from support.certificates import (
    CUT,
    FIRST,
    ISSUED,
    LIMIT,
    OFFERED,
    OPEN,
    ROOT,
    SECOND,
    certificate,
    check,
)
from support.judging import Happened, Step, play, stops, verdict
from support.town import ALI, BANK, BEK, FUND, OPERATOR, PORT, SURETY, Town, cny
from tallyport.contracts.books.deposit import Deposit
from tallyport.contracts.books.model import Kind, balance
from tallyport.contracts.books.post import Posted, exchange
from tallyport.contracts.limit.model import Limit
from tallyport.contracts.receivable import guarantee, honour
from tallyport.contracts.receivable.accept import Accept
from tallyport.contracts.receivable.guarantee import CertificateGuaranteed, Guarantee
from tallyport.contracts.receivable.honour import CertificateHonoured, Honour
from tallyport.contracts.receivable.model import Stage
from tallyport.contracts.receivable.settle import Settle
from tallyport.contracts.receivable.split import Split
from tallyport.contracts.receivable.transfer import Transfer
from tallyport.kernel.ids import BankReferenceId, CertificateId, MemberId
from tallyport.kernel.money import MINOR_MAX, Money

GUARANTEE, HONOUR = Guarantee(certificate_id=ROOT), Honour(certificate_id=ROOT)
GUARANTEED: tuple[Step, ...] = (*OPEN, (SURETY, GUARANTEE))
PAST = timedelta(days=200)
RICH: Step = (
    BANK,
    Deposit(owner=SURETY, amount=cny(60_000_000), reference=BankReferenceId("B-S")),
)
MISSED: tuple[Step, ...] = (*GUARANTEED, PAST)
FULL = Happened(
    Posted(
        purpose="test",
        about="test",
        currency="CNY",
        lines=exchange(SURETY, Kind.GUARANTEE_CLAIMS, Kind.TRADE, Money(MINOR_MAX, "CNY")),
    )
)


def test_children_inherit_it() -> None:
    """What stands behind the whole stands behind its parts."""
    town = Town()
    faces = (cny(20_000_000), cny(40_000_000))
    play(town, *GUARANTEED, (ALI, Split(certificate_id=ROOT, faces=faces)))
    assert {certificate(town, one).guarantor for one in (FIRST, SECOND)} == {SURETY}
    check(town)


def test_the_guarantor_pays_and_is_paid() -> None:
    """Holder paid at once; the claim stays on the debtor and its limit until the debtor settles."""
    town = Town()
    play(town, *CUT, (SURETY, Guarantee(certificate_id=FIRST)))
    play(town, (ALI, Transfer(certificate_id=FIRST, taker=BEK)), RICH, PAST)
    play(town, (SURETY, Honour(certificate_id=FIRST)))

    claim = certificate(town, FIRST)
    assert (claim.stage, claim.holder, claim.offered_to) == (Stage.CLAIMED, SURETY, None)
    assert (town.cash(ALI), town.cash(SURETY)) == (2_000_000_000, 4_000_000_000)
    assert balance(town.state, SURETY, Kind.GUARANTEE_CLAIMS, "CNY") == 2_000_000_000
    assert town.row(Limit, LIMIT).used_minor == 6_000_000_000
    check(town)

    town.pay_in(PORT, cny(60_000_000))
    play(town, (PORT, Settle(root_id=ROOT)))
    assert (town.cash(ALI), town.cash(SURETY)) == (6_000_000_000, 6_000_000_000)
    assert balance(town.state, SURETY, Kind.GUARANTEE_CLAIMS, "CNY") == 0
    check(town)


ATTEMPTS: list[tuple[ModuleType, str, tuple[Step, ...], MemberId, object]] = [
    (guarantee, "NOT_FOUND", (), SURETY, GUARANTEE),
    (guarantee, "NOT_OPEN", ISSUED, SURETY, GUARANTEE),
    (guarantee, "NOT_OPEN", OFFERED, SURETY, GUARANTEE),
    (guarantee, "DUE", (*OPEN, PAST), SURETY, GUARANTEE),
    (guarantee, "NOT_A_GUARANTOR", OPEN, BEK, GUARANTEE),
    (guarantee, "NOT_A_GUARANTOR", OPEN, OPERATOR, GUARANTEE),
    (guarantee, "IS_PARTY", OPEN, PORT, GUARANTEE),
    (guarantee, "GUARANTEED_ALREADY", GUARANTEED, FUND, GUARANTEE),
    (honour, "NOT_FOUND", (), SURETY, HONOUR),
    (honour, "NOT_GUARANTOR", (*OPEN, PAST), SURETY, HONOUR),
    (honour, "NOT_GUARANTOR", MISSED, FUND, HONOUR),
    (honour, "NOT_OPEN", (*MISSED, RICH, (SURETY, HONOUR)), SURETY, HONOUR),
    (honour, "NOT_MISSED", GUARANTEED, SURETY, HONOUR),
    (honour, "TOO_LITTLE_CASH", MISSED, SURETY, HONOUR),
    (honour, "TOO_MUCH", (*MISSED, RICH, FULL), SURETY, HONOUR),
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


@pytest.mark.parametrize("verb", [guarantee, honour])
def test_every_refusal_is_tried_in_order(verb: ModuleType) -> None:
    """ATTEMPTS follows the enums, so an enum's order is the order that clients are told."""
    tried = dict.fromkeys(reason for module, reason, *_ in ATTEMPTS if module is verb)
    assert list(tried) == [reason.name for reason in verb.Refusal]


def test_a_holder_guarantees_nothing_it_passes_on() -> None:
    """No recourse by the back door: a funder that holds it cannot stand behind it (CN-SCF-11)."""
    town = Town()
    play(town, *OPEN, (ALI, Transfer(certificate_id=ROOT, taker=FUND)))
    play(town, (FUND, Accept(certificate_id=ROOT)))
    assert verdict(town, guarantee.decide, FUND, GUARANTEE) is guarantee.Refusal.IS_PARTY


def test_forged_guarantees_stop_the_replay() -> None:
    """A second guarantor, the debtor, a claim before the miss, by another, for another."""
    town = Town()
    play(town, *OPEN)
    given = CertificateGuaranteed(certificate_id=ROOT, guarantor=SURETY)
    stops(town, "RCV-GUARANTEE-1", replace(given, guarantor=PORT))
    stops(town, "RCV-GUARANTEE-1", replace(given, guarantor=ALI))
    stops(town, "RCV-GUARANTEE-1", given, given)
    stops(town, "RCV-1", replace(given, certificate_id=CertificateId("RC-404")))
    paid = CertificateHonoured(certificate_id=ROOT, holder=ALI, guarantor=SURETY)
    stops(town, "RCV-HONOUR-1", given, paid)
    play(town, (SURETY, GUARANTEE), PAST)
    stops(town, "RCV-HONOUR-1", replace(paid, guarantor=FUND))
    stops(town, "RCV-HONOUR-1", replace(paid, holder=BEK))
    stops(town, "RCV-1", paid, paid)
