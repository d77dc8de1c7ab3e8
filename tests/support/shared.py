"""The shared data: found through TALLYPORT_SHARED, never copied, loudly missed when absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("TALLYPORT_SHARED", Path(__file__).parents[2].parent / "shared"))


def shared(*parts: str) -> Path:
    """Return a path below the shared folder; without it, fail in CI and skip loudly elsewhere."""
    path = ROOT.joinpath(*parts)
    if not path.exists():
        message = f"SHARED DATA ABSENT: {path} does not exist; set TALLYPORT_SHARED to the folder"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return path
