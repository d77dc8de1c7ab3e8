"""The node that these tests look at, made once for each module; Django is set up once a process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.evidence import SomeEvidence
from support.portal import django_home, show, small_portal
from tallyport.app.portal import Portal

django_home()  # Before a test module imports one of its tables.


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Yield a node where the story of `support.portal` has happened, shown by Django."""
    folder: Path = tmp_path_factory.mktemp("node")
    with small_portal(folder) as portal:
        portal.evidence = SomeEvidence()
        show(portal)
        yield portal
