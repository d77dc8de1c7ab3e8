"""Keys on the command line: list, make, rotate."""

from __future__ import annotations

from typing import Annotated

import typer

from tallyport.app.rotating import Wanted, ring, rotate
from tallyport.app.settings import Settings
from tallyport.cli.output import say, show
from tallyport.kernel.ids import MemberId
from tallyport.kernel.keys import Suite

SuiteChoice = Annotated[Suite, typer.Option(help="Signature algorithm of the new key.")]
UriChoice = Annotated[
    str, typer.Option("--pkcs11", help="URI of a key in a module (RFC 7512); no PIN in it.")
]
app = typer.Typer(help="Keys that sign for members.", no_args_is_help=True)


@app.command("list")
def names() -> None:
    """Show the keys that are kept here, by name; secrets never."""
    keys = ring(Settings.read())
    found = [(name, keys.get(name)) for name in keys.names()]
    rows = [(name, one.key_id, one.public.hex()) for name, one in found]
    show("Keys", ["name", "key id", "public key"], rows)


@app.command()
def make(
    name: Annotated[str, typer.Argument(help="Name of the key: the member it signs for.")],
    suite: SuiteChoice = Suite.ED25519,
    uri: UriChoice = "",
) -> None:
    """Make a key, or take one in a module, and print what a proposal to admit its member names."""
    made = ring(Settings.read()).make(name, suite, uri)
    say(f"{name}: {made.key_id}")
    typer.echo(f'{{"public_hex":"{made.public.hex()}","suite":"{made.suite.value}"}}')


@app.command("rotate")
def turn(
    member: Annotated[str, typer.Option("--as", help="The member whose key is rotated.")],
    suite: SuiteChoice = Suite.ED25519,
    uri: UriChoice = "",
) -> None:
    """Give a member a new key, of any suite, and retire the old one; stop the node before."""
    new = rotate(Settings.read(), MemberId(member), Wanted(suite=suite, uri=uri))
    say(f"{member} signs with {new} from now on; the old key speaks for nobody")


def add_to(parent: typer.Typer) -> None:
    """Add these verbs to the command line."""
    parent.add_typer(app, name="key")
