"""A local Discord, a raw HTTP client with the bot's token, and a small real discord.py bot."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from playground.discord import Limits, LocalDiscord
from playground.discord.openapi import OpenApi

SPEC = Path(__file__).resolve().parents[2].parent / "shared" / "discord-openapi.json"


@pytest.fixture(scope="session")
def spec() -> OpenApi | None:
    """Discord's OpenAPI description, where it is at hand."""
    return OpenApi(SPEC) if SPEC.exists() else None


@pytest.fixture
async def local(spec: OpenApi | None) -> AsyncIterator[LocalDiscord]:
    """A local Discord with rates that nobody reaches."""
    async with LocalDiscord(limits=Limits.off(), openapi=spec) as discord:
        yield discord


@dataclass
class Reply:
    status: int
    body: Any
    headers: Any


Call = Callable[..., Awaitable[Reply]]


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        yield session


@pytest.fixture
def call(local: LocalDiscord, http: aiohttp.ClientSession) -> Call:
    """`await call("GET", "/users/@me")`, authorised as the bot."""

    async def send(method: str, path: str, json: Any = None, **kwargs: Any) -> Reply:
        headers = {"Authorization": f"Bot {local.bot_token}"} | kwargs.pop("headers", {})
        if json is not None:
            kwargs["json"] = json
        async with http.request(method, local.api_url + path, headers=headers, **kwargs) as response:
            is_json = response.headers.get("Content-Type") == "application/json"
            body = await response.json() if is_json else await response.text()
            return Reply(response.status, body, response.headers)

    return send


@pytest.fixture
async def running() -> AsyncIterator[AsyncExitStack]:
    """What a test starts and has closed at its end."""
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
def pointed(monkeypatch: pytest.MonkeyPatch) -> Callable[[LocalDiscord], None]:
    """Points discord.py at a local Discord, for the time of the test: both addresses are process-wide."""

    def point(discord: LocalDiscord) -> None:
        monkeypatch.setattr(Route, "BASE", discord.api_url)
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(discord.gateway_url))

    return point
