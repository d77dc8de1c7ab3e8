"""A commitment fixes a document, tells nothing about it, and anybody can check it.

Goal: the formula is the documented one, and nothing else opens a commitment. Method: random salts
and documents; a vector worked with another tool; bad input.
"""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tallyport.contracts.attestation.commitment import commitment, is_commitment, is_opened_by
from tallyport.kernel.guard import InvariantError

salts = st.binary(min_size=32, max_size=32)


@given(salts, st.binary(), salts, st.binary())
def test_only_salt_and_document_open_it(
    salt: bytes, document: bytes, other_salt: bytes, other: bytes
) -> None:
    """Both must fit."""
    assume((salt, document) != (other_salt, other))
    made = commitment(salt, document)
    assert is_commitment(made)
    assert is_opened_by(made, salt, document)
    assert not is_opened_by(made, other_salt, other)


def test_another_tool_agrees() -> None:
    """`printf '0123456789abcdef0123456789abcdef{"vin":"HLX33B128R1643455"}' | sha256sum`."""
    salt, document = b"0123456789abcdef0123456789abcdef", b'{"vin":"HLX33B128R1643455"}'
    stated = "325f495d26c3b844791fe0f44d6380c048b4f7b19c26ddeb49e7929b430955c4"
    assert commitment(salt, document) == stated


@pytest.mark.parametrize("salt", [b"", b"s" * 31, b"s" * 33])
def test_a_salt_has_one_length(salt: bytes) -> None:
    """Else a byte could pass from the salt to the document (ATT-SALT-1)."""
    with pytest.raises(InvariantError, match="ATT-SALT-1"):
        commitment(salt, b"document")
    assert not is_opened_by("0" * 64, salt, b"document")


@pytest.mark.parametrize("text", ["", "0" * 63, "0" * 65, "A" * 64, "g" * 64, "٠" * 64])
def test_a_commitment_has_one_spelling(text: str) -> None:
    """Small hex digits, 64 of them."""
    assert not is_commitment(text)
