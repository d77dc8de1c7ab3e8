"""What members agree about their network (联盟治理): validators, cosigners, versions, by consent.

    proposal_id = propose(folder, "operator", add(folder, "auditor"))
    consent(folder, "bank", proposal_id)            the last consent that is needed enacts it

Each member signs with its own key, through its own node: `folder` is that of the network, in which
the member's own folder lies.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from pathlib import Path

from tallyport.adapters.clock import SystemClock
from tallyport.app.bootstrap import open_node
from tallyport.app.network import gateway
from tallyport.app.network.plan import Member, NetworkError, Plan
from tallyport.app.settings import Settings
from tallyport.contracts.members.consent import Consent
from tallyport.contracts.members.cosigning import Cosigner, SetCosigners, cosigning
from tallyport.contracts.members.propose import Change, Propose
from tallyport.contracts.members.validators import (
    AddValidator,
    ListValidators,
    RemoveValidator,
    Validator,
    ValidatorKey,
)
from tallyport.kernel.ids import MemberId, ProposalId
from tallyport.ledger.entry import CommandEntry
from tallyport.ledger.note import VerifierKey
from tallyport.ledger.receipt import Receipt
from tallyport.ledger.verification import Policy

_ID_DIGITS = 12


def validator_key(folder: Path, name: str) -> str:
    """Return the public key of a member's CometBFT, in hex.

    Raises:
        NetworkError: the member's folder is not here.
    """
    path = Member(folder / name).comet / "config" / "priv_validator_key.json"
    try:
        key = json.loads(path.read_text("utf-8"))["pub_key"]["value"]
        return base64.b64decode(key).hex()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NetworkError(
            f"{path}: expected the validator's key, got {error!r}; its owner can tell it"
        ) from error


def listing(folder: Path) -> ListValidators:
    """Return the change that puts the validators of the genesis on the ledger."""
    plan = Plan.read(folder)
    first = Member(folder / plan.peers[0].name)
    genesis = json.loads((first.comet / "config" / "genesis.json").read_text("utf-8"))
    keys = tuple(
        ValidatorKey(
            member=MemberId(one["name"]),
            public_hex=base64.b64decode(one["pub_key"]["value"]).hex(),
        )
        for one in genesis["validators"]
    )
    return ListValidators(validators=keys)


def add(folder: Path, name: str, public_hex: str = "") -> AddValidator:
    """Return the change that makes a member's node a validator."""
    key = public_hex or validator_key(folder, name)
    return AddValidator(validator=ValidatorKey(member=MemberId(name), public_hex=key))


def remove(folder: Path, name: str, public_hex: str = "") -> RemoveValidator:
    """Return the change that ends a member's node's vote."""
    return RemoveValidator(public_hex=public_hex or validator_key(folder, name))


def cosigners(folder: Path, signatures_min: int) -> SetCosigners:
    """Return the change by which receipts bear signatures of the members of the plan."""
    peers = Plan.read(folder).peers
    return SetCosigners(
        cosigners=tuple(
            Cosigner(member=MemberId(one.name), verifier_key=one.log_key) for one in peers
        ),
        signatures_min=signatures_min,
    )


def propose(folder: Path, member: str, change: Change) -> ProposalId:
    """Put a change to the voters as `member`; return the proposal's id.

    Raises:
        NetworkError: it was refused; says why.
    """
    with open_node(_settings(folder, member)) as node:
        seed = f"{node.engine.size} {change!r}".encode()
        name = ProposalId(f"P-{hashlib.sha256(seed).hexdigest()[:_ID_DIGITS]}")
        command = Propose(proposal_id=name, change=change)
        _accepted(node.submit(MemberId(member), f"propose:{name}", command))
    return name


def consent(folder: Path, member: str, proposal: str, again: int = 0) -> CommandEntry:
    """Agree to a proposal as `member`; a refused consent may be given `again`.

    Raises:
        NetworkError: it was refused; says why.
    """
    key = f"consent:{proposal}" + (f":{again}" if again else "")
    with open_node(_settings(folder, member)) as node:
        command = Consent(proposal_id=ProposalId(proposal))
        return _accepted(node.submit(MemberId(member), key, command))


def listed(folder: Path, member: str) -> tuple[Validator, ...]:
    """Return all validators that the ledger of `member` has ever listed."""
    with open_node(_settings(folder, member)) as node, node.book() as book:
        return tuple(book.scan(Validator))


def policy(folder: Path, member: str) -> Policy:
    """Return whose signatures a receipt must bear, as the ledger of `member` has it.

    Raises:
        NetworkError: the members have not agreed on it.
    """
    with open_node(_settings(folder, member)) as node, node.book() as book:
        agreed = cosigning(book)
    if agreed is None:
        raise NetworkError(
            "the members have not agreed whose signatures a receipt must bear; "
            "`tallyport network propose cosigners` puts it to them"
        )
    keys = tuple(VerifierKey.parse(one.verifier_key) for one in agreed.cosigners)
    return Policy(keys, agreed.signatures_min)


def receipt(folder: Path, member: str, sequence: int) -> tuple[Receipt, Policy]:
    """Return an entry's receipt with the signatures that the ledger asks for, and who they are.

    Raises:
        NetworkError: the members have not agreed on it, or there is no such entry.
        UnprovenError: too few nodes answer.
    """
    wanted = policy(folder, member)
    engine = gateway.engine(folder / member, SystemClock())
    try:
        made = engine.cosigned_receipt(sequence, wanted.keys, wanted.quorum or len(wanted.keys))
    except KeyError:
        raise NetworkError(f"expected an entry from 1 to {engine.size}, got {sequence}") from None
    finally:
        engine.close()
    return made, wanted


def _settings(folder: Path, member: str) -> Settings:
    Plan.read(folder).peer(member)
    return replace(Settings.read(), home=folder / member)


def _accepted(entry: CommandEntry) -> CommandEntry:
    if entry.reason is not None:
        raise NetworkError(f"entry {entry.sequence}: refused: {entry.reason}")
    return entry
