"""What portal and API share (门户与接口): one node, one way to read it, one way to send to it.

Commands come as JSON, as the ledger spells them; they are signed here by the key of the member that
the seat sits for. The same key with the same commands gives the first answer again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from tallyport.adapters.embedded.log import Recorded
from tallyport.adapters.witness import Witness
from tallyport.app.home import Home
from tallyport.app.metrics import Metrics
from tallyport.app.node import Node
from tallyport.app.permissions import Seat, require_sending
from tallyport.app.settings import Shown
from tallyport.kernel.canonical import Json, MalformedError
from tallyport.kernel.form import codec
from tallyport.kernel.ids import MemberId
from tallyport.ledger.envelope import COMMANDS_MAX
from tallyport.ledger.note import Checkpoint, parse_note
from tallyport.projections.mirror import Mirror
from tallyport.projections.queries.evidence import EvidenceQueries, NoEvidence

_member_id = codec(MemberId)


@dataclass(slots=True, kw_only=True)
class Portal:
    """The node that is shown, and what is known about it."""

    node: Node
    home: Home
    is_trial: bool  # Keys derive from a published seed; see app.permissions.
    evidence: EvidenceQueries = field(default_factory=NoEvidence)
    shown: Shown = Shown.LOOPBACK  # Who may read the metrics.
    witness: Witness | None = None  # None: the node watches no other log.
    metrics: Metrics = field(init=False)

    def __post_init__(self) -> None:
        """Count from now on."""
        self.metrics = Metrics(self.node, self.home, lambda: self.evidence.figures().quarantined)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yield the views as they are now: whatever the block reads is as of one entry."""
        with closing(self.node.views.reader()) as views:
            views.execute("BEGIN")
            yield views

    def checkpoint(self) -> Checkpoint:
        """Return what the log states about itself now."""
        return Checkpoint.parse(parse_note(self.node.engine.checkpoint()).text)

    def commands(self, wishes: Json) -> tuple[object, ...]:
        """Return the commands that `wishes` spells.

        Raises:
            MalformedError: not an array of commands. Says which one and what was expected.
        """
        if not isinstance(wishes, list) or not 1 <= len(wishes) <= COMMANDS_MAX:
            raise MalformedError(f"commands: expected an array of 1 to {COMMANDS_MAX} commands")
        decode, found = self.node.engine.machine.commands.decode, list[object]()
        for number, wish in enumerate(wishes):
            try:
                found.append(decode(wish))
            except MalformedError as error:
                message = f"commands[{number}]: {error}"
                raise MalformedError(message) from None
        return tuple(found)

    def send(self, seat: Seat, member: MemberId, key: str, commands: Sequence[object]) -> Recorded:
        """Have linked `commands` judged as `member`; return their entry and whether it was new.

        Raises:
            Denied: the seat may not send as `member`.
            MalformedError: `key` is not fit for an idempotency key.
            Rejected: not even judged, for example the key was used for another wish.
            FaultError: the world broke; the same call again is safe.
        """
        _id("idempotency key", key)
        _id("member", member)
        with self.reading() as views:
            require_sending(seat, member, Mirror(views), is_trial=self.is_trial)
        return self.node.record(self.node.seal(member, key, commands))


def _id(what: str, text: str) -> None:
    try:
        _member_id.decode(text)
    except MalformedError as error:
        message = f"{what}: {error}"
        raise MalformedError(message) from None
