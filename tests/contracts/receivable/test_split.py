"""A split conserves the face, and a tree stays small enough to be settled in one entry.

Goal: RCV-SPLIT-1, -2, -3, and CN-SCF-7 as a setting. Method: cuts at random, the limits of ids,
layers and leaves, every refusal, forgeries. The example of source 001 is in test_worked_example.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.certificates import (
    CUT,
    ISSUE,
    ISSUED,
    LIMITED,
    OPEN,
    PLEDGED,
    ROOT,
    certificate,
    check,
)
from support.judging import Attempt, Step, context, play, stops, verdict
from support.town import ALI, BANK, BEK, OPERATOR, PORT, Town, cny
from tallyport.contracts.members.consent import Consent
from tallyport.contracts.members.propose import Propose, SetRule
from tallyport.contracts.pledge.model import AssetId
from tallyport.contracts.receivable.accept import Accept
from tallyport.contracts.receivable.model import (
    LEAVES_MAX,
    PATH_LENGTH_MAX,
    ROOT_LENGTH_MAX,
    Certificate,
    Root,
    Stage,
)
from tallyport.contracts.receivable.split import (
    PARTS_MAX,
    CertificateSplit,
    Refusal,
    Split,
    decide,
)
from tallyport.contracts.receivable.trace import leaves
from tallyport.kernel.form import codec
from tallyport.kernel.ids import CertificateId, MemberId, ProposalId
from tallyport.kernel.money import MINOR_MAX, Money


def cut(*faces: int) -> Split:
    """Return a split of RC-1 into whole yuan."""
    return Split(certificate_id=ROOT, faces=tuple(map(cny, faces)))


def layers(count: int) -> tuple[Step, ...]:
    """Return the steps by which the consortium sets the number of generations."""
    change = SetRule(
        rule_id="CN-SCF-7", parameter="generations_max", since=date(2024, 1, 1), value=count
    )
    name = ProposalId("P-7")
    return (
        (OPERATOR, Propose(proposal_id=name, change=change)),
        (OPERATOR, Consent(proposal_id=name)),
        (BANK, Consent(proposal_id=name)),
    )


def last_child(name: CertificateId, times: int, parts: Sequence[int]) -> tuple[Step, ...]:
    """Return `times` splits, each of the last child of the one before, into 分 and the rest."""
    steps: list[Step] = []
    left = ISSUE.face.minor
    for _ in range(times):
        left -= sum(parts)
        faces = (*(Money(part, "CNY") for part in parts), Money(left, "CNY"))
        steps.append((ALI, Split(certificate_id=name, faces=faces)))
        name = CertificateId(f"{name}/{len(faces)}")
    return tuple(steps)


@given(st.sets(st.integers(1, ISSUE.face.minor - 1), min_size=1, max_size=8))
def test_however_it_is_cut_the_parts_make_the_whole(cuts: set[int]) -> None:
    """Conserved face; children are what their parent was, but for id, line and face."""
    town = Town()
    play(town, *OPEN)
    edges = [0, *sorted(cuts), ISSUE.face.minor]
    faces = tuple(Money(right - left, "CNY") for left, right in pairwise(edges))
    parent = certificate(town)
    play(town, (ALI, Split(certificate_id=ROOT, faces=faces)))

    children = leaves(town.state, ROOT)
    assert [child.face for child in children] == list(faces)
    for number, child in enumerate(children, start=1):
        assert child.id == f"RC-1/{number}"
        assert (child.parent, child.generation) == (ROOT, 1)
        assert (child.holder, child.terms, child.moves) == (ALI, parent.terms, 0)
    assert certificate(town).stage is Stage.SPLIT
    check(town)


def test_the_deepest_child_of_the_longest_name_fits() -> None:
    """Sixteen generations of a hundred parts keep within ids, register and forms."""
    town = Town()
    name = CertificateId("R" * ROOT_LENGTH_MAX)
    play(town, *LIMITED, (PORT, replace(ISSUE, certificate_id=name)))
    play(town, (ALI, Accept(certificate_id=name)))
    # Nine hundred leaves and more at once; then in twos, through the hundredth.
    play(town, *last_child(name, 9, [1] * (PARTS_MAX - 1)))
    deepest = max(town.state.scan(Certificate), key=lambda one: len(one.id))
    assert deepest.generation == 9
    assert len(deepest.id) == ROOT_LENGTH_MAX + 9 * len("/100")
    assert ROOT_LENGTH_MAX + 16 * len("/100") <= PATH_LENGTH_MAX
    assert codec(AssetId).decode(deepest.asset) == deepest.asset
    check(town)


def test_a_thousand_leaves_are_settled_in_one_entry() -> None:
    """LEAVES_MAX is what one entry can hold; the town reads every entry back from its bytes."""
    town = Town()
    play(town, *OPEN, *last_child(ROOT, 9, [1] * (PARTS_MAX - 1)))
    rest = CertificateId(ROOT + "/100" * 9)
    assert town.row(Root, ROOT).leaves == 892
    room = LEAVES_MAX - 892 + 1
    faces = (Money(1, "CNY"),) * (PARTS_MAX - 1)
    left = certificate(town, rest).face - Money(PARTS_MAX - 1, "CNY")
    assert room > PARTS_MAX
    play(town, (ALI, Split(certificate_id=rest, faces=(*faces, left))))
    over = Split(
        certificate_id=CertificateId(f"{rest}/100"), faces=(*faces, left - Money(99, "CNY"))
    )
    assert verdict(town, decide, ALI, over) is Refusal.TOO_MANY_LEAVES
    stops(town, "RCV-SPLIT-2", forged(over))
    town.pay_in(PORT, ISSUE.face)
    town.let_pass(timedelta(days=200))
    assert town.cash(ALI) == ISSUE.face.minor
    assert town.row(Root, ROOT).leaves == 0
    check(town)


def test_layers_are_a_setting() -> None:
    """CN-SCF-7: two generations allowed, a third refused, and the event names the rule's line."""
    town = Town()
    play(town, *layers(2), *OPEN, *last_child(ROOT, 2, [1]))
    split = town.last.events[0]
    assert isinstance(split, CertificateSplit)
    assert split.rule_version == "CN-SCF-7@2024-01-01+consent"
    third = Split(certificate_id=CertificateId("RC-1/2/2"), faces=(cny(1), cny(1)))
    assert verdict(town, decide, ALI, third) is Refusal.TOO_DEEP


def forged(command: Split) -> CertificateSplit:
    """Return the event of a split that nobody has judged."""
    return CertificateSplit(
        parent_id=command.certificate_id, faces=command.faces, rule_version="none"
    )


FINE = cut(20_000_000, 40_000_000)
HUGE = Split(certificate_id=ROOT, faces=(Money(MINOR_MAX, "CNY"), Money(MINOR_MAX, "CNY")))
LONG = CertificateId("R" * ROOT_LENGTH_MAX)
LONG_OPEN: tuple[Step, ...] = (
    *layers(60),
    *LIMITED,
    (PORT, replace(ISSUE, certificate_id=LONG)),
    (ALI, Accept(certificate_id=LONG)),
    *last_child(LONG, 34, [1]),
)
CROWDED: tuple[Step, ...] = (*OPEN, *last_child(ROOT, 10, [1] * (PARTS_MAX - 1)))
ATTEMPTS: list[Attempt] = [  # In the order of the checks.
    (Refusal.NOT_FOUND, (), ALI, FINE),
    (Refusal.NOT_OPEN, ISSUED, ALI, FINE),
    (Refusal.NOT_OPEN, CUT, ALI, FINE),
    (Refusal.NOT_HOLDER, OPEN, BEK, FINE),
    (Refusal.NOT_HOLDER, OPEN, PORT, FINE),
    (Refusal.DUE, (*OPEN, timedelta(days=200)), ALI, FINE),
    (Refusal.PLEDGED, (*OPEN, PLEDGED), ALI, FINE),
    (Refusal.TOO_DEEP, (*layers(0), *OPEN), ALI, FINE),
    (Refusal.TOO_FEW_PARTS, OPEN, ALI, cut(60_000_000)),
    (Refusal.TOO_MANY_PARTS, OPEN, ALI, cut(*[1] * (PARTS_MAX + 1))),
    (
        Refusal.TOO_LONG_ID,
        LONG_OPEN,
        ALI,
        Split(certificate_id=CertificateId(LONG + "/2" * 34), faces=(cny(1), cny(1))),
    ),
    (
        Refusal.TOO_MANY_LEAVES,
        CROWDED,
        ALI,
        Split(certificate_id=CertificateId(ROOT + "/100" * 10), faces=(cny(1),) * PARTS_MAX),
    ),
    (
        Refusal.WRONG_CURRENCY,
        OPEN,
        ALI,
        replace(FINE, faces=(cny(20_000_000), Money(4_000_000_000, "USD"))),
    ),
    (Refusal.EMPTY_PART, OPEN, ALI, cut(60_000_000, 0)),
    (Refusal.EMPTY_PART, OPEN, ALI, cut(60_000_001, -1)),
    (Refusal.WRONG_SUM, OPEN, ALI, cut(20_000_000, 40_000_001)),
    (Refusal.WRONG_SUM, OPEN, ALI, HUGE),
]


@pytest.mark.parametrize(("reason", "steps", "actor", "command"), ATTEMPTS)
def test_it_refuses(
    reason: Refusal, steps: tuple[Step, ...], actor: MemberId, command: Split
) -> None:
    """One line of ATTEMPTS: after these steps, this is refused for this reason."""
    town = Town()
    play(town, *steps)
    assert verdict(town, decide, actor, command) is reason


def test_every_refusal_is_tried_in_order() -> None:
    """ATTEMPTS follows the enum, so the enum's order is the order that clients are told."""
    assert list(dict.fromkeys(reason for reason, *_ in ATTEMPTS)) == list(Refusal)


def test_forged_splits_stop_the_replay() -> None:
    """A fen more, other money, a child that is there already, a parent that was spent."""
    town = Town()
    play(town, *OPEN)
    (event,) = decide(town.state, FINE, context(town, ALI))
    assert event == replace(forged(FINE), rule_version="CN-SCF-7@2015-01-01")
    for command in (cut(20_000_000, 40_000_001), cut(60_000_000, 0), cut(60_000_001, -1), cut()):
        stops(town, "RCV-SPLIT-1", forged(command))
    dollars = replace(FINE, faces=(cny(20_000_000), Money(4_000_000_000, "USD")))
    stops(town, "RCV-SPLIT-1", forged(dollars))
    stops(town, "RCV-1", event, event)
    town.state.put(certificate(town).child(2, cny(1)))
    stops(town, "RCV-SPLIT-2", event)


def test_a_forged_name_that_is_too_long_stops_the_replay() -> None:
    """RCV-SPLIT-2: what no form could read again is never written."""
    town = Town()
    play(town, *LONG_OPEN)
    deepest = CertificateId(LONG + "/2" * 34)
    stops(town, "RCV-SPLIT-2", forged(Split(certificate_id=deepest, faces=halves(town, deepest))))


def halves(town: Town, certificate_id: CertificateId) -> tuple[Money, Money]:
    """Return one fen of a certificate, and the rest."""
    fen = Money(1, "CNY")
    return (fen, certificate(town, certificate_id).face - fen)
