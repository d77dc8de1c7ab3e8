"""Evidence on the command line: draft a profile, appraise a folder, match a world."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from tallyport.app import telling
from tallyport.app.appraisal import Appraisal, appraise
from tallyport.app.bootstrap import open_node
from tallyport.app.deliveries import keep
from tallyport.app.filing import file_appraisal
from tallyport.app.home import Home
from tallyport.app.own_node import own_node
from tallyport.app.papers import linked
from tallyport.app.settings import Settings
from tallyport.app.telling_files import told
from tallyport.cli.origins import lineage, payment, quality
from tallyport.cli.output import say
from tallyport.cli.papers import read_document
from tallyport.cli.terminal import Terminal
from tallyport.cli.worklist import decide, worklist
from tallyport.evidence.linkage import write_result
from tallyport.evidence.sources.draft import draft
from tallyport.evidence.sources.mending import write_quarantine
from tallyport.evidence.trade.freight import result as freight
from tallyport.kernel.form import YEAR_MAX, YEAR_MIN
from tallyport.kernel.guard import FaultError

QUARANTINE = "quarantine"  # Below the folder of results: a file a source, to be mended.
OWN = "own"  # The demo's node is the demo's: what users attest does not get mixed with it.


def draft_profile(
    file: Annotated[Path, typer.Argument(help="An export of a source system.")],
) -> None:
    """Draft a source profile by looking at a file; check it, then save it as profile.yaml."""
    typer.echo(draft(file), nl=False)


def run(
    folder: Annotated[Path, typer.Argument(help="Folder with the exports.")],
    profile: Annotated[Path | None, typer.Option(help="Profile; else found by itself.")] = None,
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])] = None,
    home: Annotated[
        Path | None, typer.Option(help="The node's folder; by default `own` in the home.")
    ] = None,
    mended: Annotated[
        Path | None, typer.Option(help="Folder of quarantined rows that were mended.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for results and quarantine.")] = None,
    delivered: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="Keep the folder as delivered on this day; read all kept."
        ),
    ] = None,
) -> None:
    """Read, match, attest and rate the exports in a folder (steps 1 to 4 of the demo)."""
    settings = Settings.read()
    place = home or settings.home / OWN
    terminal = Terminal()
    try:
        terminal.step(1, "Read the exports · 读取")
        day = _day(as_of)
        kept = _kept(Home(place), folder, delivered)
        appraisal = appraise(
            folder, profile=profile, day=day, mended=mended, kept=kept, judged=Home(place),
            progress=terminal.progress,
        )  # fmt: skip
        telling.reading(terminal, appraisal)
        telling.quality(terminal, appraisal)
        terminal.step(2, "Match · 匹配")
        telling.matching(terminal, appraisal)
        if appraisal.touched is not None:
            terminal.line(appraisal.touched.sentence())
        telling.trades(terminal, appraisal)
        telling.papers(terminal, linked(folder, appraisal.reading.tables, as_of=appraisal.as_of))
        terminal.step(3, "Attest · 存证")
        chosen, operator = own_node(settings, place)
        with open_node(chosen) as node:
            attested = file_appraisal(
                node, Home(chosen.home), appraisal, operator, terminal.progress
            )
            size = node.engine.size
        terminal.line(
            f"{attested.new} dossiers attested, {attested.same} were already,"
            f" {attested.changed} changed; the ledger has {size} entries"
        )
        terminal.step(4, "Rate · 评级")
        telling.rating(terminal, appraisal)
        telling.limits(terminal, appraisal)
        if out is not None:
            _write(appraisal, out)
            terminal.line(f"wrote {out}")
    finally:
        terminal.rest()


def match(
    world: Annotated[Path, typer.Argument(help="Folder with the exports.")],
    out: Annotated[Path, typer.Option(help="Folder for triads, parties and findings.")],
    profile: Annotated[Path | None, typer.Option(help="Profile; else found by itself.")] = None,
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])] = None,
    home: Annotated[
        Path | None, typer.Option(help="Keep the folder here and match all that was delivered.")
    ] = None,
    delivered: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of delivery; else today.")
    ] = None,
) -> None:
    """Match VIN, declaration and cash flow; write triads.csv, parties.csv and findings.csv.

    What was set aside while reading is told, and written below OUT/quarantine.
    """
    from tallyport.app.matching import match_folder, match_home  # noqa: PLC0415 - No ledger.

    day = _day(as_of)
    terminal = Terminal()
    try:
        if home is None:
            matched = match_folder(world, profile=profile, day=day, progress=terminal.progress)
        else:
            keep(Home(home), world, _day(delivered, "--delivered") or datetime.now(UTC).date())
            matched = match_home(Home(home), profile=profile, day=day, progress=terminal.progress)
        told(terminal, matched.reading)
    finally:
        terminal.rest()
    write_quarantine(matched.reading, out / QUARANTINE)
    matching = matched.matching
    if matching is None:
        raise FaultError(f"{world}: expected vehicles among the exports, found none")
    write_result(matching, out)
    if matched.touched is not None:
        say(matched.touched.sentence())
    say(f"wrote {matching.triads.height} triads, {matching.findings.height} findings to {out}")


def _write(appraisal: Appraisal, out: Path) -> None:
    """Write what was found out, and what was set aside."""
    write_quarantine(appraisal.reading, out / QUARANTINE)
    if appraisal.matching is not None:
        write_result(appraisal.matching, out)
    if appraisal.freight is not None:
        freight.write_result(appraisal.freight, out / "freight")


def trial_freight(
    folder: Annotated[Path, typer.Argument(help="Where to write the files.")],
    hauls: Annotated[int, typer.Option(help="Hauls of a year.")] = 2_000,
    seed: Annotated[int, typer.Option(help="Another number, another year.")] = 1,
    noise: Annotated[float, typer.Option(help="How much people mistype; 1 is usual.")] = 1.0,
) -> None:
    """Write the files of a simulated freight platform, to try `run` on."""
    from tallyport.worlds.freight import make  # noqa: PLC0415 - Only this verb needs it.

    world = make(folder, hauls=hauls, seed=seed, noise=noise)
    say(f"wrote {', '.join(f'{count} {name}' for name, count in world.counts.items())} to {folder}")


def _kept(home: Home, folder: Path, delivered: datetime | None) -> Home | None:
    """Keep a delivery, if it is one; return where it lies among the others."""
    day = _day(delivered, "--delivered")
    if day is None:
        return None
    keep(home, folder, day)
    return home


def _day(as_of: datetime | None, name: str = "--as-of") -> date | None:
    """Return the day that was asked for; the last of all has none after it."""
    if as_of is not None and not YEAR_MIN <= as_of.year <= YEAR_MAX:
        raise FaultError(
            f"{name}: expected a day of the years {YEAR_MIN} to {YEAR_MAX}, got {as_of.date()}"
        )
    return None if as_of is None else as_of.date()


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.command("profile")(draft_profile)
    app.command()(run)
    group = typer.Typer(help="Evidence without a ledger.", no_args_is_help=True)
    group.command("match")(match)
    group.command("trial-freight")(trial_freight)
    group.command("worklist")(worklist)
    group.command("decide")(decide)
    group.command("lineage")(lineage)
    group.command("payment")(payment)
    group.command("quality")(quality)
    group.command("read-document")(read_document)
    app.add_typer(group, name="evidence")
