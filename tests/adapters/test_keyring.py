"""Keys by name: of every suite in the store, or pointed to in a module.

Goal: a name leads to one key, whatever its kind, and nothing is lost when a move is cut off.
Method: the store with a fast lock; a module of the test's own stands for a real one (real ones:
`test_pkcs11`).
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tallyport.adapters import pkcs11, sm2
from tallyport.adapters.keyring import Keyring
from tallyport.adapters.keystore import (
    KeyStore,
    KeyStoreError,
    NoKeyError,
    Strength,
    WrongPassphraseError,
)
from tallyport.adapters.suites import Secret, SuiteError, generate
from tallyport.kernel.keys import Suite

WEAK = Strength(passes=1, memory_bytes=8_192)
URI = "pkcs11:token=bank;object=tarim-bank?module-path=/lib/made-up.so"


def store(folder: Path, words: str = "open sesame") -> KeyStore:
    """Return a store that opens fast."""
    return KeyStore(folder, words, strength=WEAK)


def ring(folder: Path) -> Keyring:
    """Return the keys in `folder`."""
    return Keyring(folder, store(folder))


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> dict[str, Secret]:
    """A module with one key, which a test may turn."""
    keys: dict[str, Secret] = {URI: generate(Suite.ED25519)}

    def open_key(uri: str, suite: Suite) -> Secret:
        if uri not in keys or keys[uri].suite is not suite:
            raise pkcs11.ModuleError("no such key")
        return keys[uri]

    monkeypatch.setattr(pkcs11, "open_key", open_key)
    return keys


@pytest.mark.parametrize("suite", list(Suite))
def test_every_suite_is_kept(tmp_path: Path, suite: Suite) -> None:
    """The file says which it is; a log takes Ed25519 only."""
    made = ring(tmp_path).make("tarim-bank", suite)
    assert ring(tmp_path).get("tarim-bank").key_id == made.key_id
    assert made.suite is suite
    if suite is Suite.SM2:
        assert isinstance(store(tmp_path).secret("tarim-bank"), sm2.Signing)
        with pytest.raises(SuiteError, match="expected an Ed25519 key"):
            store(tmp_path).get("tarim-bank")


def test_a_file_of_another_suite_does_not_open(tmp_path: Path) -> None:
    """The suite is locked with the rest; one that nobody knows is damage."""
    made = ring(tmp_path).make("bank", Suite.SM2)
    path = tmp_path / "bank.key"
    for key_id, error in ((made.key_id.replace("sm2", "ed25519"), WrongPassphraseError),):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"key_id": key_id}))
        with pytest.raises(error):
            store(tmp_path).secret("bank")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"key_id": "rsa:1"}))
    with pytest.raises(KeyStoreError, match="damaged"):
        store(tmp_path).secret("bank")


def test_a_file_that_others_may_read_is_not_opened(tmp_path: Path) -> None:
    """It says how to mend it."""
    ring(tmp_path).make("bank", Suite.ED25519)
    for mode in (0o640, 0o604, 0o620):
        (tmp_path / "bank.key").chmod(mode)
        with pytest.raises(KeyStoreError, match="chmod 600"):
            ring(tmp_path).get("bank")
    (tmp_path / "bank.key").chmod(0o400)
    assert ring(tmp_path).get("bank").suite is Suite.ED25519


def test_a_cut_file_is_damage(tmp_path: Path) -> None:
    """Wherever it was cut."""
    ring(tmp_path).make("bank", Suite.SM2)
    path = tmp_path / "bank.key"
    data = path.read_bytes()
    for size in range(0, len(data) - 2, 7):
        path.write_bytes(data[:size])
        with pytest.raises(KeyStoreError, match="damaged"):
            ring(tmp_path).get("bank")


def test_a_pointer_leads_to_the_module(tmp_path: Path, module: dict[str, Secret]) -> None:
    """Nothing secret is in it, and it pins the key."""
    keys = ring(tmp_path)
    made = keys.make("tarim-bank", Suite.ED25519, URI)
    assert keys.get("tarim-bank").key_id == made.key_id == module[URI].key_id
    assert keys.names() == ["tarim-bank"]
    data = (tmp_path / "tarim-bank.pkcs11").read_bytes()
    assert module[URI].seed.hex().encode() not in data
    module[URI] = generate(Suite.ED25519)
    with pytest.raises(KeyStoreError, match="from the module"):
        keys.get("tarim-bank")


@pytest.mark.parametrize("uri", ["", URI])
def test_a_name_is_given_once(tmp_path: Path, module: dict[str, Secret], uri: str) -> None:
    """Whatever the first was."""
    assert module
    keys = ring(tmp_path)
    keys.make("bank", Suite.ED25519, uri)
    for again in ("", URI):
        with pytest.raises(KeyStoreError, match="never overwritten"):
            keys.make("bank", Suite.ED25519, again)


@pytest.mark.parametrize("uri", ["", URI])
def test_a_key_moves(tmp_path: Path, module: dict[str, Secret], uri: str) -> None:
    """Cut off after the copy, the same again ends it."""
    assert module
    keys = ring(tmp_path)
    made = keys.make("bank", Suite.ED25519, uri)
    [path] = tmp_path.iterdir()
    before = path.read_bytes()
    keys.move("bank", "bank/old")
    path.write_bytes(before)
    path.chmod(0o600)
    assert keys.names() == ["bank", "bank/old"]
    keys.move("bank", "bank/old")
    assert keys.names() == ["bank/old"]
    assert keys.get("bank/old").key_id == made.key_id
    keys.forget("bank/old")
    assert keys.names() == []


def test_no_other_key_is_moved_over(tmp_path: Path) -> None:
    """What has the name keeps it."""
    keys = ring(tmp_path)
    keys.make("bank", Suite.ED25519)
    keys.make("bank/old", Suite.SM2)
    with pytest.raises(KeyStoreError, match="never overwritten"):
        keys.move("bank", "bank/old")
    assert keys.names() == ["bank", "bank/old"]


def test_an_unknown_name_lists_all(tmp_path: Path, module: dict[str, Secret]) -> None:
    """Keys in modules too."""
    assert module
    ring(tmp_path).make("tarim-bank", Suite.ED25519, URI)
    with pytest.raises(NoKeyError, match="known: tarim-bank"):
        ring(tmp_path).get("bank")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format":"x"}', "\ud800"])
def test_a_damaged_pointer_says_so(tmp_path: Path, text: str) -> None:
    """And what was expected."""
    (tmp_path / "bank.pkcs11").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(KeyStoreError, match="key-pointer/1"):
        ring(tmp_path).get("bank")
