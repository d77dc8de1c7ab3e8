"""Any part leads back to its issue, and an issue to its parts (凭证溯源).

Goal: names that begin alike are not kin. Method: small trees; the example of source 001 is in
test_worked_example.
"""

from __future__ import annotations

import pytest

from support.certificates import CUT, FIRST, ROOT, SECOND, another, certificate
from support.judging import play
from support.town import ALI, PORT, Town, cny
from tallyport.contracts.receivable.accept import Accept
from tallyport.contracts.receivable.model import Certificate
from tallyport.contracts.receivable.split import Split
from tallyport.contracts.receivable.trace import leaves, line, tree
from tallyport.kernel.guard import InvariantError
from tallyport.kernel.ids import CertificateId


def test_neighbours_are_not_kin() -> None:
    """RC-1/1 and RC-1/10, RC-1 and RC-10, stand side by side in the state and apart in the tree."""
    town = Town()
    ten = CertificateId("RC-10")
    play(town, *CUT, (PORT, another(10)), (ALI, Accept(certificate_id=ten)))
    parts = (*[cny(1)] * 9, cny(40_000_000 - 9))
    play(town, (ALI, Split(certificate_id=SECOND, faces=parts)))
    play(town, (ALI, Split(certificate_id=FIRST, faces=(cny(1), cny(19_999_999)))))

    assert [one.id for one in tree(town.state, FIRST)] == ["RC-1/1", "RC-1/1/1", "RC-1/1/2"]
    assert [one.id for one in leaves(town.state, FIRST)] == ["RC-1/1/1", "RC-1/1/2"]
    assert [one.id for one in tree(town.state, ten)] == ["RC-10"]
    assert len(tree(town.state, ROOT)) == 1 + 2 + 2 + 10
    assert len(leaves(town.state, ROOT)) == 2 + 10
    assert tree(town.state, CertificateId("RC-404")) == ()
    assert [one.id for one in line(town.state, certificate(town))] == [ROOT]


def test_a_lost_ancestor_is_no_small_matter() -> None:
    """A state without the parent of a certificate is broken."""
    town = Town()
    play(town, *CUT)
    town.state.drop(Certificate, ROOT)
    with pytest.raises(InvariantError, match="RCV-1"):
        line(town.state, certificate(town, FIRST))
