"""Contracts on the command line: audit."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

import tallyport
from tallyport.app.contract_audit.audit import audit as audit_sources
from tallyport.cli.output import dump, say

SRC = Path(tallyport.__file__).parent
TESTS = Path("tests")

app = typer.Typer(help="The contracts that bind.", no_args_is_help=True)


@app.command()
def audit(
    *,
    src: Annotated[
        Path | None, typer.Option(help="Package whose pure parts are read; else this one.")
    ] = None,
    tests: Annotated[Path, typer.Option(help="Folder of its tests.")] = TESTS,
    no_tests: Annotated[bool, typer.Option(help="Leave out the rules about tests.")] = False,
    json: Annotated[bool, typer.Option(help="Findings as JSON.")] = False,
) -> None:
    """Read the pure packages for whatever could part two nodes; status 1 when something is."""
    report = audit_sources(src or SRC, None if no_tests else tests)
    if json:
        dump(asdict(report))
    else:
        for finding in report.findings:
            typer.echo(str(finding))
        colour = "red" if report.findings else "green"
        say(
            f"[{colour}]{len(report.findings)} findings[/{colour}] in {report.modules} modules; "
            f"{report.allowed} lines allowed with a reason; {report.tests} test modules read"
        )
    if report.findings:
        raise typer.Exit(1)


def add_to(root: typer.Typer) -> None:
    """Add this group to the command line."""
    root.add_typer(app, name="contracts")
