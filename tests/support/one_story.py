"""One story with limits, certificates, transfers and a maturity, told in a process of its own.

cd tests && python -m support.one_story     prints how many entries it has, and their head
"""

from __future__ import annotations

from datetime import timedelta

from support.certificates import OFFERED, ROOT
from support.judging import play
from support.town import BEK, CAN, PORT, Town, cny
from tallyport.contracts.receivable.accept import Accept
from tallyport.contracts.receivable.split import Split
from tallyport.kernel.ids import CertificateId
from tallyport.ledger.entry import entry_bytes
from tallyport.ledger.merkle import Frontier, leaf_hash


def main() -> None:
    """Tell it."""
    town = Town()
    play(town, *OFFERED)
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
    print(tree.size, tree.head.hex())  # noqa: T201 - What it is for.


if __name__ == "__main__":
    main()
