"""Networks on the command line: init, up, status, down, join."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from tallyport.app.network.layout import Wanted, add_observer, lay_out
from tallyport.app.network.plan import PORT_FIRST, Plan
from tallyport.app.network.running import down as stop
from tallyport.app.network.running import prepare_joining
from tallyport.app.network.running import up as start
from tallyport.app.network.status import NodeStatus, look
from tallyport.app.network.supervise import stay
from tallyport.app.settings import Keys, Time
from tallyport.cli import governing
from tallyport.cli.output import dump, say, show

HOME = Path("var/network")

Home = Annotated[Path, typer.Option("--home", help="Folder of the network.")]
Some = Annotated[
    list[str] | None, typer.Option("--member", help="Only this member; may be given again.")
]

app = typer.Typer(help="A ledger that institutions run together.", no_args_is_help=True)


@app.command()
def init(
    members: Annotated[str, typer.Option(help="Names, a comma between them.")],
    home: Home = HOME,
    channel: Annotated[str, typer.Option(help="Name of the ledger.")] = "main",
    keys: Annotated[Keys, typer.Option(help="Where the members' keys come from.")] = Keys.TRIAL,
    time: Annotated[Time, typer.Option(help="Whose time entries have.")] = Time.SYSTEM,
    seed: Annotated[int, typer.Option(help="Of the trial keys.")] = 0,
    port: Annotated[int, typer.Option(help="First of two ports a member.")] = PORT_FIRST,
) -> None:
    """Lay out a network: keys, genesis and configuration of every member."""
    wanted = Wanted(
        members=tuple(name.strip() for name in members.split(",") if name.strip()),
        channel=channel,
        keys=keys,
        time=time,
        seed=seed,
        port=port,
    )
    plan = lay_out(home, wanted, os.environ.get("TALLYPORT_PASSPHRASE", ""))
    show(
        f"Network {plan.chain} in {home}",
        ["member", ">peers", ">questions", "folder"],
        [(one.name, one.p2p_port, one.rpc_port, home / one.name) for one in plan.peers],
    )
    say(f"`tallyport network up --home {home}` starts it")


@app.command()
def up(
    home: Home = HOME,
    member: Some = None,
    *,
    foreground: Annotated[bool, typer.Option(help="Stay, as a service does.")] = False,
) -> None:
    """Start the nodes, and start again whichever ends."""
    if foreground:
        stay(home, member or [])
        return
    _table(start(home, member or []))
    say(f"logs: {home}/<member>/logs; `tallyport network down --home {home}` stops it")


@app.command()
def status(
    home: Home = HOME,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show height, head, lag, peers and health of every node; status 1 when one is not well."""
    nodes = look(Plan.read(home))
    if as_json:
        dump([{name: getattr(node, name) for name in NodeStatus.__slots__} for node in nodes])
    else:
        _table(nodes)
    if not all(node.is_fine for node in nodes):
        raise typer.Exit(1)


@app.command()
def down(home: Home = HOME, member: Some = None) -> None:
    """Stop the nodes; nothing that was acknowledged is lost."""
    stopped = stop(home, member or [])
    say(f"stopped {', '.join(stopped)}" if stopped else "nothing was running")


@app.command()
def join(
    name: Annotated[str, typer.Argument(help="Name of the new node.")],
    home: Home = HOME,
) -> None:
    """Lay out one more node, which takes a snapshot and follows; the network must be up."""
    add_observer(home, name, os.environ.get("TALLYPORT_PASSPHRASE", ""))
    prepare_joining(home, name)
    say(f"`tallyport network up --home {home} --member {name}` starts it")


@app.command()
def rejoin(
    name: Annotated[str, typer.Argument(help="A member whose ledger was deleted.")],
    home: Home = HOME,
) -> None:
    """Let a node whose ledger was lost take a snapshot from the others; they must be up."""
    prepare_joining(home, name)
    say(f"`tallyport network up --home {home} --member {name}` starts it")


def show_nodes(home: Path) -> None:
    """Show how the nodes of a network are."""
    _table(look(Plan.read(home)))


def add_to(parent: typer.Typer) -> None:
    """Add these verbs to the command line."""
    governing.add_to(app)
    parent.add_typer(app, name="network")


def _table(nodes: list[NodeStatus]) -> None:
    show(
        "Network",
        ["node", ">height", ">entries", "head", ">lag", ">peers", "health"],
        [
            (one.name, one.height, one.size, one.head[:8], one.lag, one.peers, one.health)
            if one.is_up
            else (one.name, "–", "–", "–", "–", "–", one.health)
            for one in nodes
        ],
    )
