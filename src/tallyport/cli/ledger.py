"""Proofs on the command line: verify offline, audit, export receipts and checkpoints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Annotated

import typer

from tallyport.adapters.embedded.audit import Depth, Kept, audit
from tallyport.adapters.proofs import write_extension, write_key, write_proof, write_receipt
from tallyport.adapters.suites import verify as verify_signature
from tallyport.app.bootstrap import open_node
from tallyport.app.home import Home
from tallyport.app.settings import NodeFile, Settings
from tallyport.cli.output import complain, dump, say, show
from tallyport.cli.terminal import Terminal
from tallyport.contracts import table
from tallyport.contracts.members.authority import signer
from tallyport.kernel.canonical import MalformedError, decode
from tallyport.kernel.guard import FaultError
from tallyport.ledger.audit import Counts
from tallyport.ledger.note import VerifierKey
from tallyport.ledger.receipt import UnprovenError
from tallyport.ledger.verification import Policy, parse_keys, parse_policy
from tallyport.ledger.verification import verify as verify_file

_COUNTED = fields(Counts)


def verify(
    file: Annotated[Path, typer.Argument(help="A receipt, or a proof of extension.")],
    key: Annotated[
        list[str],
        typer.Option(help="Verifier key, or a file of them, all or `quorum n` of which signed."),
    ],
) -> None:
    """Check a receipt offline: nothing but the file and the log's verifier key is needed."""
    policy = policy_of(key)
    try:
        proved = verify_file(text_of(file), policy, verify_signature)
    except (MalformedError, UnprovenError) as error:
        complain(error)
        raise typer.Exit(1) from None
    say(f"[green]proved[/green]: {proved}")


def check(
    *,
    depth: Annotated[Depth, typer.Option(help="How deep to look.")] = Depth.FULL,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint that somebody kept; may be repeated.")
    ] = None,
    key: Annotated[str | None, typer.Option(help="The key that signed them.")] = None,
    home: Annotated[Path | None, typer.Option(help="The node's folder.")] = None,
) -> None:
    """Verify everything again: signatures, tree, replay, invariants, every row."""
    place = Home(home or Settings.read().home)
    channel = NodeFile.read(place).channel
    kept = Kept(
        notes=tuple(text_of(path) for path in checkpoint or ()),
        key=keys_of(key)[0] if key else None,
    )
    terminal = Terminal()
    try:
        audited = audit(
            place.ledger,
            channel,
            table.ALL,
            signer,
            kept=kept,
            depth=depth,
            progress=lambda done, of: terminal.progress("audit", done, of),
        )
    finally:
        terminal.rest()
    report = audited.report
    show(
        "Audit",
        ["what", ">number"],
        [
            *((f.name.replace("_", " "), getattr(report.counts, f.name)) for f in _COUNTED),
            ("findings", len(report.findings)),
        ],
    )
    for finding in report.findings:
        complain(FaultError(str(finding)))
    if report.first_wrong is not None:
        say(f"[red]first wrong entry[/red]: {report.first_wrong}")
    if not report.is_clean:
        raise typer.Exit(1)
    say(f"[green]sound[/green]: head {report.head.hex()}, {audited.seconds:.1f} s")


def entry(sequence: Annotated[int, typer.Argument(help="Number of the entry.")]) -> None:
    """Show one entry of the ledger."""
    with open_node() as node:
        try:
            dump(decode(node.engine.raw_entry(sequence)))
        except (KeyError, OverflowError):
            raise FaultError(
                f"entry {sequence}: expected a number from 1 to {node.engine.size}"
            ) from None


def receipt(
    sequence: Annotated[int, typer.Argument(help="Number of the entry.")],
    out: Annotated[Path, typer.Option(help="Folder for receipt and key.")] = Path(),
    *,
    text: Annotated[bool, typer.Option(help="As text, C2SP tlog-proof.")] = False,
    cosigned: Annotated[
        Path | None, typer.Option(help="A checkpoint that witnesses cosigned; implies --text.")
    ] = None,
) -> None:
    """Write the receipt of an entry and the key: it can be checked without us."""
    with open_node() as node:
        if text or cosigned:
            note = text_of(cosigned) if cosigned else None
            proof = write_proof(node.engine, sequence, out, checkpoint=note)
            say(f"wrote {proof} and {write_key(node.engine, out)}")
            return
        say(f"wrote {write_receipt(node.engine, sequence, out)} and {write_key(node.engine, out)}")


def extension(
    checkpoint: Annotated[Path, typer.Argument(help="A checkpoint that somebody kept.")],
    out: Annotated[Path, typer.Option(help="Folder for proof and key.")] = Path(),
) -> None:
    """Prove that the log of today begins with the log of an older checkpoint."""
    with open_node() as node:
        proof = write_extension(node.engine, text_of(checkpoint), out)
        say(f"wrote {proof} and {write_key(node.engine, out)}")


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
    app.command("audit")(check)
    app.command()(entry)
    app.command()(receipt)
    app.command()(extension)
    app.command()(checkpoint)
    app.command("log-key")(log_key)


def text_of(path: Path) -> str:
    """Return the text of a file; raises a FaultError that names it."""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FaultError(f"{path}: expected a readable UTF-8 file, got {error}") from error


def policy_of(texts: Sequence[str]) -> Policy:
    """Read one key file with its quorum, or several keys and files that must all have signed."""
    if len(texts) == 1 and Path(texts[0]).exists():
        return parse_policy(text_of(Path(texts[0])))
    return Policy(tuple(one for text in texts for one in keys_of(text)))


def keys_of(text: str) -> tuple[VerifierKey, ...]:
    """Read keys given as text or as a file that holds them."""
    is_key = "+" in text and not Path(text).exists()
    return parse_keys(text if is_key else text_of(Path(text)))
