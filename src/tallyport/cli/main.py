"""`tallyport`: one command with many verbs, each in a module of its own."""

from __future__ import annotations

import sys

import typer

from tallyport.cli import cases, demo, evidence, ledger, network, node, serve
from tallyport.cli.output import complain
from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.guard import FaultError
from tallyport.ledger.machine import Rejected

app = typer.Typer(
    name="tallyport",
    help="Trade evidence in, credit out: evidence, certificates, financing, and proofs of all.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for group in (demo, evidence, node, ledger, serve, network, cases):
    group.add_to(app)


def main() -> None:
    """Run the command line; faults end it with a sentence and status 1, never with a trace."""
    try:
        app()
    except (FaultError, MalformedError, Rejected) as error:
        complain(error)
        sys.exit(1)
