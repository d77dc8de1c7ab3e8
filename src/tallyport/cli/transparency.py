"""Transparency on the command line: tiles, cosign, witness."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tallyport.adapters.tiles import write_tiles
from tallyport.adapters.witness import ask
from tallyport.app.bootstrap import open_node
from tallyport.app.home import Home
from tallyport.app.settings import Settings
from tallyport.app.watching import make_witness, open_witness, watch
from tallyport.cli.ledger import keys_of
from tallyport.cli.output import say
from tallyport.kernel.guard import FaultError

app = typer.Typer(help="Watch the logs of others and cosign them.", no_args_is_help=True)


def tiles(
    folder: Annotated[Path, typer.Argument(help="Folder to write; what is there stays.")],
    *,
    entries: Annotated[bool, typer.Option(help="The entries too: everybody's business.")] = False,
    home: Annotated[Path | None, typer.Option(help="The node's folder.")] = None,
) -> None:
    """Write the tree as static tiles with its checkpoint, also while a node runs."""
    place = Home(home or Settings.read().home)
    size = write_tiles(place.ledger, folder, with_entries=entries)
    say(f"wrote the tiles of {size} entries into {folder}")


def cosign(
    url: Annotated[str, typer.Argument(help="Submission prefix of a witness.")],
    *,
    key: Annotated[str, typer.Option(help="The witness's verifier key, or a file of it.")],
    out: Annotated[Path, typer.Option(help="File of the cosigned checkpoint; is added to.")],
) -> None:
    """Have a witness cosign our checkpoint; for several witnesses, name the same file again."""
    (witness,) = keys_of(key)
    with open_node() as node:
        note = out.read_text("utf-8") if out.exists() else node.engine.checkpoint()
        out.write_text(ask(node.engine, note, url, witness), "utf-8")
    say(f"{witness.name} has cosigned; {out} has its line")


@app.command()
def init(name: Annotated[str, typer.Argument(help="Such as witness.example/w1.")]) -> None:
    """Make this node a witness: it gets a key of its own."""
    say(str(make_witness(Settings.read(), name).key))


@app.command("key")
def show_key() -> None:
    """Print the witness's verifier key: whoever checks cosignatures needs it."""
    witness = open_witness(Settings.read())
    if witness is None:
        raise FaultError("no witness here; `tallyport witness init NAME` makes one")
    typer.echo(str(witness.key))


@app.command("watch")
def watch_log(
    key: Annotated[str, typer.Argument(help="A log's verifier key, or a file of it.")],
) -> None:
    """Cosign the checkpoints of this log from now on."""
    for one in keys_of(key):
        watch(Settings.read(), one)
        say(f"watching {one.name}")


def add_to(root: typer.Typer) -> None:
    """Add these verbs to the command line."""
    root.command()(tiles)
    root.command()(cosign)
    root.add_typer(app, name="witness")
