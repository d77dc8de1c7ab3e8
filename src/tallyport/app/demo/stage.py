"""The stage of the demo (舞台): acts send commands through the node, as any member would.

Every command has a key of its own, so a demo that was killed can be started again: what was done
answers as it did the first time, and the rest follows. The clock moves between acts only.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from tallyport.adapters.clock import ManualClock
from tallyport.app.node import Node
from tallyport.contracts.books.deposit import Deposit
from tallyport.kernel.calendar import CHINA_CALENDAR, start_of
from tallyport.kernel.guard import FaultError
from tallyport.kernel.ids import BankReferenceId, MemberId
from tallyport.kernel.money import Money
from tallyport.ledger.entry import CommandEntry

OPENING = timedelta(hours=9)  # Banks open at nine.


class StoryError(FaultError):
    """The ledger answered otherwise than the story tells. Says what was sent and what came."""


class Stage:
    """A node and a clock that the story moves."""

    def __init__(self, node: Node, clock: ManualClock, bank: MemberId) -> None:
        self.node, self.clock, self._bank = node, clock, bank
        self.sent = 0

    def turn_to(self, day: date) -> None:
        """Let time pass until the banks open on `day` or the next working day."""
        self.clock.set(start_of(CHINA_CALENDAR.following(day)) + OPENING)
        self.node.pass_time()
        self.node.settle()

    @property
    def now(self) -> datetime:
        """The story's time."""
        return self.clock.now()

    def send(self, member: MemberId, *commands: object, key: str) -> CommandEntry:
        """Have commands accepted, and let follow what follows.

        Raises:
            StoryError: they were refused.
        """
        entry = self._submit(member, commands, key)
        if entry.reason is not None:
            raise StoryError(f"{key}: expected to be accepted, was refused: {entry.reason}")
        return entry

    def try_in_vain(self, member: MemberId, command: object, *, key: str) -> str:
        """Have a command refused; return the reason.

        Raises:
            StoryError: it was accepted.
        """
        entry = self._submit(member, (command,), key)
        if entry.reason is None:
            raise StoryError(f"{key}: expected to be refused, was accepted")
        return entry.reason

    def pay_in(self, owner: MemberId, amount: Money, reference: str) -> None:
        """Let the bank confirm money that came in for `owner`."""
        deposit = Deposit(owner=owner, amount=amount, reference=BankReferenceId(reference))
        self.send(self._bank, deposit, key=f"deposit:{reference}")

    def _submit(self, member: MemberId, commands: tuple[object, ...], key: str) -> CommandEntry:
        self.sent += 1
        entry = self.node.submit(member, key, *commands)
        self.node.settle()
        return entry


Tell = Callable[[str], None]
