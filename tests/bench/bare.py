"""A bare discord.py bot that can do nothing: what a start costs without Atelier."""

from __future__ import annotations

import asyncio
import os

import discord


async def main() -> None:
    """Connects and stays."""
    discord.http.Route.BASE = os.environ["DISCORD_API_URL"]
    async with discord.AutoShardedClient(intents=discord.Intents(guilds=True)) as client:
        await client.start(os.environ["DISCORD_TOKEN"])


if __name__ == "__main__":
    asyncio.run(main())
