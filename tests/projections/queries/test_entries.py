"""An entry opened for people: every entry of the story, and bytes that are none.

Goal: what is shown is what the bytes say; hostile bytes are told, never an error of ours.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.portal import small_portal
from tallyport.kernel.canonical import MalformedError
from tallyport.projections.queries import books, certificates, deals, limits, overview
from tallyport.projections.queries.entries import entries, issued_under, opened


def test_the_story_as_questions_see_it(tmp_path: Path) -> None:
    """Sums of the queries agree with each other and with the story."""
    with small_portal(tmp_path) as portal, portal.reading() as views:
        for sequence in range(1, portal.node.engine.size + 1):
            data = portal.node.engine.raw_entry(sequence)
            entry = opened(data)
            assert entry.sequence == sequence
            assert list(entry.commands) == json.loads(data)["envelope"]["body"]["commands"]
        figures = overview.figures(views)
        assert figures.as_of == portal.node.engine.size
        assert [one.minor for one in figures.outstanding] == [6_000_000_000]
        assert all(zero.is_zero for zero in books.zeros(views))

        detail = certificates.detail(views, "RC-1/2/1")
        assert detail is not None
        assert [one.id for one in detail.line] == ["RC-1/2/1", "RC-1/2", "RC-1"]
        leaves = [one.face.minor for one in detail.tree if one.stage != "split"]
        assert sum(leaves) == detail.root.outstanding_minor
        issue = certificates.issue_entry(detail)
        assert issue is not None
        versions = issued_under(portal.node.engine.raw_entry(issue))
        assert any(version.startswith("CN-SCF-1@") for version in versions)

        lines = limits.limits(views, portal.node.clock.now().date())
        assert [line.limit.depth for line in lines] == [0, 1]
        state = deals.escrow_state(views, "ESC-1")
        assert state is not None
        assert [one.is_paid for one in state.tranches] == [True, False]
        assert state.paid + state.left == state.escrow.amount
        assert all(one.met_by for one in state.tranches[0].conditions)
        assert not any(one.met_by for one in state.tranches[1].conditions)
        own = {line.sequence for line in entries(views, member="tas-1", most=200).items}
        assert own == {1, portal.node.engine.size - 1}


@given(st.binary(max_size=60) | st.builds(lambda v: json.dumps(v).encode(), st.integers()))
def test_bytes_that_are_no_entry_are_told(data: bytes) -> None:
    """Receipts come from anywhere."""
    with pytest.raises(MalformedError, match="expected an entry"):
        opened(data)
