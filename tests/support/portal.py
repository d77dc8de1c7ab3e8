"""A small founded node with a certificate that is split, financed and offered, and an escrow.

Everything happens through `Node.submit`, as in life; keys derive from a seed, the clock is moved by
hand. The figures are those of source 001, page 16: 60 000 000 into 1 920 000 and 58 080 000.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from support.town import (
    ALI,
    BANK,
    BEK,
    CUSTOMS,
    FUND,
    MILAN,
    OPERATOR,
    PORT,
    ROLES,
    TASHKENT,
    VOTERS,
    cny,
)
from tallyport.adapters.clock import ManualClock
from tallyport.adapters.keystore import trial_key
from tallyport.app.bootstrap import build
from tallyport.app.home import Home
from tallyport.app.node import Node
from tallyport.app.portal import Portal
from tallyport.app.settings import Keys, NodeFile, Settings, Time
from tallyport.contracts.attestation.attest import Attest, Item
from tallyport.contracts.attestation.model import Kind as Attested
from tallyport.contracts.attestation.model import SubjectId
from tallyport.contracts.books.deposit import Deposit
from tallyport.contracts.escrow.model import AgreementId, Condition, Tranche
from tallyport.contracts.escrow.open import OpenEscrow
from tallyport.contracts.financing.apply import ApplyForDiscount
from tallyport.contracts.financing.approve import Approve
from tallyport.contracts.financing.disburse import Disburse
from tallyport.contracts.limit.effect import Effect
from tallyport.contracts.limit.grant import Grant
from tallyport.contracts.members.found import Found
from tallyport.contracts.members.model import Profile, PublicKey, Role
from tallyport.contracts.pledge.model import AssetId, SecuredId
from tallyport.contracts.pledge.register import Register
from tallyport.contracts.receivable.accept import Accept
from tallyport.contracts.receivable.issue import Issue
from tallyport.contracts.receivable.split import Split
from tallyport.contracts.receivable.transfer import Transfer
from tallyport.kernel.daycount import DayCount
from tallyport.kernel.ids import (
    AttestationId,
    BankReferenceId,
    CertificateId,
    EscrowId,
    FinancingId,
    LimitId,
    MemberId,
)
from tallyport.kernel.keys import Suite
from tallyport.web.configuration import configure

SEED = 7
BEGIN = datetime(2024, 4, 8, 1, 0, tzinfo=UTC)
VIN = "HLX33B128R1643455"
ROOT, KEPT, PASSED = (CertificateId(one) for one in ("RC-1", "RC-1/1", "RC-1/2"))
ESCROW = EscrowId("ESC-1")
DISCOUNT = FinancingId("FIN-1")
LIMIT = LimitId("LIM-PORT")


def _profile(member: MemberId) -> Profile:
    public = trial_key(SEED, member).public.hex()
    return Profile(
        id=member,
        name=member.replace("-", " ").title(),
        roles=ROLES[member],
        keys=(PublicKey(suite=Suite.ED25519, public_hex=public),),
        is_voter=member in VOTERS,
    )


USERS = {  # User: member and roles.
    "olga": (OPERATOR, ("operator", "approver")),
    "ali": (ALI, ("operator",)),
    "bek": (BEK, ("operator",)),
    "fund": (FUND, ("operator", "approver")),
    "vera": (ALI, ("viewer",)),
    "audra": (MILAN, ("auditor",)),
}
PASSWORD = "a long enough word 7"  # noqa: S105 - Opens nothing but a test.


@cache
def django_home() -> Home:
    """Set Django up, once a process, with a database of its own and the users of the tests."""
    from tallyport.web.accounts import create  # noqa: PLC0415 - Django goes first.

    home = Home(Path(mkdtemp(prefix="tallyport-django-")))
    atexit.register(rmtree, home.folder, ignore_errors=True)
    configure(home)
    for user, (member, roles) in USERS.items():
        create(user, PASSWORD, member, roles)
    return home


def show(portal: Portal) -> None:
    """Let Django serve this node from now on."""
    from django.conf import settings  # noqa: PLC0415 - Only now it is set up.

    django_home()
    settings.PORTAL = portal


def client(user: str | None = None, **headers: Any) -> Any:  # noqa: ANN401 - Django's own.
    """Return a test client; of a user, logged in."""
    from django.contrib.auth.models import User  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    made = Client(raise_request_exception=False, headers={"host": "localhost"} | headers)
    if user is not None:
        made.force_login(User.objects.get(username=user))
    return made


@contextmanager
def served(portal: Portal) -> Iterator[str]:
    """Yield the address of a real server that shows `portal` from a thread."""
    from tallyport.web.serve import application, listen  # noqa: PLC0415 - Django goes first.

    home, portal.home = portal.home, django_home()  # Where the users are.
    server, stop = listen(application(portal), "127.0.0.1", 0), threading.Event()

    def run() -> None:
        while not stop.is_set():
            server.asyncore.loop(timeout=0.05, map=server._map, count=1)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        stop.set()
        thread.join()
        server.task_dispatcher.shutdown()
        server.asyncore.close_all(map=server._map, ignore_all=True)
        portal.home = home


@contextmanager
def small_portal(folder: Path) -> Iterator[Portal]:
    """Yield a node where the story has happened, as portal and API hold it."""
    home = Home(folder)
    file = NodeFile(channel="main", keys=Keys.TRIAL, time=Time.TRIAL, seed=SEED)
    file.write(home)
    clock = ManualClock(BEGIN)
    node = build(Settings(home=folder), file, clock)
    try:
        tell(node, clock)
        yield Portal(node=node, home=home, is_trial=True)
    finally:
        node.close()


@contextmanager
def empty_portal(folder: Path) -> Iterator[Portal]:
    """Yield a node where nothing happened yet."""
    home = Home(folder)
    file = NodeFile(channel="main", keys=Keys.TRIAL, time=Time.TRIAL, seed=SEED)
    file.write(home)
    node = build(Settings(home=folder), file, ManualClock(BEGIN))
    try:
        yield Portal(node=node, home=home, is_trial=True)
    finally:
        node.close()


def tell(node: Node, clock: ManualClock) -> None:
    """Let the story happen."""
    _begin(node)
    _certificate(node)
    clock.set(BEGIN + timedelta(days=1))
    _discount(node)
    _escrow(node)
    node.settle()


def do(node: Node, member: MemberId, *commands: object) -> None:
    """Send commands that must be accepted."""
    entry = node.submit(member, f"story-{node.engine.size}", *commands)
    assert entry.reason is None, entry.reason


def _begin(node: Node) -> None:
    members = tuple(_profile(member) for member in ROLES)
    do(node, OPERATOR, Found(name="Silk Road trial", members=members, consents_min=2))
    for owner, yuan in ((PORT, 60_000_000), (FUND, 60_000_000), (MILAN, 2_000_000)):
        reference = BankReferenceId(f"IN-{owner}")
        do(node, BANK, Deposit(owner=owner, amount=cny(yuan), reference=reference))
    for limit_id, parent, yuan in ((LIMIT, None, 80_000_000), ("LIM-PORT-2", LIMIT, 10_000_000)):
        grant = Grant(
            limit_id=LimitId(limit_id),
            parent=parent,
            subject=PORT,
            amount=cny(yuan),
            valid_from=date(2024, 4, 1),
            valid_until=date(2025, 4, 1),
            product="receivable certificates",
        )
        do(node, FUND, grant, Effect(limit_id=LimitId(limit_id)))


def _certificate(node: Node) -> None:
    issue = Issue(
        certificate_id=ROOT,
        holder=ALI,
        face=cny(60_000_000),
        due=date(2024, 10, 8),
        limit_id=LIMIT,
        agreement="Purchase of parts, agreement LP-2024-11",
        backing=(AssetId("agreement:LP-2024-11"),),
        evidence=None,
        long_term_reason=None,
    )
    do(node, PORT, issue)
    do(node, ALI, Accept(certificate_id=ROOT))
    parts = (cny(1_920_000), cny(58_080_000))
    do(node, ALI, Split(certificate_id=ROOT, faces=parts))
    do(node, ALI, Transfer(certificate_id=PASSED, taker=BEK))
    do(node, BEK, Accept(certificate_id=PASSED))
    thirds = (cny(30_790_000), cny(13_870_000), cny(13_420_000))
    do(node, BEK, Split(certificate_id=PASSED, faces=thirds))
    do(node, BEK, Transfer(certificate_id=CertificateId("RC-1/2/3"), taker=ALI))


def _discount(node: Node) -> None:
    review = Item(
        id=AttestationId("ATT-CLAIM"),
        subject=SubjectId("certificate:RC-1/2/1"),
        kind=Attested.CLAIM,
        commitment="ab" * 32,
        previous=None,
    )
    do(node, CUSTOMS, Attest(items=(review,)))
    apply = ApplyForDiscount(
        financing_id=DISCOUNT,
        funder=FUND,
        certificate_id=CertificateId("RC-1/2/1"),
        rate_bp_max=600,
        day_count=DayCount.ACT_360,
    )
    do(node, BEK, apply)
    approve = Approve(
        financing_id=DISCOUNT,
        rate_bp=550,
        penalty_bp=0,
        evidence=AttestationId("ATT-CLAIM"),
        reason="Six months are usual for parts.",
    )
    do(node, FUND, approve, Disburse(financing_id=DISCOUNT, registry_number=None))
    register = Register(
        asset=AssetId(f"lading:{VIN}"),
        pledgor=MILAN,
        secured=SecuredId("OUT-1"),
        registry_number=None,
    )
    do(node, FUND, register)


def _escrow(node: Node) -> None:
    subject = SubjectId(f"vehicle:{VIN}")
    arrival = Condition(subject=subject, kind=Attested.ARRIVAL, roles=(Role.WAREHOUSE,))
    dossier = Condition(subject=subject, kind=Attested.DOSSIER, roles=(Role.OPERATOR,))
    accepted = Condition(subject=subject, kind=Attested.DOCUMENT, roles=(Role.LOGISTICS,))
    escrow = OpenEscrow(
        escrow_id=ESCROW,
        payee=ALI,
        agreement=AgreementId("XJYO-2024040401"),
        amount=cny(1_000_000),
        tranches=(
            Tranche(share_bp=7_000, conditions=(arrival, dossier)),
            Tranche(share_bp=3_000, conditions=(accepted,)),
        ),
        until=BEGIN + timedelta(days=200),
    )
    do(node, MILAN, escrow)
    sealed = node.documents.put(subject, 1, b'{"vin":"HLX33B128R1643455"}')
    for member, kind, commitment in (
        (OPERATOR, Attested.DOSSIER, sealed.commitment),
        (TASHKENT, Attested.ARRIVAL, "cd" * 32),
    ):
        item = Item(
            id=AttestationId(f"ATT-{kind.value.upper()}"),
            subject=subject,
            kind=kind,
            commitment=commitment,
            previous=None,
        )
        do(node, member, Attest(items=(item,)))
        node.settle()
