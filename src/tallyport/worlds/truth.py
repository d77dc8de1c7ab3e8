"""The truth of a world (真值): what really belongs together, as CSV files for measuring a matcher.

The files and columns are those that the scoring program reads; a triad (三元映射) is a VIN, a
declaration line and a payment. Nothing that reads a world for its evidence may open this folder.
"""

from __future__ import annotations

from collections.abc import Iterator

from tallyport.worlds.files import File, Row, Table, csv_file
from tallyport.worlds.reality import consequences
from tallyport.worlds.reality.consequences import Allocation
from tallyport.worlds.reality.model import EntryKind, Line, State
from tallyport.worlds.reality.rates import E10
from tallyport.worlds.reality.simulate import Reality

FOLDER = "truth"
_REFUNDS = {EntryKind.REFUND_OVER, EntryKind.REFUND_AFTER_FINANCING}


def files(world: Reality) -> Iterator[File]:
    """Write down the whole truth."""
    allocations = consequences.allocate(world.payments)
    places = _Places(world)
    tables = {
        "triads": _triads(world, allocations, places),
        "parties": _parties(world),
        "findings": _findings(world),
        "payments": _payments(world),
        "payment_allocations": _allocations(allocations),
        "vehicles": _vehicles(world, allocations, places),
        "contracts": _contracts(world, allocations),
        "instalments": _instalments(world),
        "vehicle_links": _vehicle_links(world, places),
        "bank_entries": _bank_entries(world),
        "entities": _entities(world),
    }
    for name, table in tables.items():
        yield csv_file(f"{FOLDER}/{name}.csv", table, encoding="utf-8")


class _Places:
    """Where each line of a deal stands in the records of the others; "" where it does not."""

    def __init__(self, world: Reality) -> None:
        self.declared = {
            _key(line): (declaration.number, str(goods.number))
            for declaration in world.declarations
            if not declaration.is_phantom
            for goods in declaration.goods
            for line in goods.lines
        }
        self.waybills = {_key(line): bill for bill in world.waybills for line in bill.lines}
        self.stays = {_key(stay.line): stay for stay in world.stays}
        self.invoices = {
            _key(line): invoice.number
            for invoice in world.invoices
            if not invoice.repeats
            for line in invoice.lines
        }

    def state(self, line: Line) -> State:
        """Return how far the vehicle of `line` has come."""
        key = _key(line)
        return consequences.progress(
            self.waybills.get(key), self.stays.get(key), is_declared=key in self.declared
        )


def _key(line: Line) -> tuple[str, int]:
    return line.contract_no, line.number


def _triads(world: Reality, allocations: list[Allocation], places: _Places) -> Table:
    """Return one row a vehicle, declaration line and payment, with the amount."""
    columns = (
        "vin",
        "declaration_no",
        "declaration_line",
        "payment_id",
        "amount_minor",
        "currency",
    )
    paid: dict[tuple[str, int], dict[str, int]] = {}
    for each in allocations:
        amounts = paid.setdefault(_key(each.line), {})
        amounts[each.payment.id] = amounts.get(each.payment.id, 0) + each.amount_minor
    rows: list[Row] = []
    for deal in world.deals:
        for line in deal.lines:
            declared = places.declared.get(_key(line), ("", ""))
            amounts = paid.get(_key(line), {})
            for payment_id, amount in amounts.items():
                rows.append((line.vehicle.vin, *declared, payment_id, amount, deal.currency))
            if not amounts and declared[0]:
                rows.append((line.vehicle.vin, *declared, "", "", ""))
    return Table(columns, rows)


def _parties(world: Reality) -> Table:
    """Return who is meant by every mention of a firm or person."""
    rows: list[Row] = [
        (f"registry:{registration.code}", registration.party.id)
        for registration in world.cast.registrations
    ]
    rows += [(f"contract:{deal.number}", deal.buyer.id) for deal in world.deals]
    rows += [
        (f"declaration:{declaration.number}", declaration.deals[0].buyer.id)
        for declaration in world.declarations
        if not declaration.is_phantom
    ]
    rows += [(f"payment:{payment.id}", payment.payer.id) for payment in world.payments]
    return Table(("mention", "entity"), rows)


def _findings(world: Reality) -> Table:
    """Return the findings: the records that prove each, and those that go with it."""
    rows: list[Row] = [
        (finding.type, ";".join(finding.key), ";".join((*finding.key, *finding.others)))
        for finding in consequences.findings(world)
    ]
    return Table(("type", "key_ids", "record_ids"), rows)


def _payments(world: Reality) -> Table:
    """Return what was sent, what came off, and what stands on the statement."""
    columns = (
        "payment_id",
        "gross_minor",
        "charges_minor",
        "unallocated_minor",
        "currency",
        "statement_amount_minor",
        "statement_currency",
        "rate",
    )
    rows: list[Row] = [
        (
            payment.id,
            payment.gross_minor,
            payment.charges_minor,
            payment.excess_minor,
            payment.currency,
            payment.statement_minor,
            payment.account.currency,
            f"{payment.rate_e10 // E10}.{payment.rate_e10 % E10:010d}",
        )
        for payment in world.payments
    ]
    return Table(columns, rows)


def _allocations(allocations: list[Allocation]) -> Table:
    """Return what each payment paid of each instalment for each vehicle."""
    columns = (
        "payment_id",
        "contract_no",
        "contract_line",
        "vin",
        "item",
        "shipment",
        "amount_minor",
        "currency",
    )
    rows: list[Row] = [
        (
            each.payment.id,
            each.line.contract_no,
            each.line.number,
            each.line.vehicle.vin,
            each.instalment.item,
            each.instalment.shipment,
            each.amount_minor,
            each.payment.currency,
        )
        for each in allocations
    ]
    return Table(columns, rows)


def _vehicles(world: Reality, allocations: list[Allocation], places: _Places) -> Table:
    """Return how far every vehicle has come and what was paid for it under its first contract."""
    columns = ("vin", "state", "contract_no", "price_minor", "paid_minor", "currency")
    paid: dict[tuple[str, int], int] = {}
    for each in allocations:
        paid[_key(each.line)] = paid.get(_key(each.line), 0) + each.amount_minor
    rows: list[Row] = [
        (
            line.vehicle.vin,
            places.state(line),
            deal.number,
            line.price_minor,
            paid.get(_key(line), 0),
            deal.currency,
        )
        for deal in world.deals
        for line in deal.lines
        if not line.is_second_sale
    ]
    rows += [(vehicle.vin, State.IN_STOCK, "", "", "", "") for vehicle in world.stock]
    return Table(columns, rows)


def _contracts(world: Reality, allocations: list[Allocation]) -> Table:
    """Return what every contract cost, what arrived, came off, is open, went back."""
    columns = (
        "contract_no",
        "currency",
        "total_minor",
        "paid_minor",
        "charges_minor",
        "outstanding_minor",
        "refunded_minor",
        "buyer",
    )
    paid: dict[str, int] = {}
    for each in allocations:
        number = each.line.contract_no
        paid[number] = paid.get(number, 0) + each.amount_minor
    charges: dict[str, int] = {}
    for payment in world.payments:
        number = payment.settlements[0].instalment.contract_no
        charges[number] = charges.get(number, 0) + payment.charges_minor
    refunded: dict[str, int] = {}
    for entry in world.entries:
        if entry.kind in _REFUNDS:
            number = entry.contract_no
            refunded[number] = refunded.get(number, 0) + entry.amount_minor
    rows: list[Row] = []
    for deal in world.deals:
        arrived, lost = paid.get(deal.number, 0), charges.get(deal.number, 0)
        open_minor = deal.total_minor - arrived - lost
        back = refunded.get(deal.number, 0)
        total = deal.total_minor
        rows.append(
            (deal.number, deal.currency, total, arrived, lost, open_minor, back, deal.buyer.id)
        )
    return Table(columns, rows)


def _instalments(world: Reality) -> Table:
    """Return what was owed when, and what was sent for it."""
    columns = ("contract_no", "item", "shipment", "due", "amount_minor", "settled_minor")
    sent = consequences.settled(world.payments)
    rows: list[Row] = [
        (
            instalment.contract_no,
            instalment.item,
            instalment.shipment,
            instalment.due.isoformat() if instalment.due else "",
            instalment.amount_minor,
            sent.get(consequences.key_of(instalment), 0),
        )
        for instalment in world.instalments
    ]
    return Table(columns, rows)


def _vehicle_links(world: Reality, places: _Places) -> Table:
    """Return where every line of every contract stands in the other systems."""
    columns = (
        "vin",
        "contract_no",
        "contract_line",
        "second_sale",
        "declaration_no",
        "declaration_line",
        "waybill_no",
        "receipt_no",
        "invoice_no",
    )
    rows: list[Row] = []
    for deal in world.deals:
        for line in deal.lines:
            key = _key(line)
            waybill, stay = places.waybills.get(key), places.stays.get(key)
            rows.append(
                (
                    line.vehicle.vin,
                    deal.number,
                    line.number,
                    int(line.is_second_sale),
                    *places.declared.get(key, ("", "")),
                    waybill.number if waybill else "",
                    stay.act.number if stay and stay.act else "",
                    places.invoices.get(key, ""),
                )
            )
    return Table(columns, rows)


def _bank_entries(world: Reality) -> Table:
    """Return what every entry of every statement is."""
    rows: list[Row] = [
        (payment.id, "receipt", payment.deals[0].number, "") for payment in world.payments
    ]
    rows += [(entry.id, entry.kind, entry.contract_no, entry.linked_id) for entry in world.entries]
    return Table(("payment_id", "kind", "contract_no", "linked_payment_id"), rows)


def _entities(world: Reality) -> Table:
    """Return every firm and person behind the mentions."""
    rows: list[Row] = [
        (
            party.id,
            party.role,
            party.country,
            party.english,
            party.tax_no,
            int(party.is_watched),
        )
        for party in world.cast.parties
    ]
    return Table(("entity", "role", "country", "name", "tax_id", "watched"), rows)
