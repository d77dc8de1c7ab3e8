"""Attest (存证): put commitments on the ledger, many at a time; a better one supersedes the last.

Every member may attest anything, in its own name: what an attestation is worth depends on who made
it, and whoever relies on one says whose word it takes (`model.latest`). A new version names the one
it supersedes, so that nobody supersedes what it has not seen; old versions stay.

ATT-1  fresh   an id is used once
ATT-2  line    version n + 1 of a subject, kind and attester follows version n, without a fork
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique

from tallyport.contracts.attestation.commitment import is_commitment
from tallyport.contracts.attestation.model import Attestation, Kind, Latest, SubjectId, key_of
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.guard import invariant, require
from tallyport.kernel.ids import AttestationId, MemberId

ITEMS_MAX = 200  # About 60 kB: a few milliseconds to judge, and a thousand vehicles take five.


@unique
class Refusal(StrEnum):
    """Why nothing is attested, in the order of the checks; all items or none."""

    NO_ITEMS = "items_must_not_be_empty"
    TOO_MANY_ITEMS = "items_exceed_maximum"
    ITEM_TWICE = "items_must_differ_in_id_and_in_subject_and_kind"
    UNSOUND_COMMITMENT = "commitment_must_be_64_hex_digits"
    ID_TAKEN = "attestation_id_must_be_new"
    NOT_THE_LATEST = "previous_must_be_the_actors_latest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One document or fact. `previous` is the actor's last word on it; None: this is the first."""

    id: AttestationId
    subject: SubjectId
    kind: Kind
    commitment: str
    previous: AttestationId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attest:
    """Command: the actor answers for these."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestationMade:
    """Event: this commitment is on the ledger."""

    id: AttestationId
    subject: SubjectId
    kind: Kind
    commitment: str
    attester: MemberId
    at: datetime
    sequence: int
    version: int
    previous: AttestationId | None


def decide(book: Book, command: Attest, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    items = command.items
    lines = [book.get(Latest, key_of(i.subject, i.kind, context.actor)) for i in items]
    require(bool(items), Refusal.NO_ITEMS)
    require(len(items) <= ITEMS_MAX, Refusal.TOO_MANY_ITEMS)
    require(_are_distinct(items), Refusal.ITEM_TWICE)
    require(all(is_commitment(item.commitment) for item in items), Refusal.UNSOUND_COMMITMENT)
    require(all(book.get(Attestation, item.id) is None for item in items), Refusal.ID_TAKEN)
    require(
        all(item.previous == (line and line.id) for item, line in zip(items, lines, strict=True)),
        Refusal.NOT_THE_LATEST,
    )

    # From here on it succeeds.
    return tuple(
        AttestationMade(
            id=item.id,
            subject=item.subject,
            kind=item.kind,
            commitment=item.commitment,
            attester=context.actor,
            at=context.at,
            sequence=context.sequence,
            version=1 if line is None else line.version + 1,
            previous=item.previous,
        )
        for item, line in zip(items, lines, strict=True)
    )


def _are_distinct(items: tuple[Item, ...]) -> bool:
    ids = {item.id for item in items}
    subjects = {(item.subject, item.kind) for item in items}
    return len(ids) == len(subjects) == len(items)


def evolve(book: Book, event: AttestationMade) -> Changes:
    """Return the attestation, now the latest of its line."""
    last = book.get(Latest, key_of(event.subject, event.kind, event.attester))
    invariant(book.get(Attestation, event.id) is None, "ATT-1")
    invariant(event.previous == (last and last.id), "ATT-2")
    invariant(event.version == (1 if last is None else last.version + 1), "ATT-2")
    attestation = Attestation(
        id=event.id,
        subject=event.subject,
        kind=event.kind,
        commitment=event.commitment,
        attester=event.attester,
        at=event.at,
        sequence=event.sequence,
        version=event.version,
        previous=event.previous,
    )
    newest = Latest(
        subject=event.subject,
        kind=event.kind,
        attester=event.attester,
        id=event.id,
        version=event.version,
    )
    return (attestation, newest)
