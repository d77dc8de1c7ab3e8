"""Where figures come from, on the command line: a record, a payment, the sources over time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tallyport.app.home import Home
from tallyport.app.lineage import Lineage
from tallyport.app.origins import Origins
from tallyport.app.settings import Settings
from tallyport.cli.output import say
from tallyport.kernel.guard import FaultError

OWN = "own"
MINOR = 100
_HOME = Annotated[Path | None, typer.Option(help="The node's folder; else `own` in the home.")]


def _origins(home: Path | None) -> Origins:
    return Origins(Home(home or Settings.read().home / OWN))


def lineage(
    ref: Annotated[
        str, typer.Argument(help="kind:key, as contract_line:XJYO-2024040901/1, or a cell.")
    ],
    home: _HOME = None,
) -> None:
    """Say what a record or any cell rests on: source, file, line, columns, rule and version.

    Cells: link:VIN/KIND/KEY, amount:PAYMENT/VIN, finding:ID, party:MENTION, rating:ROLE:FIRM,
    rating:ROLE:FIRM/INDICATOR, settlement:ROLE:FIRM, vqi:VIN, vqi:fleet, trade:KIND:KEY,
    dossier:VIN, source:NAME; a number or FILE:LINE alone finds its records.
    """
    found = _origins(home).of(ref)
    if found is None:
        _cell(ref, Home(home or Settings.read().home / OWN))
        return
    say(f"{found.ref}: source {found.source}, {found.file}:{found.line}")
    say(f"profile {found.profile}, version {found.version}")
    for one in found.fields:
        say(f"  {one.field}: {one.columns or '-'} ({one.how})")


def _cell(ref: str, home: Home) -> None:
    """Say what a cell that is no record rests on."""
    cell = Lineage(home).of(ref)
    if cell is None:
        raise FaultError(
            f"{ref[:200]}: expected kind:key of a record that was read, or a cell; pages and"
            " results name them"
        )
    say(f"{cell.ref}: {cell.value}")
    say(f"rule {cell.rule}, version {cell.version}")
    for one in cell.rests:
        place = "" if one.origin is None else f"  {one.origin.file}:{one.origin.line}"
        version = "" if one.origin is None else f"  {one.origin.profile} {one.origin.version}"
        say(f"  {one.ref}{place}{version}  {one.how}")


def payment(
    payment_id: Annotated[str, typer.Argument(help="The bank's entry reference.")],
    home: _HOME = None,
) -> None:
    """Say where each cent of a payment went."""
    parts = _origins(home).payment(payment_id)
    if not parts:
        raise FaultError(f"{payment_id[:200]}: expected the entry reference of a buyer's payment")
    for one in parts:
        place = " ".join(str(each) for each in (one.contract_no, one.item, one.vin) if each)
        say(f"{one.what:12} {one.amount_minor / MINOR:>18,.2f} {one.currency or ''}  {place}")


def quality(
    source: Annotated[str, typer.Argument(help="A source; else all.")] = "", home: _HOME = None
) -> None:
    """Say how each source was at every reading, the last one first."""
    for one in _origins(home).history(source):
        say(
            f"{one.at}  {one.source}: {one.rows} rows, {one.quarantined} set aside,"
            f" {one.cells} cells left out, {one.findings} findings; {one.profile} {one.version}"
        )
        for alarm in one.alarms:
            say(f"    alarm: {alarm}")
