"""A fair bare bot: what members see of Atelier's main path, with discord.py alone and nothing kept on disk.

It shows a status message at once, asks about all its tasks in one request, edits the message with the image and the
service's buttons (Components V2), and marks a pressed button. After a restart it knows no task any more.
"""

from __future__ import annotations

import asyncio
import io
import os
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import discord
from discord import app_commands

from tests.bench.small_bot import run

INTERVAL = float(os.environ["POLL_INTERVAL"])
A_ROW, MAX_BUTTONS = 5, 20
Json = dict[str, Any]


@dataclass
class Card:
    """A message about a task: its end, its state, its image file, its buttons, and the numbers of those pressed."""

    task: str
    ended: asyncio.Future[Json]
    status: str = "Submitted"
    file: str | None = None
    buttons: list[Json] = field(default_factory=list)
    pressed: set[int] = field(default_factory=set)

    def view(self) -> discord.ui.LayoutView:
        """The message as it is now."""
        box: discord.ui.Container[Any] = discord.ui.Container(discord.ui.TextDisplay(self.status))
        if self.file:
            box.add_item(discord.ui.MediaGallery(discord.MediaGalleryItem(f"attachment://{self.file}")))
        for first in range(0, min(len(self.buttons), MAX_BUTTONS), A_ROW):
            numbers = range(first, min(first + A_ROW, len(self.buttons)))
            box.add_item(discord.ui.ActionRow(*map(self._button, numbers)))
        return discord.ui.LayoutView(timeout=None).add_item(box)

    def _button(self, number: int) -> discord.ui.Button[Any]:
        entry, pressed = self.buttons[number], number in self.pressed
        style = discord.ButtonStyle.primary if pressed else discord.ButtonStyle.secondary
        label = f"{'✓ ' if pressed else ''}{entry['label'] or ''}".strip() or None
        emoji = None if entry["emoji"].isascii() else entry["emoji"]  # some are names that only Midjourney knows
        return discord.ui.Button(style=style, label=label, emoji=emoji, custom_id=f"{self.task} {number}")


class Fair(discord.AutoShardedClient):
    """One command, and buttons whose custom_id is the task and the number of the button."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        super().__init__(intents=discord.Intents(guilds=True), guild_ready_timeout=0, max_messages=None)
        self._images = session
        self._cards: dict[str, Card] = {}
        self._running: dict[str, asyncio.Future[Json]] = {}
        self._polling: asyncio.Task[None] | None = None
        self._tree = app_commands.CommandTree(self)
        self._tree.add_command(app_commands.Command(name="imagine", description="Draw", callback=self._imagine))

    async def setup_hook(self) -> None:
        await self._tree.sync()
        self._polling = asyncio.create_task(self._poll())

    async def _imagine(self, interaction: discord.Interaction[Any], prompt: str) -> None:
        await interaction.response.defer(thinking=True)
        card = await self._submitted("submit/imagine", {"prompt": prompt})
        await interaction.edit_original_response(view=card.view())
        image = await self._finished(card)
        await interaction.edit_original_response(attachments=[image], view=card.view())

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Takes presses."""
        if interaction.type is not discord.InteractionType.component:
            return
        await interaction.response.defer()
        data: Any = interaction.data
        task, _, number = data["custom_id"].partition(" ")
        pressed = self._cards[task]
        custom_id = pressed.buttons[int(number)]["customId"]
        card = await self._submitted("submit/action", {"taskId": task, "customId": custom_id})
        message = await interaction.followup.send(view=card.view(), wait=True)
        pressed.pressed.add(int(number))
        await interaction.edit_original_response(view=pressed.view())
        image = await self._finished(card)
        await message.edit(attachments=[image], view=card.view())

    async def _submitted(self, endpoint: str, body: Json) -> Card:
        async with self._images.post(f"/mj/{endpoint}", json=body) as answer:
            task = str((await answer.json())["result"])
        card = self._cards[task] = Card(task, asyncio.get_running_loop().create_future())
        self._running[task] = card.ended
        return card

    async def _finished(self, card: Card) -> discord.File:
        """Waits for the task's end; its image. The card then shows it."""
        found = await card.ended
        async with self._images.get(found["imageUrl"]) as answer:
            image = discord.File(io.BytesIO(await answer.read()), f"{card.task}.png")
        card.status, card.file, card.buttons = f"{found['action']}\n{found['prompt']}", image.filename, found["buttons"]
        return image

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL)
            if not self._running:
                continue
            async with self._images.post("/mj/task/list-by-condition", json={"ids": list(self._running)}) as answer:
                for found in await answer.json():
                    if found["status"] == "SUCCESS":
                        self._running.pop(found["id"]).set_result(found)


if __name__ == "__main__":
    asyncio.run(run(Fair))
