"""Documents beside the ledger (链下加密存储): encrypted, one key a subject, fixed by a commitment.

The ledger holds 64 hex digits of a document; the document itself is here, and only here.

    subject   vehicle:HLX33B128R1643455      one random data key, locked with the node's secret
    version   1, 2, 3                        each encrypted with it, never changed afterwards
    salt      HMAC-SHA-256(data key, subject and version)      the same whenever it is asked for

Destroying the data key is erasure (密钥销毁即删除): it takes the document, the salt and so every
way to guess what was committed to. The commitment stays on the ledger and says nothing any more.
The file overwrites what it deletes; backups are to be let expire by whoever keeps them.

Encryption is XChaCha20-Poly1305; what a ciphertext belongs to is part of what is authenticated, so
that none passes for another.
"""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from nacl.exceptions import CryptoError
from nacl.secret import Aead
from nacl.utils import random

from tallyport.contracts.attestation.commitment import commitment, is_opened_by
from tallyport.kernel.guard import FaultError

SECRET_BYTES = 32
DOCUMENT_BYTES_MAX = 64 << 20  # A scanned agreement has ten megabytes; a film is not a document.

_TABLES = (
    """CREATE TABLE IF NOT EXISTS subject (
        name TEXT PRIMARY KEY,
        locked_key BLOB  -- NULL: destroyed
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS document (
        subject TEXT NOT NULL REFERENCES subject (name),
        version INTEGER NOT NULL,
        commitment TEXT NOT NULL,
        sealed BLOB NOT NULL,
        PRIMARY KEY (subject, version)
    ) STRICT""",
    "CREATE INDEX IF NOT EXISTS document_by_commitment ON document (commitment)",
)


class DocumentError(FaultError):
    """A document cannot be kept or had. Says which, why, and what to do."""


class ErasedError(DocumentError):
    """The subject's key was destroyed: its documents are gone, for us too."""


class DamagedError(DocumentError):
    """What is kept does not open or is not what was committed to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Something to keep."""

    subject: str
    version: int  # 1, 2, 3, ... of this subject
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What was committed to, and what opens it to somebody who has the document."""

    commitment: str
    salt: bytes


def fresh_key(_subject: str) -> bytes:
    """Return a data key from chance: what every real node uses."""
    return random(Aead.KEY_SIZE)


def trial_keys(seed: int) -> Callable[[str], bytes]:
    """Return a maker of data keys that repeat from `seed`: for trial only.

    So a demo gives the same ledger head every time. Whoever knows the seed can make the keys again,
    so destroying one erases nothing.
    """

    def key(subject: str) -> bytes:
        return hashlib.sha256(f"tallyport/trial-data-key/1\n{seed}\n{subject}".encode()).digest()

    return key


class Documents:
    """The documents of one node in one file, `documents.sqlite`."""

    def __init__(
        self, folder: Path, secret: bytes, *, new_key: Callable[[str], bytes] = fresh_key
    ) -> None:
        if len(secret) != SECRET_BYTES:
            raise DocumentError(f"expected a secret of {SECRET_BYTES} bytes, got {len(secret)}")
        self._path = folder / "documents.sqlite"
        self._lock, self._new_key = Aead(secret), new_key
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise DocumentError(f"cannot use {folder}: {error.strerror}") from error
        with self._open() as database:
            for table in _TABLES:
                database.execute(table)

    def put(self, subject: str, version: int, document: bytes) -> Sealed:
        """Keep one document; see `put_all`."""
        return self.put_all([Document(subject=subject, version=version, content=document)])[0]

    def put_all(self, documents: Iterable[Document]) -> list[Sealed]:
        """Keep documents, all or none, and return when they are on disk: one fsync for all.

        The same document again gives the same answer and changes nothing.

        Raises:
            ErasedError: a subject was erased; nothing is kept under its name any more.
            DocumentError: another document has this subject and version, or one is too large.
        """
        with self._open() as database:
            return [self._put(database, document) for document in documents]

    def get(self, subject: str, version: int) -> bytes:
        """Return a document; it is what was committed to.

        Raises:
            ErasedError: the subject was erased.
            DamagedError: it does not open, or is not what was committed to.
            DocumentError: there is no such document.
        """
        with self._open() as database:
            return self._opened(database, subject, version)[0]

    def sealed(self, subject: str, version: int) -> Sealed:
        """Return what was committed to, to show it together with `get`; raises as `get` does."""
        with self._open() as database:
            return self._opened(database, subject, version)[1]

    def find(self, committed: str) -> tuple[str, int] | None:
        """Return the subject and version that a commitment belongs to, or None."""
        query = "SELECT subject, version FROM document WHERE commitment = ?"
        with self._open() as database:
            row: tuple[str, int] | None = database.execute(query, (committed,)).fetchone()
        return row

    def destroy(self, subject: str) -> None:
        """Erase a subject: its key first, then what the key opened. Again: nothing more happens.

        Raises:
            DocumentError: there is no such subject.
        """
        with self._open() as database:
            if database.execute("SELECT 1 FROM subject WHERE name = ?", (subject,)).fetchone():
                database.execute("UPDATE subject SET locked_key = NULL WHERE name = ?", (subject,))
                database.execute(
                    "UPDATE document SET sealed = zeroblob(0) WHERE subject = ?", (subject,)
                )
                return
        raise DocumentError(f"no documents of {subject!r} are kept here; nothing was erased")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection; what happens in the block happens at once, or not at all."""
        try:
            with closing(sqlite3.connect(self._path, isolation_level=None)) as database:
                database.execute("PRAGMA secure_delete = ON")  # Overwrites what is deleted ...
                database.execute("PRAGMA journal_mode = DELETE")  # ... and keeps no old pages.
                database.execute("PRAGMA synchronous = EXTRA")
                database.execute("BEGIN IMMEDIATE")
                yield database
                database.execute("COMMIT")
        except sqlite3.Error as error:
            raise DocumentError(
                f"cannot use {self._path}: {error}; is the disk full, is this a file of ours?"
            ) from error

    def _put(self, database: sqlite3.Connection, document: Document) -> Sealed:
        subject, version, content = document.subject, document.version, document.content
        if len(content) > DOCUMENT_BYTES_MAX:
            raise DocumentError(
                f"{subject}/{version}: expected at most {DOCUMENT_BYTES_MAX} bytes,"
                f" got {len(content)}"
            )
        key = self._key(database, subject) or self._first_key(database, subject)
        salt = _salt(key, subject, version)
        made = Sealed(commitment=commitment(salt, content), salt=salt)
        query = "SELECT commitment FROM document WHERE subject = ? AND version = ?"
        there = database.execute(query, (subject, version)).fetchone()
        if there is None:
            sealed = Aead(key).encrypt(content, _about(subject, version))
            database.execute(
                "INSERT INTO document VALUES (?, ?, ?, ?)",
                (subject, version, made.commitment, sealed),
            )
        elif there != (made.commitment,):
            raise DocumentError(
                f"{subject}/{version} is another document already; keep a change as a new version"
            )
        return made

    def _opened(
        self, database: sqlite3.Connection, subject: str, version: int
    ) -> tuple[bytes, Sealed]:
        key = self._key(database, subject)
        query = "SELECT commitment, sealed FROM document WHERE subject = ? AND version = ?"
        row = database.execute(query, (subject, version)).fetchone()
        if key is None or row is None:
            raise DocumentError(f"no document {subject}/{version} is kept here")
        committed, sealed = str(row[0]), bytes(row[1])
        salt = _salt(key, subject, version)
        try:
            content = Aead(key).decrypt(sealed, _about(subject, version))
        except (CryptoError, ValueError):
            raise DamagedError(
                f"{subject}/{version} does not open: it was changed; restore it from a backup"
            ) from None
        if not is_opened_by(committed, salt, content):
            raise DamagedError(f"{subject}/{version} is not what was committed to ({committed})")
        return content, Sealed(commitment=committed, salt=salt)

    def _key(self, database: sqlite3.Connection, subject: str) -> bytes | None:
        """Return the subject's data key, or None when nothing was ever kept under its name."""
        query = "SELECT locked_key FROM subject WHERE name = ?"
        row = database.execute(query, (subject,)).fetchone()
        if row is None:
            return None
        if row[0] is None:
            raise ErasedError(f"{subject} was erased: its key is destroyed, its documents are gone")
        try:
            return self._lock.decrypt(row[0], subject.encode())
        except (CryptoError, ValueError):
            raise DamagedError(
                f"the key of {subject} does not open: wrong secret, or {self._path} was changed"
            ) from None

    def _first_key(self, database: sqlite3.Connection, subject: str) -> bytes:
        key = self._new_key(subject)
        locked = self._lock.encrypt(key, subject.encode())
        database.execute("INSERT INTO subject VALUES (?, ?)", (subject, locked))
        return key


def _about(subject: str, version: int) -> bytes:
    """Return what a ciphertext belongs to."""
    return f"tallyport/document/1\n{subject}\n{version}".encode()


def _salt(key: bytes, subject: str, version: int) -> bytes:
    return hmac.digest(key, f"tallyport/salt/1\n{subject}\n{version}".encode(), "sha256")
