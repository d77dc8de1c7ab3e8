"""Keys at rest: only the right passphrase and an unchanged file give a key back.

Goal: what was kept comes back, and nothing else ever does. Method: every single byte of a key file
is changed, files are swapped and cut, and the mode on disk is looked at.
"""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tallyport.adapters.keystore import (
    KeyStore,
    KeyStoreError,
    Strength,
    WrongPassphraseError,
    trial_key,
)

WEAK = Strength(passes=1, memory_bytes=8_192)  # Tests guess nothing; they need not wait.


def store(folder: Path, words: str = "open sesame") -> KeyStore:
    """Return a store that opens fast."""
    return KeyStore(folder, words, strength=WEAK)


def test_a_key_comes_back(tmp_path: Path) -> None:
    """Kept by one store, opened by another with the same passphrase."""
    made = store(tmp_path).create("tarim-bank")

    again = store(tmp_path).get("tarim-bank")

    assert again.seed == made.seed
    assert again.key_id == made.key_id
    assert store(tmp_path).names() == ["tarim-bank"]


def test_the_default_strength_is_opened_too(tmp_path: Path) -> None:
    """A store opens what another strength locked: each file says how."""
    made = KeyStore(tmp_path, "open sesame").create("log")
    assert store(tmp_path).get("log").seed == made.seed


@pytest.mark.parametrize("name", ["a/b", "x:y@z", "наблюдатель", "银行", "a b", "50%"])
def test_any_name_is_one_file(tmp_path: Path, name: str) -> None:
    """Names never lead out of the folder."""
    made = store(tmp_path / "keys").create(name)
    assert store(tmp_path / "keys").get(name).seed == made.seed
    assert store(tmp_path / "keys").names() == [name]
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


@pytest.mark.parametrize("name", ["", ".", "..", ".hidden", "../up"])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    """Neither nothing nor a way up is a name."""
    with pytest.raises(KeyStoreError, match="name of a key"):
        store(tmp_path).create(name)


def test_only_the_owner_reads_the_file(tmp_path: Path) -> None:
    """Mode 0600 in a folder of 0700, and no draft is left behind."""
    store(tmp_path / "keys").create("log")
    [path] = (tmp_path / "keys").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_the_secret_is_not_in_the_file(tmp_path: Path) -> None:
    """Neither raw nor in hex."""
    made = store(tmp_path).create("log")
    data = (tmp_path / "log.key").read_bytes()
    assert made.seed not in data
    assert made.seed.hex().encode() not in data


def test_a_wrong_passphrase_opens_nothing(tmp_path: Path) -> None:
    """It says so."""
    store(tmp_path).create("log")
    with pytest.raises(WrongPassphraseError, match="wrong passphrase"):
        store(tmp_path, "Open sesame").get("log")


def test_an_unknown_name_lists_the_known(tmp_path: Path) -> None:
    """A typing error is found at a glance."""
    store(tmp_path).create("tarim-bank")
    with pytest.raises(KeyStoreError, match="known: tarim-bank"):
        store(tmp_path).get("tarim_bank")


def test_no_key_is_overwritten(tmp_path: Path) -> None:
    """A second `create` of the name fails and leaves the first."""
    made = store(tmp_path).create("log")
    with pytest.raises(KeyStoreError, match="never overwritten"):
        store(tmp_path).create("log")
    assert store(tmp_path).get("log").seed == made.seed


def test_every_changed_byte_is_noticed(tmp_path: Path) -> None:
    """Byte by byte: refused, or spelled otherwise with the same meaning (white space)."""
    made = store(tmp_path).create("log")
    path = tmp_path / "log.key"
    data = path.read_bytes()
    opened = 0
    for place in range(len(data)):
        path.write_bytes(data[:place] + bytes((data[place] ^ 1,)) + data[place + 1 :])
        try:
            assert store(tmp_path).get("log").seed == made.seed
            opened += 1
        except KeyStoreError:
            pass
    assert opened <= data.count(b"\n")  # A line end may become a tab: the fields are the same.


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("memory_bytes", 1 << 40),
        ("memory_bytes", True),
        ("passes", 10**9),
        ("passes", 0),
        ("format", "tallyport-key/2"),
        ("locked", "AAAA"),
        ("salt", "AAAA"),
        ("salt", "no base64!"),
        ("more", 1),
    ],
)
def test_a_forged_field_is_refused(tmp_path: Path, field: str, value: object) -> None:
    """Above all one that would cost us a terabyte."""
    store(tmp_path).create("log")
    path = tmp_path / "log.key"
    path.write_text(json.dumps(json.loads(path.read_text()) | {field: value}))
    with pytest.raises(KeyStoreError, match="damaged"):
        store(tmp_path).get("log")


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_a_damaged_file_says_so(tmp_path: Path, data: bytes) -> None:
    """It names the file and what to do."""
    store(tmp_path).create("log")
    (tmp_path / "log.key").write_bytes(data)
    with pytest.raises(KeyStoreError, match="restore it from a backup"):
        store(tmp_path).get("log")


def test_a_renamed_file_does_not_pass(tmp_path: Path) -> None:
    """The key of one member is not that of another."""
    store(tmp_path).create("customs")
    (tmp_path / "customs.key").rename(tmp_path / "operator.key")
    with pytest.raises(KeyStoreError, match="holds the key of 'customs'"):
        store(tmp_path).get("operator")


def test_a_key_that_cannot_be_read_or_written_is_a_fault(tmp_path: Path) -> None:
    """A folder where a file should be."""
    (tmp_path / "log.key").mkdir()
    with pytest.raises(KeyStoreError, match="cannot read"):
        store(tmp_path).get("log")
    (tmp_path / "keys").write_text("a file where the folder should be")
    with pytest.raises(KeyStoreError, match="cannot write"):
        store(tmp_path / "keys").create("log")


def test_a_damaged_neighbour_does_not_stop_a_new_key(tmp_path: Path) -> None:
    """The salt comes from a file that can be read, or is new."""
    (tmp_path / "a.key").write_text("?")
    made = store(tmp_path).create("b")
    assert store(tmp_path).get("b").seed == made.seed


def test_one_salt_a_store(tmp_path: Path) -> None:
    """So that twenty keys cost one Argon2id."""
    for name in ("a", "b"):
        store(tmp_path).create(name)
    salts = {json.loads(path.read_text())["salt"] for path in tmp_path.glob("*.key")}
    assert len(salts) == 1


def test_trial_keys_repeat(tmp_path: Path) -> None:
    """The documented derivation, once computed with sha256sum over the three lines."""
    made = store(tmp_path).derive(7, "operator")
    assert made.seed.hex() == "32fa9ba9b5e7f7c6e4e2957b004bea5fbd7b01e9007c0df68dffc875e072bd80"
    assert store(tmp_path).derive(7, "operator").seed == made.seed
    assert store(tmp_path).get("operator").seed == made.seed
    assert trial_key(8, "operator").seed != made.seed
    assert trial_key(7, "customs").seed != made.seed
    with pytest.raises(KeyStoreError, match="does not come from seed 8"):
        store(tmp_path).derive(8, "operator")
