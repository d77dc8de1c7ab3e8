"""Keep a ledger safe on the command line: backup, restore, export, import."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tallyport.adapters.embedded.audit import Kept
from tallyport.adapters.porting import export_ledger, import_ledger
from tallyport.app.backup import back_up
from tallyport.app.backup import restore as restore_home
from tallyport.app.home import Home
from tallyport.app.settings import NodeFile, Settings
from tallyport.app.upgrading import before
from tallyport.app.upgrading import upgrade as upgrade_home
from tallyport.cli.ledger import keys_of, text_of
from tallyport.cli.output import say
from tallyport.cli.terminal import Terminal
from tallyport.contracts import table
from tallyport.contracts.members.authority import signer

_Home = Annotated[Path | None, typer.Option("--home", help="The node's folder.")]
_Key = Annotated[str | None, typer.Option(help="The log's verifier key, or a file of it.")]


def backup(
    folder: Annotated[Path, typer.Argument(help="A new folder for the backup.")],
    *,
    home: _Home = None,
    with_keys: Annotated[bool, typer.Option(help="Copy the locked private keys too.")] = False,
) -> None:
    """Back a node up, also while it runs: ledger, checkpoint, documents, users."""
    made = back_up(Home(home or Settings.read().home), folder, with_keys=with_keys)
    say(f"[green]backed up[/green]: {made.entries} entries, head {made.head}, in {folder}")
    if with_keys:
        say(f"{folder / 'keys'} holds the private keys, locked: keep the passphrase elsewhere")
    else:
        say("the private keys are not in it: keep the folder keys/ of the node apart from it")


def restore(
    folder: Annotated[Path, typer.Argument(help="A backup.")],
    *,
    home: _Home = None,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint that somebody kept; may be repeated.")
    ] = None,
    key: _Key = None,
) -> None:
    """Make a node from a backup, in an empty home; all of it is audited first."""
    place = Home(home or Settings.read().home)
    kept = Kept(
        notes=tuple(text_of(path) for path in checkpoint or ()),
        key=keys_of(key)[0] if key else None,
    )
    made = restore_home(folder, place, kept=kept)
    say(f"[green]restored[/green]: {made.entries} entries, head {made.head}, in {place.folder}")
    if not place.keys.exists():
        say(f"put the node's private keys back into {place.keys} before it signs again")


def export(
    file: Annotated[Path, typer.Argument(help="File to write; .gz is compressed.")],
    *,
    home: _Home = None,
) -> None:
    """Write the whole ledger to one file that any engine can read, also while a node runs."""
    terminal = Terminal()
    try:
        made = export_ledger(
            Home(home or Settings.read().home).ledger,
            file,
            progress=lambda done, of: terminal.progress("export", done, of),
        )
    finally:
        terminal.rest()
    say(f"[green]exported[/green]: {made.entries} entries, head {made.head.hex()}, to {file}")


def import_(
    file: Annotated[Path, typer.Argument(help="A file that `tallyport export` wrote.")],
    *,
    home: _Home = None,
    key: _Key = None,
) -> None:
    """Make the ledger of a home from an exported file: everything is executed and audited."""
    place = Home(home or Settings.read().home)
    is_node = (place.folder / "node.json").exists()
    terminal = Terminal()
    try:
        made = import_ledger(
            file,
            place.ledger,
            table.ALL,
            signer,
            channel=NodeFile.read(place).channel if is_node else None,
            key=keys_of(key)[0] if key else None,
            progress=lambda done, of: terminal.progress("import", done, of),
        )
    finally:
        terminal.rest()
    say(f"[green]imported[/green]: {made.entries} entries, head {made.head.hex()}")
    if not is_node:
        say(f"{place.folder} is no node yet: put the node's node.json and keys/ beside the ledger")


def upgrade(home: _Home = None) -> None:
    """Make the ledger of an earlier release fit this one; its entries stay as they are."""
    place = Home(home or Settings.read().home)
    terminal = Terminal()
    try:
        made = upgrade_home(place, progress=lambda done, of: terminal.progress("upgrade", done, of))
    finally:
        terminal.rest()
    if made is None:
        say("nothing to do: the ledger is kept as this release keeps it")
    else:
        say(f"[green]upgraded[/green]: {made.entries} entries, head {made.head.hex()}")
        say(f"the ledger as it was is in {before(place)}; remove it when you are content")


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.command()(backup)
    app.command()(restore)
    app.command()(export)
    app.command("import")(import_)
    app.command()(upgrade)
