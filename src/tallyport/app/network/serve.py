"""One application, served to one CometBFT (应用进程).

    python -m tallyport.app.network.serve FOLDER

It ends when its store or its own promises break, and says why; whoever supervises it starts it
again. CometBFT ends when its application ends, so both are supervised.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
import threading
from pathlib import Path

from tallyport.adapters.consortium.application import Application, Keeping, Rules
from tallyport.adapters.consortium.blocks import Powers
from tallyport.adapters.consortium.server import Server
from tallyport.adapters.ed25519 import Signing
from tallyport.adapters.keystore import KeyStore, trial_key
from tallyport.app.home import Home
from tallyport.app.network.layout import POWER, log_key_name
from tallyport.app.network.plan import Member, NetworkError
from tallyport.app.settings import Keys, NodeFile
from tallyport.contracts import table
from tallyport.contracts.members.authority import signer
from tallyport.contracts.members.validators import MISBEHAVED, address_of, has_misbehaved, in_force
from tallyport.kernel.contract import Book
from tallyport.kernel.guard import FaultError


def rules(channel: str, genesis: Powers | None = None) -> Rules:
    """Return what every node of the channel runs; `genesis`: the validators it begins with."""
    begun = genesis or {}
    return Rules(
        channel=channel,
        contracts=table.ALL,
        authority=signer,
        validators=lambda book: powers(book, begun),
        on_guilty=MISBEHAVED,
    )


def powers(book: Book, genesis: Powers) -> Powers:
    """Return who votes: those that the members have listed, else those of the genesis.

    Who was caught signing twice is out, listed or not.
    """
    if listed := in_force(book):
        return {bytes.fromhex(one.public_hex): POWER for one in listed}
    return {
        public: power
        for public, power in genesis.items()
        if not has_misbehaved(book, address_of(public.hex()))
    }


def genesis_validators(member: Member) -> Powers:
    """Return public keys and powers of the validators that the chain begins with.

    Raises:
        NetworkError: the genesis cannot be read.
    """
    path = member.comet / "config" / "genesis.json"
    try:
        return {
            base64.b64decode(one["pub_key"]["value"]): int(one["power"])
            for one in json.loads(path.read_text("utf-8"))["validators"]
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NetworkError(f"{path}: expected the genesis of the network, got {error!r}") from error


def log_key(folder: Path) -> Signing:
    """Return the key that signs the checkpoints of the member in `folder`.

    Raises:
        NetworkError: the passphrase is missing.
    """
    home, name = Home(folder), log_key_name(folder.name)
    file = NodeFile.read(home)
    if file.keys is Keys.TRIAL:
        return trial_key(file.seed, name)
    passphrase = os.environ.get("TALLYPORT_PASSPHRASE", "")
    if not passphrase:
        raise NetworkError("TALLYPORT_PASSPHRASE: expected the passphrase of the key store")
    return KeyStore(home.keys, passphrase).get(name)


def keeping() -> Keeping:
    """Return how much is kept for others: TALLYPORT_SNAPSHOT_BLOCKS, TALLYPORT_RETAIN_BLOCKS."""
    usual = Keeping()
    return Keeping(
        snapshot_blocks=_blocks("TALLYPORT_SNAPSHOT_BLOCKS", usual.snapshot_blocks),
        retain_blocks=_blocks("TALLYPORT_RETAIN_BLOCKS", usual.retain_blocks),
    )


def serve(folder: Path) -> None:
    """Serve until told to stop, or until something breaks.

    Raises:
        FaultError: the store or the socket cannot be had, or broke.
        InvariantError: a promise of ours was broken; nothing of the block was stored.
    """
    member, file = Member(folder.absolute()), NodeFile.read(Home(folder))
    over, broken = threading.Event(), list[BaseException]()

    def stop(error: BaseException) -> None:
        broken.append(error)
        over.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    application = Application(
        member.ledger,
        rules(file.channel, genesis_validators(member)),
        log_key=log_key(member.folder),
        keeping=keeping(),
    )
    os.chdir(member.folder)  # A socket's path is short: its folder's may be long.
    server = Server(Path(member.socket.name), application, stop)
    over.wait()
    server.close()
    if broken:
        raise broken[0]


def main() -> None:
    """Serve the member whose folder is named."""
    try:
        serve(Path(sys.argv[1]))
    except FaultError as error:
        sys.stderr.write(f"tallyport: {error}\n")
        sys.exit(1)


def _blocks(name: str, usual: int) -> int:
    text = os.environ.get(name, str(usual))
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise NetworkError(f"{name}: expected a number of blocks from 1, got {text!r}")
    return int(text)


if __name__ == "__main__":
    main()
