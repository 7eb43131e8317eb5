"""A bare discord.py bot that does the same HTTP calls with no storage and no cards: what to measure Atelier against.

It acknowledges, submits, asks about each of its tasks by itself, downloads the picture and sends it with plain buttons.
"""

from __future__ import annotations

import asyncio
import io
import os
import time
from typing import Any

import aiohttp
import discord
from discord import app_commands

from tests.bench.small_bot import run

INTERVAL = float(os.environ["POLL_INTERVAL"])
BUTTONS = [f"{letter}{number}" for letter in "UV" for number in range(1, 5)]


class Bare(discord.AutoShardedClient):
    """One command, and buttons whose custom_id is the task and the number of the service's button."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        super().__init__(intents=discord.Intents(guilds=True), guild_ready_timeout=0, max_messages=None)
        self._images = session
        self._tree = app_commands.CommandTree(self)
        self._tree.add_command(app_commands.Command(name="imagine", description="Draw", callback=self._imagine))

    async def setup_hook(self) -> None:
        await self._tree.sync()

    async def _imagine(self, interaction: discord.Interaction[Any], prompt: str) -> None:
        await interaction.response.defer(thinking=True)
        picture, buttons = await self._drawn("submit/imagine", {"prompt": prompt})
        view = discord.ui.View(timeout=None)
        for number, (task, custom_id) in enumerate(buttons[:9]):
            view.add_item(discord.ui.Button(label=str(number + 1), custom_id=f"{task} {custom_id}"[:100]))
        await interaction.edit_original_response(attachments=[picture], view=view)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Takes presses."""
        if interaction.type is not discord.InteractionType.component:
            return
        await interaction.response.defer()
        data: Any = interaction.data
        task, _, custom_id = data["custom_id"].partition(" ")
        picture, _ = await self._drawn("submit/action", {"taskId": task, "customId": custom_id})
        await interaction.followup.send(file=picture)

    async def _drawn(self, endpoint: str, body: dict[str, Any]) -> tuple[discord.File, list[tuple[str, str]]]:
        async with self._images.post(f"/mj/{endpoint}", json=body) as answer:
            task = (await answer.json())["result"]
        while True:
            await asyncio.sleep(INTERVAL)
            async with self._images.get(f"/mj/task/{task}/fetch") as answer:
                found = await answer.json()
            if found["status"] == "SUCCESS":
                break
        async with self._images.get(found["imageUrl"]) as answer:
            picture = discord.File(io.BytesIO(await answer.read()), f"{int(time.time())}.png")
        return picture, [(task, button["customId"]) for button in found["buttons"]]


if __name__ == "__main__":
    asyncio.run(run(Bare))
