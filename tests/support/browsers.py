"""A browser for the tests of pages."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from playground.browser import MISSING, browsing, chromium

needs_chromium = pytest.mark.skipif(chromium() is None, reason=MISSING)


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A browser that all tests of the session share; skips where there is none."""
    if chromium() is None:
        pytest.skip(MISSING)
    async with browsing() as opened:
        yield opened
