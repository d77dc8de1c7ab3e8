"""Stories told by several processes are those told by one.

Goal: who tells a story changes nothing, not even when a teller dies. Method: the same clusters told
here, by two processes, and by a process that ends at once.
"""

from __future__ import annotations

import pytest

from tallyport.evidence.linkage import telling
from tallyport.evidence.linkage.cash import Instalment, Payment, Worth, applied
from tallyport.evidence.linkage.telling import Cluster, stories


def cluster(number: int) -> Cluster:
    """Return an agreement of two shipments and its two payments."""
    name = f"C{number}"
    owed = [
        Instalment(
            key=2 * number + at, contract_no=name, item="balance", shipment=at + 1,
            amount=90_000 + number, due=100 + at,
        )
        for at in range(2)
    ]  # fmt: skip
    paid = [
        Payment(
            entry_no=f"{name}-{at}", worth={name: Worth(gross=90_000 + number, how="exact")},
            day=110 + at, together=False, items=frozenset({"balance"}), shipments=(),
        )
        for at in range(2)
    ]  # fmt: skip
    return owed, paid, {}, 365


CLUSTERS = [cluster(number) for number in range(600)]
HERE = [applied(*one) for one in CLUSTERS]


def test_two_processes_tell_what_one_tells() -> None:
    """The stories, and their order."""
    assert stories(CLUSTERS, processes=2) == HERE


def test_a_few_are_told_here() -> None:
    """No process is started for them."""
    assert stories(CLUSTERS) == HERE


def test_the_batch_of_a_process_that_died_is_told_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever killed it: nothing is lost."""
    monkeypatch.setattr(telling, "TELLER", "tallyport.evidence.linkage.fold")
    assert stories(CLUSTERS, processes=2) == HERE
