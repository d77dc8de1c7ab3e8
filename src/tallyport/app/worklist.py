"""The work list (待核清单): an analyst decides, the decision is attested and holds from then on.

    asked ──decide──▶ counts ──attested──▶ honoured by the next matching
      │                  ▲
      └──decide──▶ first of two ──somebody else says the same──┘      with four eyes

A question is open until its pair, or its finding, has a decision that counts and rests on the same
records. "Not sure" closes nothing: it is remembered, and the question stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

import polars as pl

from tallyport.app.attesting import Paper, attest
from tallyport.app.decisions import Decision, Decisions
from tallyport.app.home import Home
from tallyport.app.node import Node
from tallyport.app.permissions import SENDING, Denied, PortalRole, Seat
from tallyport.contracts.attestation.model import Kind as Attested
from tallyport.contracts.attestation.model import SubjectId
from tallyport.evidence.linkage import Matching
from tallyport.evidence.review.model import Answer, Kind, Question
from tallyport.evidence.review.queue import questions
from tallyport.kernel.canonical import digest, encode
from tallyport.kernel.form import encode_moment
from tallyport.kernel.guard import FaultError
from tallyport.kernel.ids import MemberId

REASON_LENGTH_MAX = 500  # A few sentences; the papers say the rest.
PLACE_LENGTH_MAX = 80  # An agreement number that somebody types.


class NotDecidedError(FaultError):
    """An answer cannot be taken. Says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question with what was said about it so far."""

    question: Question
    decisions: tuple[Decision, ...]
    is_open: bool
    is_changed: bool  # It was decided, and a record changed since.


def ask(home: Home, matching: Matching, tables: Mapping[str, pl.DataFrame]) -> Matching:
    """Keep the doubts of `matching` as questions; return it without findings judged wrong."""
    decisions = Decisions(home)
    wrong = sorted(decisions.dismissed())
    name = pl.concat_str("type", "record_ids", separator=":")
    decisions.ask(questions(matching, tables))
    return replace(matching, findings=matching.findings.filter(~name.is_in(wrong)))


def asked(decisions: Decisions, question: Question) -> Asked:
    """Return a question with its decisions."""
    said = decisions.of(question.id)
    counting = [one for one in said if one.counts and one.place in ("", question.place)]
    settled = counting[-1] if counting else None
    same = settled is not None and settled.digest == question.digest
    is_closed = same and settled is not None and settled.answer is not Answer.UNSURE
    return Asked(
        question=question,
        decisions=said,
        is_open=not is_closed,
        is_changed=settled is not None and not same,
    )


def open_questions(decisions: Decisions, *, kind: str = "") -> tuple[Asked, ...]:
    """Return what is still to be decided, in the order of the queue."""
    wanted = (one for one in decisions.questions() if kind in ("", one.kind.value))
    return tuple(one for one in (asked(decisions, each) for each in wanted) if one.is_open)


def require_deciding(seat: Seat) -> None:
    """Let pass who may decide.

    Raises:
        Denied: the seat may not. Says who may.
    """
    if not seat.roles & SENDING:
        raise Denied(
            f"{seat.user} sits as {', '.join(sorted(seat.roles)) or 'nobody'} and may not decide;"
            " an operator or approver may"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody says, and why."""

    answer: Answer
    reason: str
    place: str = ""  # Another candidate than the question's, where the analyst chose one.


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where decisions are taken."""

    node: Node
    decisions: Decisions
    four_eyes: bool = False

    def decide(self, seat: Seat, question: Question, wish: Wish) -> Decision:
        """Take an answer of `seat`; attest it as its member when it counts.

        Raises:
            Denied: the seat may not decide.
            NotDecidedError: no reason, or a place that cannot be one.
            NotAttestedError: the ledger refused.
        """
        require_deciding(seat)
        place = _place(question, wish)
        earlier = self.decisions.of(question.id)
        decision = Decision(
            number=0,
            question=question.id,
            kind=question.kind,
            item=question.item,
            place=place,
            answer=wish.answer,
            reason=_reason(wish),
            user=seat.user,
            member=str(seat.member),
            at=encode_moment(self.node.clock.now()),
            digest=question.digest,
            counts=True,
        )
        if self.four_eyes and not _is_second(earlier, decision, seat):
            return self.decisions.add(replace(decision, counts=False))
        _attest(self.node, seat.member, decision, len(earlier) + 1)
        return self.decisions.add(decision)


def _reason(wish: Wish) -> str:
    reason = wish.reason.strip()
    if not reason or len(reason) > REASON_LENGTH_MAX:
        raise NotDecidedError(
            f"理由 / reason: expected 1 to {REASON_LENGTH_MAX} characters, got {len(reason)};"
            " say what you saw in the papers"
        )
    return reason


def _place(question: Question, wish: Wish) -> str:
    place = wish.place.strip() or question.place
    if len(place) > PLACE_LENGTH_MAX or (question.kind is Kind.FINDING and place):
        raise NotDecidedError(f"归属 / place: expected a number of a record, got {place[:40]!r}")
    if question.kind is Kind.UNEXPLAINED and wish.answer is Answer.YES and not place:
        raise NotDecidedError("归属 / place: expected the agreement that was paid, got none")
    return place


def _is_second(earlier: tuple[Decision, ...], decision: Decision, seat: Seat) -> bool:
    """Return whether somebody else said the same last, and this one is an approver."""
    last = earlier[-1] if earlier else None
    return (
        last is not None
        and not last.counts
        and last.user != decision.user
        and (last.answer, last.place, last.digest)
        == (decision.answer, decision.place, decision.digest)
        and PortalRole.APPROVER in seat.roles
    )


def _attest(node: Node, member: MemberId, decision: Decision, number: int) -> None:
    """Put the commitment of a decision on the ledger; the decision itself stays beside it."""
    said = {name: value for name, value in asdict(decision).items() if name != "number"}
    paper = Paper(
        subject=SubjectId(f"decision:{digest(decision.question.encode())}:{number}"),
        kind=Attested.MATCH,
        content=encode(said),
    )
    attest(node, member, [paper])
