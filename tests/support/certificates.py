"""Limits and certificates for a town, and an oracle that counts them all again.

The oracle reads rows only: it shares no code with the contracts that wrote them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from support.judging import Happened, Step
from support.town import ALI, BEK, FUND, PORT, Town, cny
from tallyport.contracts.books.model import Account
from tallyport.contracts.limit.effect import Effect
from tallyport.contracts.limit.grant import Grant
from tallyport.contracts.limit.model import Limit, Occupation
from tallyport.contracts.pledge.model import AssetId, Pledge, Purpose, SecuredId
from tallyport.contracts.pledge.register import PledgeRegistered
from tallyport.contracts.receivable.accept import Accept
from tallyport.contracts.receivable.issue import Issue
from tallyport.contracts.receivable.model import Certificate, Root
from tallyport.contracts.receivable.split import Split
from tallyport.contracts.receivable.transfer import Transfer
from tallyport.kernel.ids import CertificateId, LimitId, MemberId

LIMIT, ROOT = LimitId("L-1"), CertificateId("RC-1")
FIRST, SECOND = CertificateId("RC-1/1"), CertificateId("RC-1/2")
DUE = date(2024, 10, 8)  # Six months after the town begins.

GRANT = Grant(
    limit_id=LIMIT,
    parent=None,
    subject=PORT,
    amount=cny(100_000_000),
    valid_from=date(2024, 4, 8),
    valid_until=date(2025, 4, 8),
    product="certificates",
)
ISSUE = Issue(
    certificate_id=ROOT,
    holder=ALI,
    face=cny(60_000_000),
    due=DUE,
    limit_id=LIMIT,
    agreement="XJYO-2024040401",
    backing=(AssetId("invoice:24652000000012345678"),),
    evidence=None,
    long_term_reason=None,
)

# Steps that lead from one scene to the next.
LIMITED: tuple[Step, ...] = ((FUND, GRANT), (FUND, Effect(limit_id=LIMIT)))
ISSUED: tuple[Step, ...] = (*LIMITED, (PORT, ISSUE))
OPEN: tuple[Step, ...] = (*ISSUED, (ALI, Accept(certificate_id=ROOT)))
OFFERED: tuple[Step, ...] = (*OPEN, (ALI, Transfer(certificate_id=ROOT, taker=BEK)))
CUT: tuple[Step, ...] = (
    *OPEN,
    (ALI, Split(certificate_id=ROOT, faces=(cny(20_000_000), cny(40_000_000)))),
)
PLEDGED = Happened(  # As a financing does it that has not paid out yet.
    PledgeRegistered(
        asset=AssetId("certificate:RC-1"),
        pledgor=ALI,
        pledgee=FUND,
        purpose=Purpose.FINANCING,
        secured=SecuredId("F-1"),
        registry_number=None,
    )
)


def another(number: int, minor: int = 100) -> Issue:
    """Return an issue like ISSUE with another id and backing."""
    face = replace(ISSUE.face, minor=minor)
    backing = (AssetId(f"invoice:{number}"),)
    return replace(ISSUE, certificate_id=CertificateId(f"RC-{number}"), face=face, backing=backing)


def certificate(town: Town, certificate_id: CertificateId = ROOT) -> Certificate:
    """Return a certificate that must be there."""
    return town.row(Certificate, certificate_id)


def is_alive(one: Certificate) -> bool:
    """Return whether somebody may still be paid for it."""
    return one.stage.value in {"issued", "open", "offered", "claimed"}


def check(town: Town) -> None:
    """Count everything again."""
    assert town.is_balanced()
    check_limits(town)
    check_pledges(town)
    check_trees(town)
    check_books(town)


def check_limits(town: Town) -> None:
    """What is used of a limit is what is open on it and below it, and never above it."""
    limits = {limit.id: limit for limit in town.state.scan(Limit)}
    used = Counter[LimitId]()
    for occupation in town.state.scan(Occupation):
        assert 0 <= occupation.open_minor <= occupation.amount.minor
        place: LimitId | None = occupation.limit_id
        while place is not None:
            used[place] += occupation.open_minor
            place = limits[place].parent
    for limit in limits.values():
        assert limit.used_minor == used[limit.id]
        assert 0 <= limit.used_minor <= limit.amount.minor


def check_pledges(town: Town) -> None:
    """Nothing is pledged twice, and every registration has its number."""
    pledges = list(town.state.scan(Pledge))
    active = Counter(pledge.asset for pledge in pledges if pledge.stage.value == "active")
    numbers: dict[str, list[int]] = {}
    for pledge in pledges:
        numbers.setdefault(pledge.asset, []).append(pledge.number)
    assert all(count == 1 for count in active.values())
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())


def check_trees(town: Town) -> None:
    """Face is conserved, in every split and over the life of every issue."""
    everything = list(town.state.scan(Certificate))
    children: dict[str, list[Certificate]] = {}
    for one in everything:
        assert (one.offered_to is not None) == (one.stage.value == "offered")
        if one.parent is not None:
            children.setdefault(one.parent, []).append(one)
    for one in everything:
        assert (one.id in children) == (one.stage.value == "split")
        if one.id in children:
            assert _sum(children[one.id]) == one.face.minor
    for root in town.state.scan(Root):
        members = [one for one in everything if one.root == root.id]
        living = [one for one in members if is_alive(one)]
        ended = [one for one in members if one.stage.value in {"settled", "cancelled"}]
        assert (root.leaves, root.outstanding_minor) == (len(living), _sum(living))
        assert _sum(living) + _sum(ended) == root.face.minor
        taken = town.row(Occupation, f"{root.limit_id}|certificate|{root.id}")
        assert taken.open_minor == root.outstanding_minor


def check_books(town: Town) -> None:
    """Who holds certificates has them in its books, and so has who owes them."""
    expected = Counter[tuple[MemberId, str]]()
    for one in town.state.scan(Certificate):
        if is_alive(one) and one.stage.value != "issued":
            kind = "guarantee_claims" if one.stage.value == "claimed" else "certificates_held"
            expected[one.holder, kind] += one.face.minor
            expected[one.terms.debtor, "certificates_owed"] -= one.face.minor
    for account in town.state.scan(Account):
        kind = account.kind.value
        if kind in {"guarantee_claims", "certificates_held", "certificates_owed"}:
            assert account.balance_minor == expected.pop((account.owner, kind), 0)
    assert not any(expected.values())


def _sum(certificates: Iterable[Certificate]) -> int:
    return sum(one.face.minor for one in certificates)
