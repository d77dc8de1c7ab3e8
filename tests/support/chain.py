"""A chain without consensus: drives an application as one CometBFT node does, block after block.

It keeps the blocks it made, so that an application that lost one is given it again, as the
handshake at a start does; a hash that differs then is what would halt a node.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from support.toy import ALI, CHANNEL, START, TOY, authority, enrolment, sealed, signing
from tallyport.adapters.consortium.application import Application, Keeping, Rules
from tallyport.adapters.consortium.blocks import Validators, no_validators
from tallyport.adapters.consortium.wire import Message

KEEPING = Keeping(snapshot_blocks=2, retain_blocks=5)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rules(validators: Validators = no_validators, on_guilty: str = "") -> Rules:
    """Return the rules of the toys; with `on_guilty` that toy timer tells of evidence."""
    return Rules(
        channel=CHANNEL,
        contracts=(replace(TOY, reports=frozenset({on_guilty} - {""})),),
        authority=authority,
        validators=validators,
        on_guilty=on_guilty,
    )


def application(
    folder: Path, validators: Validators = no_validators, on_guilty: str = ""
) -> Application:
    """Return an application in a folder."""
    made = rules(validators, on_guilty)
    return Application(folder, made, log_key=signing(ALI), keeping=KEEPING)


def stamp(at: datetime) -> Message:
    """Return a moment as the chain writes it."""
    span = at - EPOCH
    whole = span // timedelta(seconds=1)
    return {"seconds": whole, "nanos": span.microseconds * 1_000}


@dataclass(slots=True)
class Made:
    """A block that was decided."""

    at: datetime
    txs: Sequence[bytes]
    app_hash: bytes = b""
    results: list[tuple[int, bytes]] = field(default_factory=list)
    guilty: Sequence[tuple[bytes, int]] = ()


class Chain:
    """Blocks, and one application that has executed them."""

    def __init__(
        self,
        folder: Path,
        *,
        time: str = "system",
        validators: Validators = no_validators,
        on_guilty: str = "",
    ) -> None:
        self.folder, self._validators, self._on_guilty = folder, validators, on_guilty
        self._state = b'{"channel":"%s","time":"%s"}' % (CHANNEL.encode(), time.encode())
        self.blocks: list[Made] = []
        self.at = START
        self.application = application(folder, validators, on_guilty)
        self.application.answer("init_chain", {"app_state_bytes": self._state})

    def enrol(self) -> Made:
        """Make a block that lets the first member in."""
        return self.make(sealed(ALI, "enrol", enrolment(ALI)))

    def make(self, *txs: bytes, seconds: int = 1) -> Made:
        """Decide and commit a block."""
        made = self.decide(*txs, seconds=seconds)
        self.commit()
        return made

    def decide(
        self, *txs: bytes, seconds: int = 1, guilty: Sequence[tuple[bytes, int]] = ()
    ) -> Made:
        """Decide a block, as all nodes do, and do not commit it yet."""
        self.at += timedelta(seconds=seconds)
        made = Made(self.at, txs, guilty=guilty)
        self.blocks.append(made)
        answer = self._finalize(len(self.blocks))
        made.app_hash = answer["app_hash"]
        made.results = [(one["code"], one["data"]) for one in answer["tx_results"]]
        return made

    def commit(self) -> Message:
        """Commit what was decided."""
        return self.application.answer("commit", {})

    def check(self, data: bytes) -> Message:
        """Ask whether a transaction may wait."""
        return self.application.answer("check_tx", {"tx": data, "type": 0})

    def updates(self) -> list[tuple[bytes, int]]:
        """Decide and commit an empty block; return which validators it changed."""
        self.at += timedelta(seconds=1)
        self.blocks.append(Made(self.at, ()))
        answer = self._finalize(len(self.blocks))
        self.blocks[-1].app_hash = answer["app_hash"]
        self.commit()
        return [(one["pub_key"]["ed25519"], one["power"]) for one in answer["validator_updates"]]

    def kill(self) -> None:
        """Let the process die: what was not committed is gone."""
        self.application.hang_up()
        self.application.close()

    def start(self) -> int:
        """Start it again and give it the blocks it lacks, as a node does; return how many."""
        self.application = application(self.folder, self._validators, self._on_guilty)
        info = self.application.answer("info", {})
        height: int = info["last_block_height"]
        if height == 0:
            self.application.answer("init_chain", {"app_state_bytes": self._state})
        else:
            assert info["last_block_app_hash"] == self.blocks[height - 1].app_hash
        for number in range(height + 1, len(self.blocks) + 1):
            made = self.blocks[number - 1]
            answer = self._finalize(number)
            assert answer["app_hash"] == made.app_hash, "this would halt the node"
            assert [(one["code"], one["data"]) for one in answer["tx_results"]] == made.results
            self.commit()
        return len(self.blocks) - height

    def entries(self) -> list[bytes]:
        """Return the bytes of all entries on disk."""
        database = self.application.database
        found: list[bytes] = []
        with database.reading() as transaction:
            while (data := database.entry(transaction, len(found) + 1)) is not None:
                found.append(data)
        return found

    def _finalize(self, height: int) -> Message:
        made = self.blocks[height - 1]
        block = {
            "height": height,
            "time": stamp(made.at),
            "txs": list(made.txs),
            "misbehavior": [
                {"type": 1, "validator": {"address": address, "power": 10}, "height": at}
                for address, at in made.guilty
            ],
        }
        return self.application.answer("finalize_block", block)
