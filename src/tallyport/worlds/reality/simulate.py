"""Let a year of trade happen (仿真): from the first dealer to the last bank statement.

Each stage draws from a stream of chance of its own, sees only what happened before it, and changes
nothing of it. `Reality` is the whole of it, before any clerk has touched a key.
"""

from __future__ import annotations

from dataclasses import dataclass

from tallyport.worlds.chance import Dice
from tallyport.worlds.reality import (
    casting,
    customs,
    instalments,
    own_business,
    paperwork,
    payments,
    rates,
    transport,
    upkeep,
    warehouse,
)
from tallyport.worlds.reality.deals import is_spared, sell
from tallyport.worlds.reality.model import (
    Deal,
    Declaration,
    Entry,
    Finding,
    Inspection,
    Instalment,
    Invoice,
    Payment,
    Rebate,
    Service,
    Shipment,
    Stay,
    Vehicle,
    Waybill,
)
from tallyport.worlds.reality.parties import Cast
from tallyport.worlds.reality.rates import Rates


@dataclass(frozen=True, slots=True, kw_only=True)
class Reality:
    """All that happened in a year. `findings` are those planted, not those that follow from it."""

    cast: Cast
    rates: Rates
    deals: list[Deal]
    stock: list[Vehicle]  # Bought, not yet sold.
    services: list[Service]
    inspections: list[Inspection]
    declarations: list[Declaration]
    shipments: list[Shipment]
    waybills: list[Waybill]
    stays: list[Stay]
    instalments: list[Instalment]
    payments: list[Payment]
    entries: list[Entry]
    invoices: list[Invoice]
    rebates: list[Rebate]
    findings: list[Finding]

    @property
    def vehicles(self) -> list[Vehicle]:
        """Every vehicle once: the sold ones in the order of deals, then the stock."""
        return sold(self.deals) + self.stock


def sold(deals: list[Deal]) -> list[Vehicle]:
    """Return the vehicles of `deals`, each once."""
    return [line.vehicle for deal in deals for line in deal.lines if not line.is_second_sale]


def simulate(seed: int, vehicles: int) -> Reality:
    """Let the year happen to `vehicles` vehicles."""

    def dice(name: str) -> Dice:
        return Dice(seed, name)

    cast = casting.cast(dice("cast"), vehicles)
    walk = rates.walk(dice("rates"))
    deals, stock = sell(dice("deals"), cast, walk, vehicles)
    named = {line.vehicle.vin for deal in deals if is_spared(deal) for line in deal.lines}
    services, findings = upkeep.serve(dice("services"), sold(deals) + stock, named)
    inspections = upkeep.inspect(dice("inspections"), sold(deals) + stock)
    declarations, shipments, found = customs.clear(dice("customs"), walk, deals, vehicles)
    findings += found
    waybills = transport.carry(dice("transport"), declarations)
    stays, found = warehouse.receive(dice("warehouse"), waybills, vehicles)
    findings += found
    owed = instalments.schedule(deals, shipments, stays)
    references = payments.References(dice("references"))
    bank = payments.Bank(cast=cast, rates=walk, references=references)
    paid, found, fates = payments.pay(dice("payments"), bank, deals, owed, vehicles)
    findings += found
    invoices, found = paperwork.invoice(dice("invoices"), walk, shipments, vehicles)
    findings += found
    rebates = paperwork.claim(dice("rebates"), invoices)
    ledger = own_business.Ledger(cast=cast, references=references)
    own_business.run(dice("expenses"), ledger, deals, declarations)
    own_business.haul_and_reclaim(dice("freight"), ledger, waybills, rebates)
    loans = own_business.borrow(dice("loans"), ledger, walk, deals, fates)
    findings += own_business.give_back(dice("refunds"), ledger, paid, loans, fates)
    return Reality(
        cast=cast,
        rates=walk,
        deals=deals,
        stock=stock,
        services=services,
        inspections=inspections,
        declarations=declarations,
        shipments=shipments,
        waybills=waybills,
        stays=stays,
        instalments=owed,
        payments=paid,
        entries=ledger.entries,
        invoices=invoices,
        rebates=rebates,
        findings=findings,
    )
