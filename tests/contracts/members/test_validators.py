"""Validators, cosigners and versions change by consent; evidence needs none.

Goal: the list of validators follows what was agreed, never becomes empty, and whoever signed twice
is out for good. Method: a random walk of agreed changes and reports against a plain set; worked
examples; every unsound change; forged events.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.judging import carry, context, fires, play, stops
from support.town import ALI, BANK, CUSTOMS, FUND, OPERATOR, Town
from tallyport.contracts.members import propose
from tallyport.contracts.members.consent import ChangeEnacted, Consent
from tallyport.contracts.members.cosigning import Cosigner, SetCosigners, cosigning
from tallyport.contracts.members.propose import Change, Dismiss, Propose, is_possible
from tallyport.contracts.members.validators import (
    MISBEHAVED,
    AddValidator,
    ListValidators,
    Misbehaviour,
    RemoveValidator,
    Validator,
    ValidatorKey,
    ValidatorMisbehaved,
    in_force,
    subject,
)
from tallyport.contracts.members.versions import ActivateVersion
from tallyport.kernel.contract import Activation
from tallyport.kernel.ids import MemberId, ProposalId

KEYS = tuple(f"{number:02x}" * 32 for number in range(1, 7))
A_DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def validator(number: int, member: MemberId = BANK) -> ValidatorKey:
    """Return one of six keys."""
    return ValidatorKey(member=member, public_hex=KEYS[number])


def address(number: int) -> str:
    """Return what the chain calls it."""
    return hashlib.sha256(bytes.fromhex(KEYS[number])).hexdigest()[:40]


FIRST = ListValidators(validators=tuple(validator(number) for number in range(4)))


class Agreed(Town):
    """A town whose voters agree with everything that is possible."""

    def agree(self, change: Change) -> str | None:
        """Put a change, wait, and let two voters consent; return why it was refused."""
        name = ProposalId(f"P-{len(self.entries)}")
        if (reason := self.do(BANK, Propose(proposal_id=name, change=change))) is not None:
            return reason
        self.at += MINUTE
        for voter in (BANK, CUSTOMS):
            if (reason := self.do(voter, Consent(proposal_id=name))) is not None:
                return reason
        return None

    def report(self, number: int, height: int) -> None:
        """Let the chain report a validator."""
        name = subject(address(number), height)
        self.machine.report(self.state, MISBEHAVED, name, self.at)
        self.tick()

    def keys(self) -> set[str]:
        """Return the keys in force."""
        return {one.public_hex for one in in_force(self.state)}


@pytest.fixture
def town() -> Agreed:
    """A town with four validators."""
    made = Agreed()
    assert made.agree(FIRST) is None
    return made


@given(st.lists(st.tuples(st.sampled_from("+-!"), st.integers(0, 5)), max_size=12))
def test_the_list_is_what_was_agreed(steps: list[tuple[str, int]]) -> None:
    """Additions, removals and reports, against a set; and a replay comes out the same."""
    town = Agreed()
    assert town.agree(FIRST) is None
    expected, guilty = set(KEYS[:4]), set[str]()
    for height, (kind, number) in enumerate(steps):
        key = KEYS[number]
        if kind == "+":
            reason = town.agree(AddValidator(validator=validator(number)))
            fine = key not in expected | guilty
            assert (reason is None) == fine
            expected |= {key} if fine else set()
        elif kind == "-":
            reason = town.agree(RemoveValidator(public_hex=key))
            fine = key in expected and len(expected) > 1
            assert (reason is None) == fine
            expected -= {key} if fine else set()
        else:
            town.report(number, height)
            guilty.add(key)
            expected -= {key} if expected != {key} else set()
        assert town.keys() == expected


def test_a_report_is_an_entry_and_removes_for_good(town: Agreed) -> None:
    """The proof stands on the ledger; the key never comes back; a second report says no more."""
    town.report(1, 70)
    last = town.entries[-1]
    assert last.events == (ValidatorMisbehaved(address=address(1), height=70, at=town.at),)
    row = town.row(Misbehaviour, subject(address(1), 70))
    assert row.height == 70
    assert not town.row(Validator, KEYS[1]).is_in_force
    assert fires(town, MISBEHAVED, subject(address(1), 70)) == ()
    assert fires(town, MISBEHAVED, "nonsense") == ()
    assert town.agree(AddValidator(validator=validator(1))) == "members.change_must_be_possible"


def test_a_dismissed_member_votes_no_longer(town: Agreed) -> None:
    """Its node's key goes with its own; but not if the chain would stand still."""
    assert town.agree(AddValidator(validator=validator(4, FUND))) is None
    assert town.agree(Dismiss(member_id=FUND)) is None
    assert town.keys() == set(KEYS[:4])
    for number in (1, 2, 3):
        assert town.agree(RemoveValidator(public_hex=KEYS[number])) is None
    assert town.agree(AddValidator(validator=validator(5, ALI))) is None
    assert town.agree(RemoveValidator(public_hex=KEYS[0])) is None
    assert town.agree(Dismiss(member_id=ALI)) == "members.change_must_be_possible"


def test_a_key_that_was_removed_may_come_back(town: Agreed) -> None:
    """It did nothing wrong."""
    assert town.agree(RemoveValidator(public_hex=KEYS[0])) is None
    assert town.agree(AddValidator(validator=validator(0))) is None
    assert town.keys() == set(KEYS[:4])


def test_cosigners_and_versions_are_kept(town: Agreed) -> None:
    """One row each; versions in their order."""
    keys = tuple(Cosigner(member=BANK, verifier_key=f"log+0{n}+AAAA") for n in (1, 2))
    assert cosigning(town.state) is None
    assert town.agree(SetCosigners(cosigners=keys, signatures_min=2)) is None
    found = cosigning(town.state)
    assert found is not None
    assert (found.cosigners, found.signatures_min) == (keys, 2)
    began = town.at
    assert town.agree(ActivateVersion(contract="limit", version=2, since=began + A_DAY)) is None
    assert town.agree(ActivateVersion(contract="limit", version=4, since=began + 2 * A_DAY)) is None
    row = town.row(Activation, Activation.KEY)
    assert row.versions_at(began) == {}
    assert row.versions_at(began + A_DAY) == {"limit": 2}
    assert row.versions_at(began + 9 * A_DAY) == {"limit": 4}


ODD = MemberId("nobody")
COSIGNER = Cosigner(member=BANK, verifier_key="log+01+AAAA")
SOON = ActivateVersion(contract="limit", version=2, since=Town().at + A_DAY)
UNSOUND: list[Change] = [
    FIRST,
    AddValidator(validator=validator(0)),
    AddValidator(validator=validator(4, ODD)),
    AddValidator(validator=ValidatorKey(member=BANK, public_hex="AB" * 32)),
    AddValidator(validator=ValidatorKey(member=BANK, public_hex="ab")),
    RemoveValidator(public_hex=KEYS[4]),
    SetCosigners(cosigners=(), signatures_min=0),
    SetCosigners(cosigners=(COSIGNER,), signatures_min=2),
    SetCosigners(cosigners=(COSIGNER, COSIGNER), signatures_min=1),
    SetCosigners(cosigners=(replace(COSIGNER, member=ODD),), signatures_min=1),
    SetCosigners(cosigners=(replace(COSIGNER, verifier_key="a b+1+c"),), signatures_min=1),
    SetCosigners(cosigners=(replace(COSIGNER, verifier_key="a\n+1+c"),), signatures_min=1),
    replace(SOON, version=1),
    replace(SOON, version=10_001),
    replace(SOON, contract=""),
    replace(SOON, contract="Limit"),
]


@pytest.mark.parametrize("change", UNSOUND)
def test_what_cannot_be(town: Agreed, change: Change) -> None:
    """No key twice, no owner that is nobody, no quorum that cannot be reached."""
    assert town.agree(change) == f"members.{propose.Refusal.UNSOUND}"


def test_a_first_list_must_be_sound() -> None:
    """And nobody is added before there is one."""
    town = Town()
    for change in (
        AddValidator(validator=validator(0)),
        ListValidators(validators=()),
        ListValidators(validators=(validator(0), validator(0))),
        ListValidators(validators=(validator(0, ODD),)),
    ):
        assert not is_possible(town.state, change)


def test_forged_changes_stop_the_replay(town: Agreed) -> None:
    """A list that would be empty, a key twice, a version that comes too late."""
    at = town.at + A_DAY
    put = propose.ChangeProposed(
        proposal_id=ProposalId("F"),
        change=AddValidator(validator=validator(0)),
        proposer=BANK,
        until=at + A_DAY,
    )
    agreed = Consent(proposal_id=put.proposal_id)
    enacted = ChangeEnacted(proposal_id=put.proposal_id, at=at)
    for label, change in (
        ("MEM-VALIDATOR-2", put.change),
        ("MEM-VALIDATOR-2", RemoveValidator(public_hex=KEYS[5])),
        ("MEM-VERSION-1", replace(SOON, version=1)),
        ("MEM-VERSION-1", replace(SOON, since=at)),
    ):
        other = Agreed()
        assert other.agree(FIRST) is None
        carry(other, replace(put, change=change))
        for voter in (BANK, OPERATOR):
            carry(other, *_given(other, voter, agreed))
        stops(other, label, enacted)


def _given(town: Town, voter: MemberId, command: Consent) -> tuple[object, ...]:
    from tallyport.contracts.members.consent import ConsentGiven  # noqa: PLC0415 - Only here.

    return (ConsentGiven(proposal_id=command.proposal_id, voter=context(town, voter).actor),)


def test_the_last_validator_is_not_forged_away(town: Agreed) -> None:
    """Whoever edits the log cannot bring the chain to a stand."""
    for number in (0, 1, 2):
        play(town, timedelta(minutes=1))
        assert town.agree(RemoveValidator(public_hex=KEYS[number])) is None
    carry(
        town,
        propose.ChangeProposed(
            proposal_id=ProposalId("F"),
            change=Dismiss(member_id=BANK),
            proposer=CUSTOMS,
            until=town.at + A_DAY,
        ),
    )
    for voter in (OPERATOR, CUSTOMS):
        carry(town, *_given(town, voter, Consent(proposal_id=ProposalId("F"))))
    stops(
        town,
        "MEM-VALIDATOR-1",
        ChangeEnacted(proposal_id=ProposalId("F"), at=town.at + A_DAY),
    )
