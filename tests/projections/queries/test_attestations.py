"""Nobody opens a dossier for itself by what it says of the vehicle.

Goal: a member reads the dossiers of vehicles that it witnessed or that secure its financings, and
no others. Method: the small portal's node; each way to name a vehicle, one after the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from support.portal import VIN, do, small_portal
from support.town import ALI, BEK, FUND, MILAN, TASHKENT, cny
from tallyport.app.portal import Portal
from tallyport.contracts.attestation.attest import Attest, Item
from tallyport.contracts.attestation.model import Kind, SubjectId
from tallyport.contracts.financing.apply import ApplyForLoan
from tallyport.contracts.financing.approve import Approve
from tallyport.contracts.financing.disburse import Disburse
from tallyport.contracts.limit.effect import Effect
from tallyport.contracts.limit.grant import Grant
from tallyport.contracts.pledge.model import AssetId, SecuredId
from tallyport.contracts.pledge.register import Register
from tallyport.kernel.daycount import DayCount
from tallyport.kernel.ids import AttestationId, FinancingId, LimitId, MemberId
from tallyport.projections.queries.attestations import vins_of

OTHER = "LGWEF2A55EL036754"
LOAN, CREDIT = FinancingId("FIN-2"), LimitId("LIM-ALI")


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A node where the story has happened; the tests of this module add to it."""
    folder: Path = tmp_path_factory.mktemp("dossiers")
    with small_portal(folder) as made:
        yield made


def readable(portal: Portal, member: MemberId) -> frozenset[str]:
    """Return the vehicles whose dossiers the member reads."""
    with portal.reading() as views:
        return vins_of(views, member)


def test_a_witness_reads_what_it_witnessed(portal: Portal) -> None:
    """The warehouse has attested the arrival."""
    assert readable(portal, TASHKENT) == {VIN}


@pytest.mark.parametrize("subject", [f"vehicle:{OTHER}", f"dossier:{OTHER}"])
def test_an_attestation_of_ones_own_opens_nothing(portal: Portal, subject: str) -> None:
    """A supplier, a buyer or a funder may say what it likes of a rival's vehicle."""
    for member in (BEK, MILAN, FUND):
        item = Item(
            id=AttestationId(f"{member}-{subject}"),
            subject=SubjectId(subject),
            kind=Kind.DOSSIER,
            commitment="ab" * 32,
            previous=None,
        )
        do(portal.node, member, Attest(items=(item,)))
        assert OTHER not in readable(portal, member)


def test_a_registration_outside_opens_nothing(portal: Portal) -> None:
    """The pledgee registers alone; the pledgor was not asked."""
    register = Register(
        asset=AssetId(f"vehicle:{OTHER}"),
        pledgor=MILAN,
        secured=SecuredId("OUT-2"),
        registry_number=None,
    )
    do(portal.node, FUND, register)
    assert OTHER not in readable(portal, FUND) | readable(portal, MILAN)


def test_a_financing_opens_what_it_is_secured_by(portal: Portal) -> None:
    """Both sides signed, and money was paid: lender and borrower read the dossier."""
    node = portal.node
    grant = Grant(
        limit_id=CREDIT,
        parent=None,
        subject=ALI,
        amount=cny(1_000),
        valid_from=date(2024, 4, 1),
        valid_until=date(2025, 4, 1),
        product="orders",
    )
    apply = ApplyForLoan(
        financing_id=LOAN,
        funder=FUND,
        assets=(AssetId(f"vehicle:{VIN}"),),
        limit_id=CREDIT,
        principal=cny(1_000),
        due=date(2024, 10, 8),
        rate_bp_max=600,
        day_count=DayCount.ACT_360,
    )
    approve = Approve(
        financing_id=LOAN,
        rate_bp=600,
        penalty_bp=0,
        evidence=AttestationId("ATT-CLAIM"),
        reason=None,
    )
    do(node, FUND, grant, Effect(limit_id=CREDIT))
    do(node, ALI, apply)
    do(node, FUND, approve, Disburse(financing_id=LOAN, registry_number=None))
    assert readable(portal, ALI) == readable(portal, FUND) == {VIN}
