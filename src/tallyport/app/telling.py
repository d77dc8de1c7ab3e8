"""What happened, in tables (成表): for the terminal and for the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing

from tallyport.app import telling_files
from tallyport.app.appraisal import Appraisal
from tallyport.app.node import Node
from tallyport.app.telling_files import Shower
from tallyport.evidence.documents.linking import Link
from tallyport.evidence.documents.wording import sentence
from tallyport.evidence.dossiers import vqi
from tallyport.evidence.dossiers.model import Evidence
from tallyport.kernel.money import Money

RATINGS_SHOWN = 8
PAPERS_SHOWN = 40  # More are in the pages.
TEN_THOUSAND_MINOR = 10_000 * 100  # 万元, the unit of the source's example.


def shown(amount: Money) -> str:
    """Return an amount as people read it."""
    return f"{amount.minor / 100:,.2f} {amount.currency}"


def percent(basis_points: int | None) -> str:
    """Return basis points as a percentage."""
    return "-" if basis_points is None else f"{basis_points / 100:.2f} %"


def reading(show: Shower, appraisal: Appraisal) -> None:
    """Show what was read of every system, and what was set aside."""
    rows: dict[str, Counter[str]] = {}
    for file in appraisal.reading.files:
        counts = rows.setdefault(file.source, Counter())
        counts.update(files=1, rows=file.rows, good=file.good, quarantined=file.quarantined)
    show.table(
        f"Exports as of {appraisal.as_of}",
        ["source", ">files", ">rows", ">good", ">in quarantine"],
        [
            (source, c["files"], c["rows"], c["good"], c["quarantined"])
            for source, c in rows.items()
        ],
    )
    telling_files.told(show, appraisal.reading)


def matching(show: Shower, appraisal: Appraisal) -> None:
    """Show how the dossiers stand, an example of links, the money and the findings."""
    summary = appraisal.summary
    if summary is None:
        return
    show.table(
        "Dossiers",
        ["status", ">vehicles", ">share"],
        [
            (status.value, count, percent(10_000 * count // max(1, summary.dossiers)))
            for status, count in summary.statuses.items()
        ],
    )
    example = next(
        (one for one in appraisal.dossiers if one.status.value == "matched" and one.vqi), None
    )
    if example is not None:
        show.table(
            f"Links of {example.vin} (probability {percent(example.probability_bp)})",
            ["record", "number", ">probability", "why"],
            [
                (
                    one.record.kind,
                    one.record.key,
                    percent(one.probability_bp),
                    "; ".join(one.reasons),
                )
                for one in _one_of_each(example.evidence)
            ],
        )
    show.table(
        "Money received and explained by vehicles",
        ["currency", ">received", ">explained", ">share"],
        [
            (
                one.currency,
                f"{one.received_minor / 100:,.2f}",
                f"{one.explained_minor / 100:,.2f}",
                percent(one.explained_bp),
            )
            for one in summary.money
        ],
    )
    show.table("Findings", ["kind", ">count"], sorted(summary.findings.items()))
    fleet = vqi.fleet(appraisal.reading.tables["inspection"])
    if fleet is not None:
        show.table("Vehicle quality index (车辆质量指数)", ["VQI"], [(fleet.sentence(),)])


def _one_of_each(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return the surest evidence of every kind."""
    best: dict[str, Evidence] = {}
    for one in evidence:
        kind = one.record.kind
        if kind not in best or one.probability_bp > best[kind].probability_bp:
            best[kind] = one
    return list(best.values())


def rating(show: Shower, appraisal: Appraisal) -> None:
    """Show the grades, and the firms with the highest scores with what cost them most."""
    grades = Counter((one.role, one.grade.value) for one in appraisal.ratings)
    names = sorted({grade for _, grade in grades})
    roles = sorted({role for role, _ in grades})
    show.table(
        "Ratings",
        ["role", *(f">{name}" for name in names)],
        [(role, *(grades[role, name] for name in names)) for role in roles],
    )
    best = sorted(appraisal.ratings, key=lambda one: (-one.score, one.subject))[:RATINGS_SHOWN]
    show.table(
        "Highest scores",
        ["firm", "role", ">score", "grade", "what costs most"],
        [
            (
                one.name or one.subject,
                one.role,
                one.score,
                one.grade.value,
                one.reasons[0].en if one.reasons else "",
            )
            for one in best
        ],
    )


def quality(show: Shower, appraisal: Appraisal) -> None:
    """Show the contradictions between and within sources."""
    counts = [(rule, count) for rule, count in appraisal.quality.counts().items() if count]
    show.table("Contradictions within and between sources", ["rule", ">times"], counts)


def trades(show: Shower, appraisal: Appraisal) -> None:
    """Show what orders and receivables say, where the folder holds them."""
    if appraisal.orders is not None:
        orders = appraisal.orders.orders
        counts = Counter(orders.get_column("status").to_list())
        show.table(
            "Orders, payments and deliveries (三单对碰)",
            ["status", ">orders", ">share"],
            [
                (status, count, percent(10_000 * count // orders.height))
                for status, count in counts.most_common()
            ],
        )
        reasons = Counter(
            str(one) for ones in orders.get_column("reasons").to_list() for one in ones
        )
        show.table("What is the matter", ["reason", ">orders"], reasons.most_common())
    if appraisal.receivables is not None:
        check = appraisal.receivables
        show.table(
            f"Receivables as of {check.as_of}",
            ["what", ">number"],
            [
                ("invoices", check.invoices.height),
                ("customers", check.customers.height),
                ("early warnings", check.warnings.height),
                ("findings", check.findings.height),
            ],
        )
    freight(show, appraisal)


def freight(show: Shower, appraisal: Appraisal) -> None:
    """Show how hauls, bills and money of a freight platform agree, and how shippers pay."""
    check = appraisal.freight
    if check is None:
        return
    counts = Counter(check.hauls.get_column("status").to_list())
    show.table(
        f"Hauls, bills and payments as of {check.as_of} (网络货运对账)",
        ["status", ">hauls", ">share"],
        [
            (status, count, percent(10_000 * count // check.hauls.height))
            for status, count in counts.most_common()
        ],
    )
    kinds = Counter(check.findings.get_column("type").to_list())
    show.table("Findings of the reconciliation", ["kind", ">count"], sorted(kinds.items()))
    slowest = check.shippers.sort("late_bp", "party_no", descending=[True, False], nulls_last=True)
    show.table(
        "How shippers settle (托运人结算), the latest first",
        ["shipper", ">bills", ">billed", ">open", ">days to pay", ">late"],
        [
            (
                row["name"],
                row["dues"],
                shown(Money(row["amount_minor"], check.currency)),
                f"{row['open_minor'] / 100:,.2f}",
                "-" if row["days_to_pay_tenths"] is None else f"{row['days_to_pay_tenths'] / 10}",
                percent(row["late_bp"]),
            )
            for row in slowest.head(RATINGS_SHOWN).iter_rows(named=True)
        ],
    )


def papers(show: Shower, links: Sequence[Link]) -> None:
    """Show what each document is, where it belongs, and what does not fit."""
    if not links:
        return
    rows = [
        (
            link.paper.file,
            link.paper.kind.value,
            f"{link.kind} {link.key} (by {link.by})" if link.kind else "-",
            "; ".join(sentence(finding) for finding in link.paper.findings) or "-",
        )
        for link in links
    ]
    shown_rows = rows[:PAPERS_SHOWN]
    title = f"Documents (单证): {len(rows)} read, {len(shown_rows)} shown"
    show.table(title, ["file", "kind", "belongs to", "what is the matter"], shown_rows)


def limits(show: Shower, appraisal: Appraisal) -> None:
    """Show the limits that the ratings propose, the largest first."""
    largest = sorted(appraisal.limits, key=lambda one: (-one.amount_minor, one.subject))
    show.table(
        f"Limits proposed ({len(appraisal.limits)} firms, {len(appraisal.preferred)} preferred)",
        ["firm", "role", ">amount", "grade", "basis"],
        [
            (
                one.subject,
                one.role,
                shown(Money(one.amount_minor, one.currency)),
                one.grade.value,
                one.basis,
            )
            for one in largest[:RATINGS_SHOWN]
        ],
    )


def tree(show: Shower, node: Node, title: str) -> None:
    """Show the certificates and everything that was cut from them."""
    query = "SELECT id, generation, holder, face_minor, stage FROM now_certificate ORDER BY _key"
    with closing(node.views.reader()) as views:
        rows = views.execute(query).fetchall()
    show.table(
        title,
        ["certificate", "holder", ">10,000 CNY", "stage"],
        [
            (
                "   " * row["generation"] + row["id"],
                row["holder"],
                f"{row['face_minor'] // TEN_THOUSAND_MINOR:,}",
                row["stage"],
            )
            for row in rows
        ],
    )


def ending(show: Shower, node: Node) -> None:
    """Show how everything ended: certificates, financings, limits, books."""
    tree(show, node, "The certificate at maturity (unit 10,000 CNY)")
    with closing(node.views.reader()) as views:
        financings = views.execute(
            "SELECT id, kind, applicant, principal_minor, principal_currency, discount_minor,"
            " stage FROM now_financing ORDER BY id"
        ).fetchall()
        limits = views.execute(
            "SELECT id, subject, amount_minor, amount_currency, used_minor FROM now_limit"
            " WHERE product <> 'rated' ORDER BY id"
        ).fetchall()
        sums = views.execute(
            "SELECT currency, sum(balance_minor) AS total, sum(abs(balance_minor)) AS turnover"
            " FROM now_account GROUP BY currency ORDER BY currency"
        ).fetchall()
    show.table(
        "Financings",
        ["financing", "kind", "applicant", ">principal", ">discount", "stage"],
        [
            (
                row["id"],
                row["kind"],
                row["applicant"],
                shown(Money(row["principal_minor"], row["principal_currency"])),
                f"{row['discount_minor'] / 100:,.2f}",
                row["stage"],
            )
            for row in financings
        ],
    )
    show.table(
        "Limits",
        ["limit", "firm", ">amount", ">used"],
        [
            (
                row["id"],
                row["subject"],
                shown(Money(row["amount_minor"], row["amount_currency"])),
                f"{row['used_minor'] / 100:,.2f}",
            )
            for row in limits
        ],
    )
    show.table(
        "The books",
        ["currency", ">sum of all accounts", ">sum of their sizes"],
        [
            (row["currency"], f"{row['total'] / 100:,.2f}", f"{row['turnover'] / 100:,.2f}")
            for row in sums
        ],
    )
