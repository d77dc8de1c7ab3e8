"""`tallyport demo`: the whole job on a simulated business, with progress bars and tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from tallyport.app.demo.run import run
from tallyport.app.settings import Settings
from tallyport.cli.output import say
from tallyport.cli.terminal import Terminal


def demo(
    *,
    home: Annotated[Path | None, typer.Option(help="Folder of the demo's node.")] = None,
    vehicles: Annotated[int, typer.Option(help="How many vehicles are simulated.")] = 762,
    seed: Annotated[int, typer.Option(help="Another seed is another year.")] = 1,
    serve: Annotated[bool, typer.Option(help="Serve the portal afterwards.")] = True,
    port: Annotated[int | None, typer.Option(help="Port of the portal.")] = None,
) -> None:
    """Run the main job on a simulated export business, then serve the portal."""
    settings = Settings.read()
    settings = replace(settings, home=home or settings.home, port=port or settings.port)
    terminal = Terminal()
    try:
        result = run(settings, vehicles=vehicles, seed=seed, show=terminal)
    finally:
        terminal.rest()
    say(f"[green]done[/green]: {result.entries} entries, head {result.head}")
    if serve:
        from tallyport.cli.serve import serve_home  # noqa: PLC0415 - Django only when asked for.

        serve_home(settings)


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.command()(demo)
