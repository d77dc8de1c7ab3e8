"""A promise is issued within the law, within its limit, and on trade that backs nothing else.

Goal: CN-SCF-1, -2, -6, -8 each with a case that passes and one that is refused; no id, invoice or
limit is used twice. Method: the rules over time, every refusal, forgeries.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from support.certificates import (
    GRANT,
    ISSUE,
    ISSUED,
    LIMIT,
    LIMITED,
    OPEN,
    ROOT,
    another,
    certificate,
    check,
)
from support.judging import Attempt, Step, context, play, stops, verdict
from support.town import ALI, BANK, BEK, FUND, OPERATOR, PORT, Town, cny
from tallyport.contracts.attestation.attest import Attest, Item
from tallyport.contracts.attestation.model import Kind, SubjectId
from tallyport.contracts.limit import occupy
from tallyport.contracts.limit.effect import Effect
from tallyport.contracts.limit.freeze import Freeze
from tallyport.contracts.limit.model import Occupation
from tallyport.contracts.members.consent import Consent
from tallyport.contracts.members.propose import Propose, SetRule
from tallyport.contracts.pledge import register
from tallyport.contracts.pledge.model import AssetId, SecuredId
from tallyport.contracts.pledge.register import PledgeRegistered, Register
from tallyport.contracts.pledge.search import current
from tallyport.contracts.receivable.issue import (
    BACKING_MAX,
    WORDS_MAX,
    CertificateIssued,
    Issue,
    Refusal,
    decide,
    is_root_id,
)
from tallyport.contracts.receivable.model import ROOT_LENGTH_MAX, Root, Stage
from tallyport.contracts.receivable.term import months_after
from tallyport.kernel.ids import (
    AttestationId,
    CertificateId,
    LimitId,
    MemberId,
    ProposalId,
)
from tallyport.kernel.money import MINOR_MAX, Money

IN_2025 = datetime(2025, 7, 1, 1, 0, tzinfo=UTC)  # 银发〔2025〕77号 is in force.
LIMITED_2025: tuple[Step, ...] = (
    (FUND, replace(GRANT, valid_from=date(2025, 7, 1), valid_until=date(2027, 1, 1))),
    (FUND, Effect(limit_id=LIMIT)),
)
MISSED: tuple[Step, ...] = (*OPEN, timedelta(days=200))  # Nobody paid anything in.


def consented(change: SetRule) -> tuple[Step, ...]:
    """Return the steps by which the consortium sets a rule."""
    name = ProposalId(f"P-{change.rule_id}")
    return (
        (OPERATOR, Propose(proposal_id=name, change=change)),
        (OPERATOR, Consent(proposal_id=name)),
        (BANK, Consent(proposal_id=name)),
    )


def test_what_an_issue_leaves_behind() -> None:
    """A certificate that waits, a root, a taken limit, a locked invoice, the rules of the day."""
    town = Town()
    play(town, *ISSUED)
    one, root = certificate(town), town.row(Root, ROOT)
    assert (one.stage, one.holder, one.generation, one.moves) == (Stage.ISSUED, ALI, 0, 0)
    assert (root.debtor, root.outstanding, root.leaves) == (PORT, cny(60_000_000), 1)
    assert root.backing == ISSUE.backing
    assert town.row(Occupation, f"{LIMIT}|certificate|{ROOT}").open_minor == 6_000_000_000
    pledge = current(town.state, ISSUE.backing[0])
    assert pledge is not None
    assert (pledge.pledgor, pledge.pledgee, pledge.secured) == (ALI, PORT, SecuredId(ROOT))
    issued = town.last.events[-1]
    assert isinstance(issued, CertificateIssued)
    assert (issued.issued_on, issued.calendar_version) == (date(2024, 4, 8), "CN-2026.1")
    assert issued.rule_versions == ("CN-SCF-6@2015-01-01", "CN-SCF-1@2015-01-01")
    check(town)


@pytest.mark.parametrize(
    ("at", "due", "reason", "answer"),
    [
        # Before 银发〔2025〕77号: a year, no questions asked.
        (None, date(2025, 4, 7), None, None),
        (None, date(2025, 4, 9), "large machines", Refusal.DUE_TOO_LATE),
        # Under it: six months in principle, a year with a reason, never more (CN-SCF-1).
        (IN_2025, date(2026, 1, 1), None, None),
        (IN_2025, date(2026, 1, 2), None, Refusal.NO_REASON),
        (IN_2025, date(2026, 1, 2), "  ", Refusal.NO_REASON),
        (IN_2025, date(2026, 7, 1), "large machines", None),
        (IN_2025, date(2026, 7, 2), "large machines", Refusal.DUE_TOO_LATE),
    ],
)
def test_the_term_is_lawful(
    at: datetime | None, due: date, reason: str | None, answer: Refusal | None
) -> None:
    """CN-SCF-1, on both sides of its first day."""
    town = Town() if at is None else Town(at=at)
    play(town, *(LIMITED if at is None else LIMITED_2025))
    command = replace(ISSUE, due=due, long_term_reason=reason)
    assert verdict(town, decide, PORT, command) is answer


def test_six_months_become_the_maximum_by_consent() -> None:
    """CN-SCF-2 is a switch: a `SetRule` of the consortium, from a day on, and the event says so."""
    town = Town(at=IN_2025)
    change = SetRule(rule_id="CN-SCF-1", parameter="months_max", since=date(2025, 8, 1), value=6)
    play(town, *LIMITED_2025, *consented(change))
    long = replace(ISSUE, due=date(2026, 2, 15), long_term_reason="large machines")
    assert verdict(town, decide, PORT, long) is None
    town.let_pass(timedelta(days=31))
    assert verdict(town, decide, PORT, long) is Refusal.DUE_TOO_LATE
    play(town, (PORT, replace(ISSUE, due=date(2026, 2, 1))))
    issued = town.last.events[-1]
    assert isinstance(issued, CertificateIssued)
    assert "CN-SCF-1@2025-08-01+consent" in issued.rule_versions


def test_who_missed_a_payment_issues_nothing_more() -> None:
    """CN-SCF-6; the consortium may forgive, as for everybody, by raising the number."""
    town = Town()
    play(town, *MISSED)
    again = replace(another(2), due=date(2024, 12, 1))
    assert verdict(town, decide, PORT, again) is Refusal.BAD_PAYER
    change = SetRule(rule_id="CN-SCF-6", parameter="misses_max", since=date(2024, 1, 1), value=1)
    play(town, *consented(change))
    assert verdict(town, decide, PORT, again) is None


def test_an_invoice_backs_one_certificate_or_one_loan() -> None:
    """CN-SCF-8, E6: across contracts and institutions, in both directions."""
    town = Town()
    play(town, *ISSUED)
    second = replace(another(2), backing=ISSUE.backing)
    assert verdict(town, decide, PORT, second) is register.Refusal.NOT_FREE
    loan = Register(
        asset=ISSUE.backing[0], pledgor=ALI, secured=SecuredId("LOAN"), registry_number=None
    )
    assert town.do(FUND, loan) == "pledge.asset_must_not_be_pledged_already"
    play(town, (FUND, replace(loan, asset=another(3).backing[0])))
    assert verdict(town, decide, PORT, another(3)) is register.Refusal.NOT_FREE


def test_evidence_that_is_attested_is_taken() -> None:
    """The certificate names the attestation of its trade."""
    town = Town()
    evidence = AttestationId("A-1")
    item = Item(
        id=evidence,
        subject=SubjectId("agreement:XJYO-2024040401"),
        kind=Kind.DOSSIER,
        commitment="0" * 64,
        previous=None,
    )
    play(town, *LIMITED, (ALI, Attest(items=(item,))))
    play(town, (PORT, replace(ISSUE, evidence=evidence)))
    assert certificate(town).terms.evidence == evidence


def test_a_duplicate_id_is_not_a_success() -> None:
    """Regression: the same id with other content, or with the same, is refused."""
    town = Town()
    play(town, *ISSUED)
    for command in (ISSUE, replace(ISSUE, face=cny(1)), replace(another(2), certificate_id=ROOT)):
        assert town.do(PORT, command) == "receivable.certificate_id_must_be_new"
    check(town)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2024, 4, 8), 6, date(2024, 10, 8)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2024, 12, 31), 12, date(2025, 12, 31)),
        (date(2024, 12, 1), 0, date(2024, 12, 1)),
        (date(9999, 6, 1), 6, date(9999, 12, 1)),
        (date(9999, 7, 1), 6, date.max),
        (date(2024, 1, 1), 2**53 - 1, date.max),
    ],
)
def test_months_of_the_calendar(day: date, months: int, later: date) -> None:
    """Months end where they end, and so does the calendar."""
    assert months_after(day, months) == later


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("RC-1", True),
        ("2024.04#17", True),
        ("R" * ROOT_LENGTH_MAX, True),
        ("R" * (ROOT_LENGTH_MAX + 1), False),
        ("rc-1", False),
        ("RC-1/1", False),
    ],
)
def test_names_of_issues(name: str, *, fits: bool) -> None:
    """Small letters would be a second name for one asset; a stroke belongs to children."""
    assert is_root_id(CertificateId(name)) is fits


INVOICES = tuple(AssetId(f"invoice:{number}") for number in range(BACKING_MAX + 1))
ATTEMPTS: list[Attempt] = [  # In the order of the checks.
    (Refusal.NOT_A_DEBTOR, LIMITED, ALI, ISSUE),
    (Refusal.WRONG_ID, LIMITED, PORT, replace(ISSUE, certificate_id=CertificateId("rc-1"))),
    (Refusal.ID_TAKEN, ISSUED, PORT, ISSUE),
    (Refusal.NO_HOLDER, LIMITED, PORT, replace(ISSUE, holder=PORT)),
    (Refusal.NO_HOLDER, LIMITED, PORT, replace(ISSUE, holder=MemberId("nobody"))),
    (Refusal.EMPTY_FACE, LIMITED, PORT, replace(ISSUE, face=cny(0))),
    (Refusal.EMPTY_FACE, LIMITED, PORT, replace(ISSUE, face=cny(-1))),
    (Refusal.BAD_PAYER, MISSED, PORT, another(2)),
    (Refusal.DUE_TOO_SOON, LIMITED, PORT, replace(ISSUE, due=date(2024, 4, 8))),
    (Refusal.DUE_TOO_SOON, LIMITED, PORT, replace(ISSUE, due=date.min)),
    (Refusal.DUE_TOO_LATE, LIMITED, PORT, replace(ISSUE, due=date.max)),
    (
        Refusal.NO_REASON,
        consented(
            SetRule(
                rule_id="CN-SCF-1",
                parameter="months_without_reason_max",
                since=date(2024, 1, 1),
                value=5,
            )
        ),
        PORT,
        ISSUE,
    ),
    (Refusal.TOO_MANY_WORDS, LIMITED, PORT, replace(ISSUE, agreement="合" * (WORDS_MAX + 1))),
    (
        Refusal.TOO_MANY_WORDS,
        LIMITED,
        PORT,
        replace(ISSUE, long_term_reason="长" * (WORDS_MAX + 1)),
    ),
    (Refusal.NO_EVIDENCE, LIMITED, PORT, replace(ISSUE, evidence=AttestationId("A-404"))),
    (Refusal.NO_BACKING, LIMITED, PORT, replace(ISSUE, backing=())),
    (Refusal.NO_BACKING, LIMITED, PORT, replace(ISSUE, backing=(AssetId("vehicle:A"),))),
    (Refusal.NO_BACKING, LIMITED, PORT, replace(ISSUE, backing=(AssetId("certificate:RC-0"),))),
    (Refusal.BACKING_REPEATED, LIMITED, PORT, replace(ISSUE, backing=INVOICES[:1] * 2)),
    (Refusal.TOO_MUCH_BACKING, LIMITED, PORT, replace(ISSUE, backing=INVOICES)),
    (Refusal.NO_LIMIT, (), PORT, ISSUE),
    (Refusal.NOT_SUBJECT, ((FUND, replace(GRANT, subject=BEK)),), PORT, ISSUE),
]
FROM_BELOW: list[Attempt] = [  # Limit and register refuse with their own reasons.
    (occupy.Refusal.WRONG_CURRENCY, LIMITED, PORT, replace(ISSUE, face=Money(1, "USD"))),
    (occupy.Refusal.NOT_USABLE, ((FUND, GRANT),), PORT, ISSUE),
    (
        occupy.Refusal.NOT_USABLE,
        (*LIMITED, (FUND, Freeze(limit_id=LIMIT, note=""))),
        PORT,
        ISSUE,
    ),
    (occupy.Refusal.TOO_LITTLE_LEFT, ISSUED, PORT, another(2, minor=4_000_000_001)),
    (occupy.Refusal.TOO_LITTLE_LEFT, ISSUED, PORT, another(2, minor=MINOR_MAX)),
    (
        register.Refusal.WRONG_NAME,
        LIMITED,
        PORT,
        replace(ISSUE, backing=(AssetId("invoice:a"),)),
    ),
]


@pytest.mark.parametrize(("reason", "steps", "actor", "command"), [*ATTEMPTS, *FROM_BELOW])
def test_it_refuses(
    reason: Refusal, steps: tuple[Step, ...], actor: MemberId, command: Issue
) -> None:
    """One line of ATTEMPTS: after these steps, this is refused for this reason."""
    town = Town()
    play(town, *steps)
    assert verdict(town, decide, actor, command) is reason


def test_every_refusal_is_tried_in_order() -> None:
    """ATTEMPTS follows the enum, so the enum's order is the order that clients are told."""
    assert list(dict.fromkeys(reason for reason, *_ in ATTEMPTS)) == list(Refusal)


def test_forged_issues_stop_the_replay() -> None:
    """A second one, one that is no root, one without a due date, without cover, without backing."""
    town = Town()
    play(town, *LIMITED)
    first, pledged, issued = decide(town.state, ISSUE, context(town, PORT))
    assert isinstance(pledged, PledgeRegistered)
    assert isinstance(issued, CertificateIssued)
    root = issued.certificate
    for forged in (
        replace(root, root=CertificateId("RC-0")),
        replace(root, parent=CertificateId("RC-0")),
        replace(root, generation=1),
        replace(root, stage=Stage.OPEN),
        replace(root, offered_to=BEK),
        replace(root, guarantor=BEK),
        replace(root, moves=1),
    ):
        stops(town, "RCV-ISSUE-1", first, pledged, replace(issued, certificate=forged))
    stops(town, "RCV-ISSUE-1", first, pledged, issued, issued)
    for forged in (
        replace(root, face=cny(0)),
        replace(root, terms=replace(root.terms, due=issued.issued_on)),
    ):
        stops(town, "RCV-ISSUE-2", first, pledged, replace(issued, certificate=forged))
    stops(town, "RCV-ISSUE-3", pledged, issued)
    stops(town, "RCV-ISSUE-3", first, issued)
    dearer = replace(root, face=cny(60_000_001))
    stops(town, "RCV-ISSUE-3", first, pledged, replace(issued, certificate=dearer))
    elsewhere = replace(root, terms=replace(root.terms, limit_id=LimitId("L-2")))
    stops(town, "RCV-ISSUE-3", first, pledged, replace(issued, certificate=elsewhere))
    other = replace(pledged, secured=SecuredId("RC-0"))
    stops(town, "RCV-ISSUE-3", first, other, issued)
