"""How the suite is run: how long Hypothesis looks, in which order tests run, which browser.

TALLYPORT_LOOK=night   properties look for minutes instead of seconds
--shuffle SEED         another order of modules and of tests in them; same seed, same order
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser

from support.browser import chromium

settings.register_profile(
    "commit",
    max_examples=50,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],  # A busy machine is not a wrong program.
)
settings.register_profile(
    "night", parent=settings.get_profile("commit"), max_examples=1_000, stateful_step_count=40
)
settings.load_profile(os.environ.get("TALLYPORT_LOOK", "commit"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--shuffle`."""
    parser.addoption("--shuffle", type=int, metavar="SEED", help="run the tests in another order")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Shuffle modules, and tests within each: what one module leaves behind must not matter."""
    seed: int | None = config.getoption("--shuffle")
    if seed is None:
        return
    chance = random.Random(seed)  # noqa: S311 - Nobody is to be surprised but us.
    modules: dict[str, list[pytest.Item]] = {}
    for item in items:
        modules.setdefault(item.nodeid.partition("::")[0], []).append(item)
    groups = list(modules.values())
    chance.shuffle(groups)
    for group in groups:
        chance.shuffle(group)
    items[:] = [item for group in groups for item in group]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which order it was, so that a failure can be had again."""
    seed = terminalreporter.config.getoption("--shuffle")
    if seed is not None:
        terminalreporter.write_line(f"shuffled: --shuffle {seed}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Yield a headless Chromium for tests that are marked `browser`."""
    with chromium() as browser:
        yield browser
