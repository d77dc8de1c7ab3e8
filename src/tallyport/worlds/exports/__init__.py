"""The nine source systems, the buyer registry and the reference data: one module for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from tallyport.worlds.exports import (
    bank,
    buyer_registry,
    contracts,
    customs,
    inspections,
    invoices_tax,
    logistics,
    overseas_warehouse,
    reference,
    service_history,
    vehicles,
)
from tallyport.worlds.files import File
from tallyport.worlds.habits.clerk import Clerk
from tallyport.worlds.reality.simulate import Reality

SYSTEMS: Mapping[str, Callable[[Reality, Clerk], Iterator[File]]] = {
    "01_contracts": contracts.export,
    "02_vehicles": vehicles.export,
    "03_inspections": inspections.export,
    "04_service_history": service_history.export,
    "05_customs": customs.export,
    "06_logistics": logistics.export,
    "07_overseas_warehouse": overseas_warehouse.export,
    "08_invoices_tax": invoices_tax.export,
    "09_bank": bank.export,
    "10_buyer_registry": buyer_registry.export,
    "reference": reference.export,
}
