"""Private keys at rest (密钥库): one file a key, locked with a passphrase.

    keys/tarim-bank.key     {"format":"tallyport-key/1","key_id":"ed25519:...","locked":"...",
                             "memory_bytes":268435456,"name":"tarim-bank","passes":3,"salt":"..."}

Argon2id makes a lock from the passphrase, XChaCha20-Poly1305 locks the 32 secret bytes together
with everything else that the file says: a renamed or edited file does not open. The key id says
which suite it is of. One store has one salt, so that a node with twenty keys works through Argon2id
once, not twenty times. A file that others may read is not opened: its passphrase can be guessed.

Sources: RFC 9106 (Argon2id), draft-irtf-cfrg-xchacha.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id
from nacl.secret import Aead
from nacl.utils import random

from tallyport.adapters.ed25519 import SEED_BYTES, Signing
from tallyport.adapters.suites import Secret, for_log, from_seed, generate
from tallyport.kernel.guard import FaultError
from tallyport.kernel.keys import Suite

FORMAT = "tallyport-key/1"
MEMORY_BYTES_MAX = 1 << 30  # A forged file must not make us work through more than 1 GiB.
PASSES_MAX = 16  # Nor for longer than a minute.
OTHERS = 0o077  # Whoever is not the owner.
_SUFFIX = ".key"
_TRIAL = "tallyport/trial-key/1"


class KeyStoreError(FaultError):
    """A key cannot be had. Says which, why, and what to do."""


class NoKeyError(KeyStoreError):
    """There is no key of this name here."""


class WrongPassphraseError(KeyStoreError):
    """The passphrase does not open this file, or the file was changed."""


@dataclass(frozen=True, slots=True)
class Strength:
    """What guessing a passphrase costs whoever stole the files; opening the store costs the same.

    Each file says which strength it has, so that a stronger default leaves old files readable.
    """

    passes: int = argon2id.OPSLIMIT_MODERATE
    memory_bytes: int = argon2id.MEMLIMIT_MODERATE


MODERATE = Strength()  # About a second and 256 MiB, once a start.


def trial_key(seed: int, name: str) -> Signing:
    """Return the key that `seed` and `name` always lead to: for trial only.

    SHA-256 of "tallyport/trial-key/1", the seed and the name, a newline between them. Whoever knows
    the seed has the key. It makes a demo repeatable to the byte; it protects nothing.
    """
    return Signing(hashlib.sha256(f"{_TRIAL}\n{seed}\n{name}".encode()).digest())


class KeyStore:
    """The keys in one folder. The passphrase is asked for when the first key is opened or kept."""

    def __init__(self, folder: Path, passphrase: str, *, strength: Strength = MODERATE) -> None:
        self._folder, self._passphrase, self._strength = folder, passphrase, strength
        self._locks: dict[tuple[bytes, Strength], Aead] = {}

    def names(self) -> list[str]:
        """Return the names of the keys that are kept here."""
        return sorted(unquote(path.stem) for path in self._folder.glob(f"*{_SUFFIX}"))

    def create(self, name: str, suite: Suite = Suite.ED25519) -> Secret:
        """Make a new key, keep it, return it.

        Raises:
            KeyStoreError: there is one of this name, or it cannot be written.
        """
        signing = generate(suite)
        self._keep(name, signing)
        return signing

    def keep(self, name: str, signing: Secret) -> None:
        """Keep a key; the same again changes nothing.

        Raises:
            KeyStoreError: another key has this name, or it cannot be written.
        """
        if not self._path(name).exists() or self.secret(name).key_id != signing.key_id:
            self._keep(name, signing)

    def forget(self, name: str) -> None:
        """Delete a key; it speaks for nobody any longer."""
        self._path(name).unlink(missing_ok=True)

    def derive(self, seed: int, name: str) -> Signing:
        """Return `trial_key(seed, name)`, kept here under `name`: for trial only.

        Raises:
            KeyStoreError: another key has this name.
        """
        signing = trial_key(seed, name)
        if not self._path(name).exists():
            self._keep(name, signing)
        elif self.get(name).seed != signing.seed:
            raise KeyStoreError(
                f"key {name!r} in {self._folder} does not come from seed {seed}; "
                "use the seed it was made with, or another folder"
            )
        return signing

    def get(self, name: str) -> Signing:
        """Return the Ed25519 key called `name`, as logs and trials need one; raises as `secret`.

        Raises:
            SuiteError: it is of another suite.
        """
        return for_log(self.secret(name))

    def secret(self, name: str) -> Secret:
        """Return the key called `name`, of whatever suite.

        Raises:
            NoKeyError: no such key.
            KeyStoreError: a damaged file, or (`WrongPassphraseError`) it stays locked.
        """
        path = self._path(name)
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
            file = _File.parse(path.read_bytes())
        except FileNotFoundError:
            known = ", ".join(self.names()) or "none"
            raise NoKeyError(f"no key {name!r} in {self._folder}; known: {known}") from None
        except OSError as error:
            raise KeyStoreError(f"cannot read {path}: {error.strerror}") from error
        except ValueError as error:
            raise KeyStoreError(
                f"{path} is damaged ({error}); expected a {FORMAT}; restore it from a backup"
            ) from None
        if mode & OTHERS:
            raise KeyStoreError(
                f"{path} can be read by others (mode {mode:o}); `chmod 600` it, and rotate the key"
                " if somebody may have copied it"
            )
        lock = self._lock(file.salt, file.strength)
        try:
            seed = lock.decrypt(file.locked, file.stated)
        except CryptoError:
            raise WrongPassphraseError(
                f"{path} stays locked: wrong passphrase, or the file was changed"
            ) from None
        signing = from_seed(file.suite, seed)
        if file.name != name or file.key_id != signing.key_id:
            raise KeyStoreError(f"{path} holds the key of {file.name!r}; expected {name!r}")
        return signing

    def _keep(self, name: str, signing: Secret) -> None:
        path = self._path(name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise KeyStoreError(f"cannot write {path}: {error.strerror}") from error
        salt = self._salt()
        file = _File(name, signing.key_id, salt, self._strength, b"")
        locked = self._lock(salt, self._strength).encrypt(signing.seed, file.stated)
        try:
            _write_new(path, _File(name, signing.key_id, salt, self._strength, locked).text)
        except FileExistsError:
            raise KeyStoreError(
                f"there is a key {name!r} in {self._folder} already; a key is never overwritten"
            ) from None
        except OSError as error:
            raise KeyStoreError(f"cannot write {path}: {error.strerror}") from error

    def _path(self, name: str) -> Path:
        if not name or name.startswith("."):
            raise KeyStoreError(f"expected the name of a key, got {name!r}")
        return self._folder / f"{quote(name, safe='')}{_SUFFIX}"

    def _salt(self) -> bytes:
        """Return the salt of a file that is here already, or a new one."""
        for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
            try:
                return _File.parse(path.read_bytes()).salt
            except (OSError, ValueError):
                continue
        return random(argon2id.SALTBYTES)

    def _lock(self, salt: bytes, strength: Strength) -> Aead:
        if (salt, strength) not in self._locks:
            key = argon2id.kdf(
                Aead.KEY_SIZE,
                self._passphrase.encode(),
                salt,
                opslimit=strength.passes,
                memlimit=strength.memory_bytes,
            )
            self._locks[salt, strength] = Aead(key)
        return self._locks[salt, strength]


@dataclass(frozen=True, slots=True)
class _File:
    """What a key file says."""

    name: str
    key_id: str
    salt: bytes
    strength: Strength
    locked: bytes

    @property
    def suite(self) -> Suite:
        """Which suite the key is of."""
        return Suite(self.key_id.partition(":")[0])

    @property
    def _statement(self) -> dict[str, str | int]:
        return {
            "format": FORMAT,
            "name": self.name,
            "key_id": self.key_id,
            "salt": base64.b64encode(self.salt).decode(),
            "passes": self.strength.passes,
            "memory_bytes": self.strength.memory_bytes,
        }

    @property
    def stated(self) -> bytes:
        """Everything but the secret; the lock covers it."""
        return json.dumps(self._statement, sort_keys=True).encode()

    @property
    def text(self) -> bytes:
        """The whole file."""
        locked = {"locked": base64.b64encode(self.locked).decode()}
        return json.dumps(self._statement | locked, sort_keys=True, indent=1).encode() + b"\n"

    @classmethod
    def parse(cls, data: bytes) -> _File:
        """Read a file; ValueError says what is wrong with it."""
        fields = json.loads(data)
        expected = {"format", "name", "key_id", "salt", "passes", "memory_bytes", "locked"}
        if not isinstance(fields, dict) or fields.keys() != expected or fields["format"] != FORMAT:
            raise ValueError(f"not exactly {sorted(expected)}")
        numbers = (("passes", 1, PASSES_MAX), ("memory_bytes", 8_192, MEMORY_BYTES_MAX))
        for field, least, most in numbers:
            if type(fields[field]) is not int or not least <= fields[field] <= most:
                raise ValueError(f"{field} is not between {least} and {most}")
        salt = base64.b64decode(str(fields["salt"]), validate=True)
        locked = base64.b64decode(str(fields["locked"]), validate=True)
        overhead = Aead.NONCE_SIZE + Aead.MACBYTES
        if len(salt) != argon2id.SALTBYTES or len(locked) != SEED_BYTES + overhead:
            raise ValueError("salt or locked key has a wrong size")
        strength = Strength(fields["passes"], fields["memory_bytes"])
        file = cls(str(fields["name"]), str(fields["key_id"]), salt, strength, locked)
        _ = file.suite  # ValueError: it names none.
        return file


def _write_new(path: Path, data: bytes) -> None:
    """Write `path` whole or not at all, for its owner alone; an existing file is left alone."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".new-")  # Mode 0600.
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # Unlike a rename it fails when the name is taken.
    finally:
        Path(draft).unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
