"""Anchors on the command line: write now, check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tallyport.adapters.embedded.copying import reading_heads
from tallyport.app.anchoring import Anchored, Anchoring, anchor_of, compare
from tallyport.app.bootstrap import open_node
from tallyport.app.home import Home
from tallyport.app.settings import NodeFile, Settings
from tallyport.cli.ledger import keys_of
from tallyport.cli.output import show
from tallyport.kernel.guard import FaultError
from tallyport.ledger.note import origin_of

app = typer.Typer(help="Checkpoints in places outside.", no_args_is_help=True)

_Places = Annotated[
    list[str] | None,
    typer.Argument(help="Folders, addresses, fabric:FILE; none: TALLYPORT_ANCHORS."),
]


@app.command("write")
def write(places: _Places = None) -> None:
    """Write the checkpoint of now to every anchor; a fork is never written over."""
    settings = Settings.read()
    anchors = [anchor_of(place) for place in _places(places, settings)]
    with open_node(settings) as node:
        engine = node.engine
        folder = Home(settings.home).anchors
        _tell(
            Anchoring(
                engine, engine.verifier_key, anchors, folder, seconds=settings.anchor_seconds
            ).once()
        )


@app.command("check")
def check(
    places: _Places = None,
    *,
    key: Annotated[str | None, typer.Option(help="The log's verifier key, or a file.")] = None,
    home: Annotated[Path | None, typer.Option(help="The node's folder.")] = None,
) -> None:
    """Read every anchor back and compare it with the ledger, also while a node runs."""
    settings = Settings.read()
    place = Home(home or settings.home)
    origin, found = origin_of(NodeFile.read(place).channel), list[Anchored]()
    signed_by = keys_of(key)[0] if key else None
    with reading_heads(place.ledger) as (size, head):
        for one in _places(places, settings):
            anchor = anchor_of(one)
            try:
                there = compare(anchor, origin, size, head, signed_by)
                found.append(Anchored(anchor=anchor.name, size=there))
            except FaultError as error:
                found.append(Anchored(anchor=anchor.name, size=0, problem=str(error)))
    _tell(found)


def _places(places: list[str] | None, settings: Settings) -> list[str]:
    chosen = places or list(settings.anchors)
    if not chosen:
        raise FaultError("TALLYPORT_ANCHORS: expected folders or addresses, a comma between them")
    return chosen


def _tell(found: list[Anchored]) -> None:
    rows = [(one.anchor, one.size, one.problem or "as the ledger") for one in found]
    show("Anchors", ["anchor", ">entries", "state"], rows)
    if any(one.problem for one in found):
        raise typer.Exit(1)


def add_to(root: typer.Typer) -> None:
    """Add this group to the command line."""
    root.add_typer(app, name="anchor")
