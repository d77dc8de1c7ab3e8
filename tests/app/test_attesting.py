"""Documents are attested once, changed ones become the next version, and each can be opened.

Method: papers on a real node; the commitment is checked with nothing but SHA-256.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest

from support import story
from tallyport.app.attesting import Attested, NotAttestedError, Paper, attest, stored_as
from tallyport.app.demo import cast
from tallyport.app.demo.stage import Stage
from tallyport.app.filing import vehicle
from tallyport.contracts.attestation.model import Attestation, Kind, Latest, SubjectId, key_of
from tallyport.kernel.ids import AttestationId, MemberId

SUBJECT = SubjectId("vehicle:HLX33B128R1643455")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Found the consortium."""
    with story.stage(tmp_path_factory.mktemp("attest")) as stage:
        story.begin(stage)
        yield stage


def paper(content: bytes, subject: SubjectId = SUBJECT) -> Paper:
    """Return a dossier."""
    return Paper(subject=subject, kind=Kind.DOSSIER, content=content)


def test_versions_follow_each_other_and_open(stage: Stage) -> None:
    """New, same, changed; both versions open to what was committed to."""
    node = stage.node
    assert attest(node, cast.PLATFORM, [paper(b"one")]) == Attested(new=1, changed=0, same=0)
    assert attest(node, cast.PLATFORM, [paper(b"one")]) == Attested(new=0, changed=0, same=1)
    assert attest(node, cast.PLATFORM, [paper(b"two")]) == Attested(new=0, changed=1, same=0)
    name = stored_as(SUBJECT, Kind.DOSSIER, cast.PLATFORM)
    with node.book() as book:
        last = book.get(Latest, key_of(SUBJECT, Kind.DOSSIER, cast.PLATFORM))
        for version, content in ((1, b"one"), (2, b"two")):
            made = book.get(Attestation, f"{name}:{version}")
            sealed = node.documents.sealed(name, version)
            assert made is not None
            assert made.commitment == hashlib.sha256(sealed.salt + content).hexdigest()
            assert node.documents.get(name, version) == content
    assert last is not None
    assert (last.id, last.version) == (AttestationId(f"{name}:2"), 2)


def test_many_go_in_parts(stage: Stage) -> None:
    """More papers than one command takes; each is attested once."""
    papers = [paper(b"x", SubjectId(f"vehicle:V{number}")) for number in range(450)]
    before = stage.node.engine.size
    assert attest(stage.node, cast.PLATFORM, papers).new == len(papers)
    assert stage.node.engine.size == before + 3
    assert attest(stage.node, cast.PLATFORM, papers).same == len(papers)


def test_a_refusal_is_said(stage: Stage) -> None:
    """A paper twice in one go is refused by the ledger, with its reason."""
    twice = [paper(b"a", SubjectId("vehicle:TWICE")), paper(b"b", SubjectId("vehicle:TWICE"))]
    with pytest.raises(Exception, match=r"TWICE|items_must_differ"):
        attest(stage.node, MemberId("platform"), twice)


def test_any_vin_names_a_subject() -> None:
    """What an id may not hold is spelled; different VINs keep different names."""
    assert vehicle("HLX33B128R1643455") == SUBJECT
    odd = {vehicle(vin) for vin in ("ВИН 1", "ВИН%201", "X/Y", "X+Y", "X Y")}
    assert len(odd) == 5
    assert NotAttestedError.__mro__[1].__name__ == "FaultError"
