"""Issue a certificate (凭证开立): a core enterprise promises to pay, against its limit.

    60 000 000 for 6 months to its first supplier                  (source 001, page 16)

The invoices, orders or agreements behind it are registered as pledged, so that they back nothing
else: no second certificate, no loan (CN-SCF-8). They stay so after payment, for what is paid can
back nothing; only a certificate that was never accepted lets them go.

RCV-ISSUE-1  fresh    an id is used once; a root is not cut from anything and has never moved
RCV-ISSUE-2  sound    the face is positive, the due date lies after the issue
RCV-ISSUE-3  covered  the limit is occupied by exactly the face, and every backing is pledged for it
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum, unique

from tallyport.contracts.attestation.model import Attestation
from tallyport.contracts.law import BAD_PAYER, TERM, parameter
from tallyport.contracts.limit.model import Limit, Occupation, occupation_key
from tallyport.contracts.limit.occupy import LimitOccupied, occupied
from tallyport.contracts.members.model import Role, active, has_role
from tallyport.contracts.pledge.model import AssetId, Kind, Purpose, SecuredId, is_of, likeness
from tallyport.contracts.pledge.register import PledgeRegistered, registered
from tallyport.contracts.pledge.search import current
from tallyport.contracts.receivable.mature import MATURE
from tallyport.contracts.receivable.model import (
    ROOT_LENGTH_MAX,
    Certificate,
    DebtorRecord,
    Root,
    Stage,
    Terms,
)
from tallyport.contracts.receivable.term import months_after
from tallyport.kernel.calendar import CHINA_CALENDAR, start_of
from tallyport.kernel.contract import Book, Changes, Context, Events, Timer
from tallyport.kernel.guard import found, invariant, require
from tallyport.kernel.ids import AttestationId, CertificateId, LimitId, MemberId, OccupationId
from tallyport.kernel.money import Money

BACKING_MAX = 100  # Each is an event of its own in the entry of the issue.
WORDS_MAX = 200  # Characters of the agreement and of the reason: every part carries them along.


@unique
class Refusal(StrEnum):
    """Why an issue is refused, in the order of the checks; then limit and register may refuse."""

    NOT_A_DEBTOR = "actor_must_be_a_core_enterprise"
    WRONG_ID = "certificate_id_must_be_short_and_in_capitals_without_a_stroke"
    ID_TAKEN = "certificate_id_must_be_new"
    NO_HOLDER = "holder_must_be_another_active_member"
    EMPTY_FACE = "face_must_be_positive"
    BAD_PAYER = "debtor_must_not_have_missed_a_payment"
    DUE_TOO_SOON = "due_must_lie_after_today"
    DUE_TOO_LATE = "term_exceeds_the_maximum_of_the_law"
    NO_REASON = "long_term_needs_a_reason"
    TOO_MANY_WORDS = "agreement_and_reason_exceed_maximum_length"
    NO_EVIDENCE = "evidence_must_be_attested"
    NO_BACKING = "backing_must_name_invoices_orders_awards_or_agreements"
    BACKING_REPEATED = "backing_must_not_repeat"
    TOO_MUCH_BACKING = "backing_exceeds_maximum"
    NO_LIMIT = "limit_not_found"
    NOT_SUBJECT = "limit_must_be_about_the_debtor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Command: the actor promises `face` on `due` to `holder`, who delivered what is in `backing`.

    `agreement` names the purchase in words; `backing` are the assets that stand behind this one
    certificate and no other.
    """

    certificate_id: CertificateId
    holder: MemberId
    face: Money
    due: date
    limit_id: LimitId
    agreement: str
    backing: tuple[AssetId, ...]
    evidence: AttestationId | None
    long_term_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateIssued:
    """Event: a promise exists; it binds when its holder accepts it."""

    certificate: Certificate
    backing: tuple[AssetId, ...]
    issued_on: date
    calendar_version: str
    rule_versions: tuple[str, ...]  # Of the rules that it was decided under.


def decide(book: Book, command: Issue, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`, or one of `limit.occupy` or `pledge.register`.
    """
    debtor, certificate_id = context.actor, command.certificate_id
    require(has_role(book, debtor, Role.CORE_ENTERPRISE), Refusal.NOT_A_DEBTOR)
    require(is_root_id(certificate_id), Refusal.WRONG_ID)
    require(book.get(Certificate, certificate_id) is None, Refusal.ID_TAKEN)
    is_holder = command.holder != debtor and active(book, command.holder) is not None
    require(is_holder, Refusal.NO_HOLDER)
    require(command.face.minor > 0, Refusal.EMPTY_FACE)
    rule_versions = _lawful(book, command, context)
    _backed(book, command)
    limit = found(book.get(Limit, command.limit_id), Refusal.NO_LIMIT)
    require(limit.subject == debtor, Refusal.NOT_SUBJECT)
    occupation = LimitOccupied(
        limit_id=limit.id,
        purpose=Purpose.CERTIFICATE,
        occupation_id=OccupationId(certificate_id),
        amount=command.face,
    )
    first = occupied(book, occupation, context.today)
    pledges = tuple(registered(book, _pledge(command, asset, debtor)) for asset in command.backing)

    # From here on it succeeds.
    issued = CertificateIssued(
        certificate=_certificate(command, debtor),
        backing=command.backing,
        issued_on=context.today,
        calendar_version=CHINA_CALENDAR.version,
        rule_versions=rule_versions,
    )
    return (first, *pledges, issued)


def is_root_id(certificate_id: CertificateId) -> bool:
    """Return whether an issue may be called so: room for children, and no second spelling."""
    marks = {"/", ":"}  # A child's path, and the sort of an asset.
    is_plain = marks.isdisjoint(certificate_id) and certificate_id == certificate_id.upper()
    return is_plain and len(certificate_id) <= ROOT_LENGTH_MAX


def _lawful(book: Book, command: Issue, context: Context) -> tuple[str, ...]:
    """Check debtor and term against the rules of the day; return the versions of the rules."""
    today = context.today
    misses_max, payer_rule = parameter(book, BAD_PAYER, "misses_max", today)
    months_max, term_rule = parameter(book, TERM, "months_max", today)
    usual_max, usual_rule = parameter(book, TERM, "months_without_reason_max", today)
    record = book.get(DebtorRecord, context.actor)
    is_long = command.due > months_after(today, usual_max)
    reason = command.long_term_reason or ""
    require(record is None or record.misses <= misses_max, Refusal.BAD_PAYER)
    require(command.due > today, Refusal.DUE_TOO_SOON)
    require(command.due <= months_after(today, months_max), Refusal.DUE_TOO_LATE)
    require(not is_long or reason.strip() != "", Refusal.NO_REASON)
    return tuple(dict.fromkeys((payer_rule, term_rule, usual_rule)))


def _backed(book: Book, command: Issue) -> None:
    """Check what is said of the trade and its backing, as far as the register does not."""
    backing, evidence = command.backing, command.evidence
    words = (command.agreement, command.long_term_reason or "")
    is_attested = evidence is None or book.get(Attestation, evidence) is not None
    kinds = (Kind.INVOICE, Kind.ORDER, Kind.AWARD, Kind.AGREEMENT)
    is_trade = bool(backing) and all(is_of(asset, *kinds) for asset in backing)
    require(all(len(text) <= WORDS_MAX for text in words), Refusal.TOO_MANY_WORDS)
    require(is_attested, Refusal.NO_EVIDENCE)
    require(is_trade, Refusal.NO_BACKING)
    require(len({*map(likeness, backing)}) == len(backing), Refusal.BACKING_REPEATED)
    require(len(backing) <= BACKING_MAX, Refusal.TOO_MUCH_BACKING)


def _pledge(command: Issue, asset: AssetId, debtor: MemberId) -> PledgeRegistered:
    return PledgeRegistered(
        asset=asset,
        pledgor=command.holder,
        pledgee=debtor,
        purpose=Purpose.CERTIFICATE,
        secured=SecuredId(command.certificate_id),
        registry_number=None,
    )


def _certificate(command: Issue, debtor: MemberId) -> Certificate:
    return Certificate(
        id=command.certificate_id,
        root=command.certificate_id,
        parent=None,
        generation=0,
        holder=command.holder,
        face=command.face,
        terms=Terms(
            debtor=debtor,
            due=command.due,
            limit_id=command.limit_id,
            agreement=command.agreement,
            evidence=command.evidence,
            long_term_reason=command.long_term_reason,
        ),
        stage=Stage.ISSUED,
        offered_to=None,
        guarantor=None,
        moves=0,
    )


def evolve(book: Book, event: CertificateIssued) -> Changes:
    """Return the certificate, its root, and the timer of its due date."""
    certificate, terms = event.certificate, event.certificate.terms
    root = Root(
        id=certificate.root,
        debtor=terms.debtor,
        limit_id=terms.limit_id,
        face=certificate.face,
        outstanding_minor=certificate.face.minor,
        leaves=1,
        backing=event.backing,
        is_matured=False,
        is_missed=False,
    )
    begins = (certificate.root, None, 0, Stage.ISSUED, None, None, 0)
    came = (
        certificate.id,
        certificate.parent,
        certificate.generation,
        certificate.stage,
        certificate.offered_to,
        certificate.guarantor,
        certificate.moves,
    )
    invariant(book.get(Certificate, certificate.id) is None and came == begins, "RCV-ISSUE-1")
    invariant(certificate.face.minor > 0 and event.issued_on < terms.due, "RCV-ISSUE-2")
    place = occupation_key(terms.limit_id, Purpose.CERTIFICATE, root.occupation_id)
    occupation = book.get(Occupation, place)
    invariant(occupation is not None and occupation.amount == root.face, "RCV-ISSUE-3")
    for asset in event.backing:
        pledge = current(book, asset)
        invariant(pledge is not None and pledge.secured == SecuredId(root.id), "RCV-ISSUE-3")
    due = start_of(terms.due)
    return (certificate, root, Timer(due=due, name=MATURE, subject=root.id))
