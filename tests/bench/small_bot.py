"""What the two bots that Atelier is compared with share: how they connect."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

import aiohttp
import discord

Connect = Callable[[aiohttp.ClientSession], discord.AutoShardedClient]


async def run(make: Connect) -> None:
    """Connects the client that `make` builds for a session with the image service, and stays connected."""
    discord.utils.setup_logging(level=logging.ERROR)
    discord.http.Route.BASE = os.environ["DISCORD_API_URL"]
    headers = {"mj-api-secret": os.environ["MJ_API_KEY"]}
    async with (
        aiohttp.ClientSession(os.environ["MJ_API_URL"], headers=headers) as session,
        make(session) as client,
    ):
        await client.start(os.environ["DISCORD_TOKEN"])
