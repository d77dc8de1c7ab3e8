"""A world is consistent: sums meet, days follow each other, every truth stands in a file.

Goal: whoever measures a matcher on a world measures the matcher, not a mistake of the world.
Method: worlds of any size and seed are made and read back with plain parsers; the sums, links and
findings are computed again from the files by code that shares nothing with the generator.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from support.worlds import CAMT, Reader, made, text_of
from tallyport.worlds.make import VEHICLES_MIN
from tallyport.worlds.reality.simulate import simulate

WORLDS = {"vehicles": st.integers(VEHICLES_MIN, 90), "seed": st.integers(0, 2**32)}
AS_OF = date(2024, 12, 31)


@given(**WORLDS)
@settings(max_examples=8)
def test_every_payment_is_accounted_for(vehicles: int, seed: int) -> None:
    """Allocated + unallocated + charges = instructed; and what arrived stands on the statement."""
    with made(vehicles=vehicles, seed=seed) as world:
        allocated: dict[str, int] = defaultdict(int)
        for row in world.truth("payment_allocations"):
            allocated[row["payment_id"]] += int(row["amount_minor"])
        shown = {row["id"]: row for row in world.entries if row["amount"] != "12O.5O"}
        for row in world.truth("payments"):
            gross, charges = int(row["gross_minor"]), int(row["charges_minor"])
            assert allocated[row["payment_id"]] + int(row["unallocated_minor"]) + charges == gross
            arrived = (gross - charges) * Decimal(row["rate"])
            assert arrived.quantize(Decimal(1), ROUND_HALF_UP) == int(row["statement_amount_minor"])
            entry = shown[row["payment_id"]]
            assert Decimal(entry["amount"]) * 100 == int(row["statement_amount_minor"])
            assert (entry["direction"], entry["currency"]) == ("CRDT", row["statement_currency"])


@given(**WORLDS)
@settings(max_examples=8)
def test_the_sums_of_the_truth_meet(vehicles: int, seed: int) -> None:
    """Triads, allocations, vehicles and contracts tell one story; nobody overpays an instalment."""
    with made(vehicles=vehicles, seed=seed, noise=0) as world:
        by_pair: dict[tuple[str, str], int] = defaultdict(int)
        by_line: dict[tuple[str, str], int] = defaultdict(int)
        by_contract: dict[str, int] = defaultdict(int)
        for row in world.truth("payment_allocations"):
            by_pair[row["vin"], row["payment_id"]] += int(row["amount_minor"])
            by_line[row["contract_no"], row["vin"]] += int(row["amount_minor"])
            by_contract[row["contract_no"]] += int(row["amount_minor"])
        triads: dict[tuple[str, str], int] = defaultdict(int)
        for row in world.truth("triads"):
            if row["payment_id"]:
                triads[row["vin"], row["payment_id"]] += int(row["amount_minor"])
        assert triads == by_pair
        for row in world.truth("vehicles"):
            assert int(row["paid_minor"] or 0) == by_line[row["contract_no"], row["vin"]]
        for row in world.truth("contracts"):
            paid, charges = int(row["paid_minor"]), int(row["charges_minor"])
            assert paid == by_contract[row["contract_no"]]
            assert paid + charges + int(row["outstanding_minor"]) == int(row["total_minor"])
            assert int(row["outstanding_minor"]) >= 0
        for row in world.truth("instalments"):
            assert 0 <= int(row["settled_minor"]) <= int(row["amount_minor"])


@given(**WORLDS)
@settings(max_examples=8)
def test_every_true_link_stands_in_an_export(vehicles: int, seed: int) -> None:
    """Only records that exist count; a finding names only such records."""
    with made(vehicles=vehicles, seed=seed) as world:
        known = records(world)
        columns = {
            "vin": "vehicle",
            "contract_no": "contract",
            "waybill_no": "waybill",
            "receipt_no": "receipt",
            "invoice_no": "invoice",
            "declaration_no": "declaration",
        }
        for row in world.truth("vehicle_links"):
            for column, kind in columns.items():
                assert not row[column] or row[column] in known[kind], (column, row)
            if row["declaration_no"]:
                line = f"{row['declaration_no']}/{row['declaration_line']}"
                assert line in known["goods"]
        everything = set().union(*known.values())
        for row in world.truth("findings"):
            assert set(row["record_ids"].split(";")) <= everything, row
            assert set(row["key_ids"].split(";")) <= set(row["record_ids"].split(";"))
        for row in world.truth("parties"):
            kind, _, number = row["mention"].partition(":")
            assert number in known[kind], row
        assert {row["payment_id"] for row in world.truth("bank_entries")} == known["payment"]
        stock = [row["vin"] for row in world.truth("vehicles")]
        assert len(stock) == len(set(stock)) == vehicles
        assert set(stock) == known["vehicle"]


def records(world: Reader) -> dict[str, set[str]]:
    """Return the numbers that stand in the files, by kind."""
    return {
        "vehicle": {row["车架号"] for row in world.stock} - {""},
        "contract": {row["合同号"] for row in world.contracts} - {""},
        "service": {row["工单号"] for row in world.services} - {""},
        "declaration": {head["EntryId"] for head, _ in world.declarations} - {""},
        "goods": {f"{g['EntryId']}/{g['GNo']}" for _, goods in world.declarations for g in goods},
        "waybill": {row["waybill_no"] for row in world.logistics("waybills")} - {""},
        "receipt": {row["НомерАкта"] for row in world.warehouse("receipts")} - {""},
        "invoice": {row["发票号码"] for row in world.invoices} - {""},
        "payment": {row["id"] for row in world.entries},
        "registry": {row["买方编码"] for row in world.buyers} - {""},
    }


@given(**WORLDS)
@settings(max_examples=8)
def test_statements_follow_on_from_each_other(vehicles: int, seed: int) -> None:
    """Opening + entries = closing, which is the next opening; no account is ever overdrawn."""
    with made(vehicles=vehicles, seed=seed) as world:
        for statement in world.statements:
            opening, closing = balances(statement)
            total = opening
            for entry in statement.iter(f"{CAMT}Ntry"):
                torn = text_of(entry, "Amt") == "12O.5O"
                if torn or text_of(entry, "BookgDt/Dt") == "2024-02-31":
                    continue
                sign = 1 if text_of(entry, "CdtDbtInd") == "CRDT" else -1
                total += sign * Decimal(text_of(entry, "Amt"))
            assert total == closing
        for before, after in pairwise(world.statements):
            if text_of(before, "Acct/Id/Othr/Id") == text_of(after, "Acct/Id/Othr/Id"):
                assert balances(before)[1] == balances(after)[0]
            assert min(balances(before)) > 0


def balances(statement: object) -> tuple[Decimal, Decimal]:
    """Return opening and closing balance of a statement."""
    found = {
        text_of(balance, "Tp/CdOrPrtry/Cd"): Decimal(text_of(balance, "Amt"))
        for balance in statement.iter(f"{CAMT}Bal")  # type: ignore[attr-defined]
    }
    return found["OPBD"], found["CLBD"]


@given(**WORLDS)
@settings(max_examples=15)
def test_what_happens_follows_in_order(vehicles: int, seed: int) -> None:
    """Bought, signed, declared, released, paid, invoiced; all before the end."""
    world = simulate(seed, vehicles)

    for deal in world.deals:
        for line in deal.lines:
            assert line.vehicle.first_registered < line.vehicle.bought < deal.signed
    for declaration in world.declarations:
        for deal in declaration.deals:
            assert deal.signed < declaration.declared <= declaration.released <= AS_OF
    for payment in world.payments:
        assert all(deal.signed < payment.booked <= AS_OF for deal in payment.deals)
        assert payment.charges_minor < payment.settlements[0].amount_minor
    assert len({payment.id for payment in world.payments}) == len(world.payments)
    assert all(invoice.day <= AS_OF for invoice in world.invoices)


@given(**WORLDS)
@settings(max_examples=15)
def test_journeys_follow_in_order(vehicles: int, seed: int) -> None:
    """Departed, through the border, arrived, handed over."""
    world = simulate(seed, vehicles)

    for bill in world.waybills:
        legs = bill.legs
        assert bill.declaration.released <= bill.departed.date()
        for leg, following in pairwise(legs):
            assert leg.arrived is not None
            assert leg.departed < leg.arrived < following.departed
            assert leg.destination == following.origin
        moments = [event.at for event in bill.lock_events]
        assert moments == sorted(moments)
    for stay in world.stays:
        assert stay.waybill.arrived is not None
        assert stay.waybill.arrived.date() <= stay.arrived <= (stay.left or AS_OF) <= AS_OF
        for act in (stay.act, stay.second_act):
            assert act is None or stay.arrived <= act.day <= AS_OF


@given(**WORLDS)
@settings(max_examples=15)
def test_findings_are_what_they_are_called(vehicles: int, seed: int) -> None:
    """Late, default, never arrived, wrong value, rollback: judged again from the records."""
    with made(vehicles=vehicles, seed=seed, noise=0) as world:
        said: dict[str, set[str]] = defaultdict(set)
        for row in world.truth("findings"):
            said[row["type"]].add(row["key_ids"])
        late, unpaid = badly_paid(world)
        assert said["late_payment"] == late
        assert said["payment_default"] == unpaid
        assert said["never_arrived"] == never_seen(world)
        assert said["odometer_rollback"] == turned_back(world)
        assert said["over_invoicing"] | said["under_invoicing"] == wrongly_valued(world)
        assert said["double_sale"] == sold_twice(world)
        assert said["phantom_declaration"] == phantoms(world)


def badly_paid(world: Reader) -> tuple[set[str], set[str]]:
    """Return the contracts paid late and those not paid, from truth and statements."""
    booked = {row["id"]: date.fromisoformat(row["booked"]) for row in world.entries}
    due = {
        (row["contract_no"], row["item"], row["shipment"]): row
        for row in world.truth("instalments")
    }
    came_late: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in world.truth("payment_allocations"):
        key = (row["contract_no"], row["item"], row["shipment"])
        if booked[row["payment_id"]] > date.fromisoformat(due[key]["due"]) + timedelta(days=30):
            came_late[key] += int(row["amount_minor"])
    late = {
        key[0]
        for key, amount in came_late.items()
        # A bank's charge of some dollars does not turn a late payment into a punctual one.
        if amount * 100 >= int(due[key]["amount_minor"]) * 19
    }
    unpaid = {
        row["contract_no"]
        for row in due.values()
        if row["due"]
        and date.fromisoformat(row["due"]) + timedelta(days=60) < AS_OF
        and (int(row["amount_minor"]) - int(row["settled_minor"])) * 5 >= int(row["amount_minor"])
    }
    return late, unpaid


def never_seen(world: Reader) -> set[str]:
    """Return the vehicles that left more than 60 days ago and stand in no file of a warehouse."""
    seen = {
        row["VIN"]
        for name in ("receipts", "releases", "stock_count")
        for row in world.warehouse(name)
    }
    departed = {
        row["waybill_no"]: date.fromisoformat(row["departed_at"][:10])
        for row in world.logistics("waybills")
    }
    return {
        row["vin"]
        for row in world.logistics("waybill_cars")
        if departed[row["waybill_no"]] + timedelta(days=60) < AS_OF and row["vin"] not in seen
    }


def turned_back(world: Reader) -> set[str]:
    """Return the vehicles that a garage saw with more kilometres than the stock record shows."""
    shown = {row["车架号"]: int(row["表显里程km"]) for row in world.stock}
    return {row["车架号"] for row in world.services if int(row["里程"]) > shown[row["车架号"]]}


def wrongly_valued(world: Reader) -> set[str]:
    """Return the declarations whose value is more than 15% off the prices of their vehicles."""
    prices = {
        row["车架号"]: (Decimal(row["单价"]), row["币种"]) for row in reversed(world.contract_lines)
    }
    per_usd = {row["date"]: row for row in world.table("reference/fx_rates.csv")}
    declared: dict[str, list[str]] = defaultdict(list)
    for row in world.truth("vehicle_links"):
        if row["declaration_no"]:
            declared[row["declaration_no"]].append(row["vin"])
    wrong = set()
    for head, _ in world.declarations:
        vins = declared.get(head["EntryId"], [])
        agreed = sum(prices[vin][0] for vin in vins)
        if not agreed:
            continue
        day = head["DeclareDate"]
        currency = prices[vins[0]][1]
        if currency not in {"USD", "CNY", "RUB"}:
            rates = per_usd[f"{day[:4]}-{day[4:6]}-{day[6:]}"]
            agreed /= Decimal(rates[f"{currency}_per_usd"])
        if abs(Decimal(head["TotalValue"]) / agreed - 1) > Decimal("0.15"):
            wrong.add(head["EntryId"])
    return wrong


def sold_twice(world: Reader) -> set[str]:
    """Return the vehicles that stand in two contracts."""
    contracts: dict[str, set[str]] = defaultdict(set)
    for row in world.contract_lines:
        contracts[row["车架号"]].add(row["合同号"])
    return {vin for vin, numbers in contracts.items() if len(numbers) > 1}


def phantoms(world: Reader) -> set[str]:
    """Return the declarations that name a vehicle which nobody ever bought."""
    bought = {row["车架号"] for row in world.stock}
    found = set()
    for head, goods in world.declarations:
        named = " ".join(line["GModel"] for line in goods)
        if not any(vin in named for vin in bought):
            found.add(head["EntryId"])
    return found
