"""The consortium changes by n-of-m consent, and in no other way.

Goal: no change without the quorum, each voter counted once, and the consortium can always decide.
Method: a state machine of five voters who propose, consent and let proposals lapse, against a plain
count; the switch of a rule; every refusal; forged events.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from support.judging import Attempt, Step, fires, play, stops, verdict
from support.town import ALI, BANK, CUSTOMS, FUND, OPERATOR, VOTERS, Town, profile, public_key
from tallyport.contracts.law import LAYERS, TERM, parameter
from tallyport.contracts.members import consent, propose
from tallyport.contracts.members.consent import ChangeEnacted, Consent, ConsentGiven
from tallyport.contracts.members.model import (
    Consortium,
    Key,
    Member,
    Profile,
    Role,
    Stage,
    voters,
)
from tallyport.contracts.members.propose import (
    LAPSE,
    OPEN_FOR,
    Admit,
    Change,
    ChangeProposed,
    Dismiss,
    Proposal,
    ProposalLapsed,
    Propose,
    SetQuorum,
    SetRule,
)
from tallyport.contracts.members.validators import (
    ListValidators,
    RemoveValidator,
    ValidatorKey,
)
from tallyport.contracts.members.versions import ActivateVersion
from tallyport.kernel.ids import MemberId, ProposalId
from tallyport.ledger.machine import Rejected

P1, P2 = ProposalId("P-1"), ProposalId("P-2")
SINCE = date(2024, 6, 1)
RULE = SetRule(rule_id=TERM, parameter="months_max", since=SINCE, value=6)


def newcomer(number: int) -> Profile:
    """Return an institution that wants to join, and to vote."""
    return Profile(
        id=MemberId(f"new-{number}"),
        name=f"Newcomer {number}",
        roles=(Role.LOGISTICS,),
        keys=(public_key(MemberId(f"new-{number}")),),
        is_voter=True,
    )


def put(change: Change, proposal_id: ProposalId = P1) -> Propose:
    """Return the command that puts a change to the voters."""
    return Propose(proposal_id=proposal_id, change=change)


def agree(proposal_id: ProposalId = P1) -> Consent:
    """Return a consent."""
    return Consent(proposal_id=proposal_id)


@dataclass
class Expected:
    """What the oracle knows of a proposal."""

    change: Change
    consents: set[MemberId] = field(default_factory=set)
    days_left: int = 30
    is_open: bool = True


class Voting(RuleBasedStateMachine):
    """Voters come and go by their own votes."""

    changes = st.one_of(
        st.builds(lambda n: Admit(profile=newcomer(n)), st.integers(1, 3)),
        st.builds(
            lambda m: Dismiss(member_id=MemberId(m)),
            st.sampled_from([*VOTERS, ALI, "new-1", "new-2"]),
        ),
        st.builds(lambda n: SetQuorum(consents_min=n), st.integers(0, 5)),
        st.builds(
            lambda v: SetRule(rule_id=LAYERS, parameter="generations_max", since=SINCE, value=v),
            st.integers(-1, 20),
        ),
    )
    anybody = st.sampled_from([*VOTERS * 3, MemberId("new-1"), MemberId("new-2"), ALI])
    pick = st.integers(0, 10**6)

    @initialize()
    def found(self) -> None:
        self.town = Town()
        self.quorum, self.generations = 2, 16
        self.voters = set(VOTERS)
        self.seen, self.gone = {*VOTERS, ALI}, set[MemberId]()
        self.proposals: dict[ProposalId, Expected] = {}

    def send(self, actor: MemberId, command: object) -> str | None:
        try:
            return self.town.do(actor, command)
        except Rejected as rejected:
            assert actor in self.gone or actor not in self.seen
            return rejected.reason.value

    def is_possible(self, change: Change) -> bool:
        match change:
            case Admit(profile=one):
                return one.id not in self.seen
            case Dismiss(member_id=member):
                return member in self.seen - self.gone
            case SetQuorum(consents_min=count):
                return 1 <= count <= len(self.voters)
            case SetRule(value=value):
                return value >= 0
            case _:
                raise AssertionError(change)

    @rule(actor=anybody, change=changes)
    def propose(self, actor: MemberId, change: Change) -> None:
        proposal_id = ProposalId(f"P-{len(self.proposals) + 1}")
        reason = self.send(actor, put(change, proposal_id))
        assert (reason is None) == (actor in self.voters and self.is_possible(change))
        if reason is None:
            self.proposals[proposal_id] = Expected(change)

    @rule(pick=pick)
    def consent_of_all(self, pick: int) -> None:
        for actor in VOTERS:
            self.consent(actor, pick | 1)

    @rule(actor=anybody, pick=pick)
    def consent(self, actor: MemberId, pick: int) -> None:
        ids = [one for one, known in self.proposals.items() if known.is_open]
        proposal_id = ids[pick % len(ids)] if ids and pick % 5 else ProposalId(f"P-{pick % 20}")
        known = self.proposals.get(proposal_id)
        keeps = known is None or self.quorum_after(known.change)
        reason = self.send(actor, agree(proposal_id))
        fine = (
            known is not None
            and known.is_open
            and actor in self.voters - known.consents
            and self.is_possible(known.change)
            and keeps
        )
        assert (reason is None) == fine
        if fine and known is not None:
            known.consents.add(actor)
            if len(known.consents & self.voters) >= self.quorum:
                known.is_open = False
                self.enact(known.change)

    def quorum_after(self, change: Change) -> bool:
        if isinstance(change, Dismiss):
            return len(self.voters - {change.member_id}) >= self.quorum
        return True

    def enact(self, change: Change) -> None:
        match change:
            case Admit(profile=one):
                self.seen.add(one.id)
                self.voters.add(one.id)
            case Dismiss(member_id=member):
                self.gone.add(member)
                self.voters.discard(member)
            case SetQuorum(consents_min=count):
                self.quorum = count
            case SetRule(value=value):
                self.generations = value
            case _:
                raise AssertionError(change)

    @rule(days=st.sampled_from([1, 1, 10, 30]))
    def wait(self, days: int) -> None:
        self.town.let_pass(timedelta(days=days))
        for known in self.proposals.values():
            known.days_left -= days
            known.is_open = known.is_open and known.days_left > 0

    @invariant()
    def the_consortium_is_what_was_agreed(self) -> None:
        state = self.town.state
        assert set(voters(state)) == self.voters
        assert self.town.row(Consortium, "consortium").consents_min == self.quorum
        assert len(self.voters) >= self.quorum
        for member in self.gone:
            assert not self.town.row(Member, member).is_active
            assert not any(key.is_in_force for key in state.scan(Key) if key.member == member)
        assert parameter(state, LAYERS, "generations_max", SINCE)[0] == self.generations

    @invariant()
    def proposals_stand_where_they_should(self) -> None:
        for proposal_id, known in self.proposals.items():
            row = self.town.row(Proposal, proposal_id)
            assert (row.stage is Stage.OPEN) == known.is_open
            assert set(row.consents) == known.consents


TestVoting = Voting.TestCase
TestVoting.settings = settings(stateful_step_count=3 * settings().stateful_step_count)


@pytest.fixture
def town() -> Town:
    """A town of three voters, of whom two must agree."""
    return Town()


def test_a_newcomer_is_admitted_by_two_of_three(town: Town) -> None:
    """Its key speaks from then on."""
    one = newcomer(1)
    play(town, (BANK, put(Admit(profile=one))), (BANK, agree()))
    assert town.state.get(Member, one.id) is None
    play(town, (CUSTOMS, agree()))
    assert one.id in voters(town.state)
    play(town, (one.id, put(SetQuorum(consents_min=3), P2)))


def test_the_term_of_certificates_is_switched_by_consent_alone(town: Town) -> None:
    """CN-SCF-2: from the day on, and with the version that says so; not before."""
    play(town, (BANK, put(RULE)), (BANK, agree()), (OPERATOR, agree()))
    day_before = SINCE - timedelta(days=1)
    assert parameter(town.state, TERM, "months_max", day_before)[0] == 12
    assert parameter(town.state, TERM, "months_max", SINCE) == (6, "CN-SCF-1@2024-06-01+consent")
    assert parameter(town.state, TERM, "months_without_reason_max", SINCE)[0] == 12


def test_a_proposal_lapses_after_its_time(town: Town) -> None:
    """Thirty days; then nobody can consent, and its timer has nothing more to do."""
    play(town, (BANK, put(RULE)), (BANK, agree()), OPEN_FOR)
    assert town.row(Proposal, P1).stage is Stage.LAPSED
    assert town.do(CUSTOMS, agree()) == "members.proposal_must_be_open"
    assert fires(town, LAPSE, P1) == ()
    assert fires(town, LAPSE, "P-404") == ()


def test_a_voter_who_left_is_not_counted(town: Town) -> None:
    """Customs agreed and was dismissed: one more consent is needed."""
    play(town, (OPERATOR, put(Admit(profile=newcomer(1)))), (OPERATOR, agree()), (BANK, agree()))
    change = put(SetRule(rule_id=LAYERS, parameter="generations_max", since=SINCE, value=3), P2)
    play(town, (CUSTOMS, change), (CUSTOMS, agree(P2)))
    dismissal = ProposalId("P-3")
    play(town, (BANK, put(Dismiss(member_id=CUSTOMS), dismissal)))
    play(town, (BANK, agree(dismissal)), (OPERATOR, agree(dismissal)))
    play(town, (BANK, agree(P2)))
    assert town.row(Proposal, P2).stage is Stage.OPEN
    play(town, (OPERATOR, agree(P2)))
    assert town.row(Proposal, P2).stage is Stage.ENACTED


def test_a_member_without_a_vote_can_go(town: Town) -> None:
    """It speaks no longer; its rows stay."""
    play(town, (BANK, put(Dismiss(member_id=FUND))), (BANK, agree()), (OPERATOR, agree()))
    with pytest.raises(Rejected):
        town.do(FUND, agree())
    assert town.row(Member, FUND).roles == (Role.FUNDER,)


KEYS = tuple(f"{number:02x}" * 32 for number in range(1, 5))
LIST = ListValidators(validators=tuple(ValidatorKey(member=BANK, public_hex=one) for one in KEYS))
ASKED: tuple[Step, ...] = ((BANK, put(RULE)),)
AGREED: tuple[Step, ...] = (*ASKED, (BANK, agree()), (CUSTOMS, agree()))
SOLE = SetQuorum(consents_min=3)
ALL_NEEDED: tuple[Step, ...] = (
    (BANK, put(SOLE, P2)),
    (BANK, agree(P2)),
    (CUSTOMS, agree(P2)),
    (BANK, put(Dismiss(member_id=CUSTOMS))),
)
TWICE: tuple[Step, ...] = (
    (BANK, put(Admit(profile=newcomer(1)))),
    (BANK, put(Admit(profile=newcomer(1)), P2)),
    (BANK, agree(P2)),
    (CUSTOMS, agree(P2)),
)
LATE = ActivateVersion(contract="limit", version=2, since=Town().at)
SOON = replace(LATE, since=Town().at + timedelta(days=1))
LISTED: tuple[Step, ...] = (
    (BANK, put(LIST, P2)),
    (BANK, agree(P2)),
    (CUSTOMS, agree(P2)),
    *((BANK, put(RemoveValidator(public_hex=one), ProposalId(one))) for one in KEYS[:2]),
    (BANK, agree(ProposalId(KEYS[0]))),
    (CUSTOMS, agree(ProposalId(KEYS[0]))),
)
UNKNOWN = SetRule(rule_id=TERM, parameter="no_such", since=SINCE, value=1)
PROPOSALS: list[Attempt] = [
    (propose.Refusal.ID_TAKEN, ASKED, BANK, put(RULE)),
    (propose.Refusal.ID_TAKEN, ASKED, BANK, put(SOLE)),
    (propose.Refusal.NOT_A_VOTER, (), ALI, put(RULE)),
    (propose.Refusal.NOT_A_VOTER, (), MemberId("nobody"), put(RULE)),
    (propose.Refusal.UNSOUND, (), BANK, put(UNKNOWN)),
    (propose.Refusal.UNSOUND, (), BANK, put(replace(RULE, value=-1))),
    (propose.Refusal.UNSOUND, (), BANK, put(Admit(profile=profile(ALI)))),
    (propose.Refusal.UNSOUND, (), BANK, put(Admit(profile=replace(newcomer(1), keys=())))),
    (propose.Refusal.UNSOUND, (), BANK, put(Dismiss(member_id=MemberId("nobody")))),
    (propose.Refusal.UNSOUND, (), BANK, put(SetQuorum(consents_min=0))),
    (propose.Refusal.UNSOUND, (), BANK, put(SetQuorum(consents_min=4))),
    (propose.Refusal.TOO_LATE, (), BANK, put(LATE)),
]
CONSENTS: list[Attempt] = [
    (consent.Refusal.NOT_FOUND, (), BANK, agree()),
    (consent.Refusal.NOT_OPEN, AGREED, OPERATOR, agree()),
    (consent.Refusal.NOT_A_VOTER, ASKED, ALI, agree()),
    (consent.Refusal.AGREED_ALREADY, (*ASKED, (BANK, agree())), BANK, agree()),
    (consent.Refusal.UNSOUND, TWICE, BANK, agree()),
    (consent.Refusal.QUORUM_LOST, ALL_NEEDED, BANK, agree()),
    (consent.Refusal.TOO_LATE, ((BANK, put(SOON)), timedelta(days=1)), BANK, agree()),
    (consent.Refusal.RESTLESS, LISTED, BANK, agree(ProposalId(KEYS[1]))),
]


@pytest.mark.parametrize(("reason", "steps", "actor", "command"), PROPOSALS)
def test_it_refuses_to_propose(
    town: Town,
    reason: propose.Refusal,
    steps: tuple[Step, ...],
    actor: MemberId,
    command: Propose,
) -> None:
    """One line of PROPOSALS."""
    play(town, *steps)
    assert verdict(town, propose.decide, actor, command) is reason


@pytest.mark.parametrize(("reason", "steps", "actor", "command"), CONSENTS)
def test_it_refuses_to_consent(
    town: Town,
    reason: consent.Refusal,
    steps: tuple[Step, ...],
    actor: MemberId,
    command: Consent,
) -> None:
    """One line of CONSENTS."""
    play(town, *steps)
    assert verdict(town, consent.decide, actor, command) is reason


def test_every_refusal_is_tried_in_order() -> None:
    """The tables follow the enums, so the enums' order is the order that clients are told."""
    assert list(dict.fromkeys(reason for reason, *_ in PROPOSALS)) == list(propose.Refusal)
    assert list(dict.fromkeys(reason for reason, *_ in CONSENTS)) == list(consent.Refusal)


PUT = ChangeProposed(
    proposal_id=P1, change=RULE, proposer=BANK, until=Town().at + timedelta(days=30)
)
GIVEN = ConsentGiven(proposal_id=P1, voter=BANK)
ENACTED = ChangeEnacted(proposal_id=P1, at=Town().at)
FORGERIES: list[tuple[str, tuple[Step, ...], tuple[object, ...]]] = [
    ("MEM-PROPOSE-1", ASKED, (PUT,)),
    ("MEM-PROPOSE-1", (), (ProposalLapsed(proposal_id=P1),)),
    ("MEM-PROPOSE-1", AGREED, (ProposalLapsed(proposal_id=P1),)),
    ("MEM-CONSENT-1", (), (GIVEN,)),
    ("MEM-CONSENT-1", ASKED, (GIVEN, GIVEN)),
    ("MEM-CONSENT-1", (), (ENACTED,)),
    ("MEM-CONSENT-1", AGREED, (ENACTED,)),
    ("MEM-CONSENT-1", ASKED, (GIVEN, ENACTED)),
    ("MEM-CONSENT-1", ASKED, (GIVEN, replace(GIVEN, voter=ALI), ENACTED)),
    (
        "MEM-CONSENT-3",
        LISTED,
        tuple(
            replace(event, proposal_id=ProposalId(KEYS[1]))
            for event in (GIVEN, replace(GIVEN, voter=CUSTOMS), ENACTED)
        ),
    ),
    (
        "MEM-CONSENT-2",
        ALL_NEEDED,
        (GIVEN, *(replace(GIVEN, voter=v) for v in (OPERATOR, CUSTOMS)), ENACTED),
    ),
]


@pytest.mark.parametrize(("label", "steps", "events"), FORGERIES)
def test_a_forged_event_stops_the_replay(
    town: Town, label: str, steps: tuple[Step, ...], events: tuple[object, ...]
) -> None:
    """No quorum, no change; no voter twice; never fewer voters than must agree."""
    play(town, *steps)
    stops(town, label, *events)
