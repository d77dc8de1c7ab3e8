"""Goal: the demo leaves a home in which a user can go on. Method: a small world, the whole demo."""

from __future__ import annotations

from pathlib import Path

from tallyport.app.decisions import Decisions
from tallyport.app.demo.run import run
from tallyport.app.home import Home
from tallyport.app.settings import Settings
from tallyport.app.worklist import open_questions
from tallyport.cli.terminal import Terminal

VEHICLES, SEED = 60, 7


def test_what_is_in_doubt_is_asked_and_the_story_stays(tmp_path: Path) -> None:
    """The work list of the demo's portal is not empty, and asking changes no entry."""
    settings = Settings(home=tmp_path)
    once = run(settings, vehicles=VEHICLES, seed=SEED, show=Terminal())
    asked = open_questions(Decisions(Home(tmp_path)))
    assert asked
    assert run(settings, vehicles=VEHICLES, seed=SEED, show=Terminal()) == once
    assert open_questions(Decisions(Home(tmp_path))) == asked
