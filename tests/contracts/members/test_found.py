"""The consortium begins once, with keys that it names itself, and with enough voters to decide.

Goal: nobody else founds anything, and only the founding's own keys speak for it. Method: an empty
state; every refusal; every way in which a key is not heard; a forged second founding.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from support.judging import stops
from support.town import ALI, BANK, FUND, OPERATOR, ROLES, VOTERS, Town, profile, public_key
from tallyport.contracts.books.deposit import Deposit
from tallyport.contracts.members.admit import id_of
from tallyport.contracts.members.authority import signer
from tallyport.contracts.members.found import ConsortiumFounded, Found, Refusal, decide, evolve
from tallyport.contracts.members.model import (
    KEYS_MAX,
    ROLES_MAX,
    VOTERS_MAX,
    Consortium,
    Key,
    Member,
    Profile,
    PublicKey,
    Role,
    active,
    consortium,
    has_role,
    voters,
)
from tallyport.kernel.contract import Context
from tallyport.kernel.guard import Refused
from tallyport.kernel.ids import BankReferenceId, MemberId
from tallyport.kernel.keys import Signer, Suite
from tallyport.kernel.money import Money
from tallyport.ledger.state import Memory

AT = datetime(2024, 4, 8, 1, 0, tzinfo=UTC)
BY_OPERATOR = Context(actor=OPERATOR, at=AT, today=AT.date(), sequence=1)
OURS, THEIRS = profile(OPERATOR), profile(BANK)
FINE = Found(name="town", members=(OURS, THEIRS, profile(ALI)), consents_min=2)


def with_members(*members: Profile) -> Found:
    """Return a founding of other members."""
    return replace(FINE, members=members)


def key(hex_digits: str, suite: Suite = Suite.ED25519) -> PublicKey:
    """Return a public key as it might be shown."""
    return PublicKey(suite=suite, public_hex=hex_digits)


def crowd(count: int) -> tuple[Profile, ...]:
    """Return so many voters, the operator among them."""
    names = [OPERATOR, *(MemberId(f"voter-{number}") for number in range(1, count))]
    return tuple(
        replace(OURS, id=name, keys=(key(f"{number:064x}"),)) for number, name in enumerate(names)
    )


UNSOUND = [
    replace(OURS, keys=()),
    replace(OURS, keys=tuple(key(f"{n:064x}") for n in range(KEYS_MAX + 1))),
    replace(OURS, roles=()),
    replace(OURS, roles=(Role.BANK,) * (ROLES_MAX + 1)),
    replace(OURS, roles=(Role.BANK, Role.BANK)),
    replace(OURS, keys=(key("0" * 63),)),
    replace(OURS, keys=(key("G" * 64),)),
    replace(OURS, keys=(key("0" * 64, Suite.SM2),)),
    replace(OURS, keys=(key("04" * 65, Suite.SM2),)),  # No point of the curve.
    replace(OURS, keys=(OURS.keys[0], OURS.keys[0])),
]
ATTEMPTS = [  # In the order of the checks; the first in a state that is founded.
    (Refusal.ALREADY_FOUNDED, FINE),
    (Refusal.NOT_A_FOUNDER, with_members(THEIRS)),
    *((Refusal.UNSOUND_PROFILE, with_members(one, THEIRS)) for one in UNSOUND),
    (Refusal.UNSOUND_PROFILE, with_members(OURS, replace(OURS, keys=THEIRS.keys))),
    (Refusal.UNSOUND_PROFILE, with_members(OURS, replace(THEIRS, keys=OURS.keys))),
    (Refusal.TOO_MANY_VOTERS, with_members(*crowd(VOTERS_MAX + 1))),
    (Refusal.IMPOSSIBLE_QUORUM, replace(FINE, consents_min=0)),
    (Refusal.IMPOSSIBLE_QUORUM, replace(FINE, consents_min=3)),
]


def test_the_town_is_founded() -> None:
    """Members with their roles and keys; voters are those who were named so."""
    town = Town()
    assert consortium(town.state) == Consortium(name="town", consents_min=2, founded_at=town.at)
    assert {member.id for member in town.state.scan(Member)} == set(ROLES)
    assert voters(town.state) == tuple(sorted(VOTERS))
    assert has_role(town.state, BANK, Role.FUNDER, Role.BANK)
    assert not has_role(town.state, BANK, Role.FUNDER)
    assert not has_role(town.state, MemberId("nobody"), Role.BANK)
    town.state.put(replace(town.row(Member, BANK), is_active=False))
    assert active(town.state, BANK) is None
    assert not has_role(town.state, BANK, Role.BANK)


@pytest.mark.parametrize(("reason", "command"), ATTEMPTS)
def test_it_refuses(reason: Refusal, command: Found) -> None:
    """One line of ATTEMPTS: this founding is refused for this reason."""
    state = Town().state if reason is Refusal.ALREADY_FOUNDED else Memory()
    with pytest.raises(Refused) as refused:
        decide(state, command, BY_OPERATOR)
    assert refused.value.reason is reason


def test_every_refusal_is_tried_in_order() -> None:
    """ATTEMPTS follows the enum, so the enum's order is the order that clients are told."""
    assert list(dict.fromkeys(reason for reason, _ in ATTEMPTS)) == list(Refusal)


def test_limits_are_limits_and_not_less() -> None:
    """As many keys and voters as may be."""
    keys = tuple(key(f"{n:064x}") for n in range(KEYS_MAX))
    assert decide(Memory(), with_members(replace(OURS, keys=keys), THEIRS), BY_OPERATOR)
    assert decide(Memory(), with_members(*crowd(VOTERS_MAX)), BY_OPERATOR)
    base = (  # The base point of the curve of SM2.
        "0432c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7"
        "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0"
    )
    long = key(base, Suite.SM2)
    assert decide(Memory(), with_members(replace(OURS, keys=(long,)), THEIRS), BY_OPERATOR)


def test_a_forged_second_founding_stops_the_replay() -> None:
    """MEM-FOUND-1."""
    event = ConsortiumFounded(name="other", members=(OURS,), consents_min=1, at=AT)
    assert len(evolve(Memory(), event)) == 3
    stops(Town(), "MEM-FOUND-1", event)


# Who speaks with a key.


def test_a_founding_speaks_with_its_own_keys() -> None:
    """Before there is anything, and for a founding alone."""
    shown = OURS.keys[0]
    expected = Signer(member=OPERATOR, suite=shown.suite, public=bytes.fromhex(shown.public_hex))
    assert signer(Memory(), id_of(shown), (FINE,)) == expected
    deposit = Deposit(owner=ALI, amount=Money(1, "CNY"), reference=BankReferenceId("x"))
    assert signer(Memory(), id_of(shown), (deposit,)) is None
    assert signer(Memory(), id_of(shown), (FINE, FINE)) is None
    assert signer(Memory(), id_of(public_key(FUND)), (FINE,)) is None
    hostile = with_members(replace(OURS, keys=(key("xyz"), key("0"), shown)))
    assert signer(Memory(), id_of(shown), (hostile,)) == expected


def test_a_town_hears_keys_in_force_of_members_that_take_part() -> None:
    """And no others, whatever the command."""
    town, shown = Town(), OURS.keys[0]
    known = signer(town.state, id_of(shown), ())
    assert known is not None
    assert known.member == OPERATOR
    strange = key("f" * 64)
    other = with_members(replace(OURS, keys=(strange,)))
    assert signer(town.state, id_of(strange), (other,)) is None
    town.state.put(replace(town.row(Key, id_of(shown)), is_in_force=False))
    assert signer(town.state, id_of(shown), ()) is None
    town.state.put(replace(town.row(Member, BANK), is_active=False))
    assert signer(town.state, id_of(public_key(BANK)), ()) is None
