"""Commands and questions of members on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from tallyport.app.bootstrap import open_node
from tallyport.app.own_node import own_node
from tallyport.app.settings import Settings
from tallyport.cli.keys import SuiteChoice, UriChoice
from tallyport.cli.output import dump, say, show
from tallyport.kernel.canonical import MalformedError, decode, encode
from tallyport.kernel.ids import MemberId
from tallyport.kernel.keys import Suite


def forms() -> None:
    """List every command that a member can send, with its fields."""
    with open_node() as node:
        rows = [
            (form, ", ".join(kind.__annotations__))
            for form, kind in sorted(node.engine.machine.command_forms.items())
        ]
    show("Commands", ["form", "fields"], rows)


def send(
    commands: Annotated[
        list[str],
        typer.Argument(help='Commands as JSON, linked: {"form":"receivable.Accept/1",...}'),
    ],
    member: Annotated[str, typer.Option("--as", help="The member that signs.")],
    key: Annotated[str, typer.Option(help="Idempotency key: the same again does nothing twice.")],
) -> None:
    """Sign commands as a member and have them judged; all of them happen or none."""
    with open_node() as node:
        codec = node.engine.machine.commands
        wishes = []
        for number, text in enumerate(commands):
            try:
                canonical = encode(json.loads(text))
                wishes.append(codec.decode(decode(canonical)))
            except ValueError as error:
                raise MalformedError(f"command {number + 1}: not JSON: {error}") from None
        entry = node.submit(MemberId(member), key, *wishes)
        node.settle()
        if entry.reason is None:
            say(f"[green]accepted[/green] as entry {entry.sequence}")
            dump([node.engine.machine.events.encode(event) for event in entry.events])
        else:
            say(f"[red]refused[/red] as entry {entry.sequence}: {entry.reason}")
            raise typer.Exit(1)


def init(
    home: Annotated[Path | None, typer.Option(help="The node's folder.")] = None,
    suite: SuiteChoice = Suite.ED25519,
    uri: UriChoice = "",
) -> None:
    """Make a node of one's own: keys, and a ledger founded by one operator."""
    settings = Settings.read()
    chosen, operator = own_node(settings, home or settings.home, suite, uri)
    say(f"the node in {chosen.home} is ready; {operator} signs with a key of its own")


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.command()(init)
    app.command()(forms)
    app.command()(send)
