"""Environments with a picture whose region can be painted, and a browser to paint in."""

from __future__ import annotations

import base64
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest_asyncio
from PIL import Image, ImageDraw
from playwright.async_api import Browser, ConsoleMessage, Page

from playground.discord import Interaction, Message
from playground.driver import Environment, Scenario
from playground.images import Pace
from tests.support.browsers import browser as browser  # noqa: PLC0414 - a fixture that is used here
from tests.support.forked import ForkedBotProcess

# How long a test waits for what it expects on the screen, in milliseconds.
PATIENCE = 15_000
PACE = Pace(queue=0.02, step=0.02, steps=2, sync=0.1, side=128)


@dataclass(frozen=True)
class Studio:
    """An environment in which a picture of one's own stands, with its buttons."""

    env: Environment
    single: Message

    async def press(self, by: str = "ada") -> Interaction:
        """Presses the button that leads to the painter."""
        pressed = await self.env.press(self.single, "Vary (Region)", by=by)
        await self.env.until(lambda: links_in(pressed))
        return pressed

    async def link(self, by: str = "ada") -> str:
        """A fresh link to the painter."""
        return links_in(await self.press(by))[0]

    @property
    def picture(self) -> Image.Image:
        """The picture itself."""
        return Image.open(io.BytesIO(self.single.attachments[0].data))

    def masks(self) -> list[Image.Image]:
        """The masks that have reached the image service."""
        sent = [each.body["maskBase64"] for each in self.env.images.submits if each.endpoint == "submit/modal"]
        return [Image.open(io.BytesIO(base64.b64decode(text.partition(",")[2]))) for text in sent]


def links_in(interaction: Interaction) -> list[str]:
    """The links that only the presser was given."""
    messages = [message for message in interaction.messages if message.ephemeral and not message.deleted]
    return [button["url"] for message in messages for button in message.buttons if "url" in button]


def mask_png(size: tuple[int, int], *, white: int = 255) -> bytes:
    """A mask with a box of this value in its middle."""
    mask = Image.new("L", size, 0)
    width, height = size
    ImageDraw.Draw(mask).rectangle((width // 4, height // 4, width // 2, height // 2), fill=white)
    buffer = io.BytesIO()
    mask.save(buffer, "PNG")
    return buffer.getvalue()


@pytest_asyncio.fixture(loop_scope="session")
async def make_studio(tmp_path: Path) -> AsyncIterator[Callable[[Scenario], Awaitable[Studio]]]:
    """Makes studios; at the end nothing that the bot sent or logged may have been wrong."""
    environments: list[Environment] = []
    async with AsyncExitStack() as stack:

        async def make(scenario: Scenario) -> Studio:
            folder = tmp_path / f"environment-{len(environments)}"
            folder.mkdir()
            env = await stack.enter_async_context(Environment(folder, replace(scenario, process=ForkedBotProcess)))
            environments.append(env)
            await env.start_bot()
            grid = await env.result_of(await env.slash("imagine", {"prompt": "a tin robot", "aspect": "3:2"}))
            return Studio(env, await env.result_of(await env.press(grid, "U2")))

        yield make
        for env in environments:
            log = "\n".join(env.bot.lines)
            assert env.discord.violations == []
            assert "Traceback" not in log, log
            assert "/paint/" not in log


@pytest_asyncio.fixture(loop_scope="session")
async def studio(make_studio: Callable[[Scenario], Awaitable[Studio]]) -> Studio:
    return await make_studio(Scenario(pace=PACE))


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser) -> AsyncIterator[Callable[..., Awaitable[Page]]]:
    """Opens an address in a browser of its own. No page may complain, or ask anything of another host."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # What the bot refuses is an answer of 4xx, which the browser mentions; the page says it to people.
        if message.type in ("error", "warning") and "the server responded with a status of 4" not in message.text:
            complaints.append(message.text)

    async with AsyncExitStack() as stack:

        async def open_one(url: str, *, painted_on: bool = True, **options: Any) -> Page:
            context = await browser.new_context(
                viewport=options.pop("viewport", {"width": 1200, "height": 800}), **options
            )
            stack.push_async_callback(context.close)
            context.set_default_timeout(PATIENCE)
            page = await context.new_page()
            host = url.partition("/paint")[0]
            page.on("console", note)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("request", lambda sent: None if host in sent.url else complaints.append(sent.url))
            await page.goto(url)
            if painted_on:
                await page.wait_for_selector("#controls:enabled")
            return page

        yield open_one
    assert complaints == []
