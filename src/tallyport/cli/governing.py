"""What members agree about their network, on the command line: propose, consent, show."""

from __future__ import annotations

from enum import StrEnum, unique
from pathlib import Path
from typing import Annotated

import typer

from tallyport.app import governing
from tallyport.app.network.plan import NetworkError
from tallyport.cli.output import say, show
from tallyport.contracts.members.propose import Change

NETWORK = Path("var/network")

By = Annotated[str, typer.Option("--as", help="The member that signs, through its own node.")]
Folder = Annotated[Path, typer.Option("--home", help="Folder of the network.")]


@unique
class Kind(StrEnum):
    """What can be proposed here; `tallyport send` sends any other change."""

    LIST = "list"  # The validators of the genesis, onto the ledger.
    ADD = "add"
    REMOVE = "remove"
    COSIGNERS = "cosigners"


def propose(
    kind: Annotated[Kind, typer.Argument(help="What changes.")],
    subject: Annotated[str, typer.Argument(help="The member; for cosigners how many sign.")] = "",
    *,
    member: By,
    home: Folder = NETWORK,
    key: Annotated[str, typer.Option(help="Validator key in hex, of a node elsewhere.")] = "",
) -> None:
    """Put a change of validators or cosigners to the voters."""
    change: Change
    match kind:
        case Kind.LIST:
            change = governing.listing(home)
        case Kind.ADD:
            change = governing.add(home, subject, key)
        case Kind.REMOVE:
            change = governing.remove(home, subject, key)
        case Kind.COSIGNERS if subject.isascii() and subject.isdigit():
            change = governing.cosigners(home, int(subject))
        case Kind.COSIGNERS:
            raise NetworkError(f"expected how many signatures a receipt bears, got {subject!r}")
    name = governing.propose(home, member, change)
    say(f"proposed {name}; each voter: `tallyport network consent {name} --as MEMBER`")


def consent(
    proposal: Annotated[str, typer.Argument(help="The proposal.")],
    *,
    member: By,
    home: Folder = NETWORK,
    again: Annotated[int, typer.Option(help="Number of the try, after a refusal.")] = 0,
) -> None:
    """Agree to a proposal; the last consent that is needed enacts it."""
    entry = governing.consent(home, member, proposal, again)
    is_enacted = len(entry.events) > 1
    say(f"consented with entry {entry.sequence}{': it is enacted' if is_enacted else ''}")


def validators(*, member: By, home: Folder = NETWORK) -> None:
    """Show the validators that the ledger has listed."""
    show(
        "Validators",
        ["member", "key", "votes", "since or until"],
        [
            (one.member, one.public_hex, "yes" if one.is_in_force else "no", one.changed_at)
            for one in governing.listed(home, member)
        ],
    )


def key(name: Annotated[str, typer.Argument(help="The member.")], home: Folder = NETWORK) -> None:
    """Print the validator key of a member's node."""
    typer.echo(governing.validator_key(home, name))


def policy(*, member: By, home: Folder = NETWORK) -> None:
    """Print whose signatures a receipt must bear: the key file of `tallyport verify`."""
    typer.echo(str(governing.policy(home, member)), nl=False)


def receipt(
    sequence: Annotated[int, typer.Argument(help="Number of the entry.")],
    *,
    member: By,
    home: Folder = NETWORK,
    out: Annotated[Path, typer.Option(help="Folder for receipt and policy.")] = Path(),
) -> None:
    """Write a receipt with the signatures that the members have agreed on, and their keys."""
    made, wanted = governing.receipt(home, member, sequence)
    paper, keys = out / f"receipt-{sequence}.json", out / "policy.txt"
    out.mkdir(parents=True, exist_ok=True)
    paper.write_text(str(made), "utf-8")
    keys.write_text(str(wanted), "utf-8")
    say(f"wrote {paper} and {keys}; `tallyport verify {paper} --key {keys}` checks it offline")


def add_to(app: typer.Typer) -> None:
    """Add these verbs to those of the network."""
    for verb in (propose, consent, validators, key, policy, receipt):
        app.command()(verb)
