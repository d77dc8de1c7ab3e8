"""A member's key is rotated, from one suite to the other and back, killed at any step.

Goal: at the end one key signs, the old one speaks for nobody and its secret is gone; nothing that
was signed before is lost. Method: a real node of one's own with a fast lock; every call of the
rotation is made to fail once, then the same command is given again. The full audit ends each story.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from nacl.pwhash import argon2id
from typer.testing import CliRunner

from tallyport.adapters import pkcs11
from tallyport.adapters.embedded.audit import Depth, audit
from tallyport.adapters.keyring import Keyring
from tallyport.adapters.keystore import NoKeyError
from tallyport.adapters.suites import Secret, generate
from tallyport.app.bootstrap import open_node
from tallyport.app.home import Home
from tallyport.app.node import Node
from tallyport.app.own_node import OPERATOR, own_node
from tallyport.app.rotating import RotationError, Wanted, ring, rotate
from tallyport.app.settings import Keys, NodeFile, Settings, Time
from tallyport.cli.main import app
from tallyport.contracts import table
from tallyport.contracts.members.authority import signer
from tallyport.contracts.members.model import Key
from tallyport.kernel.ids import KeyId, MemberId
from tallyport.kernel.keys import Suite


def fast(size: int, words: bytes, salt: bytes, **_: int) -> bytes:
    """Stand for Argon2id."""
    return hashlib.sha256(words + salt).digest()[:size]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A node of one's own, founded."""
    monkeypatch.setattr(argon2id, "kdf", fast)
    chosen, _ = own_node(Settings(home=tmp_path, passphrase="words"), tmp_path)  # noqa: S106
    return chosen


def in_force(settings: Settings) -> list[KeyId]:
    """Return the ids of the operator's keys, after the ledger was audited to its ground."""
    with open_node(settings) as node, node.book() as book:
        ids = [key.id for key in book.scan(Key) if key.is_in_force]
    audited = audit(Home(settings.home).ledger, "main", table.ALL, signer, depth=Depth.FULL)
    assert audited.report.is_clean
    return ids


def test_from_one_suite_to_the_other_and_back(settings: Settings) -> None:
    """Each time one key is left, on the ledger and in the folder."""
    for suite in (Suite.SM2, Suite.ED25519, Suite.SM2):
        new = rotate(settings, OPERATOR, Wanted(suite=suite))
        assert new.startswith(suite.value)
        assert in_force(settings) == [new]
        assert ring(settings).names() == ["log", OPERATOR]
        assert ring(settings).get(OPERATOR).key_id == new


def test_a_node_may_begin_with_sm2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`tallyport init --suite sm2`, then a rotation on the command line."""
    monkeypatch.setattr(argon2id, "kdf", fast)
    run, settings = CliRunner().invoke, Settings(home=tmp_path, passphrase="words")  # noqa: S106
    environment = {"TALLYPORT_HOME": str(tmp_path), "TALLYPORT_PASSPHRASE": "words"}
    assert run(app, ["init", "--suite", "sm2"], env=environment).exit_code == 0
    [first] = in_force(settings)
    assert first.startswith("sm2:")
    assert run(app, ["key", "rotate", "--as", OPERATOR], env=environment).exit_code == 0
    [second] = in_force(settings)
    assert second.startswith("ed25519:")
    listed = run(app, ["key", "list"], env=environment)
    assert second in listed.output
    made = run(app, ["key", "make", "tarim-bank", "--suite", "sm2"], env=environment)
    public = ring(settings).get("tarim-bank").public.hex()
    assert f'{{"public_hex":"{public}","suite":"sm2"}}' in made.output


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("is_done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", range(6))
def test_killed_at_any_step_it_goes_on(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, number: int, *, is_done: bool
) -> None:
    """Just before or just after each of make, submit, move, move, submit, forget."""
    steps = [(Keyring, "make"), (Node, "submit"), (Keyring, "move"), (Keyring, "forget")]
    seen = 0
    with monkeypatch.context() as patch:
        for kind, name in steps:
            real = getattr(kind, name)

            def step(*args: object, real: object = real, **more: object) -> object:
                nonlocal seen
                seen += 1
                if seen == number + 1 and not is_done:
                    raise Killed
                result = real(*args, **more)  # type: ignore[operator]
                if seen == number + 1:
                    raise Killed
                return result

            patch.setattr(kind, name, step)
        with pytest.raises(Killed):
            rotate(settings, OPERATOR, Wanted(suite=Suite.SM2))
    new = rotate(settings, OPERATOR, Wanted(suite=Suite.SM2))
    assert in_force(settings) == [new]
    assert new.startswith("sm2:")
    assert ring(settings).names() == ["log", OPERATOR]


def test_a_refused_key_changes_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here: a member with as many keys as may be."""
    monkeypatch.setattr("tallyport.contracts.members.rotate.KEYS_MAX", 1)
    before = in_force(settings)
    with pytest.raises(RotationError, match="keys_exceed_maximum"):
        rotate(settings, OPERATOR, Wanted())
    assert in_force(settings) == before
    assert ring(settings).names() == ["log", OPERATOR]
    assert ring(settings).get(OPERATOR).key_id == before[0]


def test_a_retired_key_never_comes_back(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One in a module stays there after its retirement: to name it again changes nothing."""
    uri, key = "pkcs11:object=a?module-path=/made/up.so", generate(Suite.ED25519)

    def open_key(text: str, suite: Suite) -> Secret:
        assert (text, suite) == (uri, Suite.ED25519)
        return key

    monkeypatch.setattr(pkcs11, "open_key", open_key)
    assert rotate(settings, OPERATOR, Wanted(uri=uri)) == key.key_id
    assert in_force(settings) == [key.key_id]
    new = rotate(settings, OPERATOR, Wanted(suite=Suite.SM2))
    for _ in range(2):
        with pytest.raises(RotationError, match="never comes back"):
            rotate(settings, OPERATOR, Wanted(uri=uri))
        assert in_force(settings) == [new]
        assert ring(settings).names() == ["log", OPERATOR]
        assert ring(settings).get(OPERATOR).key_id == new
    assert rotate(settings, OPERATOR, Wanted(suite=Suite.SM2)) != new


def test_who_has_no_key_here_cannot_rotate(settings: Settings) -> None:
    """And nothing is made for it."""
    with pytest.raises(NoKeyError, match="known: log, operator"):
        rotate(settings, MemberId("tarim-bank"), Wanted())
    assert ring(settings).names() == ["log", OPERATOR]


def test_trial_keys_are_not_kept(tmp_path: Path) -> None:
    """They come from the seed."""
    NodeFile(channel="main", keys=Keys.TRIAL, time=Time.TRIAL, seed=7).write(Home(tmp_path))
    with pytest.raises(RotationError, match="derived from its seed"):
        ring(Settings(home=tmp_path, passphrase="words"))  # noqa: S106
