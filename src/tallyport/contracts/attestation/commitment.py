"""Salted commitments (加盐哈希): 32 bytes that fix a document and tell nothing about it.

    commitment = SHA-256(salt || document)      salt: 32 random bytes, document: its exact bytes

Whoever is shown salt and document checks them with any tool: `cat salt document | sha256sum`. The
salt has one length, so that no byte can pass from the one to the other. Salt and document stay off
the ledger; without the salt nobody can guess the document by trying, and once the salt is destroyed
the commitment says nothing any more (erasure).

ATT-SALT-1  size   a salt is 32 bytes
"""

from __future__ import annotations

import hashlib

from tallyport.kernel.guard import invariant

SALT_BYTES = 32
_HEX_DIGITS = 64


def commitment(salt: bytes, document: bytes) -> str:
    """Return the commitment to `document` under `salt`, in hex."""
    invariant(len(salt) == SALT_BYTES, "ATT-SALT-1")
    return hashlib.sha256(salt + document).hexdigest()


def is_opened_by(committed: str, salt: bytes, document: bytes) -> bool:
    """Return whether `salt` and `document`, from whomever, are what was committed to."""
    return len(salt) == SALT_BYTES and commitment(salt, document) == committed


def is_commitment(text: str) -> bool:
    """Return whether `text` is spelled as a commitment: 64 hex digits, small letters."""
    return len(text) == _HEX_DIGITS and set("0123456789abcdef").issuperset(text)
