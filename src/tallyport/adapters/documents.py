"""Documents beside the ledger (链下加密存储): encrypted, one key a subject, fixed by a commitment.

The ledger holds 64 hex digits of a document; the document itself is here, and only here.

    subject   vehicle:HLX33B128R1643455      one random data key, locked with the node's secret
    version   1, 2, 3                        each encrypted with it, never changed afterwards
    salt      HMAC-SHA-256(data key, subject and version)      the same whenever it is asked for
    reader    bank                  a member that the key was wrapped for (see `sharing`)

Destroying the data key is erasure (密钥销毁即删除): it takes the document, the salt and so every
way to guess what was committed to. The commitment stays on the ledger and says nothing any more.
The file overwrites what it deletes; backups are to be let expire by whoever keeps them.

When a reader is withdrawn, what is kept from then on has another key and other salts. Who has the
old key can neither read it nor try guesses against its commitment.

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

from tallyport.adapters.document_tables import TABLES
from tallyport.contracts.attestation.commitment import commitment, is_opened_by
from tallyport.kernel.guard import FaultError

SECRET_BYTES = 32
_ALIAS_DIGITS = 32
DOCUMENT_BYTES_MAX = 64 << 20  # A scanned agreement has ten megabytes; a film is not a document.


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A document as it lies here."""

    version: int
    commitment: str
    sealed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Everything of a subject that another node needs to keep it too. The keys are secret."""

    subject: str
    keys: tuple[tuple[int, bytes], ...]  # First version, data key; in this order.
    documents: tuple[Kept, ...]


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
        self._naming = hmac.digest(secret, b"tallyport/alias/1", "sha256")
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise DocumentError(f"cannot use {folder}: {error.strerror}") from error
        with self._open() as database:
            for table in TABLES:
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
                database.execute("DELETE FROM later_key WHERE subject = ?", (subject,))
                database.execute("DELETE FROM reader WHERE subject = ?", (subject,))
                database.execute(
                    "UPDATE document SET sealed = zeroblob(0) WHERE subject = ?", (subject,)
                )
                return
        raise DocumentError(f"no documents of {subject!r} are kept here; nothing was erased")

    # Readers.

    def alias(self, name: str) -> str:
        """Return a name for the ledger that tells nobody else what it stands for."""
        return hmac.digest(self._naming, name.encode(), "sha256").hex()[:_ALIAS_DIGITS]

    def subjects(self) -> list[tuple[str, int, bool]]:
        """Return every subject, its last version, and whether it can still be opened."""
        query = (
            "SELECT name, COALESCE(MAX(version), 0), locked_key IS NOT NULL FROM subject"
            " LEFT JOIN document ON subject = name GROUP BY name ORDER BY name"
        )
        with self._open() as database:
            return [(name, last, bool(is_open)) for name, last, is_open in database.execute(query)]

    def opened(self, subject: str) -> Opened:
        """Return keys and documents of a subject, to wrap them for a reader.

        Raises:
            ErasedError: the subject was erased.
            DocumentError: there is no such subject.
        """
        query = "SELECT version, commitment, sealed FROM document WHERE subject = ? ORDER BY 1"
        with self._open() as database:
            keys = self._keys(database, subject)
            rows = database.execute(query, (subject,)).fetchall()
        if not rows:
            raise DocumentError(f"no documents of {subject!r} are kept here")
        documents = (Kept(version=one[0], commitment=one[1], sealed=one[2]) for one in rows)
        used = (one for one in keys if one[0] <= rows[-1][0])  # One for what follows stays here.
        return Opened(subject=subject, keys=tuple(used), documents=tuple(documents))

    def take(self, opened: Opened) -> list[Sealed]:
        """Keep what another node opened to us; each document is what was committed to, or none.

        Raises:
            ErasedError: it was erased here; it does not come back by being sent again.
            DamagedError: a document does not open, or is not what its commitment says.
            DocumentError: another document is here under this name.
        """
        subject, put = opened.subject, "INSERT OR IGNORE INTO document VALUES (?, ?, ?, ?)"
        with self._open() as database:
            self._take_keys(database, opened)
            for one in opened.documents:
                database.execute(put, (subject, one.version, one.commitment, one.sealed))
            found = [self._opened(database, subject, one.version)[1] for one in opened.documents]
            if [one.commitment for one in found] != [one.commitment for one in opened.documents]:
                raise DocumentError(f"{subject}: other documents are here under this name")
        return found

    def _take_keys(self, database: sqlite3.Connection, opened: Opened) -> None:
        """Keep keys that are new; a key that opens something here is never changed."""
        subject, known = opened.subject, dict(self._keys(database, opened.subject))
        query = "SELECT COALESCE(MAX(version), 0) FROM document WHERE subject = ?"
        (last,) = database.execute(query, (subject,)).fetchone()
        for first, key in opened.keys:
            if known.get(first) == key:
                continue
            if known and first <= last:
                raise DocumentError(f"{subject}: other keys are here under this name")
            if known or first:
                self._keep_later(database, subject, first, key)
            else:
                self._keep_key(database, subject, key)

    def readers(self, subject: str) -> list[str]:
        """Return the members that the subject's keys were wrapped for."""
        query = "SELECT member FROM reader WHERE subject = ? ORDER BY 1"
        with self._open() as database:
            return [member for (member,) in database.execute(query, (subject,))]

    def add_reader(self, subject: str, member: str) -> None:
        """Remember that the subject's keys were wrapped for a member."""
        with self._open() as database:
            database.execute("INSERT OR IGNORE INTO reader VALUES (?, ?)", (subject, member))

    def withdraw(self, subject: str, member: str) -> None:
        """Take a member from the readers: what is kept from now on has another key.

        Raises:
            DocumentError: it is no reader.
            ErasedError: the subject was erased.
        """
        with self._open() as database:
            self._keys(database, subject)
            gone = database.execute(
                "DELETE FROM reader WHERE subject = ? AND member = ?", (subject, member)
            )
            if not gone.rowcount:
                raise DocumentError(f"{member} is no reader of {subject}; nothing was changed")
            query = "SELECT COALESCE(MAX(version), 0) + 1 FROM document WHERE subject = ?"
            (first,) = database.execute(query, (subject,)).fetchone()
            self._keep_later(database, subject, first, self._new_key(f"{subject}\n{first}"))

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
        key = self._key(database, subject, version) or self._first_key(database, subject)
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
        key = self._key(database, subject, version)
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

    def _key(self, database: sqlite3.Connection, subject: str, version: int) -> bytes | None:
        """Return the data key of a version, or None when nothing was ever kept under the name."""
        keys = [key for first, key in self._keys(database, subject) if first <= version]
        return keys[-1] if keys else None

    def _keys(self, database: sqlite3.Connection, subject: str) -> list[tuple[int, bytes]]:
        """Return the subject's data keys, each with the first version that has it."""
        query = "SELECT locked_key FROM subject WHERE name = ?"
        row = database.execute(query, (subject,)).fetchone()
        if row is None:
            return []
        if row[0] is None:
            raise ErasedError(f"{subject} was erased: its key is destroyed, its documents are gone")
        later = database.execute(
            "SELECT first_version, locked_key FROM later_key WHERE subject = ? ORDER BY 1",
            (subject,),
        ).fetchall()
        try:
            return [
                (0, self._lock.decrypt(row[0], subject.encode())),
                *((first, self._lock.decrypt(key, _from(subject, first))) for first, key in later),
            ]
        except (CryptoError, ValueError):
            raise DamagedError(
                f"the key of {subject} does not open: wrong secret, or {self._path} was changed"
            ) from None

    def _first_key(self, database: sqlite3.Connection, subject: str) -> bytes:
        return self._keep_key(database, subject, self._new_key(subject))

    def _keep_key(self, database: sqlite3.Connection, subject: str, key: bytes) -> bytes:
        locked = self._lock.encrypt(key, subject.encode())
        database.execute("INSERT INTO subject VALUES (?, ?)", (subject, locked))
        return key

    def _keep_later(
        self, database: sqlite3.Connection, subject: str, first: int, key: bytes
    ) -> None:
        locked = self._lock.encrypt(key, _from(subject, first))
        database.execute(
            "INSERT OR REPLACE INTO later_key VALUES (?, ?, ?)", (subject, first, locked)
        )


def _about(subject: str, version: int) -> bytes:
    """Return what a ciphertext belongs to."""
    return f"tallyport/document/1\n{subject}\n{version}".encode()


def _from(subject: str, first: int) -> bytes:
    """Return what a later key belongs to."""
    return f"{subject}\n{first}".encode()


def _salt(key: bytes, subject: str, version: int) -> bytes:
    return hmac.digest(key, f"tallyport/salt/1\n{subject}\n{version}".encode(), "sha256")
