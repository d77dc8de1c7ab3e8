"""Evidence in memory: dossiers, findings, sources and ratings, as the portal asks for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from tallyport.kernel.money import Money
from tallyport.projections.queries.evidence import (
    Count,
    CriterionLine,
    DossierDetail,
    DossierLine,
    EvidenceFigures,
    FindingLine,
    IndicatorLine,
    LinkLine,
    PaymentLine,
    QuarantineLine,
    RatingLine,
    SourceLine,
)
from tallyport.projections.queries.trades import SettlementLine, TradeLine

STATUSES = ("matched", "partly", "contradicting")


def dossier_line(number: int) -> DossierLine:
    """Return the line of dossier `number`; number 0 is the vehicle of the story."""
    vin = "HLX33B128R1643455" if number == 0 else f"LGWEF2A55EL{number:06}"
    return DossierLine(
        vin=vin,
        status=STATUSES[number % 3],
        probability_bp=9_990 - 37 * number,
        contract_no=f"XJYO-20240404{number % 20:02}",
        buyer="OOO «Восток Авто»" if number % 2 else "Milan Group",
        price=Money(1_250_000 + 1_000 * number, "USD"),
        paid=Money(875_000, "USD") if number % 4 else None,
        vqi=None if number % 5 == 4 else 60 + number % 40,
        findings=number % 3,
    )


def finding(number: int) -> FindingLine:
    """Return a finding about dossier `number`."""
    return FindingLine(
        id=f"{number:09}",
        kind="double_sale" if number % 2 else "odometer_rollback",
        records=(f"contract_line:XJYO-{number}/1", f"inspection:{number}"),
        vins=(dossier_line(number).vin,),
        probability_bp=8_400,
        explanation="Sold twice within nine days, under two agreements with two buyers.",
    )


def rating(number: int) -> RatingLine:
    """Return the rating of party `number`."""
    return RatingLine(
        party=f"buyer/{number:03}",
        name=f"Buyer {number}",
        kind="buyer" if number % 2 else "seller",
        grade=f"C{number % 5 + 1}",
        score=90 - 7 * (number % 9),
        reasons=("pays_late", "few_trades"),
        indicators=(
            IndicatorLine(name="payment_delay", value="12 days", points=14, points_max=20),
            IndicatorLine(name="trades", value="4", points=5, points_max=10),
        ),
    )


def trade(number: int) -> TradeLine:
    """Return haul `number`."""
    return TradeLine(
        id=f"haul:YD{number:06}",
        kind="haul",
        party="S00001",
        counterparty="C00001",
        status=("complete", "partly", "contradicting")[number % 3],
        reasons=("haul_not_billed",) if number % 3 else (),
        agreed=Money(1_608_210, "CNY"),
        paid=Money(1_503_000, "CNY") if number % 2 else None,
        opened_on=date(2024, 4, 4),
        done_on=date(2024, 4, 6) if number % 2 else None,
        days_late=None,
        records=("freight_bill:ZD1",),
    )


def settlement(number: int) -> SettlementLine:
    """Return how shipper `number` settles."""
    return SettlementLine(
        id=f"shipper:S{number:05}",
        role="shipper",
        party=f"S{number:05}",
        name=f"Shipper {number}",
        trades=12,
        amount=Money(90_000_000, "CNY"),
        settled=Money(80_000_000, "CNY"),
        open=Money(10_000_000, "CNY"),
        late_bp=1_250,
        days_to_pay_tenths=371,
        ageing=(0, 10_000_000, 0, 0, 0),
    )


@dataclass
class SomeEvidence:
    """`dossiers_max` dossiers, a finding for every third, and what goes with them."""

    dossiers_max: int = 120
    lines: list[DossierLine] = field(init=False)

    def __post_init__(self) -> None:
        found = (dossier_line(number) for number in range(self.dossiers_max))
        self.lines = sorted(found, key=lambda line: line.vin)

    def figures(self) -> EvidenceFigures:
        """Return the evidence in a few numbers."""
        names = [line.status for line in self.lines]
        return EvidenceFigures(
            statuses=tuple(Count(name=one, count=names.count(one)) for one in STATUSES),
            findings=(
                Count(name="double_sale", count=20),
                Count(name="odometer_rollback", count=19),
            ),
            grades=tuple(Count(name=f"C{one}", count=6 - one) for one in range(1, 6)),
            rows=9_411,
            quarantined=2,
        )

    def dossiers(
        self, *, text: str, status: str, vins: frozenset[str] | None, after: str, most: int
    ) -> tuple[DossierLine, ...]:
        """Return dossiers in order of VIN behind `after`."""
        found = [
            line
            for line in self.lines
            if line.vin > after
            and (vins is None or line.vin in vins)
            and status in {"", line.status}
            and text.lower() in f"{line.vin} {line.contract_no} {line.buyer}".lower()
        ]
        return tuple(found[:most])

    def dossier(self, vin: str) -> DossierDetail | None:
        """Return all about one vehicle."""
        line = next((one for one in self.lines if one.vin == vin), None)
        if line is None:
            return None
        link = LinkLine(
            kind="declaration_line",
            key="940120240000123456/1",
            probability_bp=9_950,
            reasons=("same_vin", "same_contract", "amount_fits"),
            source="customs",
            file="05_customs/declarations.xml",
            line=117,
            fields=(("currency", "USD"), ("declared_value", "12500.00"), ("vin", vin)),
        )
        payment = PaymentLine(
            payment_id="ICBC-0001/2024-05-03/17",
            item="balance",
            amount=Money(875_000, "USD"),
            probability_bp=9_700,
            reason="contract_in_text",
        )
        return DossierDetail(
            vqi="87.61 ± 2.30, mean within ± 0.27 (286 reports)",
            line=line,
            criteria=(
                CriterionLine(name="sale", state="met", detail="XJYO-2024040401, line 1"),
                CriterionLine(name="money", state="missing", detail="70 % of the price arrived"),
                CriterionLine(name="value", state="contradicted", detail="declared at 62 %"),
            ),
            links=(link, link),
            payments=(payment,),
            findings=(finding(1),),
        )

    def findings(self, *, kind: str, after: str, most: int) -> tuple[FindingLine, ...]:
        """Return findings in order of id behind `after`."""
        found = [finding(number) for number in range(1, 40)]
        wanted = [one for one in found if one.id > after and kind in {"", one.kind}]
        return tuple(wanted[:most])

    def trades(self, *, kind: str, text: str, after: str, most: int) -> tuple[TradeLine, ...]:
        """Return hauls in order of id behind `after`."""
        found = [trade(number) for number in range(60)]
        return tuple(
            line
            for line in found
            if line.id > after and kind in {"", line.kind} and text.lower() in line.id.lower()
        )[:most]

    def settlements(self, *, role: str, after: str, most: int) -> tuple[SettlementLine, ...]:
        """Return shippers in order of id behind `after`."""
        found = [settlement(number) for number in range(60)]
        return tuple(line for line in found if line.id > after and role in {"", line.role})[:most]

    def sources(self) -> tuple[SourceLine, ...]:
        """Return the files that were read."""
        return (
            SourceLine(
                source="customs",
                file="05_customs/declarations.xml",
                kind="declaration",
                encoding="utf-8",
                rows=401,
                quarantined=2,
                duplicates=1,
            ),
            SourceLine(
                source="vehicles",
                file="02_vehicles/vehicle_stock.csv",
                kind="vehicle",
                encoding="gb18030",
                rows=762,
                quarantined=0,
                duplicates=0,
            ),
        )

    def quarantine(self, *, source: str, after: str, most: int) -> tuple[QuarantineLine, ...]:
        """Return rows that were set aside."""
        line = QuarantineLine(
            id="1",
            source="customs",
            file="05_customs/declarations.xml",
            line=88,
            field="declared_value",
            value="12,5OO.00",
            reason="expected an amount, got letters; write 12500.00",
        )
        return (line,)[:most] if not after and source in {"", line.source} else ()

    def ratings(self, *, kind: str, after: str, most: int) -> tuple[RatingLine, ...]:
        """Return ratings in order of party behind `after`."""
        found = [rating(number) for number in range(60)]
        wanted = [one for one in found if one.party > after and kind in {"", one.kind}]
        return tuple(wanted[:most])

    def rating(self, party: str) -> RatingLine | None:
        """Return the rating of one party."""
        return next((one for number in range(60) if (one := rating(number)).party == party), None)
