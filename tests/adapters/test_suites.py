"""The dispatching place: each suite is checked by its own module, everywhere a signature is."""

from __future__ import annotations

import pytest

from tallyport.adapters import ed25519, sm2
from tallyport.adapters.embedded.checker import ALONE_MAX, Checkers, Signed
from tallyport.adapters.suites import VERIFIERS, SuiteError, for_log, from_seed, generate, verify
from tallyport.kernel.keys import Suite


@pytest.mark.parametrize("suite", list(Suite))
def test_a_new_key_of_every_suite_signs(suite: Suite) -> None:
    """And only under its own tag."""
    signing = generate(suite)
    signature = signing.sign(b"message")
    for tag in Suite:
        assert verify(tag, signing.public, b"message", signature) == (tag is suite)
    assert from_seed(suite, signing.seed).key_id == signing.key_id
    assert set(VERIFIERS) == set(Suite)


def test_the_processes_that_check_know_every_suite() -> None:
    """A batch of both suites, every other signature forged."""
    made = []
    for number in range(2 * ALONE_MAX):
        signing = generate(list(Suite)[number % 2])
        text = f"message {number}".encode()
        signature = signing.sign(text if number % 3 else b"another message")
        made.append(Signed(signing.suite, signing.public, text, signature))
    checkers = Checkers(2)
    try:
        fits = checkers.start(made).result()
    finally:
        checkers.close()
    assert fits == [bool(number % 3) for number in range(len(made))]


def test_a_log_is_signed_with_ed25519() -> None:
    """The format of checkpoints knows no other."""
    key = ed25519.Signing.generate()
    assert for_log(key) is key
    with pytest.raises(SuiteError, match="expected an Ed25519 key"):
        for_log(sm2.Signing.generate())
