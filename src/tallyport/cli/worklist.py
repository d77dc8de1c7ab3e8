"""The work list on the command line: what is doubtful, and an answer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tallyport.app.bootstrap import open_node
from tallyport.app.decisions import Decisions
from tallyport.app.home import Home
from tallyport.app.own_node import own_node
from tallyport.app.permissions import PortalRole, Seat
from tallyport.app.settings import Eyes, Settings
from tallyport.app.worklist import Desk, Wish, open_questions
from tallyport.cli.output import say
from tallyport.evidence.review.model import Answer
from tallyport.kernel.guard import FaultError

OWN = "own"
_HOME = Annotated[Path | None, typer.Option(help="The node's folder; else `own` in the home.")]
BP = 100


def worklist(
    home: _HOME = None,
    kind: Annotated[str, typer.Option(help="departure, payment, unexplained or finding.")] = "",
    most: Annotated[int, typer.Option(min=1, max=1_000)] = 20,
) -> None:
    """Show what the last matching doubts, with both records' places."""
    found = open_questions(Decisions(Home(home or Settings.read().home / OWN)), kind=kind)
    for one in found[:most]:
        question = one.question
        say(f"{question.id}  {question.place}  {question.probability_bp / BP:.1f} %")
        say(f"    {question.reason}{'; decided, but a record changed' if one.is_changed else ''}")
        for side in question.sides:
            say(f"    {side.kind} {side.record}: {side.file}:{side.line}")
    say(f"{len(found)} open questions")


def decide(
    question: Annotated[str, typer.Argument(help="As `evidence worklist` names it.")],
    answer: Annotated[Answer, typer.Argument(help="yes, no or unsure.")],
    reason: Annotated[str, typer.Option(help="What the papers show.")],
    place: Annotated[str, typer.Option(help="Another candidate than the question's.")] = "",
    user: Annotated[str, typer.Option(help="Who decides.")] = "operator",
    home: _HOME = None,
) -> None:
    """Answer a question; it holds from the next matching on, and is attested."""
    settings = Settings.read()
    chosen, operator = own_node(settings, home or settings.home / OWN)
    decisions = Decisions(Home(chosen.home))
    found = decisions.question(question)
    if found is None:
        raise FaultError(f"{question[:200]}: expected a question of `evidence worklist`")
    seat = Seat(user=user, member=operator, roles=frozenset({PortalRole.APPROVER}))
    with open_node(chosen) as node:
        desk = Desk(node=node, decisions=decisions, four_eyes=settings.decisions is Eyes.FOUR)
        taken = desk.decide(seat, found, Wish(answer=answer, reason=reason, place=place))
    say("counts from the next matching on" if taken.counts else "waits for a second person")
