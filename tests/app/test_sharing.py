"""Dossiers that only some members read, on the command line, and what everybody else can find.

Goal: who is granted a dossier reads it, who is withdrawn reads nothing new, what is erased is gone
while the ledger stays whole; a member outside a dossier or a channel learns nothing. Method: three
homes, each with keys of its own; the ledger of the channel is carried from home to home as a
network does it; then every byte of every file of the outsider is searched for every word, in clear,
hex, base64 and UTF-16. The search itself is tried: it finds what is not hidden.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from pathlib import Path

import pytest
from nacl.pwhash import argon2id
from typer.testing import CliRunner

from tallyport.adapters.documents import DocumentError, ErasedError
from tallyport.adapters.embedded.audit import Depth, audit
from tallyport.adapters.sharing import FORMAT, GrantError
from tallyport.app.attesting import Paper, attest
from tallyport.app.bootstrap import open_node
from tallyport.app.home import Home
from tallyport.app.own_node import OPERATOR, own_node
from tallyport.app.rotating import ring
from tallyport.app.settings import Keys, NodeFile, Settings, Time
from tallyport.app.sharing import SharingError
from tallyport.cli.main import app
from tallyport.contracts import table
from tallyport.contracts.attestation.model import Attestation, Kind, SubjectId
from tallyport.contracts.members.authority import signer
from tallyport.contracts.members.consent import Consent
from tallyport.contracts.members.found import Found
from tallyport.contracts.members.model import Profile, PublicKey, Role
from tallyport.contracts.members.propose import Admit, Propose
from tallyport.kernel.guard import FaultError
from tallyport.kernel.ids import MemberId, ProposalId
from tallyport.kernel.keys import Suite

FUND, OTHER = MemberId("silk-factoring"), MemberId("oasis-factoring")
WORDS = "words"
NAME = "agreement XJYO-2024040401"
TEXT = b"ALI TRADING sells HLX33B128R1643455 for 38 000 000 CNY to Milan Group"
NEWS = b"Milan Group has paid 12 345 678 CNY of it"
SECRETS = ("XJYO", "ALI TRADING", "HLX33B128R1643455", "38 000 000", "12 345 678", "Milan Group")


def fast(size: int, words: bytes, salt: bytes, **_: int) -> bytes:
    """Stand for Argon2id."""
    return hashlib.sha256(words + salt).digest()[:size]


class World:
    """The homes of the owner, a reader and an outsider, one channel."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ours, self.theirs, self.others = (folder / n for n in ("ours", "theirs", "others"))
        own_node(self.settings(self.ours), self.ours)
        for home, member, suite in (
            (self.theirs, FUND, Suite.SM2),
            (self.others, OTHER, Suite.ED25519),
        ):
            NodeFile(channel="main", keys=Keys.STORE, time=Time.SYSTEM).write(Home(home))
            keys = ring(self.settings(home))
            keys.make("log", Suite.ED25519)
            self.admit(member, keys.make(member, suite).public, suite)
        self.carry()

    @staticmethod
    def settings(home: Path) -> Settings:
        """Return the settings of a home."""
        return Settings(home=home, passphrase=WORDS)

    def admit(self, member: MemberId, public: bytes, suite: Suite) -> None:
        """Admit a member by the only vote."""
        profile = Profile(
            id=member,
            name=member,
            roles=(Role.FUNDER,),
            keys=(PublicKey(suite=suite, public_hex=public.hex()),),
            is_voter=False,
        )
        with open_node(self.settings(self.ours)) as node:
            number = ProposalId(f"admit-{member}")
            propose = Propose(proposal_id=number, change=Admit(profile=profile))
            entry = node.submit(OPERATOR, number, propose, Consent(proposal_id=number))
            assert entry.reason is None

    def carry(self, source: Path | None = None) -> None:
        """Bring the ledger of one home to the others, as a network does."""
        source = source or self.ours
        for home in {self.ours, self.theirs, self.others} - {source}:
            shutil.rmtree(home / "ledger", ignore_errors=True)
            shutil.copytree(source / "ledger", home / "ledger")
            (home / "ledger" / "checkpoint").unlink(missing_ok=True)
            with open_node(self.settings(home)) as node:
                node.settle()

    def run(self, home: Path, *words: str) -> str:
        """Run a command in a home; raise what it raised."""
        environment = {
            "TALLYPORT_HOME": str(home),
            "TALLYPORT_PASSPHRASE": WORDS,
        }
        result = CliRunner().invoke(app, ["document", *words], env=environment)
        if isinstance(result.exception, Exception):
            raise result.exception
        return str(result.output)

    def put(self, content: bytes) -> None:
        """Put the next version of the dossier."""
        path = self.folder / "document"
        path.write_bytes(content)
        self.run(self.ours, "put", NAME, str(path), "--as", OPERATOR)

    def publish(self, home: Path, member: MemberId, scheme: str) -> None:
        """Show a member's key to encrypt to, on everybody's ledger."""
        self.carry()
        self.run(home, "key", "--as", member, "--scheme", scheme)
        self.carry(home)

    def grant(self, to: MemberId = FUND, number: int = 1) -> Path:
        """Write a grant."""
        path = self.folder / f"grant-{to}-{number}"
        self.run(self.ours, "grant", NAME, "--as", OPERATOR, "--to", to, "--out", str(path))
        return path

    def stored(self) -> str:
        """Return the name under which the dossier is kept."""
        with open_node(self.settings(self.ours)) as node:
            return node.documents.subjects()[0][0]

    def get(self, home: Path, member: MemberId, number: int, *more: str) -> bytes:
        """Read the dossier in a home."""
        out = self.folder / f"read-{member}-{number}"
        self.run(home, "get", self.stored(), "--as", member, "--out", str(out), *more)
        return out.read_bytes()


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Three members on one channel, keys locked fast."""
    monkeypatch.setattr(argon2id, "kdf", fast)
    return World(tmp_path)


def found_in(folder: Path, *words: str) -> dict[str, str]:
    """Return which words are in which files of a folder, in any spelling; names of files too."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    assert files
    found = {}
    for path in files:
        data = path.name.encode() + b"\n" + path.read_bytes()
        for word in words:
            raw = word.encode()
            spellings = [
                raw,
                raw.hex().encode(),
                raw.hex().upper().encode(),
                word.encode("utf-16-le"),
            ]
            # In base64 a word has three spellings, and its ends depend on what is around it.
            shifted = (base64.b64encode(bytes(shift) + raw) for shift in range(3))
            spellings += [one[4:-4] for one in shifted]
            if any(one and one in data for one in spellings):
                found[word] = path.name
    return found


@pytest.mark.parametrize("scheme", ["x25519", "sm2"])
def test_a_dossier_from_hand_to_hand(world: World, scheme: str) -> None:
    """Put, granted, taken, read; withdrawn, the next version stays unread; granted to another."""
    world.put(TEXT)
    world.publish(world.theirs, FUND, scheme)
    first = world.grant()
    world.carry()
    assert "1 versions" in world.run(world.theirs, "take", str(first), "--as", FUND)
    assert world.get(world.theirs, FUND, 1) == TEXT
    assert world.get(world.ours, OPERATOR, 1) == TEXT
    world.run(world.ours, "withdraw", NAME, "--as", OPERATOR, "--from", FUND)
    world.put(NEWS)
    world.carry()
    assert world.get(world.ours, OPERATOR, 2) == NEWS
    assert world.get(world.theirs, FUND, 2) == TEXT
    world.publish(world.others, OTHER, "x25519")
    second = world.grant(OTHER)
    with pytest.raises(GrantError, match="expected a grant to silk-factoring"):
        world.run(world.theirs, "take", str(second), "--as", FUND)
    world.run(world.others, "take", str(second), "--as", OTHER)
    assert world.get(world.others, OTHER, 1) == NEWS
    assert world.get(world.others, OTHER, 2, "--version", "1") == TEXT
    assert OTHER in world.run(world.ours, "list")


def test_what_is_erased_is_gone_and_the_ledger_is_whole(world: World) -> None:
    """The commitment stands; without its salt nobody can try guesses against it."""
    world.put(TEXT)
    name = world.stored()
    with open_node(world.settings(world.ours)) as node:
        salt = node.documents.sealed(name, 1).salt
    assert world.run(world.ours, "erase", NAME, "--as", OPERATOR)
    with pytest.raises(ErasedError):
        world.get(world.ours, OPERATOR, 1)
    with pytest.raises(ErasedError):
        world.put(NEWS)
    report = audit(Home(world.ours).ledger, "main", table.ALL, signer, depth=Depth.FULL).report
    assert report.is_clean
    with open_node(world.settings(world.ours)) as node, node.book() as book:
        [said] = list(book.scan(Attestation))
    assert said.commitment == hashlib.sha256(salt + TEXT).hexdigest()
    assert not found_in(world.ours, *SECRETS)
    assert all(salt not in path.read_bytes() for path in world.ours.rglob("*") if path.is_file())


def test_an_outsider_learns_nothing(world: World) -> None:
    """Of the dossier: no word, not its name, nor who reads it; only that something is said."""
    world.put(TEXT)
    world.publish(world.theirs, FUND, "sm2")
    grant = world.grant()
    world.run(world.theirs, "take", str(grant), "--as", FUND)
    world.run(world.ours, "withdraw", NAME, "--as", OPERATOR, "--from", FUND)
    world.put(NEWS)
    world.carry()
    with open_node(world.settings(world.others)) as node, node.book() as book:
        assert len(list(book.scan(Attestation))) == 2
    assert not found_in(world.others, *SECRETS, NAME)
    for home in (world.ours, world.theirs):  # Encrypted where it is read, too.
        assert not found_in(home, *SECRETS, NAME)
    name = world.stored()
    with open_node(world.settings(world.ours)) as node:
        sealed = [node.documents.sealed(name, version) for version in (1, 2)]
        for one in sealed:
            for path in world.others.rglob("*"):
                assert path.is_dir() or one.salt not in path.read_bytes()


def test_the_search_finds_what_is_not_hidden(world: World) -> None:
    """A dossier of a vehicle has the vehicle's number for a name: that is for all to see."""
    vehicle = SubjectId("vehicle:HLX33B128R1643455")
    with open_node(world.settings(world.ours)) as node:
        attest(node, OPERATOR, [Paper(subject=vehicle, kind=Kind.DOSSIER, content=TEXT)])
    world.carry()
    assert set(found_in(world.others, *SECRETS)) == {"HLX33B128R1643455"}
    (world.others / "leak").write_bytes(base64.b64encode(b"x" + TEXT))
    assert "Milan Group" in found_in(world.others, *SECRETS)


def test_who_is_outside_a_channel_learns_nothing(world: World) -> None:
    """A deal of two on a channel of their own: its name, members and papers are theirs alone."""
    deal = world.folder / "deal"
    NodeFile(channel="deal-seven", keys=Keys.STORE, time=Time.SYSTEM).write(Home(deal))
    keys = ring(world.settings(deal))
    keys.make("log", Suite.ED25519)
    member = MemberId("secret-buyer")
    public = PublicKey(suite=Suite.SM2, public_hex=keys.make(member, Suite.SM2).public.hex())
    profile = Profile(
        id=member, name="Secret Buyer", roles=(Role.OPERATOR,), keys=(public,), is_voter=True
    )
    with open_node(world.settings(deal)) as node:
        found = Found(name="deal of two", members=(profile,), consents_min=1)
        assert node.submit(member, "found", found).reason is None
        vehicle = SubjectId("vehicle:HLX33B128R1643455")
        attest(node, member, [Paper(subject=vehicle, kind=Kind.DOSSIER, content=TEXT)])
    world.put(b"something else")
    world.carry()
    words = ("deal-seven", "deal of two", member, "Secret Buyer", *SECRETS)
    assert len(found_in(deal, *words)) == 5  # It is on that channel's own ledger.
    assert not found_in(world.others, *words)
    assert not found_in(world.ours, *words)


def test_a_grant_that_is_not_what_was_attested_is_not_kept(world: World) -> None:
    """Here: what the owner's ledger says and the taker's does not (yet)."""
    world.publish(world.theirs, FUND, "x25519")
    world.put(TEXT)
    path = world.grant()
    with pytest.raises(GrantError, match="not what is attested"):
        world.run(world.theirs, "take", str(path), "--as", FUND)
    assert "attested" not in world.run(world.theirs, "list")
    world.carry()
    world.run(world.theirs, "take", str(path), "--as", FUND)


def test_what_cannot_be_done_is_said(world: World) -> None:
    """No key published, no dossier, no reader, a file that is there already."""
    made_up = world.folder / "made-up"
    fields = {"format": FORMAT, "to": FUND, "scheme": "x25519", "wrapped": "", "sealed": ""}
    made_up.write_text(json.dumps(fields))
    with pytest.raises(FaultError, match="document key --as"):
        world.run(world.theirs, "take", str(made_up), "--as", FUND)
    world.put(TEXT)
    assert "as it was" in world.run(
        world.ours, "put", NAME, str(world.folder / "document"), "--as", OPERATOR
    )
    with pytest.raises(SharingError, match="publishes one"):
        world.grant()
    with pytest.raises(DocumentError, match="no reader"):
        world.run(world.ours, "withdraw", NAME, "--as", OPERATOR, "--from", FUND)
    with pytest.raises(DocumentError, match="document list"):
        world.run(world.ours, "get", "other", "--as", OPERATOR, "--out", str(world.folder / "x"))
    world.get(world.ours, OPERATOR, 1)
    with pytest.raises(FaultError, match="new file"):
        world.get(world.ours, OPERATOR, 1)
    with pytest.raises(FaultError, match="readable file"):
        world.run(world.ours, "put", NAME, "/no/file", "--as", OPERATOR)
