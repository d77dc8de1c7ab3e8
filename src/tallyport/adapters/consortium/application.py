"""The ledger as an application of ABCI 2.0 (链上应用): what a CometBFT node asks, and the answers.

    info              how far this node is; older blocks are not given again, younger ones are
    check_tx          may it wait for a block? Form, channel, key and signature; not its time
    prepare_proposal  drop what is no transaction, keep the order
    process_proposal  refuse a block with something that is no transaction: every node agrees
    finalize_block    judge; answer with the tree head as application hash; store nothing
    commit            store

Every node gives equal answers to `process_proposal`, `finalize_block` and the snapshots; the other
answers are its own. The connections share nothing but what is on disk and what was read lately.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tallyport.adapters.consortium.admission import check
from tallyport.adapters.consortium.blocks import Blocks, Validators, no_validators
from tallyport.adapters.consortium.cosigning import Cosigner
from tallyport.adapters.consortium.latest import Latest
from tallyport.adapters.consortium.reading import Reading
from tallyport.adapters.consortium.snapshots import Snapshots
from tallyport.adapters.consortium.transaction import Code, Part, check_dated, parse
from tallyport.adapters.consortium.wire import Message
from tallyport.adapters.ed25519 import Signing
from tallyport.adapters.embedded import collector
from tallyport.adapters.embedded.lock import Lock
from tallyport.adapters.embedded.store import Database, Rows
from tallyport.kernel.canonical import MalformedError, encode, read
from tallyport.kernel.contract import Authority, Contract
from tallyport.kernel.guard import FaultError
from tallyport.ledger.envelope import Envelope
from tallyport.ledger.machine import Machine, Rejected

VERSION = "tallyport/1"
APP_VERSION = 1
_ACCEPT, _REJECT = 1, 2
_ED25519_BYTES = 32


class GenesisError(FaultError):
    """The chain was begun for another ledger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the ledger runs: equal on every node."""

    channel: str
    contracts: tuple[Contract, ...]
    authority: Authority
    validators: Validators = no_validators
    on_guilty: str = ""  # The timer that tells the contracts of evidence; none: nobody is told.


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """How much a node keeps for others; may differ from node to node."""

    snapshot_blocks: int = 500  # A snapshot is offered at every block that this divides.
    retain_blocks: int = 20_000  # Older blocks are dropped; the entries in them stay for ever.


class Application:
    """One ledger in one folder, driven by one CometBFT node."""

    def __init__(
        self, folder: Path, rules: Rules, *, log_key: Signing, keeping: Keeping | None = None
    ) -> None:
        collector.relax()
        self._keeping = keeping or Keeping()
        self._reading = Reading()
        self.machine = Machine(
            rules.channel, rules.contracts, rules.authority, self._reading.verify
        )
        self._lock = Lock(folder / "writer.lock")
        self.database = Database(folder)
        self.database.env.reader_check()  # Readers that were killed hold old pages.
        self.blocks = Blocks(
            self.database,
            self.machine,
            self._reading,
            validators=rules.validators,
            on_guilty=rules.on_guilty,
            snapshot_blocks=self._keeping.snapshot_blocks,
        )
        self._snapshots = Snapshots(self.database, self.machine, rules.channel)
        self._cosigner = Cosigner(self.database, rules.channel, log_key)
        self._quiet = threading.Event()  # No block is being judged: others may use the processor.
        self._quiet.set()
        self._latest = Latest(self.database, self.machine)
        self._judging = ("init_chain", "process_proposal", "finalize_block", "commit")
        self._answers: dict[str, Callable[[Message], Message]] = {
            "echo": lambda asked: {"message": asked["message"]},
            "flush": lambda _: {},
            "info": self._info,
            "init_chain": self._init_chain,
            "query": self._query,
            "check_tx": self._check,
            "prepare_proposal": self._prepare,
            "process_proposal": self._process,
            "finalize_block": self._finalize,
            "commit": self._commit,
            "list_snapshots": self._snapshots.listed,
            "offer_snapshot": lambda asked: self._snapshots.offered(asked, self.blocks.ground),
            "load_snapshot_chunk": self._snapshots.loaded,
            "apply_snapshot_chunk": self._apply_chunk,
            "extend_vote": lambda _: {},
            "verify_vote_extension": lambda _: {"status": _ACCEPT},
        }

    def answer(self, question: str, message: Message) -> Message:
        """Return the answer to one request of the node.

        Raises:
            FaultError: the store broke, or the chain and the store do not fit.
            InvariantError: we are wrong; nothing of the block is stored.
        """
        if question not in self._judging:
            return self._answers[question](message)
        self._quiet.clear()
        try:
            return self._answers[question](message)
        finally:
            self._quiet.set()

    def hang_up(self) -> None:
        """Drop the block that this thread was making; the node will ask for it again."""
        self.blocks.drop()
        self._snapshots.drop()

    def close(self) -> None:
        """Let go of the file."""
        self.database.close()
        self._lock.close()

    # The consensus connection.

    def _init_chain(self, asked: Message) -> Message:
        stated = read(asked["app_state_bytes"] or b"{}")
        if not isinstance(stated, dict) or stated.get("channel") != self.machine.channel:
            raise GenesisError(
                f"expected a genesis of the channel {self.machine.channel!r}, got app_state "
                f"{stated!r}; lay the network out again or use the folder it was laid out for"
            )
        self.blocks.begin(is_trial=stated.get("time") == "trial")
        return {"app_hash": self.blocks.ground.app_hash}

    def _prepare(self, asked: Message) -> Message:
        chosen, room = [], asked["max_tx_bytes"]
        with self._standing() as rows:
            for data in asked["txs"]:
                room -= len(data) + 8  # A list of transactions costs a few bytes each.
                if room < 0:
                    break
                if self._is_transaction(rows, data):
                    chosen.append(data)
        return {"txs": chosen}

    def _process(self, asked: Message) -> Message:
        with self._standing() as rows:
            is_fine = all(self._is_transaction(rows, data) for data in asked["txs"])
        return {"status": _ACCEPT if is_fine else _REJECT}

    @contextmanager
    def _standing(self) -> Iterator[Rows]:
        """Yield the rows as of the last block: equal on every node that votes on the next."""
        rows = Rows(self.database, self.machine.rows)
        with self.database.reading() as opened, rows.within(opened):
            yield rows

    def _is_transaction(self, rows: Rows, data: bytes) -> bool:
        """Return whether it can be read, and asks for what was in force at the last entry."""
        last = self.blocks.last
        try:
            for part in parse(data):
                if not part.envelope:
                    continue
                envelope = self._envelope(part)
                if last is not None:
                    self.machine.check_version(rows, envelope, last.at)
        except MalformedError:
            return False
        return True

    def _finalize(self, asked: Message) -> Message:
        guilty = [
            (one["validator"]["address"], one["height"])
            for one in asked.get("misbehavior", ())
            if one["validator"] is not None
        ]
        block = self.blocks.finalize(asked["height"], moment(asked["time"]), asked["txs"], guilty)
        return {
            "tx_results": block.results,
            "validator_updates": [
                {"pub_key": {"ed25519": public}, "power": power}
                for public, power in block.updates.items()
                if len(public) == _ED25519_BYTES
            ],
            "app_hash": block.tree.head,
        }

    def _commit(self, _asked: Message) -> Message:
        self.blocks.commit()
        height = self.blocks.ground.height
        return {"retain_height": max(0, height - self._keeping.retain_blocks)}

    # The mempool connection.

    def _check(self, asked: Message) -> Message:
        """Say whether a transaction may wait; of a bundle one part that may is enough.

        The time of an envelope is judged when it is ordered.
        """
        self._quiet.wait()
        try:
            parts = parse(asked["tx"])
            with self._latest.book() as seen:
                reasons = [self._rejection(seen.rows, part) for part in parts]
        except MalformedError as error:
            return {"code": int(Code.MALFORMED), "log": str(error)}
        if not reasons or not all(reasons):
            return {}
        reason = reasons[0] or ""
        return {"code": int(Code.REJECTED), "data": reason.encode(), "log": reason}

    def _rejection(self, rows: Rows, part: Part) -> str | None:
        """Return why a part would not be admitted now; raises MalformedError when it is none."""
        check_dated(part, is_trial=self.blocks.ground.is_trial)
        if not part.envelope:
            return None
        envelope, last = self._envelope(part), self.blocks.last
        if last is not None:
            self.machine.check_version(rows, envelope, last.at)
        try:
            check(self.machine, self._reading, rows, envelope)
        except Rejected as rejected:
            return rejected.reason.value
        return None

    def _envelope(self, part: Part) -> Envelope:
        return self._reading.envelope(self.machine, part.envelope)

    # The query and the snapshot connections.

    def _info(self, _asked: Message) -> Message:
        ground = self.blocks.ground
        return {
            "data": self.machine.channel,
            "version": VERSION,
            "app_version": APP_VERSION,
            "last_block_height": ground.height,
            "last_block_app_hash": ground.app_hash if ground.height else b"",
        }

    def _query(self, asked: Message) -> Message:
        height = self.blocks.ground.height
        match asked["path"]:
            case "/checkpoint":
                return {"value": self._cosigner.now().encode(), "height": height}
            case "/cosign":
                try:
                    note = self._cosigner.at(int(asked["data"]))
                except (ValueError, KeyError):
                    message = f"expected a size from 0 to {self._cosigner.size}"
                    return {"code": int(Code.MALFORMED), "log": message, "height": height}
                return {"value": note.encode(), "height": height}
            case "/status":
                return {"value": encode(self._status()), "height": height}
            case other:
                message = f"expected /checkpoint, /cosign or /status, got {other[:60]!r}"
                return {"code": int(Code.MALFORMED), "log": message}

    def _status(self) -> dict[str, Any]:
        blocks = self.blocks
        return {
            "channel": self.machine.channel,
            "head": blocks.ground.app_hash.hex(),
            "height": blocks.ground.height,
            "size": blocks.tree.size,
            "verifier_key": str(self._cosigner.verifier_key),
        }

    def _apply_chunk(self, asked: Message) -> Message:
        answer, is_whole = self._snapshots.applied(asked)
        if is_whole:
            self.blocks.load()
        return answer


def moment(time: Message | None) -> datetime:
    """Return a time stamp of the chain, in whole microseconds, later ones never earlier."""
    if time is None:
        raise GenesisError("expected a block with a time, got none")
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return epoch + timedelta(seconds=time["seconds"], microseconds=time["nanos"] // 1_000)
