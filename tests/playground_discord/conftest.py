"""A local Discord, a raw HTTP client with the bot's token, and small bots: one of raw requests, one of discord.py."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from playground.discord import Interaction, Limits, LocalDiscord, Message
from tests.support.environments import description_of_discord
from tests.support.openapi import OpenApi


@pytest.fixture(scope="session")
def spec() -> OpenApi | None:
    """Discord's OpenAPI description, where it is at hand."""
    return description_of_discord()


@pytest.fixture
async def local(spec: OpenApi | None) -> AsyncIterator[LocalDiscord]:
    """A local Discord without rate limits."""
    async with LocalDiscord(limits=Limits.off(), check_request=spec.check_request if spec else None) as discord:
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
    """Closes at the end of a test what it started."""
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
def pointed(monkeypatch: pytest.MonkeyPatch) -> Callable[[LocalDiscord], None]:
    """Points discord.py at a local Discord, for the time of the test: both addresses are process-wide."""

    def point(discord: LocalDiscord) -> None:
        monkeypatch.setattr(Route, "BASE", discord.api_url)
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(discord.gateway.url))

    return point


COMMANDS: list[dict[str, Any]] = [
    {
        "name": "imagine",
        "description": "Generates an image",
        "options": [
            {"type": 3, "name": "prompt", "description": "What to see", "required": True, "max_length": 20},
            {"type": 11, "name": "image1", "description": "A reference"},
            {
                "type": 3,
                "name": "mode",
                "description": "How fast",
                "choices": [{"name": "Fast", "value": "fast"}, {"name": "Relax", "value": "relax"}],
            },
            {"type": 4, "name": "count", "description": "How many", "min_value": 1, "max_value": 4},
            {"type": 5, "name": "quiet", "description": "Whisper"},
            {"type": 6, "name": "who", "description": "For whom"},
        ],
        "contexts": [0, 1],
        "integration_types": [0, 1],
    },
    {
        "name": "show",
        "description": "Shows a task",
        "options": [{"type": 3, "name": "task", "description": "Which", "required": True, "autocomplete": True}],
        "contexts": [0],
    },
    {
        "name": "admin",
        "description": "For moderators",
        "default_member_permissions": 1 << 13,
        "options": [{"type": 1, "name": "stop", "description": "Stops"}],
    },
    {"type": 3, "name": "Describe"},
    {"type": 2, "name": "Greet"},
]


@pytest.fixture
async def registered(local: LocalDiscord, call: Call) -> list[dict[str, Any]]:
    """Commands of every kind, registered."""
    path = f"/applications/{local.state.application_id}/commands"
    reply = await call("PUT", path, COMMANDS)
    assert reply.status == 200, reply.body
    found: list[dict[str, Any]] = reply.body
    return found


@dataclass
class RawBot:
    """Answers one interaction by raw requests, as a bot without a library would."""

    interaction: Interaction
    call: Call
    application_id: int

    async def answer(self, kind: int, data: Any = None, **kwargs: Any) -> Reply:
        path = f"/interactions/{self.interaction.id}/{self.interaction.token}/callback"
        body = {"type": kind} if data is None else {"type": kind, "data": data}
        return await self.call("POST", path, body, **kwargs)

    async def webhook(self, method: str, rest: str = "", json: Any = None, **kwargs: Any) -> Reply:
        return await self.call(
            method, f"/webhooks/{self.application_id}/{self.interaction.token}{rest}", json, **kwargs
        )


RawBotFor = Callable[[Interaction], RawBot]


@pytest.fixture
def raw_bot_for(local: LocalDiscord, call: Call) -> RawBotFor:
    return lambda interaction: RawBot(interaction, call, local.state.application_id)


@pytest.fixture
async def raw_bot(local: LocalDiscord, registered: object, raw_bot_for: RawBotFor) -> RawBot:
    """ada has used /imagine in #studio."""
    return raw_bot_for(await local.person("ada").slash(local.channel("studio"), "imagine", {"prompt": "a fox"}))


@pytest.fixture
def post(local: LocalDiscord, call: Call) -> Callable[..., Awaitable[Message]]:
    """Posts a message of the bot in #studio and returns its record."""

    async def send(body: dict[str, Any]) -> Message:
        reply = await call("POST", f"/channels/{local.channel('studio').id}/messages", body)
        assert reply.status == 200, reply.body
        return local.state.messages[int(reply.body["id"])]

    return send
