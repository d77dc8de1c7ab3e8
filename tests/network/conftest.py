"""A real network for tests: laid out in a folder of its own, on ports of its own."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.net import Net
from tallyport.app.network.comet import binary
from tallyport.app.network.plan import NetworkError


def free_port(count: int) -> int:
    """Return the first of `count` ports in a row that nobody uses."""
    for first in range(28_000 + os.getpid() % 1_000 * 4, 60_000, count):
        taken = []
        try:
            for port in range(first, first + count):
                one = socket.socket()
                taken.append(one)
                one.bind(("127.0.0.1", port))
        except OSError:
            continue
        finally:
            for one in taken:
                one.close()
        return first
    raise OSError("no free ports")


def _require_cometbft() -> None:
    try:
        binary()
    except NetworkError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(f"COMETBFT ABSENT: {error}")


@pytest.fixture
def four(tmp_path: Path) -> Iterator[Net]:
    """Yield four nodes that run; leave none behind."""
    _require_cometbft()
    net = Net(tmp_path / "net", ("operator", "customs", "bank", "logistics"), free_port(12))
    try:
        net.up()
        yield net
    finally:
        net.close()


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Net]:
    """Yield one node that runs."""
    _require_cometbft()
    net = Net(tmp_path / "net", ("operator",), free_port(2))
    try:
        net.up()
        yield net
    finally:
        net.close()
