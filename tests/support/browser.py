"""A headless Chromium of the operating system, driven by Playwright; no browser is downloaded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

# It is to talk to the portal and to nobody else.
QUIET = (
    "--no-sandbox",  # Test machines run as root, where Chromium's sandbox refuses to start.
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a browser; without Chromium, fail in CI and skip loudly elsewhere."""
    path = shutil.which("chromium")
    if path is None:
        message = "CHROMIUM ABSENT: install it (Debian: apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()
