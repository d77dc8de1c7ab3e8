"""Dossiers on the command line: put, list, get, grant, take, withdraw, erase."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from tallyport.adapters.keystore import NoKeyError
from tallyport.adapters.sharing import SUITES
from tallyport.adapters.suites import Secret, is_secret
from tallyport.app import sharing
from tallyport.app.bootstrap import keys, open_node
from tallyport.app.home import Home
from tallyport.app.rotating import ring
from tallyport.app.settings import Keys, NodeFile, Settings
from tallyport.cli.output import say, show
from tallyport.contracts.members.encryption import Scheme
from tallyport.kernel.guard import FaultError
from tallyport.kernel.ids import MemberId

Dossier = Annotated[str, typer.Argument(help="Its name: your own word, or as it is listed.")]
As = Annotated[str, typer.Option("--as", help="The member that acts.")]
app = typer.Typer(help="Documents that only some members read.", no_args_is_help=True)


@app.command("key")
def publish(
    member: As,
    scheme: Annotated[Scheme, typer.Option(help="How others encrypt to it.")] = Scheme.X25519,
) -> None:
    """Make a key to decrypt with, once, and show on the ledger what others encrypt to."""
    settings, name = Settings.read(), sharing.key_name(MemberId(member))
    if NodeFile.read(Home(settings.home)).keys is Keys.STORE:
        owned = ring(settings)
        if name not in owned.names():
            owned.make(name, SUITES[scheme])
    secret = _secret(settings, MemberId(member))
    with open_node(settings) as node:
        shown = sharing.publish(node, MemberId(member), secret)
    say(f"others encrypt to {member} with {shown.value}")


@app.command()
def put(dossier: Dossier, file: Path, member: As) -> None:
    """Keep a document, encrypted, as the next version of a dossier, and attest it."""
    with open_node() as node:
        name, made = sharing.put(node, MemberId(member), dossier, _read(file))
    say(f"{name}: {'as it was' if made.same else 'attested'}")


@app.command("list")
def every() -> None:
    """Show the dossiers that are kept here, and who may read them."""
    with open_node() as node:
        lines = sharing.listed(node)
    rows = [
        (one.stored, one.versions, "opens" if one.is_open else "erased", ", ".join(one.readers))
        for one in lines
    ]
    show("Dossiers", ["name", ">versions", "state", "readers"], rows)


@app.command()
def get(
    dossier: Dossier,
    member: As,
    out: Annotated[Path, typer.Option(help="Where to write it.")],
    version: Annotated[int | None, typer.Option(help="Which one; else the last.")] = None,
) -> None:
    """Write a document out, after checking that it is what was committed to."""
    with open_node() as node:
        name = sharing.stored(node, MemberId(member), dossier)
        found, content = sharing.read(node, name, version)
    _write(out, content)
    say(f"{name}, version {found}: {len(content)} bytes in {out}")


@app.command()
def grant(
    dossier: Dossier,
    member: As,
    to: Annotated[str, typer.Option(help="The member that may read it.")],
    out: Annotated[Path, typer.Option(help="The file to hand over.")],
) -> None:
    """Write a file that only the other member can open, and hand it over by any way."""
    with open_node() as node:
        name = sharing.stored(node, MemberId(member), dossier)
        made = sharing.give(node, name, MemberId(to))
    _write(out, made)
    say(f"{out} ({sharing.fingerprint(made)}): {to} opens it with `tallyport document take`")


@app.command()
def take(file: Path, member: As) -> None:
    """Keep what was granted, if it is what the ledger says was attested."""
    settings = Settings.read()

    def secret(_: Scheme) -> Secret:
        return _secret(settings, MemberId(member))

    with open_node(settings) as node:
        name, count = sharing.take(node, MemberId(member), _read(file), secret)
    say(f"{name}: {count} versions are kept here now")


@app.command()
def withdraw(
    dossier: Dossier,
    member: As,
    reader: Annotated[str, typer.Option("--from", help="The member that reads no further.")],
) -> None:
    """Grant nothing more to a member; what it has read it may remember."""
    with open_node() as node:
        name = sharing.stored(node, MemberId(member), dossier)
        left = sharing.withdraw(node, name, MemberId(reader))
    say(f"{name}: what follows has another key; still readers: {', '.join(left) or 'none'}")


@app.command()
def erase(dossier: Dossier, member: As) -> None:
    """Destroy the keys of a dossier: its documents are gone here, the ledger stays whole."""
    with open_node() as node:
        name = sharing.stored(node, MemberId(member), dossier)
        readers = node.documents.readers(name)
        node.documents.destroy(name)
    say(f"{name}: erased here; to erase it too: {', '.join(readers) or 'nobody'}")


def add_to(parent: typer.Typer) -> None:
    """Add these verbs to the command line."""
    parent.add_typer(app, name="document")


def _secret(settings: Settings, member: MemberId) -> Secret:
    """Return the key that a member decrypts with."""
    try:
        key = keys(settings, NodeFile.read(Home(settings.home)))(sharing.key_name(member))
    except NoKeyError:
        raise FaultError(
            f"{member} has no key to decrypt with; `tallyport document key --as {member}` makes one"
        ) from None
    if not is_secret(key):
        raise FaultError(f"{key.key_id}: a key in a module does not decrypt here; use the store")
    return key


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FaultError(f"{path}: expected a readable file, got {error.strerror}") from error


def _write(path: Path, data: bytes) -> None:
    """Write a file for its owner alone; one that is there is left."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise FaultError(f"{path}: expected a new file to write, got {error.strerror}") from error
    with os.fdopen(handle, "wb") as file:
        file.write(data)
