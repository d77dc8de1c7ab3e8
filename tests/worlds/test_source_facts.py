"""What source 000 says stands in every world, whatever its size and seed.

Goal: the demo shows the contract, the declarations and the vehicles of the article. Method: worlds
are made without noise and looked up in the files where a reader would look.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from support.worlds import Reader, Record, made
from tallyport.worlds.reality import vin


@pytest.fixture(params=[(20, 1), (45, 7), (250, 3)], ids=str, scope="module")
def world(request: pytest.FixtureRequest) -> Iterator[Reader]:
    """Make a world without noise."""
    vehicles, seed = request.param
    with made(vehicles=vehicles, seed=seed, noise=0) as reader:
        yield reader


def link(world: Reader, number: str) -> Record:
    """Return where the vehicle `number` stands in the other systems."""
    (found,) = [row for row in world.truth("vehicle_links") if row["vin"] == number]
    return found


def test_the_contract_of_twelve_vehicles(world: Reader) -> None:
    """XJYO-2024040401: USD, 30/70, twelve vehicles for LLC "MILAN" Group in Tashkent."""
    (deal,) = [row for row in world.contracts if row["合同号"] == "XJYO-2024040401"]
    lines = [row for row in world.contract_lines if row["合同号"] == "XJYO-2024040401"]

    assert (deal["签订日期"], deal["买方名称"]) == ("2024/4/4", 'LLC "MILAN" Group')
    assert (deal["币种"], deal["付款条件"], deal["目的地"]) == ("USD", "30/70", "Tashkent")
    assert (deal["台数"], len(lines)) == ("12", 12)
    assert Decimal(deal["合同总价"]) == sum(Decimal(row["单价"]) for row in lines)
    assert "JTDKB20X477006598" in {row["车架号"] for row in lines}


def test_its_vehicles_stand_on_one_declaration_through_khorgos(world: Reader) -> None:
    """940220240000058924 declares these twelve and no other."""
    (declaration,) = [
        (head, goods)
        for head, goods in world.declarations
        if head["EntryId"] == "940220240000058924"
    ]
    head, goods = declaration
    vins = [row["车架号"] for row in world.contract_lines if row["合同号"] == "XJYO-2024040401"]
    named = " ".join(line["GModel"] for line in goods)

    assert (head["ExitCustoms"], head["Packs"]) == ("霍尔果斯海关", "12")
    assert head["ContrNo"] == "XJYO-2024040401"
    assert all(number in named for number in vins)
    assert {link(world, number)["declaration_no"] for number in vins} == {"940220240000058924"}


def test_its_vehicles_were_received_in_tashkent(world: Reader) -> None:
    """All twelve have an act of TAS-1, and the balance fell due thereby."""
    vins = {row["车架号"] for row in world.contract_lines if row["合同号"] == "XJYO-2024040401"}
    received = {row["VIN"]: row["Склад"] for row in world.warehouse("receipts")}

    assert {received[number] for number in vins} == {"TAS-1"}
    owed = {
        row["item"]: row
        for row in world.truth("instalments")
        if row["contract_no"] == "XJYO-2024040401"
    }
    total = sum(int(row["amount_minor"]) for row in owed.values())
    assert int(owed["deposit"]["amount_minor"]) * 10 == total * 3
    assert owed["deposit"]["due"] == "2024-04-11"
    assert owed["balance"]["due"]
    assert {row["settled_minor"] == row["amount_minor"] for row in owed.values()} == {True}


def test_the_vehicle_without_an_accident(world: Reader) -> None:
    """LGWEF2A55EL036754: three services, no accident, declaration 940220240000060158."""
    records = [row for row in world.services if row["车架号"] == "LGWEF2A55EL036754"]

    assert [row["类别"] for row in records] == ["维修保养"] * 3
    assert link(world, "LGWEF2A55EL036754")["contract_no"] == "XJYO-2024032905"
    assert link(world, "LGWEF2A55EL036754")["declaration_no"] == "940220240000060158"


def test_the_vehicle_under_a_smart_lock(world: Reader) -> None:
    """HLX33B128R1643455: an L9 Ultra on declaration 940220240000064903, lock XJ-CL2024."""
    found = link(world, "HLX33B128R1643455")
    locks = {row["waybill_no"]: row["lock_no"] for row in world.logistics("waybills")}
    (stock,) = [row for row in world.stock if row["车架号"] == "HLX33B128R1643455"]

    assert found["declaration_no"] == "940220240000064903"
    assert locks[found["waybill_no"]].startswith("XJ-CL2024")
    assert (stock["品牌"], stock["车型"]) == ("理想", "L9 Ultra")
    sealed = [row["lock_no"] for row in world.logistics("lock_events") if row["event"] == "SEALED"]
    assert locks[found["waybill_no"]] in sealed


def test_only_the_named_vehicles_have_a_wrong_check_digit(world: Reader) -> None:
    """The two VINs of the article that are wrong stay wrong; every other VIN is right."""
    unsound = {row["车架号"] for row in world.stock if not vin.is_sound(row["车架号"])}

    assert unsound == {"JTDKB20X477006598", "LGWEF2A55EL036754"}


def test_nothing_goes_wrong_with_what_the_source_names(world: Reader) -> None:
    """No finding touches these contracts, their vehicles or their buyer."""
    named = {
        row["合同号"]
        for row in world.contracts
        if row["买方名称"] == 'LLC "MILAN" Group' or row["合同号"] == "XJYO-2024041101"
    }
    touched = {number for row in world.truth("findings") for number in row["record_ids"].split(";")}

    assert not named & touched
    assert not {row["车架号"] for row in world.contract_lines if row["合同号"] in named} & touched
