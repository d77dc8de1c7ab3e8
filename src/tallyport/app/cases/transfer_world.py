"""A small ledger of ours in memory, for cases of another one: members, books, a bank, a clock.

Everything goes through the state machine as in life, signatures too; keys are made from names.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

from tallyport.adapters.ed25519 import Signing
from tallyport.adapters.suites import verify
from tallyport.app.cases.suite import BeyondError
from tallyport.contracts import books, members
from tallyport.contracts.books.commit import CommitHold
from tallyport.contracts.books.deposit import Deposit
from tallyport.contracts.books.hold import HOLD_FOR_MAX, PlaceHold
from tallyport.contracts.books.model import Hold, HoldStage, Kind, account
from tallyport.contracts.books.post import Posted
from tallyport.contracts.books.void import VoidHold
from tallyport.contracts.members.authority import signer
from tallyport.contracts.members.consent import Consent
from tallyport.contracts.members.found import Found
from tallyport.contracts.members.model import Profile, PublicKey, Role
from tallyport.contracts.members.propose import Admit, Propose
from tallyport.kernel.ids import BankReferenceId, HoldId, MemberId, ProposalId
from tallyport.kernel.money import MINOR_MAX, Money
from tallyport.ledger.entry import CommandEntry
from tallyport.ledger.envelope import DOMAIN, Body, body_bytes, seal
from tallyport.ledger.machine import Machine, Place
from tallyport.ledger.state import Memory

BANK = MemberId("bank")
LIMITED = "debits_must_not_exceed_credits"
ENDOWMENT_MINOR = 1 << 40  # More than any case moves, little enough for many accounts.
WHOLE = (1 << 128) - 1  # "As much as is reserved", in the words of the cases.
EXPRESSIBLE = {"linked", "pending", "post_pending_transfer", "void_pending_transfer"}

# What our books say, in the words of the cases.
STATUS = {
    "books.free_cash_must_cover_amount": "exceeds_credits",
    "books.hold_not_found": "pending_transfer_not_found",
    "books.amount_exceeds_hold": "exceeds_pending_transfer_amount",
    "books.hold_must_not_be_past_its_time": "pending_transfer_expired",
}
ENDED = {
    HoldStage.COMMITTED: "pending_transfer_already_posted",
    HoldStage.VOIDED: "pending_transfer_already_voided",
    HoldStage.EXPIRED: "pending_transfer_expired",
}


class _Wish(NamedTuple):
    """A transfer in our words: who signs, and what."""

    actor: MemberId
    commands: tuple[object, ...]


class World:
    """One case's ledger."""

    def __init__(self) -> None:
        self._at = datetime(2024, 1, 1, tzinfo=UTC)
        contracts = (members.CONTRACT, books.CONTRACT)
        self._machine = Machine("cases", contracts, signer, verify)
        self._state = Memory()
        self._entries: list[CommandEntry] = []
        self._moved = Counter[tuple[MemberId, str]]()  # Gross sums, as a view would keep them.
        self._currency: dict[str, str] = {}
        self._seen: dict[str, tuple[dict[str, Any], bool]] = {}  # Transfers, and if they happened.
        founding = Found(name="cases", members=(_profile(BANK),), consents_min=1)
        self._run(self._state, _Wish(BANK, (founding,)), "found")

    def open_account(self, event: dict[str, Any]) -> str:
        """Admit the account's member; return the status in the words of the cases."""
        name, flags = event["id"], set(event.get("flags", ()))
        if flags - {LIMITED, "history"} or name in self._currency:
            raise BeyondError(f"account {name}: {sorted(flags) or 'opened a second time'}")
        currency = _currency(event["ledger"])
        member, proposal = _member(name), ProposalId(f"admit-{name}")
        admit = Propose(proposal_id=proposal, change=Admit(profile=_profile(member)))
        self._run(self._state, _Wish(BANK, (admit, Consent(proposal_id=proposal))), f"a-{name}")
        if LIMITED not in flags:
            self._pay_in(member, Money(ENDOWMENT_MINOR, currency), f"endowment-{name}")
        self._currency[name] = currency
        return "created"

    def endow(self, step: dict[str, Any]) -> None:
        """Give an account what was credited to it before the case begins."""
        given = {name: _minor(step[name]) for name in step if name not in {"op", "account"}}
        credited = given.pop("credits_posted")
        if any(given.values()):
            raise BeyondError("set_balance of more than posted credits")
        name = step["account"]
        amount = Money(credited, self._currency[name])
        self._pay_in(_member(name), amount, f"before-{len(self._entries)}")
        self._moved[_member(name), "credits_posted"] += credited

    def let_pass(self, value: int, unit: str) -> None:
        """Move the clock and let holds expire."""
        if unit != "seconds" or value < 0:
            raise BeyondError(f"a clock that moves by {value} {unit}")
        self._at += timedelta(seconds=value)
        self._machine.tick(self._state, self._place())

    def transfer(self, events: list[dict[str, Any]]) -> list[str]:
        """Run a batch, chain by chain; return the status of every event."""
        starts = [0] + [
            at + 1 for at, event in enumerate(events) if "linked" not in event.get("flags", ())
        ]
        if starts[-1] != len(events):
            raise BeyondError("a chain that nobody closes: an envelope is always closed")
        chains = [events[start:end] for start, end in pairwise(starts)]
        return [status for chain in chains for status in self._chain(chain)]

    def _chain(self, chain: list[dict[str, Any]]) -> list[str]:
        if len(chain) == 1 and chain[0]["id"] in self._seen:
            return [self._again(chain[0])]
        lacking = [at for at, event in enumerate(chain) if event["ledger"] == 0]
        if lacking:  # No currency is spelled so: the envelope is malformed.
            return _failed(len(chain), lacking[0], "ledger_must_not_be_zero")
        wishes = [self._wish(event) for event in chain]
        if len({wish.actor for wish in wishes}) > 1:
            raise BeyondError("a chain of several payers: an envelope has one signer")
        for count in range(1, len(chain) + 1):  # The shorter ones only find out which one fails.
            store = self._state if count == len(chain) else self._copy()
            commands = tuple(one for wish in wishes[:count] for one in wish.commands)
            key = "+".join(event["id"] for event in chain[:count])
            reason = self._run(store, _Wish(wishes[0].actor, commands), key)
            if reason is not None:
                self._seen[chain[count - 1]["id"]] = (chain[count - 1], False)
                return _failed(len(chain), count - 1, self._status(reason, chain[count - 1]))
        self._seen |= {event["id"]: (event, True) for event in chain}
        return ["created"] * len(chain)

    def _again(self, event: dict[str, Any]) -> str:
        """Send a transfer that was sent before: our ledger remembers what became of it."""
        first, accepted = self._seen[event["id"]]
        if not accepted:
            return "id_already_failed"
        if event != first:
            raise BeyondError("a second transfer of one id: the books do not say what differs")
        count = len(self._entries)
        self._run(self._state, self._wish(event), event["id"])
        return "exists" if len(self._entries) == count else "created"

    def _wish(self, event: dict[str, Any]) -> _Wish:
        flags = set(event.get("flags", ()))
        name, payer, payee = event["id"], event["debit_account_id"], event["credit_account_id"]
        minor, pending = event["amount"], event.get("pending_id")
        if flags - EXPRESSIBLE or any(event.get(name) for name in ("timestamp", "reserved")):
            raise BeyondError(f"transfer {name}: {sorted(flags - EXPRESSIBLE) or 'timestamp'}")
        if pending:
            return self._second_step(flags, pending, minor)
        currency = _currency(event["ledger"])
        if {self._currency.get(payer), self._currency.get(payee)} != {currency}:
            raise BeyondError(f"transfer {name}: accounts that are not there, or not so")
        lasts = timedelta(seconds=event["timeout"]) if event.get("timeout") else HOLD_FOR_MAX
        amount, hold_id = Money(_minor(minor), currency), HoldId(f"t-{name}")
        place = PlaceHold(
            hold_id=hold_id, amount=amount, payee=_member(payee), expires=self._at + lasts
        )
        pay = CommitHold(hold_id=hold_id, payee=_member(payee), amount=amount)
        if amount.minor == 0:
            raise BeyondError(f"transfer {name}: an amount of zero")
        return _Wish(_member(payer), (place,) if "pending" in flags else (place, pay))

    def _second_step(self, flags: set[str], pending: str, minor: str) -> _Wish:
        hold = self._state.get(Hold, f"t-{pending}")
        if hold is None or hold.payee is None or len(flags - {"linked"}) != 1:
            raise BeyondError(f"the second step of {pending}, which is no first step of ours")
        if "void_pending_transfer" in flags:
            return _Wish(hold.payee, (VoidHold(hold_id=hold.id),))
        whole = int(minor) == WHOLE
        amount = hold.amount if whole else Money(_minor(minor), hold.amount.currency)
        return _Wish(hold.owner, (CommitHold(hold_id=hold.id, payee=hold.payee, amount=amount),))

    def _status(self, reason: str, event: dict[str, Any]) -> str:
        hold = self._state.get(Hold, f"t-{event.get('pending_id')}")
        if reason == "books.hold_must_be_open" and hold is not None:
            return ENDED[hold.stage]
        return STATUS.get(reason, reason)

    def account(self, name: str) -> dict[str, Any]:
        """Return the four sums of an account."""
        if name not in self._currency:
            return {"id": name, "found": False}
        member, currency = _member(name), self._currency[name]
        held = account(self._state, member, Kind.CASH, currency).held_minor
        promised = sum(
            hold.amount.minor
            for hold in self._state.scan(Hold)
            if hold.payee == member and hold.stage is HoldStage.OPEN
        )
        return {
            "id": name,
            "found": True,
            "debits_pending": str(held),
            "debits_posted": str(self._moved[member, "debits_posted"]),
            "credits_pending": str(promised),
            "credits_posted": str(self._moved[member, "credits_posted"]),
            "closed": False,
        }

    def found(self, name: str) -> dict[str, Any]:
        """Return whether a transfer happened, and how much it was."""
        event, accepted = self._seen.get(name, ({}, False))
        if not accepted:
            return {"id": name, "found": False}
        amount = event["amount"]
        if int(amount) == WHOLE:
            pending = self._state.get(Hold, f"t-{event.get('pending_id')}")
            amount = None if pending is None else str(pending.amount.minor)
        return {"id": name, "found": True, "amount": amount}

    def _pay_in(self, member: MemberId, amount: Money, reference: str) -> None:
        deposit = Deposit(owner=member, amount=amount, reference=BankReferenceId(reference))
        reason = self._run(self._state, _Wish(BANK, (deposit,)), reference)
        if reason is not None:
            raise BeyondError(f"{amount.minor} units cannot be paid in: {reason}")

    def _place(self) -> Place:
        return Place(sequence=len(self._entries) + 1, at=self._at)

    def _copy(self) -> Memory:
        copy = Memory()
        for rows in self._state.rows.values():
            for row in rows.values():
                copy.put(row)
        return copy

    def _run(self, store: Memory, wish: _Wish, key: str) -> str | None:
        """Send `wish` through the state machine; return the reason of a refusal, or None."""
        signing = _signing(wish.actor)
        body = Body(
            channel="cases",
            key_id=signing.key_id,
            idempotency_key=key,
            valid_until=self._at,
            commands=wish.commands,
        )
        signed = body_bytes(body, self._machine.commands)
        envelope = self._machine.parse(seal(signed, signing.sign(DOMAIN + signed)))
        actor, done = self._machine.admit(store, envelope, self._at)
        if done is not None:
            return None
        entry = self._machine.execute(store, envelope, actor, self._place())
        if store is self._state:
            self._entries.append(entry)
            self._count(entry)
        return entry.reason

    def _count(self, entry: CommandEntry) -> None:
        """Add what was paid out of holds to the sums."""
        for event in entry.events:
            if isinstance(event, Posted) and event.purpose == "hold":
                for line in event.lines:
                    if line.kind is Kind.CASH:
                        side = "debits_posted" if line.minor < 0 else "credits_posted"
                        self._moved[line.owner, side] += abs(line.minor)


def _failed(count: int, at: int, status: str) -> list[str]:
    """Return the statuses of a chain of `count` that fell over its event `at`."""
    return [status if index == at else "linked_event_failed" for index in range(count)]


def _member(name: str) -> MemberId:
    return MemberId(f"account-{name}")


@cache
def _signing(member: MemberId) -> Signing:
    return Signing(hashlib.sha256(member.encode()).digest())


def _profile(member: MemberId) -> Profile:
    is_bank, signing = member == BANK, _signing(member)
    return Profile(
        id=member,
        name=member,
        roles=(Role.BANK if is_bank else Role.SUPPLIER,),
        keys=(PublicKey(suite=signing.suite, public_hex=signing.public.hex()),),
        is_voter=is_bank,
    )


def _currency(ledger: int) -> str:
    """Return three capital letters for the number of a ledger."""
    if not 0 < ledger < 26**3:
        raise BeyondError(f"ledger {ledger}: a currency has three letters")
    letters = (ledger // 26**2, ledger // 26 % 26, ledger % 26)
    return "".join(chr(ord("A") + letter) for letter in letters)


def _minor(text: str) -> int:
    value = int(text)
    if value > MINOR_MAX:
        raise BeyondError(f"an amount of {value}: ours end at {MINOR_MAX}")
    return value
