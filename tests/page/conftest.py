"""A browser shared by the session, pages over worlds, and a bot that does as a test says."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

import playground.page
from playground.discord.records import Json
from playground.driver import Scene, World
from playground.images.pace import Pace

CHROMIUM = next((found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), None)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# How long a test waits for what it expects on the screen, in milliseconds.
PATIENCE = 15_000
PACE = Pace(queue=0.05, step=0.08, steps=4, sync=0.1, side=256)

Open = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here: install it with `apt-get install chromium`")
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A local Discord and a local image API; the bot is not started."""
    # One way of authorisation that all four services read, so that the profile can be switched.
    async with World(tmp_path, Scene(pace=PACE, settings={"MJ_AUTH": "secret"})) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def site(world: World) -> AsyncIterator[playground.page.Page]:
    """The page's server."""
    async with playground.page.Page(world, port=0) as served:
        yield served


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, site: playground.page.Page) -> AsyncIterator[Open]:
    """Opens the page in a window of its own. At the end no window may have complained in its console."""
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
            context.set_default_timeout(PATIENCE)
            await context.add_init_script(f"localStorage.setItem('atelier-playground-acting', '{acting}')")
            page = await context.new_page()
            page.on("console", note)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            await page.goto(site.url)
            await page.wait_for_selector("#account b", state="attached")
            return page

        yield open_one
    assert complaints == []


class ScriptedBot:
    """A bot of the test's own: connected to the gateway, it answers interactions as `answers` says by name or id."""

    def __init__(self, world: World, session: aiohttp.ClientSession) -> None:
        self._discord = world.discord
        self._session = session
        self._gateway: aiohttp.ClientWebSocketResponse | None = None
        self._listening: asyncio.Task[None] | None = None
        self.answers: dict[str, Json | None] = {}
        self.heard: list[Json] = []

    async def call(self, method: str, path: str, body: Any = None, files: dict[str, bytes] | None = None) -> Any:
        """A REST request as the bot; the answer's JSON."""
        headers = {"Authorization": f"Bot {self._discord.bot_token}"}
        arguments: dict[str, Any] = {"json": body}
        if files:
            form = aiohttp.FormData()
            form.add_field("payload_json", aiohttp.JsonPayload(body))
            for number, (name, data) in enumerate(files.items()):
                form.add_field(f"files[{number}]", data, filename=name)
            arguments = {"data": form}
        async with self._session.request(method, self._discord.api_url + path, headers=headers, **arguments) as answer:
            return await answer.json() if answer.status != 204 else None

    async def post(self, body: Json, files: dict[str, bytes] | None = None, channel: str = "studio") -> str:
        """Posts a message; its id. The local Discord checks it as Discord would."""
        posted = await self.call("POST", f"/channels/{self._discord.channel(channel).id}/messages", body, files)
        assert "id" in posted, posted
        return str(posted["id"])

    async def register(self, *commands: Json) -> None:
        """Registers commands as the bot's global ones."""
        path = f"/applications/{self._discord.world.application_id}/commands"
        registered = await self.call("PUT", path, list(commands))
        assert isinstance(registered, list), registered

    async def connect(self) -> None:
        """Identifies at the gateway and begins to answer."""
        self._gateway = await self._session.ws_connect(self._discord.gateway_url)
        await self._gateway.receive_json(timeout=5)
        identify = {
            "token": self._discord.bot_token,
            "intents": 1,
            "properties": {"os": "", "browser": "", "device": ""},
        }
        await self._gateway.send_json({"op": 2, "d": identify})
        await self._discord.bot_ready()
        self._listening = asyncio.create_task(self._listen(self._gateway), name="scripted bot")

    async def close(self) -> None:
        if self._gateway is not None:
            await self._gateway.close()
        if self._listening is not None:
            await self._listening

    async def _listen(self, gateway: aiohttp.ClientWebSocketResponse) -> None:
        async for message in gateway:
            event = message.json()
            if event.get("t") == "INTERACTION_CREATE":
                await self._answer(event["d"])

    async def _answer(self, interaction: Json) -> None:
        self.heard.append(interaction)
        data = interaction["data"]
        name = data.get("custom_id") or data["name"]
        answer = self.answers.get("autocomplete" if interaction["type"] == 4 else name)
        if answer is not None:
            await self.call("POST", f"/interactions/{interaction['id']}/{interaction['token']}/callback", answer)


@pytest_asyncio.fixture(loop_scope="session")
async def scripted(world: World) -> AsyncIterator[ScriptedBot]:
    async with aiohttp.ClientSession() as session:
        bot = ScriptedBot(world, session)
        yield bot
        await bot.close()
