"""Transfers of another ledger come out the same in our books, or are said to be beyond them.

Goal: the translation is faithful: outcomes and sums, two steps, chains, time, repeated ids. Method:
worked cases in the words of the suite, each step judged; every feature that has no word in ours.
"""

from __future__ import annotations

from typing import Any

import pytest

from tallyport.app.cases.ledger_transfers import judge
from tallyport.app.cases.suite import BeyondError, Case
from tallyport.app.cases.transfer_world import WHOLE

Step = tuple[dict[str, Any], Any]
LIMITED = ["debits_must_not_exceed_credits"]


def account(name: str, *flags: str, ledger: int = 1) -> dict[str, Any]:
    """Return an account as the suite describes it."""
    return {"id": name, "ledger": ledger, "code": 1, "flags": list(flags)}


def move(name: str, amount: int, *flags: str, **more: object) -> dict[str, Any]:
    """Return a transfer from account 1 to account 2."""
    plain = {"id": name, "debit_account_id": "1", "credit_account_id": "2", "amount": str(amount)}
    return plain | {"ledger": 1, "code": 1, "flags": list(flags)} | more


def transfers(*events: tuple[dict[str, Any], str]) -> Step:
    """Return a step with its outcomes."""
    given, statuses = [event for event, _ in events], [status for _, status in events]
    return {"op": "create_transfers", "events": given}, statuses


def sums(name: str, *counted: int) -> Step:
    """Return a look at an account: debits pending and posted, credits pending and posted."""
    names = ("debits_pending", "debits_posted", "credits_pending", "credits_posted")
    row = dict(zip(names, map(str, counted), strict=True))
    return {"op": "lookup_accounts", "events": [name]}, [{"id": name, "found": True} | row]


def seen(name: str, **row: object) -> Step:
    """Return a look at a transfer."""
    return {"op": "lookup_transfers", "events": [name]}, [{"id": name} | row]


def wait(value: int, unit: str = "seconds") -> Step:
    """Return a move of the clock."""
    return {"op": "advance_clock", "value": value, "unit": unit}, None


def before(credited: int, **more: str) -> Step:
    """Return what account 1 has before the case."""
    zeros = dict.fromkeys(("debits_pending", "debits_posted", "credits_pending"), "0")
    step = {"op": "set_balance", "account": "1", "credits_posted": str(credited)}
    return step | zeros | more, None


def accounts(*rows: dict[str, Any]) -> Step:
    """Return a step that opens accounts."""
    return {"op": "create_accounts", "events": list(rows)}, ["created"] * len(rows)


PLAIN = accounts(account("1"), account("2"))
POOR = accounts(account("1", *LIMITED), account("2"))


def run(*steps: Step) -> str | None:
    """Judge a case of these steps."""
    given = {"steps": [step for step, _ in steps]}
    return judge(Case(id="case", input=given, expected={"results": [r for _, r in steps]}))


FINE: dict[str, tuple[Step, ...]] = {
    "one step": (
        PLAIN,
        transfers((move("1", 15), "created")),
        sums("1", 0, 15, 0, 0),
        sums("2", 0, 0, 0, 15),
        seen("1", found=True, amount="15"),
        seen("2", found=False),
        ({"op": "lookup_accounts", "events": ["9"]}, [{"id": "9", "found": False}]),
    ),
    "two steps": (
        PLAIN,
        transfers((move("1", 15, "pending"), "created"), (move("2", 7, "pending"), "created")),
        sums("1", 22, 0, 0, 0),
        sums("2", 0, 0, 22, 0),
        transfers(
            (
                move("3", 16, "post_pending_transfer", pending_id="1"),
                "exceeds_pending_transfer_amount",
            ),
            (move("4", 10, "post_pending_transfer", pending_id="1"), "created"),
            (
                move("5", 1, "post_pending_transfer", pending_id="1"),
                "pending_transfer_already_posted",
            ),
            (move("6", 0, "void_pending_transfer", pending_id="2"), "created"),
            (
                move("7", 0, "void_pending_transfer", pending_id="2"),
                "pending_transfer_already_voided",
            ),
            (move("7", 0, "void_pending_transfer", pending_id="2"), "id_already_failed"),
        ),
        sums("1", 0, 10, 0, 0),
        sums("2", 0, 0, 0, 10),
    ),
    "the whole reservation": (
        PLAIN,
        transfers(
            (move("1", 15, "pending"), "created"),
            (move("2", WHOLE, "post_pending_transfer", pending_id="1"), "created"),
        ),
        seen("2", found=True, amount="15"),
        sums("1", 0, 15, 0, 0),
    ),
    "time": (
        PLAIN,
        transfers((move("1", 5, "pending", timeout=2), "created")),
        wait(1),
        sums("1", 5, 0, 0, 0),
        wait(1),
        sums("1", 0, 0, 0, 0),
        transfers(
            (move("2", 5, "post_pending_transfer", pending_id="1"), "pending_transfer_expired")
        ),
    ),
    "a limit": (
        POOR,
        before(20),
        transfers((move("1", 15), "created"), (move("2", 6), "exceeds_credits")),
        transfers((move("3", 5, "pending"), "created"), (move("4", 1), "exceeds_credits")),
        sums("1", 5, 15, 0, 20),
    ),
    "a chain": (
        POOR,
        before(20),
        transfers(
            (move("1", 15, "linked"), "linked_event_failed"),
            (move("2", 6, "linked"), "exceeds_credits"),
            (move("3", 1), "linked_event_failed"),
            (move("4", 5, "linked"), "created"),
            (move("5", 5), "created"),
        ),
        transfers(
            (move("6", 1, "linked"), "linked_event_failed"),
            (move("7", 1, ledger=0), "ledger_must_not_be_zero"),
        ),
        sums("1", 0, 10, 0, 20),
        seen("1", found=False),
        seen("4", found=True),
    ),
    "the same again": (
        PLAIN,
        transfers((move("1", 15), "created"), (move("1", 15), "exists")),
        sums("1", 0, 15, 0, 0),
    ),
    "nothing": (transfers(),),
}


@pytest.mark.parametrize("steps", FINE.values(), ids=FINE)
def test_it_comes_out_the_same(steps: tuple[Step, ...]) -> None:
    """One line of FINE."""
    assert run(*steps) is None


def test_a_difference_is_said_with_its_place() -> None:
    """Of an outcome, and of a sum."""
    wrong = run(PLAIN, transfers((move("1", 15), "exceeds_credits")))
    assert wrong == "step 2: transfers: expected ['exceeds_credits'], got ['created']"
    wrong = run(PLAIN, sums("1", 0, 1, 0, 0))
    assert wrong is not None
    assert wrong.startswith("step 2: account 1: expected")


BEYOND: dict[str, tuple[Step, ...]] = {
    "an account's flag": (accounts(account("1", "closed")),),
    "an account twice": (accounts(account("1"), account("1")),),
    "a ledger without letters": (accounts(account("1", ledger=26**3)),),
    "a transfer's flag": (PLAIN, transfers((move("1", 1, "balancing_debit"), "created"))),
    "a timestamp": (PLAIN, transfers((move("1", 1, timestamp=1), "created"))),
    "zero": (PLAIN, transfers((move("1", 0), "created"))),
    "too much": (PLAIN, transfers((move("1", 1 << 60), "created"))),
    "other accounts": (PLAIN, transfers((move("1", 1, credit_account_id="9"), "created"))),
    "no first step": (
        PLAIN,
        transfers((move("1", 1, "void_pending_transfer", pending_id="9"), "created")),
    ),
    "another content": (PLAIN, transfers((move("1", 1), "created"), (move("1", 2), "exists"))),
    "an open chain": (PLAIN, transfers((move("1", 1, "linked"), "linked_event_chain_open"))),
    "two payers": (
        PLAIN,
        transfers(
            (move("1", 1, "linked"), "created"),
            (move("2", 1, debit_account_id="2", credit_account_id="1"), "created"),
        ),
    ),
    "other sums before": (POOR, before(1, debits_posted="1")),
    "too much before": (POOR, before((1 << 53) - 1)),
    "another clock": (PLAIN, wait(1, "ticks")),
    "a question to a view": (PLAIN, ({"op": "query_transfers", "events": []}, [])),
}


@pytest.mark.parametrize("steps", BEYOND.values(), ids=BEYOND)
def test_it_says_what_it_cannot_express(steps: tuple[Step, ...]) -> None:
    """One line of BEYOND: never passed, never failed."""
    with pytest.raises(BeyondError):
        run(*steps)
