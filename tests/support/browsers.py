"""The system's Chromium, for the tests of the pages and for screenshots."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

# The first is the same Chromium without the parts that only a desktop needs; a page opens in half the time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser")
MISSING = "there is no Chromium here: install it with `apt-get install chromium-headless-shell` (or `chromium`)"
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def chromium() -> str | None:
    """The path of Chromium; None if it is not installed."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@asynccontextmanager
async def browsing() -> AsyncIterator[Browser]:
    """A headless Chromium for the block. Raises FileNotFoundError if there is none."""
    executable = chromium()
    if executable is None:
        raise FileNotFoundError(MISSING)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        try:
            yield browser
        finally:
            await browser.close()


needs_chromium = pytest.mark.skipif(chromium() is None, reason=MISSING)


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A browser that all tests of the session share; skips where there is none."""
    if chromium() is None:
        pytest.skip(MISSING)
    async with browsing() as opened:
        yield opened
