"""A real network for tests: laid out in a folder of its own, on ports of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.net import Net, free_port, require_cometbft


@pytest.fixture
def four(tmp_path: Path) -> Iterator[Net]:
    """Yield four nodes that run; leave none behind."""
    require_cometbft()
    net = Net(tmp_path / "net", ("operator", "customs", "bank", "logistics"), free_port(12))
    try:
        net.up()
        yield net
    finally:
        net.close()


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Net]:
    """Yield one node that runs."""
    require_cometbft()
    net = Net(tmp_path / "net", ("operator",), free_port(2))
    try:
        net.up()
        yield net
    finally:
        net.close()
