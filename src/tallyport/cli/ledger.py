"""Proofs on the command line: verify a receipt offline, audit, export receipts and checkpoints."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tallyport.adapters.ed25519 import verify as verify_ed25519
from tallyport.app.bootstrap import open_node
from tallyport.cli.output import complain, dump, say
from tallyport.kernel.canonical import MalformedError, decode
from tallyport.kernel.guard import FaultError
from tallyport.ledger.note import VerifierKey
from tallyport.ledger.receipt import UnprovenError, check, parse_receipt


def verify(
    receipt: Annotated[Path, typer.Argument(help="The receipt's file.")],
    key: Annotated[
        list[str],
        typer.Option(help="Verifier key, or a file with one; several must all have signed."),
    ],
) -> None:
    """Check a receipt offline: nothing but the receipt and the log's verifier key is needed."""
    keys = [_verifier_key(one) for one in key]
    try:
        parsed = parse_receipt(_text(receipt))
        checkpoint = check(parsed, keys, verify_ed25519)
    except (MalformedError, UnprovenError) as error:
        complain(error)
        raise typer.Exit(1) from None
    names = ", ".join(one.name for one in keys)
    say(
        f"[green]proved[/green]: entry {parsed.index + 1} of {checkpoint.size} stands in the log"
        f" {checkpoint.origin}, whose checkpoint is signed by {names}"
    )


def entry(
    sequence: Annotated[int, typer.Argument(help="Number of the entry.")],
) -> None:
    """Show one entry of the ledger."""
    with open_node() as node:
        try:
            dump(decode(node.engine.raw_entry(sequence)))
        except KeyError:
            raise FaultError(_no_entry(sequence, node.engine.size)) from None


def receipt(
    sequence: Annotated[int, typer.Argument(help="Number of the entry.")],
    out: Annotated[Path | None, typer.Option(help="File to write; else it is printed.")] = None,
) -> None:
    """Write the receipt of an entry: it can be checked without us."""
    with open_node() as node:
        try:
            text = str(node.engine.receipt(sequence))
        except KeyError:
            raise FaultError(_no_entry(sequence, node.engine.size)) from None
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, "utf-8")
        say(f"wrote {out}")


def checkpoint() -> None:
    """Print the signed checkpoint over everything that is on the ledger."""
    with open_node() as node:
        typer.echo(node.engine.checkpoint(), nl=False)


def log_key() -> None:
    """Print the log's verifier key: whoever checks receipts needs it."""
    with open_node() as node:
        typer.echo(str(node.engine.verifier_key))


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.command()(verify)
    app.command()(entry)
    app.command()(receipt)
    app.command()(checkpoint)
    app.command("log-key")(log_key)


def _no_entry(sequence: int, size: int) -> str:
    return f"entry {sequence}: expected a number from 1 to {size}, the last entry"


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FaultError(f"{path}: expected a readable UTF-8 file, got {error}") from error


def _verifier_key(text: str) -> VerifierKey:
    """Read a key given as text or as a file that holds it."""
    return VerifierKey.parse(text if "+" in text else _text(Path(text)))
