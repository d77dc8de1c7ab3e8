"""A promise ends unpaid only where it binds the debtor to nobody (RCV-CANCEL-1).

Goal: no holder ever loses a certificate to a cancellation. Method: what may be cancelled, the
regression (a split parent or a transferred certificate), every refusal, forgeries.
"""

from __future__ import annotations

import pytest

from support.certificates import (
    CUT,
    FIRST,
    ISSUE,
    ISSUED,
    LIMIT,
    OFFERED,
    OPEN,
    PLEDGED,
    ROOT,
    certificate,
    check,
)
from support.judging import Attempt, Step, play, stops, verdict
from support.town import ALI, BEK, PORT, Town, cny
from tallyport.contracts.books.model import Account, Kind, balance
from tallyport.contracts.limit.model import Limit
from tallyport.contracts.pledge.search import is_free
from tallyport.contracts.receivable.accept import Accept
from tallyport.contracts.receivable.cancel import (
    Cancel,
    Cause,
    CertificateCancelled,
    Refusal,
    decide,
)
from tallyport.contracts.receivable.decline import Decline
from tallyport.contracts.receivable.model import Root, Stage
from tallyport.contracts.receivable.transfer import Transfer
from tallyport.kernel.ids import CertificateId, MemberId

CANCEL, CANCEL_FIRST = Cancel(certificate_id=ROOT), Cancel(certificate_id=FIRST)
RETURNED: tuple[Step, ...] = (
    *CUT,
    (ALI, Transfer(certificate_id=FIRST, taker=PORT)),
    (PORT, Accept(certificate_id=FIRST)),
)


def test_before_it_is_accepted_the_debtor_may_think_again() -> None:
    """Limit and invoice are free again, and nothing was ever posted."""
    town = Town()
    play(town, *ISSUED, (PORT, CANCEL))
    assert certificate(town).stage is Stage.CANCELLED
    assert town.row(Limit, LIMIT).used_minor == 0
    assert is_free(town.state, ISSUE.backing[0])
    assert not list(town.state.scan(Account))
    check(town)


def test_what_came_back_to_the_debtor_is_cancelled_in_part() -> None:
    """20 of 60 million: their share of the limit is free, the invoice stays paid for good."""
    town = Town()
    play(town, *RETURNED, (PORT, CANCEL_FIRST))
    assert certificate(town, FIRST).stage is Stage.CANCELLED
    assert town.row(Root, ROOT).outstanding == cny(40_000_000)
    assert town.row(Limit, LIMIT).used_minor == cny(40_000_000).minor
    assert balance(town.state, PORT, Kind.CERTIFICATES_HELD, "CNY") == 0
    assert not is_free(town.state, ISSUE.backing[0])
    check(town)


ATTEMPTS: list[Attempt] = [  # In the order of the checks.
    (Refusal.NOT_FOUND, (), PORT, CANCEL),
    (Refusal.NOT_DEBTOR, ISSUED, ALI, CANCEL),
    # Regression: a split parent or a transferred certificate can still be cancelled.
    (Refusal.NOT_OPEN, CUT, PORT, CANCEL),
    (Refusal.NOT_OPEN, OFFERED, PORT, CANCEL),
    (Refusal.NOT_OPEN, (*ISSUED, (PORT, CANCEL)), PORT, CANCEL),
    (Refusal.NOT_OPEN, (*RETURNED, (PORT, CANCEL_FIRST)), PORT, CANCEL_FIRST),
    (Refusal.HELD_BY_ANOTHER, OPEN, PORT, CANCEL),
    (Refusal.HELD_BY_ANOTHER, (*OFFERED, (BEK, Accept(certificate_id=ROOT))), PORT, CANCEL),
    (Refusal.HELD_BY_ANOTHER, (*OFFERED, (BEK, Decline(certificate_id=ROOT))), PORT, CANCEL),
    (Refusal.HELD_BY_ANOTHER, CUT, PORT, CANCEL_FIRST),
    (
        Refusal.PLEDGED,
        (
            *OPEN,
            (ALI, Transfer(certificate_id=ROOT, taker=PORT)),
            (PORT, Accept(certificate_id=ROOT)),
            PLEDGED,
        ),
        PORT,
        CANCEL,
    ),
]


@pytest.mark.parametrize(("reason", "steps", "actor", "command"), ATTEMPTS)
def test_it_refuses(
    reason: Refusal, steps: tuple[Step, ...], actor: MemberId, command: Cancel
) -> None:
    """One line of ATTEMPTS: after these steps, this is refused for this reason."""
    town = Town()
    play(town, *steps)
    assert verdict(town, decide, actor, command) is reason


def test_every_refusal_is_tried_in_order() -> None:
    """ATTEMPTS follows the enum, so the enum's order is the order that clients are told."""
    assert list(dict.fromkeys(reason for reason, *_ in ATTEMPTS)) == list(Refusal)


def test_forged_cancellations_stop_the_replay() -> None:
    """Whoever edits the log takes nobody's certificate."""
    town = Town()
    cancelled = CertificateCancelled(certificate_id=ROOT, cause=Cause.BY_DEBTOR)
    stops(town, "RCV-1", cancelled)
    play(town, *OPEN)
    stops(town, "RCV-CANCEL-1", cancelled)
    play(town, *CUT[len(OPEN) :])
    stops(town, "RCV-1", cancelled)
    child = CertificateCancelled(certificate_id=FIRST, cause=Cause.DECLINED)
    stops(town, "RCV-CANCEL-1", child)
    stops(town, "RCV-1", CertificateCancelled(certificate_id=CertificateId("X"), cause=child.cause))
