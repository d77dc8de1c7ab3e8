"""What an outsider needs to check one receipt: bytes to carry, time to work.

    make bench BENCH=receipts      also part of `make bench BENCH=ledger`

The receipt is that of a certificate transfer in a log of a million entries, under a checkpoint that
three of four institutions have signed. The other leaves are of chance, the tree over them is real.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import ledger
from ledger import Figure, Sealer, accepted, beginning, opened, submitted, transfers
from tallyport.adapters.consortium.cosigning import enough, gather
from tallyport.adapters.ed25519 import Signing
from tallyport.adapters.ed25519 import verify as verify_signature
from tallyport.ledger.merkle import leaf_hash, node_hash
from tallyport.ledger.note import Checkpoint, Note, Signature, VerifierKey
from tallyport.ledger.receipt import Receipt
from tallyport.ledger.verification import Policy, verify

LEVELS = 20  # A tree of 2 ** 20 entries.
QUORUM, SIGNERS = 3, 4
TIMES = 500


def receipt_of_a_million(folder: Path) -> tuple[Receipt, Policy]:
    """Return a receipt, and what it is checked with."""
    engine = opened(folder)
    sealer = Sealer(engine)
    accepted(submitted(engine, [*beginning(sealer), *islice(transfers(sealer, 9, 1), 9)]))
    made, origin = engine.receipt(engine.size), engine.origin
    engine.close()
    level = [os.urandom(32) for _ in range(1 << LEVELS)]
    level[made.index] = leaf_hash(made.entry)
    proof, at = list[bytes](), made.index
    while len(level) > 1:
        proof.append(level[at ^ 1])
        level = [node_hash(*level[one : one + 2]) for one in range(0, len(level), 2)]
        at >>= 1
    checkpoint = Checkpoint(origin, 1 << LEVELS, level[0])
    keys, notes = list[VerifierKey](), list[str]()
    for number in range(SIGNERS):
        signing = Signing(bytes([number]) * 32)
        keys.append(VerifierKey(origin, signing.public))
        line = Signature(origin, keys[-1].hash, signing.sign(checkpoint.text.encode()))
        notes.append(str(Note(checkpoint.text, (line,))))
    note = enough(gather(notes), keys, QUORUM)
    return replace(made, proof=tuple(proof), checkpoint=note), Policy(tuple(keys), QUORUM)


def figures() -> Iterator[Figure]:
    """Yield size and time."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name:
        receipt, policy = receipt_of_a_million(Path(name))
    text, took = str(receipt), list[float]()
    for _ in range(TIMES):
        begun = time.perf_counter()
        verify(text, policy, verify_signature)
        took.append(1_000 * (time.perf_counter() - begun))
    yield Figure(name="receipt_quorum_of_three", value=len(text.encode()), unit="bytes")
    yield Figure(name="receipt_entry_in_it", value=len(receipt.entry), unit="bytes")
    yield Figure(name="receipt_verify", value=statistics.median(took), unit="ms")


if __name__ == "__main__":
    for figure in figures():
        figure.show(ledger.COMMAND.replace("ledger", "receipts"))
