"""Equal entries, equal bytes, equal heads: also with every contract of ours, on another machine.

Goal: nothing in the contracts depends on the order of hashes, on the process or on the run. Method:
one story with limits, certificates, transfers and a maturity is told in processes with different
hash seeds; they must come to the same head, entry for entry.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
from datetime import timedelta
from support.certificates import OFFERED, ROOT
from support.town import ALI, BEK, CAN, FUND, PORT, Town, cny
from tallyport.contracts.receivable.accept import Accept
from tallyport.contracts.receivable.split import Split
from tallyport.kernel.ids import CertificateId
from tallyport.ledger.entry import entry_bytes
from tallyport.ledger.merkle import Frontier, leaf_hash
town = Town()
for member, command in OFFERED:
    assert town.do(member, command) is None
assert town.do(BEK, Accept(certificate_id=ROOT)) is None
faces = tuple(cny(10_000_000) for _ in range(6))
assert town.do(BEK, Split(certificate_id=ROOT, faces=faces)) is None
assert town.do(CAN, Accept(certificate_id=CertificateId("RC-1/1"))) is not None
town.pay_in(PORT, cny(60_000_000))
for _ in range(14):
    town.let_pass(timedelta(days=30))
tree = Frontier()
for entry in town.entries:
    tree, _ = tree.append(leaf_hash(entry_bytes(entry, town.machine.events)))
print(tree.size, tree.head.hex())
"""


@pytest.mark.determinism
def test_a_story_has_one_head() -> None:
    """Whatever PYTHONHASHSEED is."""
    tests = str(Path(__file__).parents[1])
    heads = set()
    for seed in ("0", "1", "31337"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": tests}
        command = [sys.executable, "-c", SCRIPT]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        heads.add(done.stdout)
    assert len(heads) == 1
    assert int(heads.pop().split()[0]) > 10
