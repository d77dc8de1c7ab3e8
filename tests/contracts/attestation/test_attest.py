"""What was attested stays, in the name of who attested it, and what is latest is certain.

Goal: every line of versions is a line; a reader finds the word of those it trusts. Method: a state
machine against a plain dictionary of lines; the worked case of 762 vehicles; every refusal; forged
events.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from support.town import ALI, CUSTOMS, OPERATOR, TASHKENT, Town
from tallyport.contracts.attestation import attest
from tallyport.contracts.attestation.attest import (
    ITEMS_MAX,
    Attest,
    AttestationMade,
    Item,
    Refusal,
    decide,
    evolve,
)
from tallyport.contracts.attestation.commitment import commitment
from tallyport.contracts.attestation.model import (
    Attestation,
    Kind,
    Latest,
    SubjectId,
    key_of,
    latest,
)
from tallyport.contracts.members.model import Member, Role
from tallyport.kernel.contract import Context
from tallyport.kernel.guard import InvariantError, Refused
from tallyport.kernel.ids import AttestationId, MemberId

CAR = SubjectId("vehicle:HLX33B128R1643455")
SALT = bytes(32)


def item(
    number: int,
    *,
    subject: SubjectId = CAR,
    kind: Kind = Kind.DOSSIER,
    previous: AttestationId | None = None,
) -> Item:
    """Return item A-`number` about the car."""
    return Item(
        id=AttestationId(f"A-{number}"),
        subject=subject,
        kind=kind,
        commitment=commitment(SALT, str(number).encode()),
        previous=previous,
    )


class Attesting(RuleBasedStateMachine):
    """Three members speak of two vehicles, in good order and out of it."""

    actors = st.sampled_from([OPERATOR, CUSTOMS, TASHKENT])
    subjects = st.sampled_from([CAR, SubjectId("vehicle:LGWEF2A55EL036754")])
    kinds = st.sampled_from([Kind.DOSSIER, Kind.ARRIVAL])

    @initialize()
    def found(self) -> None:
        self.town = Town()
        self.lines: dict[tuple[SubjectId, Kind, MemberId], list[AttestationId]] = {}

    @rule(
        actor=actors,
        things=st.lists(st.tuples(subjects, kinds, st.integers(1, 20)), min_size=1, max_size=3),
        back=st.integers(0, 2),
    )
    def say(self, actor: MemberId, things: list[tuple[SubjectId, Kind, int]], back: int) -> None:
        items = []
        for subject, kind, number in things:
            line = self.lines.get((subject, kind, actor), [])
            previous = line[-1 - back] if len(line) > back else None
            items.append(item(number, subject=subject, kind=kind, previous=previous))
        known = {one for ids in self.lines.values() for one in ids}
        fine = (
            len({one.id for one in items}) == len(items)
            and len({(one.subject, one.kind) for one in items}) == len(items)
            and not known & {one.id for one in items}
            and all(one.previous == self.last(one, actor) for one in items)
        )

        assert (self.town.do(actor, Attest(items=tuple(items))) is None) == fine

        if fine:
            for one in items:
                self.lines.setdefault((one.subject, one.kind, actor), []).append(one.id)

    def last(self, one: Item, actor: MemberId) -> AttestationId | None:
        line = self.lines.get((one.subject, one.kind, actor))
        return line[-1] if line else None

    @invariant()
    def every_line_is_a_line(self) -> None:
        for (subject, kind, actor), ids in self.lines.items():
            rows = [self.town.row(Attestation, one) for one in ids]
            assert [row.version for row in rows] == list(range(1, len(ids) + 1))
            assert [row.previous for row in rows] == [None, *ids[:-1]]
            assert self.town.row(Latest, key_of(subject, kind, actor)).id == ids[-1]
            (role,) = self.town.row(Member, actor).roles
            assert latest(self.town.state, subject, kind, (role,)) == rows[-1]

    @invariant()
    def nothing_else_is_attested(self) -> None:
        known = {one for ids in self.lines.values() for one in ids}
        assert {row.id for row in self.town.state.scan(Attestation)} == known


TestAttesting = Attesting.TestCase


@pytest.fixture
def town() -> Town:
    """A town in which the operator has attested the car's dossier as A-1."""
    town = Town()
    assert town.do(OPERATOR, Attest(items=(item(1),))) is None
    return town


def test_a_whole_business_is_attested_in_four_commands() -> None:
    """762 dossiers, 200 at a time; each can be found by its vehicle."""
    town = Town()
    items = [item(n, subject=SubjectId(f"dossier:{n}")) for n in range(762)]
    for start in range(0, len(items), ITEMS_MAX):
        assert town.do(OPERATOR, Attest(items=tuple(items[start : start + ITEMS_MAX]))) is None
    assert town.last.sequence == 5
    one = latest(town.state, SubjectId("dossier:761"), Kind.DOSSIER, (Role.OPERATOR,))
    assert one is not None
    assert (one.id, one.sequence, one.at) == ("A-761", 5, town.at)


def test_a_reader_takes_the_word_of_those_it_names(town: Town) -> None:
    """By role, active, and never a party's own."""
    state = town.state
    assert town.do(ALI, Attest(items=(item(2, kind=Kind.ARRIVAL),))) is None
    assert latest(state, CAR, Kind.ARRIVAL, (Role.WAREHOUSE,)) is None
    assert town.do(TASHKENT, Attest(items=(item(3, kind=Kind.ARRIVAL),))) is None
    arrived = latest(state, CAR, Kind.ARRIVAL, (Role.LOGISTICS, Role.WAREHOUSE))
    assert arrived == town.row(Attestation, "A-3")
    assert latest(state, CAR, Kind.ARRIVAL, (Role.WAREHOUSE,), besides=TASHKENT) is None
    assert latest(state, SubjectId("vehicle:H"), Kind.ARRIVAL, (Role.WAREHOUSE,)) is None
    state.put(replace(town.row(Member, TASHKENT), is_active=False))
    assert latest(state, CAR, Kind.ARRIVAL, (Role.WAREHOUSE,)) is None


def test_a_new_version_supersedes_and_the_old_one_stays(town: Town) -> None:
    """Whoever supersedes says what."""
    first = town.row(Attestation, "A-1")
    town.let_pass(timedelta(hours=1))
    assert town.do(OPERATOR, Attest(items=(item(2, previous=first.id),))) is None
    second = latest(town.state, CAR, Kind.DOSSIER, (Role.OPERATOR,))
    assert second is not None
    assert (second.version, second.previous) == (2, first.id)
    assert town.row(Attestation, "A-1") == first


MANY = tuple(item(n, subject=SubjectId(f"dossier:{n}")) for n in range(2, ITEMS_MAX + 3))
NEXT = item(2, previous=AttestationId("A-1"))
ATTEMPTS = [  # In the order of the checks.
    (Refusal.NO_ITEMS, ()),
    (Refusal.TOO_MANY_ITEMS, MANY),
    (Refusal.ITEM_TWICE, (NEXT, replace(NEXT, kind=Kind.MATCH, previous=None))),
    (Refusal.ITEM_TWICE, (NEXT, replace(NEXT, id=AttestationId("A-3")))),
    (Refusal.UNSOUND_COMMITMENT, (replace(NEXT, commitment="0" * 63),)),
    (Refusal.ID_TAKEN, (replace(NEXT, id=AttestationId("A-1")),)),
    (Refusal.ID_TAKEN, (NEXT, item(1, kind=Kind.MATCH))),  # The same id with other content.
    (Refusal.NOT_THE_LATEST, (item(2),)),
    (Refusal.NOT_THE_LATEST, (item(2, previous=AttestationId("A-9")),)),
    (Refusal.NOT_THE_LATEST, (item(2, kind=Kind.MATCH, previous=AttestationId("A-1")),)),
]


@pytest.mark.parametrize(("reason", "items"), ATTEMPTS)
def test_it_refuses(town: Town, reason: Refusal, items: tuple[Item, ...]) -> None:
    """One line of ATTEMPTS: these items of the operator are refused for this reason."""
    context = Context(actor=OPERATOR, at=town.at, today=town.at.date(), sequence=9)

    with pytest.raises(Refused) as refused:
        decide(town.state, Attest(items=items), context)

    assert refused.value.reason is reason


def test_every_refusal_is_tried_in_order() -> None:
    """ATTEMPTS follows the enum, so the enum's order is the order that clients are told."""
    assert list(dict.fromkeys(reason for reason, _ in ATTEMPTS)) == list(Refusal)


@pytest.mark.parametrize(
    ("label", "change"),
    [
        ("ATT-1", {"id": AttestationId("A-1")}),
        ("ATT-2", {"previous": None}),
        ("ATT-2", {"previous": AttestationId("A-9")}),
        ("ATT-2", {"version": 3}),
        ("ATT-2", {"attester": ALI}),  # Nobody continues the line of another.
    ],
)
def test_a_forged_event_stops_the_replay(
    town: Town, label: str, change: dict[str, AttestationId | int | None]
) -> None:
    """No id twice, no fork, no gap."""
    context = Context(actor=OPERATOR, at=town.at, today=town.at.date(), sequence=9)
    (made,) = attest.decide(town.state, Attest(items=(NEXT,)), context)
    assert isinstance(made, AttestationMade)
    assert len(evolve(town.state, made)) == 2
    forged: AttestationMade = replace(made, **change)  # type: ignore[arg-type]

    with pytest.raises(InvariantError, match=label):
        evolve(town.state, forged)
