"""Documents for another member: wrapped to its key, opened by nobody else, taken as they are.

Goal: what was granted comes back to the byte with its commitment; a file that was changed, is for
somebody else or would overwrite something leaves the store as it was. Method: two stores side by
side, every byte region of a grant changed, the files searched for what must not be in them.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tallyport.adapters import ed25519, sm2
from tallyport.adapters.documents import (
    DamagedError,
    Document,
    DocumentError,
    Documents,
    ErasedError,
    Kept,
    Opened,
)
from tallyport.adapters.sharing import GrantError, grant, open_grant, public_of
from tallyport.adapters.suites import Secret
from tallyport.contracts.members.encryption import EncryptionKey, Scheme, is_sound
from tallyport.kernel.ids import MemberId

FUND = MemberId("silk-factoring")
SUBJECT = "document:operator:sealed:1234"
TEXT = b"XJYO-2024040401: 38 000 000 CNY for ALI TRADING"
SECRETS: dict[Scheme, Secret] = {
    Scheme.X25519: ed25519.Signing(bytes(31) + b"\1"),
    Scheme.SM2: sm2.Signing(bytes(31) + b"\2"),
}


def store(folder: Path, secret: int = 1) -> Documents:
    """Return the documents of a node."""
    return Documents(folder, bytes((secret,)) * 32)


def published(scheme: Scheme) -> EncryptionKey:
    """Return the row of the funder's key."""
    found, public_hex = public_of(SECRETS[scheme])
    assert found is scheme
    assert is_sound(found, public_hex)
    at = datetime(2024, 4, 8, tzinfo=UTC)
    return EncryptionKey(member=FUND, scheme=scheme, public_hex=public_hex, since=at)


def filled(folder: Path) -> Documents:
    """Return a store with two versions of a dossier."""
    made = store(folder)
    made.put(SUBJECT, 1, TEXT)
    made.put(SUBJECT, 2, TEXT * 2)
    return made


@pytest.mark.parametrize("scheme", list(Scheme))
def test_what_is_granted_comes_back(tmp_path: Path, scheme: Scheme) -> None:
    """With commitment and salt; taking it again changes nothing."""
    ours, theirs = filled(tmp_path / "ours"), store(tmp_path / "theirs", 2)
    data = grant(ours.opened(SUBJECT), published(scheme))
    for _ in range(2):
        opened = open_grant(data, FUND, SECRETS.__getitem__)
        assert len(theirs.take(opened)) == 2
    for version in (1, 2):
        assert theirs.get(SUBJECT, version) == ours.get(SUBJECT, version)
        assert theirs.sealed(SUBJECT, version) == ours.sealed(SUBJECT, version)


@pytest.mark.parametrize("scheme", list(Scheme))
def test_a_grant_tells_nothing(tmp_path: Path, scheme: Scheme) -> None:
    """But for whom it is; and two of the same differ."""
    ours = filled(tmp_path)
    data = grant(ours.opened(SUBJECT), published(scheme))
    for word in (SUBJECT, "operator", "XJYO", "ALI", ours.sealed(SUBJECT, 1).commitment):
        assert word.encode() not in data
    assert data != grant(ours.opened(SUBJECT), published(scheme))


@pytest.mark.parametrize("scheme", list(Scheme))
def test_a_changed_grant_does_not_open(tmp_path: Path, scheme: Scheme) -> None:
    """Wherever it was changed, and wherever it was cut."""
    data = grant(filled(tmp_path).opened(SUBJECT), published(scheme))
    for at in range(0, len(data) - 1, 29):
        forged = data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :]
        with pytest.raises(GrantError):
            open_grant(forged, FUND, SECRETS.__getitem__)
        with pytest.raises(GrantError):
            open_grant(data[:at], FUND, SECRETS.__getitem__)


def test_a_grant_is_for_one_member_and_key(tmp_path: Path) -> None:
    """Another member, or the same with another key, is told so."""
    data = grant(filled(tmp_path).opened(SUBJECT), published(Scheme.X25519))
    with pytest.raises(
        GrantError, match="expected a grant to oasis, got a tallyport-grant/1 to silk"
    ):
        open_grant(data, MemberId("oasis"), SECRETS.__getitem__)
    with pytest.raises(GrantError, match="older key"):
        open_grant(data, FUND, lambda _: ed25519.Signing(bytes(31) + b"\3"))
    renamed = json.dumps(json.loads(data) | {"to": "oasis"}).encode()
    with pytest.raises(GrantError, match="does not open"):
        open_grant(renamed, MemberId("oasis"), SECRETS.__getitem__)


def test_nothing_is_wrapped_to_a_key_of_no_strength(tmp_path: Path) -> None:
    """A point of small order would give everybody the same secret."""
    weak = EncryptionKey(
        member=FUND,
        scheme=Scheme.X25519,
        public_hex="01" + "00" * 31,
        since=datetime(2024, 4, 8, tzinfo=UTC),
    )
    with pytest.raises(GrantError, match="has to publish another"):
        grant(filled(tmp_path).opened(SUBJECT), weak)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b'{"format":"x"}', b"\xff"])
def test_what_is_no_grant_says_so(data: bytes) -> None:
    """A sentence, not a trace."""
    with pytest.raises(GrantError, match="expected a"):
        open_grant(data, FUND, SECRETS.__getitem__)


def test_after_a_withdrawal_the_old_keys_open_nothing_new(tmp_path: Path) -> None:
    """Neither the document nor its salt; who is granted again reads all of it."""
    ours, theirs = filled(tmp_path / "ours"), store(tmp_path / "theirs", 2)
    before = ours.opened(SUBJECT)
    ours.add_reader(SUBJECT, FUND)
    ours.withdraw(SUBJECT, FUND)
    assert ours.readers(SUBJECT) == []
    ours.put(SUBJECT, 3, b"news")
    ours.put_all([Document(subject=SUBJECT, version=4, content=b"more")])
    after = ours.opened(SUBJECT)
    assert after.keys[: len(before.keys)] == before.keys
    assert [first for first, _ in after.keys] == [0, 3]
    assert after.keys[1][1] != after.keys[0][1]
    forged = Opened(subject=SUBJECT, keys=before.keys, documents=after.documents)
    with pytest.raises(DamagedError):
        theirs.take(forged)
    assert theirs.subjects() == []
    theirs.take(before)
    theirs.take(after)
    assert theirs.get(SUBJECT, 4) == b"more"
    assert ours.get(SUBJECT, 1) == TEXT


def test_a_key_for_what_follows_is_not_handed_out(tmp_path: Path) -> None:
    """Withdrawn, then another is granted, then withdrawn: each time what follows is fresh."""
    ours = filled(tmp_path)
    for member in ("a", "b"):
        ours.add_reader(SUBJECT, member)
        assert [first for first, _ in ours.opened(SUBJECT).keys] == [0]
        ours.withdraw(SUBJECT, member)
    ours.put(SUBJECT, 3, b"news")
    assert [first for first, _ in ours.opened(SUBJECT).keys] == [0, 3]


def test_what_is_erased_stays_erased(tmp_path: Path) -> None:
    """No key, salt or ciphertext is left in the file, and a grant does not bring it back."""
    ours = filled(tmp_path)
    ours.add_reader(SUBJECT, FUND)
    ours.withdraw(SUBJECT, FUND)
    ours.put(SUBJECT, 3, b"news")
    before = ours.opened(SUBJECT)
    ours.destroy(SUBJECT)
    data = (tmp_path / "documents.sqlite").read_bytes()
    for one in before.documents:
        assert one.sealed not in data
    for _, key in before.keys:
        assert key not in data
    with pytest.raises(ErasedError):
        ours.take(before)
    with pytest.raises(ErasedError):
        ours.opened(SUBJECT)
    assert ours.subjects() == [(SUBJECT, 3, False)]


def test_a_grant_overwrites_nothing(tmp_path: Path) -> None:
    """Not our keys, not our documents; the store is as it was."""
    ours, forger = filled(tmp_path / "ours"), store(tmp_path / "forger", 3)
    forger.put(SUBJECT, 1, b"forged")
    kept = (tmp_path / "ours" / "documents.sqlite").read_bytes()
    with pytest.raises(DocumentError, match="other keys"):
        ours.take(forger.opened(SUBJECT))
    real = ours.opened(SUBJECT)
    key = real.keys[0][1]
    shadow = Opened(subject=SUBJECT, keys=((0, key), (2, bytes(32))), documents=real.documents)
    with pytest.raises(DocumentError, match="other keys"):
        ours.take(shadow)
    other = Kept(version=1, commitment="0" * 64, sealed=b"")
    with pytest.raises(DocumentError, match="other documents"):
        ours.take(Opened(subject=SUBJECT, keys=real.keys, documents=(other,)))
    assert (tmp_path / "ours" / "documents.sqlite").read_bytes() == kept


def test_names_for_the_ledger_tell_nothing(tmp_path: Path) -> None:
    """They follow from the name and the node's secret; another node has others."""
    ours = store(tmp_path / "ours")
    assert ours.alias("agreement") == store(tmp_path / "ours").alias("agreement")
    assert ours.alias("agreement") != ours.alias("agreements")
    assert ours.alias("agreement") != store(tmp_path / "theirs", 2).alias("agreement")
    assert ours.alias("agreement") not in hashlib.sha256(b"agreement").hexdigest()


def test_who_is_no_reader_is_not_withdrawn(tmp_path: Path) -> None:
    """And no key changes for it."""
    ours = filled(tmp_path)
    with pytest.raises(DocumentError, match="no reader"):
        ours.withdraw(SUBJECT, FUND)
    with pytest.raises(DocumentError, match="no documents"):
        ours.opened("nothing")
    assert len(ours.opened(SUBJECT).keys) == 1
