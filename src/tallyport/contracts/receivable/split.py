"""Split a certificate (凭证拆分): the holder gives up one for several that promise the same money.

A split moves nothing to anybody: passing a part on is a `transfer` linked to it in the same entry.

    60 000 000  ──▶  1 920 000  +  58 080 000                      (source 001, page 16)

Generations are limited by law or practice (CN-SCF-7), parts and leaves by what one entry can hold.

RCV-SPLIT-1  conservation   Σ child.face = parent.face, and every child.face > 0
RCV-SPLIT-2  room           the ids of children are new and fit, the tree keeps within LEAVES_MAX
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from tallyport.contracts.law import LAYERS, parameter
from tallyport.contracts.pledge.search import is_free
from tallyport.contracts.receivable.model import (
    LEAVES_MAX,
    PATH_LENGTH_MAX,
    Certificate,
    Stage,
    acting,
    root_of,
)
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.guard import found, invariant, require
from tallyport.kernel.ids import CertificateId
from tallyport.kernel.money import Money
from tallyport.kernel.record import changed

PARTS_MIN = 2
PARTS_MAX = 100  # Keeps an entry small enough to be signed and sent as one message.


@unique
class Refusal(StrEnum):
    """Why a split is refused, in the order of the checks."""

    NOT_FOUND = "certificate_not_found"
    NOT_OPEN = "certificate_must_be_open"
    NOT_HOLDER = "actor_must_be_holder"
    DUE = "certificate_must_not_be_due"
    PLEDGED = "certificate_must_not_be_pledged"
    TOO_DEEP = "generation_exceeds_the_maximum_of_the_rule"
    TOO_FEW_PARTS = "parts_below_minimum"
    TOO_MANY_PARTS = "parts_exceed_maximum"
    TOO_LONG_ID = "ids_of_parts_exceed_maximum"
    TOO_MANY_LEAVES = "certificates_of_one_issue_exceed_maximum"
    WRONG_CURRENCY = "part_currency_must_be_that_of_certificate"
    EMPTY_PART = "part_must_be_positive"
    WRONG_SUM = "parts_must_sum_to_face"


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Command: divide a certificate into `faces`, in the order its children are numbered."""

    certificate_id: CertificateId
    faces: tuple[Money, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateSplit:
    """Event: `parent_id` closed and its children opened, in the same instant.

    Child n is `parent_id/n`, has the n-th of `faces`, and is else what `Certificate.child` says.
    """

    parent_id: CertificateId
    faces: tuple[Money, ...]
    rule_version: str  # Of the rule on generations.


def decide(book: Book, command: Split, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    parent = found(book.get(Certificate, command.certificate_id), Refusal.NOT_FOUND)
    faces, currency = command.faces, parent.face.currency
    generations_max, version = parameter(book, LAYERS, "generations_max", context.today)
    require(parent.stage is Stage.OPEN, Refusal.NOT_OPEN)
    require(parent.holder == context.actor, Refusal.NOT_HOLDER)
    require(context.today < parent.terms.due, Refusal.DUE)
    require(is_free(book, parent.asset), Refusal.PLEDGED)
    require(parent.generation < generations_max, Refusal.TOO_DEEP)
    require(len(faces) >= PARTS_MIN, Refusal.TOO_FEW_PARTS)
    require(len(faces) <= PARTS_MAX, Refusal.TOO_MANY_PARTS)
    require(_has_short_ids(parent, len(faces)), Refusal.TOO_LONG_ID)
    require(_has_room(book, parent, len(faces)), Refusal.TOO_MANY_LEAVES)
    require(all(face.currency == currency for face in faces), Refusal.WRONG_CURRENCY)
    require(all(face.minor > 0 for face in faces), Refusal.EMPTY_PART)
    # Plain integers, because a hostile sum may exceed what Money can hold.
    require(sum(face.minor for face in faces) == parent.face.minor, Refusal.WRONG_SUM)

    # From here on it succeeds. Ids need no lookup: a parent has children only once.
    return (CertificateSplit(parent_id=parent.id, faces=faces, rule_version=version),)


def _has_short_ids(parent: Certificate, parts: int) -> bool:
    return len(parent.child(parts, parent.face).id) <= PATH_LENGTH_MAX


def _has_room(book: Book, parent: Certificate, parts: int) -> bool:
    return root_of(book, parent).leaves - 1 + parts <= LEAVES_MAX


def evolve(book: Book, event: CertificateSplit) -> Changes:
    """Return the closed parent, the open children, and the root that counts them."""
    parent, faces = acting(book, event.parent_id, Stage.OPEN), event.faces
    currency = parent.face.currency
    invariant(all(face.minor > 0 and face.currency == currency for face in faces), "RCV-SPLIT-1")
    invariant(sum(face.minor for face in faces) == parent.face.minor, "RCV-SPLIT-1")
    fits = _has_short_ids(parent, len(faces)) and _has_room(book, parent, len(faces))
    invariant(fits, "RCV-SPLIT-2")
    children = tuple(parent.child(number, face) for number, face in enumerate(faces, start=1))
    invariant(all(book.get(Certificate, child.id) is None for child in children), "RCV-SPLIT-2")

    root = root_of(book, parent)
    counted = changed(root, leaves=root.leaves - 1 + len(faces))
    return (changed(parent, stage=Stage.SPLIT), *children, counted)
