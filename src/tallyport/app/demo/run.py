"""The demo from the first export to the proof (全流程): seven steps, told as they happen.

Killed anywhere and started again it goes on where it was, and ends with the same head: the world is
simulated from a seed, keys and salts come from it too, the clock stands still within an act, and
every command has a key of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Protocol

from tallyport import worlds
from tallyport.adapters.clock import ManualClock
from tallyport.adapters.keystore import trial_key
from tallyport.app import telling
from tallyport.app.appraisal import Appraisal, appraise
from tallyport.app.bootstrap import open_node
from tallyport.app.demo import cast, certificate, facts, order
from tallyport.app.demo.stage import OPENING, Stage
from tallyport.app.filing import file_appraisal
from tallyport.app.home import Home
from tallyport.app.node import Node
from tallyport.app.report.page import write_report
from tallyport.app.settings import Keys, NodeFile, Settings, Time
from tallyport.app.worklist import ask
from tallyport.kernel.calendar import CHINA_CALENDAR, start_of

CHANNEL = "main"
DUE_CASH_DAYS = 2  # The core enterprise has its money ready before the day.


class Show(Protocol):
    """How the demo speaks to whoever watches."""

    def step(self, number: int, title: str) -> None:
        """Begin a step."""
        ...

    def progress(self, what: str, done: int, of: int) -> None:
        """Say how far a part of the step is."""
        ...

    def line(self, text: str) -> None:
        """Say something."""
        ...

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Show a table; a column that begins with `>` holds numbers."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What the demo leaves behind."""

    report: Path
    receipt: Path
    log_key: Path
    entries: int
    head: str


def run(settings: Settings, *, vehicles: int, seed: int, show: Show) -> Result:
    """Run the demo in the settings' home.

    Raises:
        FaultError: the home belongs to another node, or the world broke.
    """
    home = Home(settings.home)
    NodeFile(channel=CHANNEL, keys=Keys.TRIAL, time=Time.TRIAL, seed=seed).write(home)
    show.step(1, "Read the nine exports · 读取九类系统导出")
    exports = home.folder / "exports"
    worlds.make(exports, vehicles=vehicles, seed=seed, progress=show.progress)
    appraisal = appraise(exports, progress=show.progress)
    if appraisal.matching is not None:  # Doubts are asked; the story does not wait for answers.
        ask(home, appraisal.matching, appraisal.reading.tables)
    telling.reading(show, appraisal)
    show.step(2, "Match VIN, declaration and cash flow · 三元映射")
    telling.matching(show, appraisal)

    opening = CHINA_CALENDAR.following(appraisal.as_of + timedelta(days=1))
    clock = ManualClock(start_of(opening) + OPENING)
    with open_node(settings, clock) as node:
        node.settle()  # Whatever a killed run left unfollowed comes first.
        stage = Stage(node, clock, cast.BANK)
        show.step(3, "Attest every dossier · 存证")
        _found(stage, appraisal, seed)
        attested = file_appraisal(node, home, appraisal, cast.PLATFORM, show.progress)
        show.line(
            f"{attested.new} dossiers attested, {attested.same} were already, "
            f"{attested.changed} changed; the ledger has {node.engine.size} entries"
        )
        show.step(4, "Rate buyers and sellers, grant limits · 评级与授信")
        telling.rating(show, appraisal)
        telling.limits(show, appraisal)
        _grant(stage, appraisal, opening)
        show.step(5, "Finance · 凭证、订单融资与监管账户")
        famous, ordered = facts.agreements(appraisal)
        _finance(stage, famous, ordered, opening, show)
        show.step(6, "Let time pass to maturity · 到期清分")
        _mature(stage, ordered, famous, opening)
        telling.ending(show, node)
        show.step(7, "Report and proof · 报告与证明")
        return _prove(node, home, appraisal, show)


def _found(stage: Stage, appraisal: Appraisal, seed: int) -> None:
    sellers, buyers = facts.parties(appraisal)
    founding = cast.founding(lambda name: trial_key(seed, name), sellers, buyers)
    stage.send(cast.PLATFORM, founding, key="found")


def _grant(stage: Stage, appraisal: Appraisal, today: date) -> None:
    facts.grant_limits(stage, appraisal, today)
    certificate.grant(stage, today)


def _finance(
    stage: Stage, famous: order.Agreement, ordered: order.Agreement, today: date, show: Show
) -> None:
    stage.pay_in(cast.FACTOR, certificate.wan(4_000), "FACTOR-1")
    certificate.issue(stage, today)
    certificate.circulate(stage)
    certificate.sell(stage)
    telling.tree(show, stage.node, "The certificate after three sales (unit 10,000 CNY)")
    lent = order.lend(stage, ordered, facts.dossier_attestation(ordered.vins[0]), today)
    show.line(f"order {ordered.number} is financed with {telling.shown(lent)}")
    refused = order.escrow(stage, famous)
    show.line(f"escrow of {famous.number}: asked before arrival: {refused[0]}")
    show.line(f"escrow of {famous.number}: arrived, evidence not attested: {refused[1]}")
    order.prove(stage, famous, facts.commitments(stage.node, famous.vins))
    paid = facts.escrow_paid(stage.node, order.ESCROW)
    show.line(
        f"escrow of {famous.number}: arrived and attested: {telling.shown(paid)} of"
        f" {telling.shown(famous.total)} released by itself"
    )


def _mature(stage: Stage, ordered: order.Agreement, famous: order.Agreement, opening: date) -> None:
    loan_due = opening + timedelta(days=order.LOAN_DAYS)
    stage.turn_to(loan_due)
    stage.pay_in(ordered.seller, ordered.total, "BUYER-ORDER-1")  # The reactor repays the loan.
    order.take_over(stage, famous)
    due = certificate.due(opening)
    stage.turn_to(due - timedelta(days=DUE_CASH_DAYS))
    stage.pay_in(cast.LANDPORT, certificate.wan(6_000), "LANDPORT-1")
    stage.turn_to(due)  # The timer settles; reactors close the discounts.


def _prove(node: Node, home: Home, appraisal: Appraisal, show: Show) -> Result:
    home.report.mkdir(parents=True, exist_ok=True)
    sequence = facts.settlement(node)
    receipt, key = home.report / "receipt.json", home.report / "log.key"
    receipt.write_text(str(node.engine.receipt(sequence)), "utf-8")
    key.write_text(f"{node.engine.verifier_key}\n", "utf-8")
    report = home.report / "report.html"
    write_report(report, node, appraisal, receipt.name, key.name)
    show.line(f"report: {report}")
    show.line(f"receipt of the settlement (entry {sequence}): {receipt}")
    show.line(f"check it offline: tallyport verify {receipt} --key {key}")
    return Result(
        report=report, receipt=receipt, log_key=key, entries=node.engine.size, head=node.head
    )
