"""Cash application: property first, then one story for every way buyers pay.

Goal: no instalment is overfilled, no payment settles more than it is, and the usual stories come
out as they were. Method: Hypothesis with arbitrary payments; worked examples.
"""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallyport.evidence.linkage.cash import Applied, Instalment, Payment, Worth, applied

DEPOSIT = Instalment(key=0, contract_no="C", item="deposit", shipment=0, amount=1_719_00, due=100)
FIRST = Instalment(key=1, contract_no="C", item="balance", shipment=1, amount=2_005_00, due=140)
SECOND = Instalment(key=2, contract_no="C", item="balance", shipment=2, amount=2_006_00, due=150)
TODAY = 365


def payment(name: str, day: int, gross: int, **more: object) -> Payment:
    """Return a payment under agreement C whose gross amount is known."""
    values: dict[str, object] = {
        "entry_no": name,
        "worth": {"C": Worth(gross=gross, how=str(more.pop("how", "exact")))},
        "day": day,
        "together": False,
        "items": frozenset(),
        "shipments": (),
    }
    return Payment(**{**values, **more})  # type: ignore[arg-type]


def story(result: Applied) -> dict[str, list[tuple[int, int]]]:
    """Return (instalment, amount) by payment."""
    told: dict[str, list[tuple[int, int]]] = {}
    for one in result.settled:
        told.setdefault(one.entry_no, []).append((one.key, one.amount))
    return told


amounts = st.integers(1, 900_000)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(amounts, min_size=1, max_size=4),
    st.lists(st.tuples(amounts, st.integers(0, 300)), min_size=1, max_size=6),
)
def test_nothing_is_paid_twice(asked: list[int], paid: list[tuple[int, int]]) -> None:
    """Nothing is paid twice."""
    instalments = [
        Instalment(
            key=key, contract_no="C", item="balance", shipment=key + 1, amount=one, due=30 * key
        )
        for key, one in enumerate(asked)
    ]
    payments = [payment(f"P{at}", day, gross) for at, (gross, day) in enumerate(paid)]
    result = applied(instalments, payments, {}, TODAY)
    to, by = Counter[int](), Counter[str]()
    for one in result.settled:
        assert one.amount > 0
        to[one.key] += one.amount
        by[one.entry_no] += one.amount
    assert all(to[key] <= one for key, one in enumerate(asked))
    assert all(by[one.entry_no] <= result.gross[one.entry_no] for one in payments)
    assert all(0 <= sure <= 1.0001 for sure in result.sure.values())


def test_each_instalment_to_the_cent() -> None:
    """Each instalment to the cent."""
    paid = [payment("a", 98, 1_719_00), payment("b", 150, 2_006_00), payment("c", 145, 2_005_00)]
    result = applied([DEPOSIT, FIRST, SECOND], paid, {}, TODAY)
    assert story(result) == {"a": [(0, 1_719_00)], "b": [(2, 2_006_00)], "c": [(1, 2_005_00)]}
    assert min(result.sure.values()) > 0.95


def test_a_deposit_in_two_parts() -> None:
    """A deposit in two parts."""
    paid = [payment("a", 98, 900_00), payment("b", 103, 819_00), payment("c", 145, 2_005_00)]
    result = applied([DEPOSIT, FIRST], paid, {}, TODAY)
    assert story(result) == {"a": [(0, 900_00)], "b": [(0, 819_00)], "c": [(1, 2_005_00)]}


def test_a_hidden_charge_of_the_usual_kind_closes_the_instalment() -> None:
    """A hidden charge of the usual kind closes the instalment."""
    paid = [payment("a", 98, 1_684_00, how="net")]
    result = applied([DEPOSIT, FIRST], paid, {"a": [35_00]}, TODAY)
    assert story(result) == {"a": [(0, 1_719_00)]}
    assert result.gross == {"a": 1_719_00}


def test_an_unusual_shortfall_stays_open() -> None:
    """An unusual shortfall stays open."""
    paid = [payment("a", 98, 1_683_00, how="net")]
    result = applied([DEPOSIT], paid, {"a": [35_00]}, TODAY)
    assert story(result) == {"a": [(0, 1_683_00)]}


def test_two_shipments_at_once() -> None:
    """Two shipments at once."""
    paid = [payment("a", 150, 4_011_00, shipments=(1, 2), items=frozenset({"balance"}))]
    result = applied([DEPOSIT, FIRST, SECOND], paid, {}, TODAY)
    assert story(result) == {"a": [(1, 2_005_00), (2, 2_006_00)]}


def test_too_much_stays_over() -> None:
    """Too much stays over."""
    paid = [payment("a", 98, 1_800_00)]
    result = applied([DEPOSIT], paid, {}, TODAY)
    assert story(result) == {"a": [(0, 1_719_00)]}
    assert result.gross["a"] - 1_719_00 == 81_00


def test_two_shipments_at_once_and_a_little_more() -> None:
    """Both are paid; what is above them stays over."""
    paid = [payment("a", 150, 4_050_00, shipments=(1, 2), items=frozenset({"balance"}))]
    result = applied([DEPOSIT, FIRST, SECOND], paid, {}, TODAY)
    assert story(result) == {"a": [(1, 2_005_00), (2, 2_006_00)]}
    assert result.gross["a"] == 4_050_00


def test_a_deposit_that_pays_the_rest_as_well() -> None:
    """The text says deposit; but the sum is, to the cent, all that is left to pay."""
    paid = [
        payment("a", 98, 700_00, items=frozenset({"deposit"})),
        payment("b", 120, 1_719_00 - 700_00 + 2_005_00, items=frozenset({"deposit"})),
    ]
    told = story(applied([DEPOSIT, FIRST], paid, {}, TODAY))
    assert told["b"] == [(0, 1_019_00), (1, 2_005_00)]


def test_a_deposit_a_tenth_too_high_stays_over() -> None:
    """A sum that is nobody's rest was not meant for the balance."""
    paid = [payment("a", 98, 1_890_90, items=frozenset({"deposit"}))]
    assert story(applied([DEPOSIT, FIRST], paid, {}, TODAY)) == {"a": [(0, 1_719_00)]}


def test_a_converted_payment_closes_what_the_rate_nearly_gives() -> None:
    """A converted payment closes what the rate nearly gives."""
    paid = [payment("a", 98, 1_725_00, how="rate")]
    result = applied([DEPOSIT, FIRST], paid, {}, TODAY)
    assert story(result) == {"a": [(0, 1_719_00)]}


def test_the_text_decides_between_equal_sums() -> None:
    """The text decides between equal sums."""
    twin = Instalment(key=3, contract_no="C", item="balance", shipment=2, amount=2_005_00, due=140)
    paid = [payment("a", 150, 2_005_00, shipments=(2,), items=frozenset({"balance"}))]
    assert story(applied([FIRST, twin], paid, {}, TODAY)) == {"a": [(3, 2_005_00)]}


def test_what_is_open_decides_between_agreements() -> None:
    """A payment without a number goes where its sum is still missing."""
    other = Instalment(key=9, contract_no="D", item="full", shipment=0, amount=800_00, due=100)
    both = {"C": Worth(gross=800_00, how="exact"), "D": Worth(gross=800_00, how="exact", cost=0.5)}
    paid = [payment("a", 98, 1_719_00), payment("b", 105, 800_00, worth=both)]
    assert story(applied([DEPOSIT, other], paid, {}, TODAY))["b"] == [(9, 800_00)]


@pytest.mark.parametrize("instalments", [[], [DEPOSIT]])
def test_a_payment_that_nothing_asks_for_settles_nothing(instalments: list[Instalment]) -> None:
    """A payment that nothing asks for settles nothing."""
    stray = payment("a", 98, 500_00, worth={"X": Worth(gross=500_00, how="exact")})
    assert applied(instalments, [stray], {}, TODAY).settled == ()
