"""Signed notes and checkpoints: how a log states its head so that others can hold it to it.

    tallyport/main                                      origin
    20                                                  entries
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=        head, base64

    — tallyport/main Az3grlgtzPIC...                    name, base64(key hash 4 bytes + signature)

Sources: C2SP signed-note, C2SP tlog-checkpoint. Ed25519 (algorithm byte 1), and the cosignatures
of witnesses (algorithm byte 4, `ledger.cosignature`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.keys import Suite, Verify
from tallyport.ledger.cosignature import COSIGNER, message, parted
from tallyport.ledger.merkle import HASH_BYTES

ED25519 = b"\x01"
SIGNATURES_MAX = 100  # A note with more lines is an attack; witnesses are a handful.
_DASH = "— "
_KEY_HASH_BYTES = 4


def _base64(text: str, what: str) -> bytes:
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        value = b""
    # A decoder drops the last bits: two spellings of one value would be two notes of one meaning.
    if base64.b64encode(value).decode() != text:
        raise MalformedError(f"expected base64 for {what}, got {text[:60]!r}")
    return value


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """Who signs notes: a name and a public key. Text form: ``name+hash+base64``."""

    name: str
    public: bytes
    algorithm: bytes = ED25519  # Or COSIGNER: what it signs then says when.

    @property
    def hash(self) -> bytes:
        """First four bytes of SHA-256(name, newline, algorithm, key): tells keys apart."""
        text = self.name.encode() + b"\n" + self.algorithm + self.public
        return hashlib.sha256(text).digest()[:_KEY_HASH_BYTES]

    def has_signed(self, text: str, signature: bytes, verify: Verify) -> bool:
        """Return whether what stands in a line is this key's signature over `text`."""
        signed = text.encode()
        if self.algorithm == COSIGNER:
            parts = parted(signature)
            if parts is None:
                return False
            signed, signature = message(text, parts[0]), parts[1]
        return verify(Suite.ED25519, self.public, signed, signature)

    def __str__(self) -> str:
        key = base64.b64encode(self.algorithm + self.public).decode()
        return f"{self.name}+{self.hash.hex()}+{key}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read the text form.

        Raises:
            MalformedError: not a verifier key, not Ed25519, or its hash does not fit.
        """
        name, _, rest = text.strip().partition("+")
        stated, _, encoded = rest.partition("+")
        key = _base64(encoded, "a verifier key")
        is_known = key[:1] in (ED25519, COSIGNER)
        if not is_name(name) or not is_known or len(key) != 1 + HASH_BYTES:
            raise MalformedError(f"expected name+hash+key (Ed25519), got {text[:80]!r}")
        made = cls(name, key[1:], key[:1])
        if made.hash.hex() != stated:
            raise MalformedError(f"expected key hash {made.hash.hex()}, got {stated!r}")
        return made


def origin_of(channel: str) -> str:
    """Return the origin of a channel's log; the log's key has the same name."""
    return f"tallyport/{channel}"


def is_name(name: str) -> bool:
    """Return whether `name` may name a key: not empty, no space, no plus."""
    return bool(name) and "+" not in name and not any(letter.isspace() for letter in name)


@dataclass(frozen=True, slots=True)
class Signature:
    """One line below a note."""

    name: str
    key_hash: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A text (it ends with a newline) and the signatures below it."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        lines = [
            f"{_DASH}{one.name} {base64.b64encode(one.key_hash + one.signature).decode()}\n"
            for one in self.signatures
        ]
        return f"{self.text}\n{''.join(lines)}"

    def is_signed_by(self, key: VerifierKey, verify: Verify) -> bool:
        """Return whether one of the signatures is `key`'s over the text."""
        return any(
            key.has_signed(self.text, one.signature, verify)
            for one in self.signatures
            if one.name == key.name and one.key_hash == key.hash
        )


def parse_note(data: str) -> Note:
    """Read a signed note.

    Raises:
        MalformedError: no blank line before the signatures, or a line that is none.
    """
    text, blank, below = data.rpartition("\n\n")
    if not blank or not below.endswith("\n"):
        raise MalformedError("expected a text, an empty line and signature lines")
    if any(letter < " " and letter != "\n" for letter in data):
        raise MalformedError("expected a text without control characters")
    lines = below[:-1].split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise MalformedError(f"expected at most {SIGNATURES_MAX} signatures, got {len(lines)}")
    signatures = []
    for line in lines:
        name, _, encoded = line.removeprefix(_DASH).partition(" ")
        value = _base64(encoded, f"the signature of {name!r}")
        if not line.startswith(_DASH) or not is_name(name) or len(value) <= _KEY_HASH_BYTES:
            raise MalformedError(f"expected '{_DASH}name base64', got {line[:80]!r}")
        signatures.append(Signature(name, value[:_KEY_HASH_BYTES], value[_KEY_HASH_BYTES:]))
    return Note(text + "\n", tuple(signatures))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log in three lines."""

    origin: str
    size: int
    head: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.head).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read the first three lines of a checkpoint's text; further lines are extensions.

        Raises:
            MalformedError: too few lines, an empty one, or a size or head that is none.
        """
        *lines, end = text.split("\n")
        if len(lines) < 3 or end or not all(lines):  # noqa: PLR2004 - Origin, size, head.
            raise MalformedError("expected a checkpoint: origin, size and head on a line each")
        origin, size, head = lines[:3]
        if not size.isascii() or not size.isdigit() or str(int(size[:20])) != size:
            raise MalformedError(f"expected a whole number of entries, got {size[:40]!r}")
        value = _base64(head, "the head")
        if len(value) != HASH_BYTES:
            raise MalformedError(f"expected a head of {HASH_BYTES} bytes, got {len(value)}")
        return cls(origin, int(size), value)
