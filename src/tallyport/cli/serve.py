"""`tallyport serve`: the portal and the API of a node."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from tallyport.app.anchoring import Anchoring, anchor_of
from tallyport.app.bootstrap import open_node
from tallyport.app.evidence_store import EvidenceStore
from tallyport.app.home import Home
from tallyport.app.logs import start_log
from tallyport.app.node import Node
from tallyport.app.settings import Keys, NodeFile, Settings
from tallyport.app.watching import open_witness
from tallyport.cli.output import say, show
from tallyport.web.accounts import create, issue_token
from tallyport.web.configuration import configure
from tallyport.web.serve import Door
from tallyport.web.serve import serve as serve_portal

TRIAL_USERS = (
    ("operator", "platform", ("operator", "approver")),
    ("supplier", "supplier-b", ("operator",)),
    ("debtor", "landport", ("operator",)),
    ("funder", "silk-factoring", ("operator", "approver")),
    ("supervisor", "supervisor", ("auditor",)),
)


def trial_users(home: Home) -> None:
    """Make a user for each part of the demo and print them; their passwords protect nothing."""
    configure(home)
    rows = []
    for username, member, roles in TRIAL_USERS:
        password = f"{username}-on-trial-2025"
        create(username, password, member, roles)
        rows.append((username, password, member, ", ".join(roles)))
    show("Who can log in (for trial only)", ["user", "password", "member", "roles"], rows)


def serve_home(settings: Settings) -> None:
    """Serve the node in the settings' home until it is interrupted."""
    home = Home(settings.home)
    if NodeFile.read(home).keys is Keys.TRIAL:
        trial_users(home)
    start_log(settings.log)
    with open_node(settings) as node:
        serve_portal(
            node,
            home,
            Door(
                host=settings.host,
                port=settings.port,
                shown=settings.metrics,
                witness=open_witness(settings),
                anchoring=_anchoring(settings, node),
            ),
            evidence=EvidenceStore(home.evidence, node.documents),
            started=lambda address: say(f"portal: {address}   (Ctrl-C ends it)"),
        )


def _anchoring(settings: Settings, node: Node) -> Anchoring | None:
    """Return what anchors the node's log, if a setting names places."""
    if not settings.anchors:
        return None
    return Anchoring(
        node.engine,
        node.engine.verifier_key,
        [anchor_of(place) for place in settings.anchors],
        Home(settings.home).anchors,
        seconds=settings.anchor_seconds,
    )


def serve(
    home: Annotated[Path | None, typer.Option(help="The node's folder.")] = None,
    port: Annotated[int | None, typer.Option(help="Port of the portal.")] = None,
) -> None:
    """Serve the portal and the API of a node on this machine."""
    settings = Settings.read()
    serve_home(replace(settings, home=home or settings.home, port=port or settings.port))


def user(
    name: Annotated[str, typer.Argument(help="Name to log in with.")],
    member: Annotated[str, typer.Option(help="The member that the user sits for.")],
    role: Annotated[list[str], typer.Option(help="viewer, operator, approver or auditor.")],
    *,
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
    home: Annotated[Path | None, typer.Option(help="The node's folder.")] = None,
) -> None:
    """Make a user of the portal, or give one another password and seat."""
    configure(Home(home or Settings.read().home))
    create(name, password, member, role)
    say(f"{name} sits for {member}")


def token(
    user_name: Annotated[str, typer.Argument(metavar="USER", help="The user it speaks for.")],
    name: Annotated[str, typer.Option(help="What it is for; an older one of the name ends.")],
    home: Annotated[Path | None, typer.Option(help="The node's folder.")] = None,
) -> None:
    """Issue a token of the API; it is shown this once, and kept as a hash."""
    configure(Home(home or Settings.read().home))
    typer.echo(issue_token(user_name, name))


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.command()(serve)
    app.command()(user)
    app.command()(token)
