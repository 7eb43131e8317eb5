"""Right-click menus of messages: *Describe*, *Task info*, *Get seed*."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import AtelierBot
from bot.tasks.answers import Answer, Origin, Refusal
from bot.tasks.user_defaults import with_defaults
from bot.texts import say
from bot.ui import uploads
from bot.ui.asker import viewer_of
from bot.ui.availability import unavailable
from bot.ui.found_pictures import FoundPicture, fetched, found_picture
from bot.ui.guard import Interaction, guarded, refuse
from bot.ui.info_panel import info_panel
from bot.ui.panels import draw_panel, open_panel
from bot.ui.questions import family_of, tell_seed
from bot.ui.starts import begin
from bot.ui.thumbnails import thumbnail_files
from storage import Action, Request, Task


class Menus(commands.Cog):
    """Menus of messages."""

    def __init__(self, bot: AtelierBot) -> None:
        self._bot = bot
        self._parts = bot.parts
        self._menus = [
            app_commands.ContextMenu(name=say("menu.describe"), callback=self.describe),
            app_commands.ContextMenu(name=say("menu.info"), callback=self.info),
            app_commands.ContextMenu(name=say("menu.seed"), callback=self.seed),
        ]

    async def cog_load(self) -> None:
        """discord.py registers a cog's commands by itself, but not its menus."""
        for menu in self._menus:
            self._bot.tree.add_command(menu)

    async def cog_unload(self) -> None:
        """The menus go with their cog."""
        for menu in self._menus:
            self._bot.tree.remove_command(menu.name, type=menu.type)

    async def describe(self, interaction: Interaction, message: discord.Message) -> None:
        """Puts the picture of any message into words."""
        async with guarded(interaction):
            if refusal := unavailable(self._parts.midjourney.capabilities, Request(Action.DESCRIBE)):
                await refuse(interaction, refusal)
                return
            found = found_picture(message)
            if found is None:
                await refuse(interaction, Refusal("refused.no_picture_there"))
                return
            if found.attachment and (objection := uploads.objection([found.attachment])):
                await refuse(interaction, objection)
                return

            async def start(origin: Origin) -> Answer:
                async with self._given(origin.user_id, found) as given:
                    if isinstance(given, Refusal):
                        return given
                    preferred = await self._parts.store.preferences.of(origin.user_id)
                    asked = with_defaults(given.remarked(Request(Action.DESCRIBE, spoiler=found.spoiler)), preferred)
                    return await self._parts.service.start(origin, asked, given.pictures)

            await begin(interaction, start)

    async def info(self, interaction: Interaction, message: discord.Message) -> None:
        """Tells all that is known of the task that a message shows."""
        async with guarded(interaction):
            await open_panel(interaction)
            task = await self._task_of(interaction, message)
            if isinstance(task, Refusal):
                await refuse(interaction, task)
                return
            family = await family_of(self._parts, viewer_of(interaction), task)
            files = thumbnail_files(family.shown, family.thumbnails)
            await draw_panel(interaction, info_panel(family, str(interaction.locale)), files)

    async def seed(self, interaction: Interaction, message: discord.Message) -> None:
        """Tells the seed of the picture that a message shows."""
        async with guarded(interaction):
            await open_panel(interaction)
            task = await self._task_of(interaction, message)
            if isinstance(task, Refusal):
                await refuse(interaction, task)
            else:
                await tell_seed(interaction, self._parts.service, task.id)

    @asynccontextmanager
    async def _given(self, person: int, found: FoundPicture) -> AsyncIterator[uploads.Given | Refusal]:
        if found.attachment:
            async with self._parts.attachments.read(person, [found.attachment]) as given:
                yield given
            return
        async with self._parts.attachments.room(person, uploads.MAX_GIVEN) as busy:
            yield busy or await fetched(self._parts.fetcher, found.urls)

    async def _task_of(self, interaction: Interaction, message: discord.Message) -> Task | Refusal:
        shown = await self._parts.store.messages.at(message.id)
        if shown is None:
            return Refusal("refused.no_result_there")
        return await self._parts.service.policy.seen(viewer_of(interaction), shown.task_id)


async def setup(bot: AtelierBot) -> None:
    """Loads the cog."""
    await bot.add_cog(Menus(bot))
