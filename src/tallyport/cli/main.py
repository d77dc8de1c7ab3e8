"""`tallyport`: one command with many verbs, each in a module of its own."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from tallyport.app.release import release
from tallyport.cli import (
    anchors,
    backup,
    cases,
    contracts,
    demo,
    documents,
    evidence,
    keys,
    ledger,
    network,
    node,
    serve,
    transparency,
)
from tallyport.cli.output import complain, say
from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.guard import FaultError, Refused
from tallyport.ledger.machine import Rejected

OWNER_ONLY = 0o077  # What a node writes speaks of its members' business: others read it nowhere.
app = typer.Typer(
    name="tallyport",
    help="Trade evidence in, credit out: evidence, certificates, financing, and proofs of all.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for group in (
    demo,
    evidence,
    keys,
    documents,
    node,
    ledger,
    serve,
    network,
    cases,
    contracts,
    backup,
    transparency,
    anchors,
):
    group.add_to(app)


def _tell_release(is_wanted: bool) -> None:  # noqa: FBT001 - Typer calls it so.
    if is_wanted:
        say(f"tallyport {release()}")
        raise typer.Exit


@app.callback()
def tallyport(
    *,
    _: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_tell_release,
            is_eager=True,
            help="Which release this is, and whether its core is compiled.",
        ),
    ] = False,
) -> None:
    """Trade evidence in, credit out: evidence, certificates, financing, and proofs of all."""


def main() -> None:
    """Run the command line; faults end it with a sentence and status 1, never with a trace."""
    os.umask(OWNER_ONLY)
    try:
        app()
    except (FaultError, MalformedError, Refused, Rejected) as error:
        complain(error)
        sys.exit(1)
