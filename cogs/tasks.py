"""`/tasks`, `/queue`, `/cancel` and `/seed`: tasks that are there already."""

from __future__ import annotations

import dataclasses
from typing import Literal

from discord import app_commands
from discord.ext import commands

from bot.client import AtelierBot
from bot.tasks.answers import Refusal
from bot.texts import say
from bot.ui.asker import viewer_of
from bot.ui.guard import Interaction, guarded, refuse
from bot.ui.keys import MAX_WORDS, Kind, Listed, ListKey, Part
from bot.ui.listing import queue_for, task_page
from bot.ui.panels import chosen_values, draw_panel, open_panel
from bot.ui.questions import cancel, tell_seed
from bot.ui.queue_panel import queue_panel
from bot.ui.suggestions import suggest_tasks
from bot.ui.task_list import task_list
from bot.ui.task_reference import MAX_REFERENCE, referred_task
from bot.ui.thumbnails import thumbnail_files

Choices = list[app_commands.Choice[str]]


class Tasks(commands.Cog):
    """Lists of tasks, and what can be asked of one."""

    def __init__(self, bot: AtelierBot) -> None:
        self._bot = bot
        self._parts = bot.parts

    async def cog_load(self) -> None:
        """From here on every use of a list comes to this cog."""
        self._bot.list_handler = self.on_list

    async def cog_unload(self) -> None:
        """Lists are not turned any more."""
        self._bot.list_handler = None

    @app_commands.command(name="tasks", description=say("tasks.description"))
    @app_commands.describe(state=say("tasks.state"), words=say("tasks.words"), everybody=say("tasks.everybody"))
    async def tasks(
        self,
        interaction: Interaction,
        state: Literal["running", "done", "failed"] | None = None,
        words: app_commands.Range[str, 1, MAX_WORDS] | None = None,
        everybody: bool = False,
    ) -> None:
        """Lists one's own tasks, newest first."""
        listed = Listed.EVERYBODYS if everybody else Listed.OWN
        kind = Kind(state) if state else Kind.ANY
        async with guarded(interaction):
            await open_panel(interaction)
            await self._draw(interaction, ListKey(listed, kind=kind, words=" ".join((words or "").split())))

    @app_commands.command(name="queue", description=say("queue.description"))
    async def queue(self, interaction: Interaction) -> None:
        """Shows what is being drawn and what waits."""
        async with guarded(interaction):
            await open_panel(interaction)
            await self._draw(interaction, ListKey(Listed.QUEUE))

    @app_commands.command(name="cancel", description=say("cancel.description"))
    @app_commands.describe(task=say("cancel.task"))
    async def cancel(self, interaction: Interaction, task: app_commands.Range[str, 1, MAX_REFERENCE]) -> None:
        """Has a task stopped."""
        async with guarded(interaction):
            await open_panel(interaction)
            await cancel(interaction, self._parts, await referred_task(self._parts.store, task), confirm=True)

    @app_commands.command(name="seed", description=say("seed.description"))
    @app_commands.describe(task=say("seed.task"))
    async def seed(self, interaction: Interaction, task: app_commands.Range[str, 1, MAX_REFERENCE]) -> None:
        """Tells a picture's seed."""
        async with guarded(interaction):
            await open_panel(interaction)
            await tell_seed(interaction, self._parts.service, await referred_task(self._parts.store, task))

    @cancel.autocomplete("task")
    async def _running(self, interaction: Interaction, typed: str) -> Choices:
        return await suggest_tasks(self._parts, interaction, typed, Kind.RUNNING)

    @seed.autocomplete("task")
    async def _done(self, interaction: Interaction, typed: str) -> Choices:
        return await suggest_tasks(self._parts, interaction, typed, Kind.DONE)

    async def on_list(self, interaction: Interaction, key: ListKey) -> None:
        """A list's button or select was used."""
        async with guarded(interaction):
            await interaction.response.defer()
            kinds = [Kind(value) for value in chosen_values(interaction) if value in list(Kind)]
            if key.part is Part.KIND and kinds:
                key = ListKey(key.listed, kind=kinds[0], words=key.words)
            await self._draw(interaction, key)

    async def _draw(self, interaction: Interaction, key: ListKey) -> None:
        viewer, locale = viewer_of(interaction), str(interaction.locale)
        if key.listed is Listed.QUEUE:
            queue = await queue_for(self._parts, viewer)
            await draw_panel(interaction, queue_panel(queue, viewer.user_id, locale))
            return
        page = await task_page(self._parts.store, viewer, key)
        if isinstance(page, Refusal):
            await refuse(interaction, page)
            return
        key = dataclasses.replace(key, page=min(key.page, page.pages - 1))
        files = thumbnail_files(page.tasks, page.thumbnails)
        await draw_panel(interaction, task_list(page, key, locale), files)


async def setup(bot: AtelierBot) -> None:
    """Loads the cog."""
    await bot.add_cog(Tasks(bot))
