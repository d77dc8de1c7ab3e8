"""A small town of members with a ledger in memory: contracts are tried in it, end to end.

`Town.do` sends commands as a member and answers None or the reason of the refusal; after every step
the whole state can be looked at. Signatures are not checked here (tests/ledger do that).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from tallyport.contracts import table
from tallyport.contracts.books.deposit import Deposit
from tallyport.contracts.books.model import Account, Kind, balance
from tallyport.contracts.members.admit import id_of
from tallyport.contracts.members.authority import signer
from tallyport.contracts.members.found import Found
from tallyport.contracts.members.model import Profile, PublicKey, Role
from tallyport.kernel.contract import Row
from tallyport.kernel.ids import BankReferenceId, MemberId
from tallyport.kernel.keys import Suite
from tallyport.kernel.money import Money
from tallyport.ledger.entry import CommandEntry, Entry, Outcome, entry_bytes, parse_entry
from tallyport.ledger.envelope import Body, body_bytes, seal
from tallyport.ledger.machine import Done, Machine, Place
from tallyport.ledger.state import Memory

OPERATOR, BANK, CUSTOMS = MemberId("operator"), MemberId("tarim-bank"), MemberId("customs")
PORT, ALI, BEK, CAN = (MemberId(n) for n in ("landport", "ali-trading", "bek-parts", "can-steel"))
FUND, SECOND_FUND = MemberId("silk-factoring"), MemberId("oasis-factoring")
TASHKENT, MILAN, SURETY = MemberId("tas-1"), MemberId("milan-group"), MemberId("surety")

ROLES: Mapping[MemberId, tuple[Role, ...]] = {
    OPERATOR: (Role.OPERATOR,),
    BANK: (Role.BANK,),
    CUSTOMS: (Role.CUSTOMS,),
    PORT: (Role.CORE_ENTERPRISE,),
    ALI: (Role.SUPPLIER,),
    BEK: (Role.SUPPLIER,),
    CAN: (Role.SUPPLIER,),
    FUND: (Role.FUNDER,),
    SECOND_FUND: (Role.FUNDER,),
    TASHKENT: (Role.WAREHOUSE,),
    MILAN: (Role.BUYER,),
    SURETY: (Role.GUARANTOR,),
}
VOTERS = (OPERATOR, BANK, CUSTOMS)

R = TypeVar("R", bound=Row)


def cny(yuan: int) -> Money:
    """Return whole yuan as money."""
    return Money(100 * yuan, "CNY")


def public_key(member: MemberId) -> PublicKey:
    """Return a key that is no key, but looks like one and differs for each member."""
    return PublicKey(suite=Suite.ED25519, public_hex=member.encode().hex().ljust(64, "0")[:64])


def profile(member: MemberId) -> Profile:
    """Return what is said of a member at its admission."""
    return Profile(
        id=member,
        name=member.title(),
        roles=ROLES[member],
        keys=(public_key(member),),
        is_voter=member in VOTERS,
    )


class Town:
    """Members, a ledger, a clock that only moves when told."""

    def __init__(self, at: datetime = datetime(2024, 4, 8, 1, 0, tzinfo=UTC)) -> None:
        self.at = at
        self.machine = Machine("main", table.ALL, signer, lambda *_: True)
        self.state = Memory()
        self.entries: list[Entry] = []
        self.numbers = Counter[MemberId]()
        founding = Found(
            name="town", members=tuple(profile(member) for member in ROLES), consents_min=2
        )
        assert self.do(OPERATOR, founding) is None

    def do(self, member: MemberId, *commands: object, key: str | None = None) -> str | None:
        """Send linked commands as `member`; return None when accepted, else the reason."""
        self.numbers[member] += 1
        body = Body(
            channel="main",
            key_id=id_of(public_key(member)),
            idempotency_key=key or f"k{self.numbers[member]}",
            valid_until=self.at + timedelta(hours=1),
            commands=commands,
        )
        raw = seal(body_bytes(body, self.machine.commands), b"s")
        envelope = self.machine.parse(raw)  # Through bytes and back, as in life.
        self.tick()
        before = self._rows()
        actor, done = self.machine.admit(self.state, envelope, self.at)
        assert done is None
        entry = self.machine.execute(self.state, envelope, actor, self._place())
        self._keep(entry)
        if entry.outcome is Outcome.REFUSED:
            assert self._rows() == before, "a refused command changed something"
        return entry.reason

    def let_pass(self, span: timedelta) -> None:
        """Move the clock and let timers fire."""
        self.at += span
        self.tick()

    def tick(self) -> None:
        """Fire what is due."""
        while (entry := self.machine.tick(self.state, self._place())) is not None:
            self._keep(entry)

    def pay_in(self, member: MemberId, amount: Money) -> None:
        """Let the bank confirm a deposit."""
        reference = BankReferenceId(f"in-{len(self.entries)}")
        assert self.do(BANK, Deposit(owner=member, amount=amount, reference=reference)) is None

    def row(self, table_: type[R], key: str) -> R:
        """Return a row that must be there."""
        row = self.state.get(table_, key)
        assert row is not None, f"no {table_.__name__} {key}"
        return row

    def cash(self, member: MemberId, currency: str = "CNY") -> int:
        """Return a member's cash in minor units."""
        return balance(self.state, member, Kind.CASH, currency)

    def is_balanced(self) -> bool:
        """Return whether the accounts of every member sum to zero in every currency."""
        sums = Counter[tuple[MemberId, str]]()
        for account in self.state.scan(Account):
            sums[account.owner, account.currency] += account.balance_minor
        return not any(sums.values())

    @property
    def last(self) -> CommandEntry:
        """The last command's entry."""
        return next(e for e in reversed(self.entries) if isinstance(e, CommandEntry))

    def _rows(self) -> dict[str, dict[str, Row]]:
        """Return all rows but the memory of idempotency keys, which keeps refusals too."""
        return {name: dict(rows) for name, rows in self.state.rows.items() if name != Done.TABLE}

    def _place(self) -> Place:
        return Place(sequence=len(self.entries) + 1, at=self.at)

    def _keep(self, entry: Entry) -> None:
        data = entry_bytes(entry, self.machine.events)
        assert parse_entry(data, self.machine.events) == entry
        self.entries.append(entry)
