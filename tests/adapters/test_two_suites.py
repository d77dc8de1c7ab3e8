"""One ledger, members of both suites: both engines take both, and come to the same bytes.

Goal: what is signed with SM2 is judged like what is signed with Ed25519, a forged one is not judged
at all, and the audit checks it again. Method: the same envelopes to the embedded engine and to the
application of the consortium; their entries are compared byte by byte.
"""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from pathlib import Path

import pytest

from support import chain as support_chain
from support.chain import Chain
from support.toy import CHANNEL, START
from tallyport.adapters import ed25519, sm2
from tallyport.adapters.clock import ManualClock
from tallyport.adapters.consortium.application import Rules
from tallyport.adapters.embedded.audit import Depth, audit
from tallyport.adapters.embedded.engine import Engine
from tallyport.adapters.suites import Secret
from tallyport.contracts import table
from tallyport.contracts.members.admit import id_of
from tallyport.contracts.members.authority import signer
from tallyport.contracts.members.found import Found
from tallyport.contracts.members.model import Profile, PublicKey, Role
from tallyport.contracts.members.rotate import AddKey, RetireKey
from tallyport.kernel.ids import MemberId
from tallyport.ledger.envelope import DOMAIN, Body, body_bytes, seal
from tallyport.ledger.machine import Machine, Rejected, Rejection

BANK = MemberId("tarim-bank")
CHINESE, OTHER = sm2.Signing(bytes(31) + b"\5"), ed25519.Signing(bytes(31) + b"\6")
MACHINE = Machine(CHANNEL, table.ALL, signer, lambda *_: True)


def public(key: Secret) -> PublicKey:
    """Return what the ledger is told of a key."""
    return PublicKey(suite=key.suite, public_hex=key.public.hex())


def envelope(key: Secret, *commands: object) -> bytes:
    """Return an envelope signed with `key`."""
    body = body_bytes(
        Body(
            channel=CHANNEL,
            key_id=key.key_id,
            idempotency_key="+".join(type(one).__name__ for one in commands) + key.key_id[:6],
            valid_until=START + timedelta(hours=1),
            commands=commands,
        ),
        MACHINE.commands,
    )
    return seal(body, key.sign(DOMAIN + body))


PROFILE = Profile(id=BANK, name="Tarim", roles=(Role.BANK,), keys=(public(CHINESE),), is_voter=True)
STORY = [
    envelope(CHINESE, Found(name="two suites", members=(PROFILE,), consents_min=1)),
    envelope(CHINESE, AddKey(public_key=public(OTHER))),
    envelope(OTHER, RetireKey(key_id=id_of(public(CHINESE)))),
]


def forged(raw: bytes) -> bytes:
    """Return an envelope whose signature is another number: n - s, which ECDSA would take."""
    fields = json.loads(raw)
    signature = base64.b64decode(fields["signature"])
    s = sm2.ORDER - int.from_bytes(signature[32:], "big")
    fields["signature"] = base64.b64encode(signature[:32] + s.to_bytes(32, "big")).decode()
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()


def test_both_engines_take_both_suites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From SM2 to Ed25519 by rotation, a forgery on the way; the same entries in the end."""

    def rules(validators: object, on_guilty: object) -> Rules:
        assert validators is not None
        assert on_guilty == ""
        return Rules(channel=CHANNEL, contracts=table.ALL, authority=signer)

    monkeypatch.setattr(support_chain, "rules", rules)
    blocks = Chain(tmp_path / "node")
    clock = ManualClock(START)
    made = Engine(tmp_path / "embedded", CHANNEL, table.ALL, signer, clock=clock, log_key=OTHER)
    for raw in (STORY[0], forged(STORY[1]), *STORY[1:]):
        blocks.make(raw)
        clock.set(blocks.at)
        if raw in STORY:
            made.submit(raw).result(60)
        else:
            with pytest.raises(Rejected) as rejected:
                made.submit(raw).result(60)
            assert rejected.value.reason is Rejection.BAD_SIGNATURE
    entries = [made.raw_entry(number) for number in range(1, made.size + 1)]
    made.close()
    assert len(entries) == len(STORY)
    assert blocks.entries() == entries
    blocks.kill()
    report = audit(tmp_path / "embedded", CHANNEL, table.ALL, signer, depth=Depth.FULL).report
    assert report.is_clean
    assert report.counts.signatures == len(STORY)
