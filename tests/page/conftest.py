"""A browser shared by the session, pages over environments, and a bot whose answers a test sets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page

import playground.page
from playground.driver import Environment, Scenario
from playground.images import Pace
from tests.page.scripted_bot import Open, ScriptedBot
from tests.support.browsers import browser as browser  # noqa: PLC0414 - a fixture that is used here
from tests.support.forked import ForkedBotProcess

# How long a test waits for what it expects on the screen, in milliseconds.
TIMEOUT_MS = 15_000
PACE = Pace(queue=0.05, step=0.08, steps=4, sync=0.1, side=128)


@pytest_asyncio.fixture(loop_scope="session")
async def env(tmp_path: Path) -> AsyncIterator[Environment]:
    """A local Discord and a local image service; the bot is not started."""
    # One way of authorisation that all four services read, so that the profile can be switched.
    async with Environment(
        tmp_path, Scenario(pace=PACE, settings={"MJ_AUTH": "secret"}, process=ForkedBotProcess)
    ) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def site(env: Environment) -> AsyncIterator[playground.page.Page]:
    """The page's server."""
    async with playground.page.Page(env, port=0) as served:
        yield served


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, site: playground.page.Page) -> AsyncIterator[Open]:
    """Opens the page in a browser context of its own. At the end no console may hold an error or warning."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # What Discord refuses is an answer of 422, which the browser mentions; the page shows it to people.
        if message.type in ("error", "warning") and "422" not in message.text:
            complaints.append(message.text)

    async with AsyncExitStack() as stack:

        async def open_one(acting: str = "ada", **options: Any) -> Page:
            context = await browser.new_context(
                viewport=options.pop("viewport", {"width": 1280, "height": 900}), **options
            )
            stack.push_async_callback(context.close)
            context.set_default_timeout(TIMEOUT_MS)
            await context.add_init_script(f"localStorage.setItem('atelier-playground-acting', '{acting}')")
            page = await context.new_page()
            page.on("console", note)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            await page.goto(site.url)
            await page.wait_for_selector("#account b", state="attached")
            return page

        yield open_one
    assert complaints == []


@pytest_asyncio.fixture(loop_scope="session")
async def scripted(env: Environment) -> AsyncIterator[ScriptedBot]:
    async with aiohttp.ClientSession() as session:
        bot = ScriptedBot(env, session)
        yield bot
        await bot.close()
