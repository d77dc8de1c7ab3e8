"""On the day, or later by command: the last holders are paid their faces, and nobody else pays.

Goal: clearing is exact, automatic and never stuck (CN-SCF-11: no recourse). Method: maturity with
money, without, unaccepted, offered; settlement afterwards; every refusal; forgeries.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from support.certificates import (
    CUT,
    DUE,
    FIRST,
    ISSUE,
    ISSUED,
    LIMIT,
    OFFERED,
    OPEN,
    ROOT,
    SECOND,
    another,
    certificate,
    check,
)
from support.judging import Attempt, Step, fires, play, stops, verdict
from support.town import ALI, BANK, BEK, CAN, FUND, PORT, SURETY, Town, cny
from tallyport.contracts.books.deposit import Deposit
from tallyport.contracts.books.hold import PlaceHold
from tallyport.contracts.limit.clear import Clear
from tallyport.contracts.limit.model import Limit
from tallyport.contracts.pledge.search import is_free
from tallyport.contracts.receivable.accept import Accept
from tallyport.contracts.receivable.cancel import Cancel, Cause, CertificateCancelled
from tallyport.contracts.receivable.mature import MATURE, PaymentMissed
from tallyport.contracts.receivable.model import DebtorRecord, Root, Stage
from tallyport.contracts.receivable.settle import (
    CertificatesSettled,
    Refusal,
    Settle,
    Share,
    decide,
)
from tallyport.contracts.receivable.split import Split
from tallyport.contracts.receivable.transfer import Transfer
from tallyport.kernel.ids import BankReferenceId, CertificateId, HoldId, MemberId
from tallyport.kernel.money import Money

SETTLE = Settle(root_id=ROOT)
EVE = timedelta(days=182, hours=14, minutes=59, seconds=59)  # The last second before DUE in China.
PAST = timedelta(days=200)
MISSED: tuple[Step, ...] = (*CUT, PAST)


def test_at_midnight_in_china() -> None:
    """Not a second before; then at once, without anybody's command."""
    town = Town()
    play(town, *CUT)
    town.pay_in(PORT, cny(60_000_000))
    play(town, EVE)
    assert certificate(town, FIRST).stage is Stage.OPEN
    play(town, timedelta(seconds=1))
    assert certificate(town, FIRST).stage is Stage.SETTLED
    assert (town.cash(ALI), town.cash(PORT)) == (6_000_000_000, 0)
    assert not is_free(town.state, ISSUE.backing[0])  # What is paid backs nothing again.
    assert town.row(Limit, LIMIT).used_minor == 0
    check(town)


def test_never_accepted_is_cancelled_on_the_day() -> None:
    """The limit comes back even if it was cleared meanwhile; nobody is paid, nothing is missed."""
    town = Town()
    play(town, *ISSUED, (FUND, Clear(limit_id=LIMIT, note="")), PAST)
    assert certificate(town).stage is Stage.CANCELLED
    assert is_free(town.state, ISSUE.backing[0])
    assert (town.row(Limit, LIMIT).used_minor, town.row(Root, ROOT).is_missed) == (0, False)
    check(town)


def test_what_was_offered_is_paid_to_the_giver() -> None:
    """Bek did not accept in time."""
    town = Town()
    play(town, *OFFERED)
    town.pay_in(PORT, cny(60_000_000))
    play(town, PAST)
    assert (town.cash(ALI), town.cash(BEK)) == (6_000_000_000, 0)
    assert (certificate(town).stage, certificate(town).offered_to) == (Stage.SETTLED, None)
    check(town)


def test_a_missed_payment_is_on_record_and_can_be_made_good() -> None:
    """Regression: a rejected redemption leaves a certificate stuck. Here it is paid in the end."""
    town = Town()
    play(town, *CUT)
    town.pay_in(PORT, cny(59_999_999))
    play(town, PAST)
    root = town.row(Root, ROOT)
    assert (root.is_matured, root.is_missed, root.outstanding) == (True, True, ISSUE.face)
    assert town.row(DebtorRecord, PORT).misses == 1
    assert (town.cash(ALI), certificate(town, FIRST).stage) == (0, Stage.OPEN)

    assert town.do(PORT, SETTLE) == "receivable.free_cash_must_cover_what_is_outstanding"
    town.pay_in(PORT, cny(1))
    play(town, (BANK, SETTLE))

    assert town.cash(ALI) == 6_000_000_000
    assert {certificate(town, one).stage for one in (FIRST, SECOND)} == {Stage.SETTLED}
    assert town.row(Limit, LIMIT).used_minor == 0
    assert town.row(DebtorRecord, PORT).misses == 1  # It is not forgotten.
    assert town.row(Root, ROOT).is_missed
    check(town)


def test_held_cash_does_not_pay() -> None:
    """Free cash counts: what is promised to another is not the certificate's."""
    town = Town()
    play(town, *OPEN)
    town.pay_in(PORT, cny(60_000_000))
    hold = PlaceHold(
        hold_id=HoldId("H"), amount=cny(1), payee=BEK, expires=town.at + timedelta(days=300)
    )
    play(town, (PORT, hold), PAST)
    assert town.row(Root, ROOT).is_missed
    check(town)


def test_no_recourse_to_whoever_passed_it_on() -> None:
    """Ali gave it to Bek, Bek to Can: the miss costs neither a cent (CN-SCF-11)."""
    town = Town()
    for member in (ALI, BEK):
        town.pay_in(member, cny(100_000_000))
    play(town, *OFFERED, (BEK, Accept(certificate_id=ROOT)))
    play(town, (BEK, Transfer(certificate_id=ROOT, taker=CAN)), (CAN, Accept(certificate_id=ROOT)))
    play(town, PAST)
    assert town.row(Root, ROOT).is_missed
    town.pay_in(PORT, cny(60_000_000))
    play(town, (PORT, SETTLE))
    assert [town.cash(member) for member in (ALI, BEK, CAN)] == [10**10, 10**10, 6 * 10**9]


def test_what_the_debtor_holds_itself_it_need_not_pay_for() -> None:
    """40 of 60 million are with others; 40 in cash are enough."""
    town = Town()
    play(town, *CUT, (ALI, Transfer(certificate_id=FIRST, taker=PORT)))
    play(town, (PORT, Accept(certificate_id=FIRST)))
    town.pay_in(PORT, cny(40_000_000))
    play(town, PAST)
    assert (town.cash(ALI), town.cash(PORT)) == (4_000_000_000, 0)
    assert certificate(town, FIRST).stage is Stage.SETTLED
    check(town)


def test_two_issues_of_a_day_are_paid_in_order_while_money_lasts() -> None:
    """Each wholly or not at all."""
    town = Town()
    play(town, *OPEN, (PORT, replace(another(2), due=DUE)))
    play(town, (ALI, Accept(certificate_id=CertificateId("RC-2"))))
    town.pay_in(PORT, cny(60_000_000))
    play(town, PAST)
    assert [town.row(Root, name).is_missed for name in (ROOT, "RC-2")] == [False, True]
    check(town)


def test_a_thousand_and_one_lines_are_two_postings() -> None:
    """More holders than one posting can name are paid in one entry all the same."""
    town = Town()
    play(town, *OPEN)
    name, left = ROOT, ISSUE.face
    for _ in range(5):
        left -= Money(99, "CNY")
        faces = (*(Money(1, "CNY") for _ in range(99)), left)
        play(town, (ALI, Split(certificate_id=name, faces=faces)))
        name = CertificateId(f"{name}/100")
    town.pay_in(PORT, ISSUE.face)
    play(town, PAST)
    events = [type(event).__name__ for event in town.entries[-1].events]
    assert events == ["CertificatesSettled", "Posted"] * 2 + ["LimitReleased"]
    assert town.cash(ALI) == ISSUE.face.minor
    check(town)


def test_a_timer_that_finds_nothing_to_do_does_nothing() -> None:
    """Cancelled before, or unknown."""
    town = Town()
    assert fires(town, MATURE, ROOT) == ()
    play(town, *ISSUED, (PORT, Cancel(certificate_id=ROOT)))
    assert fires(town, MATURE, ROOT) == ()


ATTEMPTS: list[Attempt] = [  # In the order of the checks.
    (Refusal.NOT_FOUND, (), PORT, SETTLE),
    (Refusal.NOT_FOUND, MISSED, PORT, Settle(root_id=FIRST)),
    (Refusal.NOT_PAYER, MISSED, ALI, SETTLE),
    (Refusal.NOT_PAYER, MISSED, SURETY, SETTLE),
    (Refusal.NOT_MISSED, CUT, PORT, SETTLE),
    (Refusal.NOT_MISSED, CUT, BANK, SETTLE),
    (
        Refusal.NOTHING_LEFT,
        (
            *OPEN,
            (ALI, Transfer(certificate_id=ROOT, taker=PORT)),
            (PORT, Accept(certificate_id=ROOT)),
            (PORT, Split(certificate_id=ROOT, faces=(cny(1), cny(59_999_999)))),
            (PORT, Transfer(certificate_id=FIRST, taker=ALI)),
            (ALI, Accept(certificate_id=FIRST)),
            PAST,
            (PORT, Cancel(certificate_id=SECOND)),
            (BANK, Deposit(owner=PORT, amount=cny(1), reference=BankReferenceId("B-1"))),
            (PORT, SETTLE),
        ),
        PORT,
        SETTLE,
    ),
    (Refusal.TOO_LITTLE_CASH, MISSED, PORT, SETTLE),
]


@pytest.mark.parametrize(("reason", "steps", "actor", "command"), ATTEMPTS)
def test_it_refuses(
    reason: Refusal, steps: tuple[Step, ...], actor: MemberId, command: Settle
) -> None:
    """One line of ATTEMPTS: after these steps, this is refused for this reason."""
    town = Town()
    play(town, *steps)
    assert verdict(town, decide, actor, command) is reason


def test_every_refusal_is_tried_in_order() -> None:
    """ATTEMPTS follows the enum, so the enum's order is the order that clients are told."""
    assert list(dict.fromkeys(reason for reason, *_ in ATTEMPTS)) == list(Refusal)


def test_forged_settlements_stop_the_replay() -> None:
    """Another face, another holder, twice, another root's, nobody's."""
    town = Town()
    play(town, *CUT, (PORT, replace(another(2), due=DUE)))
    other = CertificateId("RC-2")
    play(town, (ALI, Accept(certificate_id=other)))
    one = Share(certificate_id=FIRST, holder=ALI, face=cny(20_000_000))
    two = Share(certificate_id=SECOND, holder=ALI, face=cny(40_000_000))
    foreign = Share(certificate_id=other, holder=ALI, face=cny(1))
    for shares in (
        (replace(one, face=cny(1)),),
        (replace(one, holder=BEK),),
        (one, one),
        (one, two, foreign),
    ):
        stops(town, "RCV-SETTLE-1", CertificatesSettled(root_id=ROOT, shares=shares))
    nowhere = CertificatesSettled(root_id=CertificateId("RC-404"), shares=(one,))
    stops(town, "RCV-SETTLE-1", nowhere)
    paid = CertificatesSettled(root_id=ROOT, shares=(one, two))
    stops(town, "RCV-1", paid, paid)


def test_forged_misses_stop_the_replay() -> None:
    """RCV-MATURE-1: counted once, of the debtor, the whole sum."""
    town = Town()
    missed = PaymentMissed(root_id=ROOT, debtor=PORT, owed=ISSUE.face)
    stops(town, "RCV-MATURE-1", missed)
    play(town, *CUT)
    stops(town, "RCV-MATURE-1", replace(missed, debtor=ALI))
    stops(town, "RCV-MATURE-1", replace(missed, owed=cny(1)))
    stops(town, "RCV-MATURE-1", missed, missed)


def test_a_root_that_does_not_add_up_stops_the_replay() -> None:
    """RCV-2: what ends is what was counted."""
    town = Town()
    play(town, *OPEN, (ALI, Transfer(certificate_id=ROOT, taker=PORT)))
    play(town, (PORT, Accept(certificate_id=ROOT)))
    cancelled = CertificateCancelled(certificate_id=ROOT, cause=Cause.BY_DEBTOR)
    town.state.put(replace(town.row(Root, ROOT), leaves=2))
    stops(town, "RCV-2", cancelled)
    town.state.put(replace(town.row(Root, ROOT), leaves=1, outstanding_minor=1))
    stops(town, "RCV-2", cancelled)
    town.state.put(replace(town.row(Root, ROOT), leaves=0, outstanding_minor=1))
    stops(town, "RCV-2", cancelled)
    town.state.drop(Root, ROOT)
    stops(town, "RCV-1", cancelled)
