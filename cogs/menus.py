"""Message context menus: *Describe*, *Task info*, *Get seed*, *Use as prompt*."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import AtelierBot, BotCommandTree
from bot.engines.base import EngineCapabilities
from bot.i18n import Translator
from bot.tasks.errors import UserError
from bot.tasks.policy import InteractionContext, Operation
from bot.tasks.results import SubmitResult
from bot.tasks.user_defaults import with_defaults
from bot.ui.components.catalog_texts import localized
from bot.ui.inputs import image_attachments
from bot.ui.inputs.message_images import MessageImage, download_image, find_image
from bot.ui.interactions.availability import check_available, engine_for
from bot.ui.interactions.context import Interaction, actor_of, translator_of
from bot.ui.interactions.responses import draw_panel, open_panel
from bot.ui.interactions.router import handle_errors
from bot.ui.language.message_prompts import describing_instead, describing_model, find_recording, use_text
from bot.ui.panels.task_info import info_panel
from bot.ui.panels.thumbnails import thumbnail_files
from bot.ui.services import Services
from bot.ui.workflows.submit_command import submit_command
from bot.ui.workflows.task_actions import family_of, send_seed
from storage import Action, Request, Task


class Menus(commands.Cog):
    """The context menus *Describe*, *Task info*, *Get seed* and *Use as prompt*."""

    def __init__(self, tree: BotCommandTree, services: Services) -> None:
        self._tree = tree
        self._services = services
        self._menus = [
            app_commands.ContextMenu(name=localized("menu.describe"), callback=self.describe),
            app_commands.ContextMenu(name=localized("menu.info"), callback=self.info),
            app_commands.ContextMenu(name=localized("menu.seed"), callback=self.seed),
            app_commands.ContextMenu(name=localized("menu.use_as_prompt"), callback=self.use_as_prompt),
        ]

    async def cog_load(self) -> None:
        """Registers the menus; discord.py registers a cog's commands by itself, but not its menus."""
        for menu in self._menus:
            self._tree.add_menu(menu)

    async def cog_unload(self) -> None:
        """Removes the menus."""
        for menu in self._menus:
            self._tree.remove_command(menu.name, type=menu.type)

    def _capabilities(self) -> EngineCapabilities:
        """What the engine that describes images can do. Raises UserError if it is not there."""
        return engine_for(self._services.engines, Request(Action.DESCRIBE)).capabilities

    async def describe(self, interaction: Interaction, message: discord.Message) -> None:
        """Describes the image in a message."""
        async with handle_errors(interaction):
            writing = describing_model(self._services)
            if writing is None:
                check_available(self._capabilities(), Request(Action.DESCRIBE))
            found = find_image(message)
            if found is None:
                raise UserError("no_picture_there")
            if writing:
                await writing.describe_image(interaction, self._services, found)
                return
            if found.attachment:
                image_attachments.check_attachments([found.attachment])

            async def start(context: InteractionContext) -> SubmitResult:
                async with self._given(context.user_id, found) as given:
                    preferred = await self._services.store.user_settings.of(context.user_id)
                    asked = with_defaults(
                        given.remarked(
                            Request(Action.DESCRIBE, spoiler=found.spoiler), Translator(context.card_locale)
                        ),
                        preferred,
                        self._capabilities(),
                    )
                    return await self._services.service.start(context, asked, given.pictures)

            try:
                await submit_command(interaction, start)
            except UserError as error:
                writing = describing_instead(self._services, error)
                if writing is None:
                    raise
                await writing.describe_image(interaction, self._services, found)

    async def info(self, interaction: Interaction, message: discord.Message) -> None:
        """Shows all details of the task that a message shows."""
        async with handle_errors(interaction):
            await open_panel(interaction)
            task = await self._task_of(interaction, message)
            family = await family_of(self._services, actor_of(interaction), task)
            t = translator_of(interaction)
            files = thumbnail_files(family.shown, family.thumbnails, t)
            await draw_panel(interaction, info_panel(family, t), files)

    async def seed(self, interaction: Interaction, message: discord.Message) -> None:
        """Shows the seed of the image that a message shows."""
        async with handle_errors(interaction):
            await open_panel(interaction)
            task = await self._task_of(interaction, message)
            await send_seed(interaction, self._services.service, task.id)

    async def use_as_prompt(self, interaction: Interaction, message: discord.Message) -> None:
        """Shows what a message says as a prompt: its recording, or its text."""
        async with handle_errors(interaction):
            recording = find_recording(message)
            if recording is None:
                await use_text(interaction, self._services, message)
            elif self._services.writing:
                await self._services.writing.write_down(interaction, self._services, recording)
            else:
                raise UserError("no_platform")

    @asynccontextmanager
    async def _given(self, person: int, found: MessageImage) -> AsyncIterator[image_attachments.GivenImages]:
        if found.attachment:
            async with self._services.attachments.read(person, [found.attachment]) as given:
                yield given
            return
        async with self._services.attachments.room(person, image_attachments.MAX_GIVEN):
            yield await download_image(self._services.fetcher, found.urls)

    async def _task_of(self, interaction: Interaction, message: discord.Message) -> Task:
        shown = await self._services.store.messages.by_message_id(message.id)
        if shown is None:
            raise UserError("no_result_there")
        return await self._services.service.policy.task_for(actor_of(interaction), Operation.SEE, shown.task_id)


async def setup(bot: AtelierBot) -> None:
    await bot.add_cog(Menus(bot.menu_tree, bot.services))
