"""A thing secures one debt, whoever asks and however it is written (PLG-1, E6).

Goal: no double pledge across institutions. Method: a state machine of funders who register and
release at random; the names of things; every refusal; a forged second pledge.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from support.certificates import check_pledges
from support.judging import Attempt, carry, play, stops, verdict
from support.town import ALI, BEK, CUSTOMS, FUND, SECOND_FUND, SURETY, Town
from tallyport.contracts.pledge.model import (
    AssetId,
    Kind,
    Pledge,
    Purpose,
    RegistryNumber,
    SecuredId,
    asset_id,
    is_asset,
    is_of,
    likeness,
)
from tallyport.contracts.pledge.register import (
    PledgeRegistered,
    Refusal,
    Register,
    decide,
)
from tallyport.contracts.pledge.release import Release
from tallyport.contracts.pledge.search import current, history, is_free
from tallyport.kernel.ids import MemberId

VEHICLE = asset_id(Kind.VEHICLE, "LGWEF2A55EL036754")
INVOICE = asset_id(Kind.INVOICE, "24652000000012345678")
LOAN = SecuredId("LOAN-1")
FINE = Register(asset=INVOICE, pledgor=ALI, secured=LOAN, registry_number=RegistryNumber("0117"))


class Registering(RuleBasedStateMachine):
    """Two funders and a guarantor want the same three things; each gets what is free."""

    @initialize()
    def begin(self) -> None:
        self.town = Town()
        self.pledgees: dict[AssetId, MemberId] = {}

    lenders = st.sampled_from((FUND, SECOND_FUND, SURETY))
    things = st.sampled_from((VEHICLE, INVOICE, AssetId("agreement:XJYO-2024040401")))

    @rule(lender=lenders, thing=things)
    def register(self, lender: MemberId, thing: AssetId) -> None:
        command = Register(asset=thing, pledgor=ALI, secured=LOAN, registry_number=None)
        reason = self.town.do(lender, command)
        assert (reason is None) == (thing not in self.pledgees)
        self.pledgees.setdefault(thing, lender)

    @rule(lender=lenders, thing=things)
    def release(self, lender: MemberId, thing: AssetId) -> None:
        reason = self.town.do(lender, Release(asset=thing))
        assert (reason is None) == (self.pledgees.get(thing) == lender)
        if reason is None:
            del self.pledgees[thing]

    @invariant()
    def the_register_knows(self) -> None:
        check_pledges(self.town)
        active = {p.asset: p.pledgee for p in self.town.state.scan(Pledge) if p.stage == "active"}
        assert active == self.pledgees


TestRegistering = Registering.TestCase


@given(st.sampled_from(Kind), st.text("abzABZ019._/#+-@", min_size=1, max_size=20))
def test_however_it_is_written_it_has_one_name(kind: Kind, identifier: str) -> None:
    """Capitals or not, the name is the same; and what is a name stays one."""
    name = asset_id(kind, identifier)
    assert name == asset_id(kind, identifier.lower()) == asset_id(kind, identifier.upper())
    assert not is_asset(name) or asset_id(kind, name.partition(":")[2]) == name


@pytest.mark.parametrize(
    ("kind", "written", "name"),
    [
        (Kind.VEHICLE, "lgw-ef2a55 el036754", "vehicle:LGWEF2A55EL036754"),
        (Kind.INVOICE, "2465 2000-0000 1234 5678", "invoice:24652000000012345678"),
        (Kind.INVOICE, "milan/2024-017", "invoice:MILAN/2024017"),
        (Kind.AGREEMENT, "xjyo-2024040401", "agreement:XJYO-2024040401"),
        (Kind.ORDER, "ｐｏ－１ ７／Ａ", "order:PO-17/A"),
        (Kind.CERTIFICATE, "RC-1/2", "certificate:RC-1/2"),
    ],
)
def test_names_of_things(kind: Kind, written: str, name: str) -> None:
    """The examples of the model's first lines."""
    assert asset_id(kind, written) == name
    assert is_asset(AssetId(name))
    assert is_of(AssetId(name), kind, Kind.AWARD)
    assert not is_of(AssetId(name), Kind.AWARD)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "invoice",
        "invoice:",
        "Invoice:1",
        "car:1",
        "invoice:a",
        "vehicle:A-1",
        "order:a:B",
        ":A",
    ],
)
def test_what_is_no_name(name: str) -> None:
    """Another kind, small letters, marks where people differ: none is a name."""
    assert not is_asset(AssetId(name))


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.CERTIFICATE])
@pytest.mark.parametrize("first", ["PO-1", "PO1"])
@pytest.mark.parametrize("second", ["PO1", "P.O-1", "PO/1", "PO_1"])
def test_two_spellings_are_one_thing(kind: Kind, first: str, second: str) -> None:
    """Pledged under one, it is not free under the other; released under it, it is free."""
    town = Town()
    one, other = AssetId(f"{kind}:{first}"), AssetId(f"{kind}:{second}")
    command = Register(asset=one, pledgor=ALI, secured=LOAN, registry_number=None)
    if not is_asset(one) or not is_asset(other):
        assert kind in (Kind.VEHICLE, Kind.INVOICE)
        return
    play(town, (FUND, command))

    assert town.do(SECOND_FUND, replace(command, asset=other)) == f"pledge.{Refusal.NOT_FREE}"
    assert current(town.state, other) == current(town.state, one) == history(town.state, other)[0]

    play(town, (FUND, Release(asset=other)), (SECOND_FUND, replace(command, asset=other)))
    assert [pledge.asset for pledge in history(town.state, one)] == [one, other]


def test_certificates_are_told_apart_by_every_sign() -> None:
    """A split certificate and its first part are not one."""
    names = [asset_id(Kind.CERTIFICATE, word) for word in ("RC-1", "RC-1/1", "RC-11", "RC/11")]
    assert len({*map(likeness, names)}) == len(names)


def test_history_is_kept() -> None:
    """Registered, released, registered by another: two lines, the second active."""
    town = Town()
    assert is_free(town.state, INVOICE)
    again = replace(FINE, secured=SecuredId("LOAN-2"), registry_number=None)
    play(town, (FUND, FINE), (FUND, Release(asset=INVOICE)), (SECOND_FUND, again))

    lines = history(town.state, INVOICE)
    assert [(p.number, p.pledgee, p.secured, p.stage.value) for p in lines] == [
        (1, FUND, "LOAN-1", "released"),
        (2, SECOND_FUND, "LOAN-2", "active"),
    ]
    assert current(town.state, INVOICE) == lines[1]
    assert not is_free(town.state, INVOICE)
    assert history(town.state, VEHICLE) == ()


def test_a_name_is_not_the_beginning_of_another() -> None:
    """`invoice:1` and `invoice:12` have each a history of their own."""
    town = Town()
    play(town, (FUND, replace(FINE, asset=AssetId("invoice:12"))))
    assert is_free(town.state, AssetId("invoice:1"))
    assert history(town.state, AssetId("invoice:1")) == ()


ATTEMPTS: list[Attempt] = [  # In the order of the checks.
    (Refusal.NOT_A_PLEDGEE, (), CUSTOMS, FINE),
    (Refusal.NOT_A_PLEDGEE, (), BEK, FINE),
    (Refusal.BY_CONTRACT_ONLY, (), FUND, replace(FINE, asset=AssetId("certificate:RC-1"))),
    (Refusal.WRONG_NAME, (), FUND, replace(FINE, asset=AssetId("invoice:a"))),
    (Refusal.WRONG_NAME, (), FUND, replace(FINE, asset=AssetId("Certificate:RC-1"))),
    (Refusal.NO_PLEDGOR, (), FUND, replace(FINE, pledgor=FUND)),
    (Refusal.NO_PLEDGOR, (), FUND, replace(FINE, pledgor=MemberId("nobody"))),
    (Refusal.NOT_IN_REGISTRY, (), FUND, replace(FINE, asset=VEHICLE)),
    (Refusal.NOT_FREE, ((FUND, FINE),), FUND, FINE),
    (Refusal.NOT_FREE, ((SECOND_FUND, FINE),), FUND, FINE),
]


@pytest.mark.parametrize(("reason", "steps", "actor", "command"), ATTEMPTS)
def test_it_refuses(
    reason: Refusal, steps: tuple[tuple[MemberId, object], ...], actor: MemberId, command: Register
) -> None:
    """One line of ATTEMPTS: after these steps, this is refused for this reason."""
    town = Town()
    play(town, *steps)
    assert verdict(town, decide, actor, command) is reason


def test_every_refusal_is_tried_in_order() -> None:
    """ATTEMPTS follows the enum, so the enum's order is the order that clients are told."""
    assert list(dict.fromkeys(reason for reason, *_ in ATTEMPTS)) == list(Refusal)


def test_a_forged_second_pledge_stops_the_replay() -> None:
    """PLG-1 holds on replay, whatever the log says and whoever the pledgee is."""
    town = Town()
    play(town, (FUND, FINE))
    event = PledgeRegistered(
        asset=INVOICE,
        pledgor=ALI,
        pledgee=SECOND_FUND,
        purpose=Purpose.FINANCING,
        secured=SecuredId("F-1"),
        registry_number=None,
    )
    stops(town, "PLG-1", event)
    carry(town, replace(event, asset=VEHICLE))
    check_pledges(town)
