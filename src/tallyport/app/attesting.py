"""Attest documents (存证): encrypt them beside the ledger, put their commitments on it.

Sending the same documents again does nothing; a document that changed becomes the next version of
its subject, which names the one before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tallyport.adapters.documents import Document
from tallyport.app.node import Node
from tallyport.contracts.attestation.attest import ITEMS_MAX, Attest, Item
from tallyport.contracts.attestation.model import Kind, Latest, SubjectId, key_of
from tallyport.kernel.canonical import digest
from tallyport.kernel.guard import FaultError
from tallyport.kernel.ids import AttestationId, MemberId


class NotAttestedError(FaultError):
    """The ledger refused to take commitments. Says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A document about a subject."""

    subject: SubjectId
    kind: Kind
    content: bytes


@dataclass(frozen=True, slots=True)
class Attested:
    """How many were new, changed, and as they were."""

    new: int
    changed: int
    same: int


def attest(node: Node, attester: MemberId, papers: Sequence[Paper]) -> Attested:
    """Keep `papers` and attest those that are not attested yet, as `attester`.

    Raises:
        NotAttestedError: the ledger refused.
    """
    items: list[Item] = []
    keep: list[Document] = []
    new = 0
    with node.book() as book:
        for paper in papers:
            last = book.get(Latest, key_of(paper.subject, paper.kind, attester))
            store = stored_as(paper.subject, paper.kind, attester)
            if last is not None and node.documents.get(store, last.version) == paper.content:
                continue
            version = 1 if last is None else last.version + 1
            new += last is None
            keep.append(Document(subject=store, version=version, content=paper.content))
            items.append(
                Item(
                    id=AttestationId(f"{store}:{version}"),
                    subject=paper.subject,
                    kind=paper.kind,
                    commitment="",
                    previous=None if last is None else last.id,
                )
            )
    sealed = node.documents.put_all(keep)
    ready = [
        Item(id=i.id, subject=i.subject, kind=i.kind, commitment=s.commitment, previous=i.previous)
        for i, s in zip(items, sealed, strict=True)
    ]
    for start in range(0, len(ready), ITEMS_MAX):
        part = tuple(ready[start : start + ITEMS_MAX])
        key = "attest:" + digest("".join(item.id + item.commitment for item in part).encode())
        entry = node.submit(attester, key, Attest(items=part))
        if entry.reason is not None:
            raise NotAttestedError(f"the ledger refused to attest: {entry.reason}")
    return Attested(new=new, changed=len(ready) - new, same=len(papers) - len(ready))


def stored_as(subject: SubjectId, kind: Kind, attester: MemberId) -> str:
    """Return the name under which the document of an attestation is kept, and its id begins."""
    return f"{kind.value}:{attester}:{subject}"
