"""Accounts and transfers of another ledger (两阶段转账), told in the words of our books.

    account                  a member; without a limit of its own: one with more cash than is moved
    transfer                 PlaceHold and CommitHold, linked in one envelope
    pending transfer         PlaceHold for the payee; post: CommitHold; void: VoidHold
    linked chain             one envelope, so all or none; its payer must be the same
    id of a transfer         idempotency key: the same again does nothing, another content never

Judged are the outcomes and the four sums of every account, read from our ledger's own entries. What
the books have no word for (imports, closing, balancing, amounts of zero, queries, codes for what
differs) is beyond: the case is not passed.
"""

from __future__ import annotations

from typing import Any

from tallyport.app.cases.suite import BeyondError, Case, differs
from tallyport.app.cases.transfer_world import World


def judge(case: Case) -> str | None:
    """Return the first outcome or sum that is not as expected."""
    world = World()
    steps = zip(case.input["steps"], case.expected["results"], strict=True)
    for number, (step, expected) in enumerate(steps, start=1):
        wrong = _step(world, step, expected)
        if wrong is not None:
            return f"step {number}: {wrong}"
    return None


def _step(world: World, step: dict[str, Any], expected: list[Any]) -> str | None:
    match step["op"]:
        case "create_accounts":
            came = [world.open_account(event) for event in step["events"]]
            return differs("accounts", came=came, expected=expected)
        case "create_transfers":
            return differs("transfers", came=world.transfer(step["events"]), expected=expected)
        case "set_balance":
            world.endow(step)
            return None
        case "advance_clock":
            world.let_pass(step["value"], step["unit"])
            return None
        case "lookup_accounts":
            return _compare("account", [world.account(i) for i in step["events"]], expected)
        case "lookup_transfers":
            return _compare("transfer", [world.found(i) for i in step["events"]], expected)
        case op:
            raise BeyondError(f"{op} is a question to a view, not to the books")


def _compare(what: str, came: list[dict[str, Any]], expected: list[dict[str, Any]]) -> str | None:
    """Compare what is expected of each row, and no more."""
    for row, wanted in zip(came, expected, strict=True):
        shown = {name: row.get(name) for name in wanted}
        wrong = differs(f"{what} {wanted['id']}", came=shown, expected=wanted)
        if wrong is not None:
            return wrong
    return None
