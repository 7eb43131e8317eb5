"""A bot whose answers a test sets, over the same HTTP and WebSocket as any other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from playwright.async_api import Page

from playground.discord import Json
from playground.driver import Environment

# Opens the page; `acting` is who acts, the rest goes to the browser.
Open = Callable[..., Awaitable[Page]]


class ScriptedBot:
    """Connected to the gateway, it answers interactions with `answers`, by the command's name or the custom_id."""

    def __init__(self, env: Environment, session: aiohttp.ClientSession) -> None:
        self._discord = env.discord
        self._session = session
        self._gateway: aiohttp.ClientWebSocketResponse | None = None
        self._listening: asyncio.Task[None] | None = None
        self.answers: dict[str, Json | None] = {}
        self.received: list[Json] = []

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
        path = f"/applications/{self._discord.state.application_id}/commands"
        registered = await self.call("PUT", path, list(commands))
        assert isinstance(registered, list), registered

    async def connect(self) -> None:
        """Identifies at the gateway and begins to answer."""
        self._gateway = await self._session.ws_connect(self._discord.gateway.url)
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
        self.received.append(interaction)
        data = interaction["data"]
        name = data.get("custom_id") or data["name"]
        answer = self.answers.get("autocomplete" if interaction["type"] == 4 else name)
        if answer is not None:
            await self.call("POST", f"/interactions/{interaction['id']}/{interaction['token']}/callback", answer)
