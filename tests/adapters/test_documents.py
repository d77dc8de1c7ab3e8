"""Documents beside the ledger: what was kept comes back, what was erased does not.

Goal: the commitment fixes the document, equal runs give equal commitments, a destroyed key leaves
nothing to find. Method: properties over any bytes, then the file itself is read, changed and
searched for what must not be in it.
"""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyport.adapters.documents import (
    DOCUMENT_BYTES_MAX,
    DamagedError,
    Document,
    DocumentError,
    Documents,
    ErasedError,
    trial_keys,
)

SECRET = bytes(range(32))
VEHICLE = "vehicle:HLX33B128R1643455"
DOSSIER = b'{"vin":"HLX33B128R1643455","contract":"XJYO-2024040401"}' * 20


def change(folder: Path, statement: str, *values: object) -> None:
    """Change the file behind the node's back."""
    with closing(sqlite3.connect(folder / "documents.sqlite")) as database, database:
        database.execute(statement, values)


@given(
    subjects=st.lists(st.text(max_size=20), min_size=1, max_size=4, unique=True),
    content=st.binary(max_size=200),
)
def test_what_is_put_comes_back(subjects: list[str], content: bytes) -> None:
    """Whatever its bytes; the commitment is that of the salt and the document."""
    with tempfile.TemporaryDirectory() as folder:
        documents = Documents(Path(folder), SECRET)
        wanted = [Document(subject=one, version=1, content=content) for one in subjects]
        made = documents.put_all(wanted)
        assert len({one.commitment for one in made}) == len(subjects)  # Equal documents differ.
        for subject, sealed in zip(subjects, made, strict=True):
            assert documents.get(subject, 1) == content
            assert documents.sealed(subject, 1) == sealed
            assert hashlib.sha256(sealed.salt + content).hexdigest() == sealed.commitment
            assert documents.find(sealed.commitment) == (subject, 1)
        assert documents.put_all(wanted) == made


def test_a_store_is_opened_again(tmp_path: Path) -> None:
    """Another process with the same secret goes on where the first stopped."""
    sealed = Documents(tmp_path, SECRET).put(VEHICLE, 1, DOSSIER)
    again = Documents(tmp_path, SECRET)
    assert again.get(VEHICLE, 1) == DOSSIER
    assert again.put(VEHICLE, 1, DOSSIER) == sealed


def test_a_version_is_never_changed(tmp_path: Path) -> None:
    """A change is a new version with a commitment and a salt of its own."""
    documents = Documents(tmp_path, SECRET)
    first = documents.put(VEHICLE, 1, DOSSIER)
    with pytest.raises(DocumentError, match="new version"):
        documents.put(VEHICLE, 1, DOSSIER + b" ")
    second = documents.put(VEHICLE, 2, DOSSIER)
    assert second.commitment != first.commitment
    assert second.salt != first.salt
    assert documents.get(VEHICLE, 1) == DOSSIER


def test_all_are_kept_or_none(tmp_path: Path) -> None:
    """One that cannot be kept takes the others with it."""
    documents = Documents(tmp_path, SECRET)
    documents.put("b", 1, b"here already")
    wanted = [Document(subject="a", version=1, content=b"new")]
    wanted.append(Document(subject="b", version=1, content=b"another"))
    with pytest.raises(DocumentError):
        documents.put_all(wanted)
    with pytest.raises(DocumentError, match="no document a/1"):
        documents.get("a", 1)


def test_erasure(tmp_path: Path) -> None:
    """Key, salt and document are gone; the others stay; nothing comes back under the name."""
    documents = Documents(tmp_path, SECRET)
    sealed = documents.put(VEHICLE, 1, DOSSIER)
    other = documents.put("vehicle:LGWEF2A55EL036754", 1, DOSSIER)
    path = tmp_path / "documents.sqlite"
    with closing(sqlite3.connect(path)) as database:
        query = "SELECT locked_key, sealed FROM subject JOIN document ON subject = name"
        query += " WHERE name = ?"
        secrets = [bytes(part) for part in database.execute(query, (VEHICLE,)).fetchone()]
    assert all(part[-40:] in path.read_bytes() for part in secrets)

    documents.destroy(VEHICLE)
    documents.destroy(VEHICLE)

    assert not any(part[-40:] in path.read_bytes() for part in secrets)
    assert [one.name for one in tmp_path.iterdir()] == ["documents.sqlite"]  # No journal either.
    for again in (documents, Documents(tmp_path, SECRET)):
        with pytest.raises(ErasedError, match="was erased"):
            again.get(VEHICLE, 1)
        with pytest.raises(ErasedError):
            again.put(VEHICLE, 2, DOSSIER)
    assert documents.sealed("vehicle:LGWEF2A55EL036754", 1) == other
    assert documents.find(sealed.commitment) == (VEHICLE, 1)


def test_what_was_never_here_cannot_be_erased_or_had(tmp_path: Path) -> None:
    """A typing error must not look like an erasure."""
    documents = Documents(tmp_path, SECRET)
    with pytest.raises(DocumentError, match="nothing was erased"):
        documents.destroy(VEHICLE)
    with pytest.raises(DocumentError, match="no document"):
        documents.get(VEHICLE, 1)
    assert documents.find("0" * 64) is None


def test_the_file_shows_no_content(tmp_path: Path) -> None:
    """Neither the document nor its salt can be read from the disk."""
    sealed = Documents(tmp_path, SECRET).put(VEHICLE, 1, DOSSIER)
    data = (tmp_path / "documents.sqlite").read_bytes()
    assert b"XJYO" not in data
    assert sealed.salt not in data


def test_another_secret_opens_nothing(tmp_path: Path) -> None:
    """It says that the secret may be wrong."""
    Documents(tmp_path, SECRET).put(VEHICLE, 1, DOSSIER)
    with pytest.raises(DamagedError, match="wrong secret"):
        Documents(tmp_path, bytes(32)).get(VEHICLE, 1)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE document SET sealed = zeroblob(60)",
        "UPDATE document SET sealed = zeroblob(1)",
        "UPDATE document SET commitment = hex(randomblob(32))",
        "UPDATE subject SET locked_key = zeroblob(72)",
        "UPDATE document SET version = 3 - version WHERE version IN (1, 2)",
    ],
)
def test_a_changed_file_is_noticed(tmp_path: Path, statement: str) -> None:
    """Document, commitment, key or place: each is held to the others."""
    documents = Documents(tmp_path, SECRET)
    documents.put(VEHICLE, 1, DOSSIER)
    change(tmp_path, statement)
    with pytest.raises(DamagedError):
        documents.get(VEHICLE, 1 if "3 -" not in statement else 2)


def test_trial_keys_repeat(tmp_path: Path) -> None:
    """Two runs in two folders give the same commitments; other seeds or chance do not."""
    made = [
        Documents(tmp_path / str(number), SECRET, **maker).put(VEHICLE, 1, DOSSIER).commitment
        for number, maker in enumerate(
            [{"new_key": trial_keys(7)}, {"new_key": trial_keys(7)}, {"new_key": trial_keys(8)}, {}]
        )
    ]
    assert made[0] == made[1]
    assert len(set(made)) == 3


def test_bad_input_is_a_fault_with_a_reason(tmp_path: Path) -> None:
    """A short secret, a huge document, a folder that is a file, a file that is no database."""
    with pytest.raises(DocumentError, match="32 bytes, got 5"):
        Documents(tmp_path, b"short")
    with pytest.raises(DocumentError, match="at most"):
        Documents(tmp_path, SECRET).put(VEHICLE, 1, bytes(DOCUMENT_BYTES_MAX + 1))
    (tmp_path / "file").write_text("x")
    with pytest.raises(DocumentError, match="cannot use"):
        Documents(tmp_path / "file", SECRET)
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "documents.sqlite").write_bytes(b"no database" * 1_000)
    with pytest.raises(DocumentError, match="is this a file of ours"):
        Documents(tmp_path / "odd", SECRET)
