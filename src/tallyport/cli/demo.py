"""`tallyport demo`: the whole job on a simulated business, with progress bars and tables."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from tallyport.app.bootstrap import is_member
from tallyport.app.demo.network import on_network
from tallyport.app.demo.run import run
from tallyport.app.home import Home
from tallyport.app.settings import Settings
from tallyport.cli.network import show_nodes
from tallyport.cli.output import say
from tallyport.cli.terminal import Terminal


def demo(
    *,
    home: Annotated[Path | None, typer.Option(help="Folder of the demo's node.")] = None,
    vehicles: Annotated[int, typer.Option(help="How many vehicles are simulated.")] = 762,
    seed: Annotated[int, typer.Option(help="Another seed is another year.")] = 1,
    serve: Annotated[bool, typer.Option(help="Serve the portal afterwards.")] = True,
    port: Annotated[int | None, typer.Option(help="Port of the portal.")] = None,
    network: Annotated[
        int, typer.Option(help="Record it on a network of so many nodes; 0: on one ledger here.")
    ] = 0,
) -> None:
    """Run the main job on a simulated export business, then serve the portal."""
    settings = Settings.read()
    settings = replace(settings, home=home or settings.home, port=port or settings.port)
    place = on_network(settings, network, seed) if network else nullcontext(settings)
    with place as chosen:
        _play(chosen, vehicles=vehicles, seed=seed, serve=serve)


def _play(settings: Settings, *, vehicles: int, seed: int, serve: bool) -> None:
    terminal = Terminal()
    try:
        result = run(settings, vehicles=vehicles, seed=seed, show=terminal)
    finally:
        terminal.rest()
    say(f"[green]done[/green]: {result.entries} entries, head {result.head}")
    if is_member(Home(settings.home)):
        show_nodes(settings.home.parent)
    if serve:
        from tallyport.cli.serve import serve_home  # noqa: PLC0415 - Django only when asked for.

        serve_home(settings)


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.command()(demo)
