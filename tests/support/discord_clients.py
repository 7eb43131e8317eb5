"""discord.py's client, logged in, whose requests then go to a server of a test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import discord
import pytest
from aiohttp import web

from playground.discord import Limits, LocalDiscord


@asynccontextmanager
async def client_of(
    receive: Callable[[web.Request], Awaitable[web.StreamResponse]], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[discord.Client]:
    """A client; `receive` answers all its requests. discord.py has no setting for the URL of the API."""
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", receive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    client = discord.Client(intents=discord.Intents.none(), allowed_mentions=discord.AllowedMentions.none())
    try:
        async with LocalDiscord(limits=Limits.off()) as local, client:
            monkeypatch.setattr(discord.http.Route, "BASE", local.api_url)
            await client.login(local.bot_token)
            monkeypatch.setattr(discord.http.Route, "BASE", f"http://127.0.0.1:{runner.addresses[0][1]}")
            yield client
    finally:
        await runner.cleanup()
