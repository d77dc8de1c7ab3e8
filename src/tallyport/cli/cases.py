"""`tallyport cases`: suites of standards and of other programs, run against our own parts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tallyport.app.cases import run


def cases(
    folder: Annotated[Path, typer.Argument(help="Folder of suites, NAME.jsonl each.")],
    *,
    verbose: Annotated[bool, typer.Option(help="Also say which cases failed, and how.")] = False,
) -> None:
    """Run every suite that we support from a folder; print `suite passed/total` a line."""
    for result in run(folder):
        typer.echo(f"{result.name} {result.passed}/{result.total}")
        if verbose:
            for failure in result.failures:
                typer.echo(f"  failed: {failure}")
            for reason in result.beyond:
                typer.echo(f"  beyond: {reason}")


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.command()(cases)
