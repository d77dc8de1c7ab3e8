"""Dossiers that only some members read (保密卷宗): put, grant, take, withdraw, erase.

    put        encrypted here; on the ledger stands an opaque name and a salted commitment
    grant      a file for one member, which carries it by whatever way; again when there is more
    take       the member keeps the documents too, if they are what the ledger says was attested
    withdraw   no further grant; what is put from now on has another key
    erase      the keys are destroyed here; whoever took the documents has to erase its own

Others on the channel see that a member attested something, when, and how often; not what, not how
large, not about whom, and not who may read it. What a reader has read it may remember: withdrawing
takes nothing back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from tallyport.adapters.documents import DocumentError
from tallyport.adapters.sharing import GrantError, grant, open_grant, public_of
from tallyport.adapters.suites import Secret
from tallyport.app.attesting import Attested, Paper, attest, stored_as
from tallyport.app.node import Node
from tallyport.contracts.attestation.model import Attestation, Kind, SubjectId
from tallyport.contracts.members.encryption import EncryptionKey, PublishEncryptionKey, Scheme
from tallyport.contracts.members.model import active
from tallyport.kernel.guard import FaultError
from tallyport.kernel.ids import AttestationId, MemberId


class SharingError(FaultError):
    """A dossier cannot be shared so. Says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierLine:
    """A dossier that is kept here."""

    stored: str
    versions: int
    is_open: bool  # False: erased.
    readers: tuple[str, ...]


def key_name(member: MemberId) -> str:
    """Return the name of the key that a member decrypts with."""
    return f"{member}/encryption"


def owner(stored: str) -> MemberId:
    """Return who attested the dossier of this name; nobody, if it is no such name."""
    parts = stored.split(":", 2)
    return MemberId(parts[1] if len(parts) == len(("kind", "attester", "subject")) else "")


def publish(node: Node, member: MemberId, secret: Secret) -> Scheme:
    """Show on the ledger what others encrypt to for `member`; the same again does nothing.

    Raises:
        SharingError: the ledger refused.
    """
    scheme, public_hex = public_of(secret)
    with node.book() as book:
        known = book.get(EncryptionKey, member)
    if known is None or known.public_hex != public_hex:
        command = PublishEncryptionKey(scheme=scheme, public_hex=public_hex)
        entry = node.submit(member, f"encryption-{public_hex[:64]}", command)
        if entry.reason is not None:
            raise SharingError(f"the ledger refused the encryption key: {entry.reason}")
    return scheme


def stored(node: Node, member: MemberId, dossier: str) -> str:
    """Return under which name a dossier is kept: one as it is listed, or one of `member`'s own."""
    if any(name == dossier for name, _, _ in node.documents.subjects()):
        return dossier
    return stored_as(_subject(node, dossier), Kind.DOCUMENT, member)


def put(node: Node, member: MemberId, dossier: str, content: bytes) -> tuple[str, Attested]:
    """Keep a document as the next version of a dossier and attest it as `member`.

    Raises:
        NotAttestedError: the ledger refused.
        ErasedError: the dossier was erased.
    """
    subject = _subject(node, dossier)
    made = attest(node, member, [Paper(subject=subject, kind=Kind.DOCUMENT, content=content)])
    return stored_as(subject, Kind.DOCUMENT, member), made


def give(node: Node, name: str, to: MemberId) -> bytes:
    """Return a file with the dossier `name` for another member, and remember it as a reader.

    Raises:
        SharingError: it takes no part, or has published nothing to encrypt to.
        DocumentError: there is no such dossier, or it was erased.
    """
    with node.book() as book:
        known, member = book.get(EncryptionKey, to), active(book, to)
    if member is None or known is None:
        raise SharingError(
            f"{to}: expected an active member with an encryption key on the ledger;"
            f" it publishes one with `tallyport document key --as {to}`"
        )
    made = grant(node.documents.opened(name), known)
    node.documents.add_reader(name, to)
    return made


def take(
    node: Node, member: MemberId, data: bytes, secret: Callable[[Scheme], Secret]
) -> tuple[str, int]:
    """Keep what was granted to `member`; return under which name, and how many versions.

    Raises:
        GrantError: it does not open, or is not what the ledger says was attested.
        DocumentError: it cannot be kept.
    """
    opened = open_grant(data, member, secret)
    with node.book() as book:
        for one in opened.documents:
            said = book.get(Attestation, AttestationId(f"{opened.subject}:{one.version}"))
            if said is None or said.commitment != one.commitment:
                raise GrantError(
                    f"{opened.subject}, version {one.version}: not what is attested on the ledger;"
                    " nothing was kept"
                )
    node.documents.take(opened)
    node.documents.add_reader(opened.subject, member)  # Here it reads; others at this node do not.
    return opened.subject, len(opened.documents)


def withdraw(node: Node, name: str, member: MemberId) -> tuple[str, ...]:
    """Grant nothing more to `member`; return who still reads and needs a grant for what follows.

    Raises:
        DocumentError: it is no reader, or there is no such dossier.
    """
    node.documents.withdraw(name, member)
    return tuple(node.documents.readers(name))


def listed(node: Node) -> list[DossierLine]:
    """Return what is kept here."""
    return [
        DossierLine(
            stored=name,
            versions=last,
            is_open=is_open,
            readers=tuple(node.documents.readers(name)),
        )
        for name, last, is_open in node.documents.subjects()
    ]


def read(node: Node, name: str, version: int | None) -> tuple[int, bytes]:
    """Return a version of a dossier (None: the last one); it is what was committed to.

    Raises:
        DocumentError: there is none, it was erased, or it is damaged.
    """
    known = {one: last for one, last, _ in node.documents.subjects()}
    if name not in known:
        raise DocumentError(f"no documents of {name!r} are kept here; `tallyport document list`")
    wanted = known[name] if version is None else version
    return wanted, node.documents.get(name, wanted)


def fingerprint(data: bytes) -> str:
    """Return a few digits that two people can compare."""
    return hashlib.sha256(data).hexdigest()[:16]


def _subject(node: Node, dossier: str) -> SubjectId:
    return SubjectId(f"sealed:{node.documents.alias(dossier)}")
