"""The message menu *Use this image…*: anybody's picture is edited, animated, restyled, continued or blended."""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import AtelierBot
from bot.tasks.results import InteractionContext, Refusal, SubmitResult
from bot.tasks.user_defaults import with_defaults
from bot.texts import say
from bot.ui.inputs import image_attachments
from bot.ui.inputs.message_images import download_image, find_image
from bot.ui.interactions.client import Interaction
from bot.ui.interactions.error_handling import handle_errors, send_ephemeral, send_error
from bot.ui.interactions.routes import Routes
from bot.ui.modals.image_use_modal import (
    IMAGE_USE_PATTERN,
    MOST_MORE,
    WITH_MORE,
    ImageUse,
    image_use_modal,
    image_uses,
    read_image_use,
)
from bot.ui.services import Services
from bot.ui.workflows.submit_command import prompt_problem, submit_command
from storage import Action, ChosenPicture, Request

# How many other pictures each takes, and what to say where there is none.
_MOST_MORE = {Action.BLEND: MOST_MORE, Action.SWAP: 1}
_WITHOUT_MORE = {Action.BLEND: "refused.nothing_to_blend_with", Action.SWAP: "refused.no_face_given"}


class PictureUses(commands.Cog):
    """Makes something of the picture in a message."""

    def __init__(self, routes: Routes, tree: app_commands.CommandTree[Any], services: Services) -> None:
        self._tree = tree
        self._services = services
        routes.add_modal(IMAGE_USE_PATTERN, self.on_modal)
        self._menu = app_commands.ContextMenu(name=say("menu.use"), callback=self.use)

    async def cog_load(self) -> None:
        """discord.py registers a cog's commands by itself, but not its menus."""
        self._tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """The menu goes with its cog."""
        self._tree.remove_command(self._menu.name, type=self._menu.type)

    async def use(self, interaction: Interaction, message: discord.Message) -> None:
        """Asks what is to be made of the picture."""
        async with handle_errors(interaction):
            found = find_image(message)
            if found is None:
                await send_error(interaction, Refusal("refused.no_picture_there"))
                return
            if found.attachment and (objection := image_attachments.attachment_problem([found.attachment])):
                await send_error(interaction, objection)
                return
            modal = image_use_modal(interaction.id, self._services.midjourney.capabilities, str(interaction.locale))
            await interaction.response.send_modal(modal)
            urls = (found.attachment.url,) if found.attachment else found.urls
            chosen = ChosenPicture(interaction.id, interaction.user.id, urls, found.spoiler)
            await self._services.store.chosen_pictures.add(chosen, time.time())

    async def on_modal(self, interaction: Interaction, _: re.Match[str]) -> None:
        """The modal was submitted."""
        async with handle_errors(interaction):
            use = read_image_use(interaction.data or {})
            if use is None:
                await send_ephemeral(interaction, "refused.foreign_window")
            else:
                await self._start(interaction, use)

    async def _start(self, interaction: Interaction, use: ImageUse) -> None:
        if use.action not in image_uses(self._services.midjourney.capabilities):
            await send_ephemeral(interaction, "refused.not_offered_here")
            return
        # Blends and swaps have no words.
        asked = Request(use.action, prompt="" if use.action in WITH_MORE else use.prompt)
        objection = prompt_problem(self._services, asked)
        if objection is None and use.action in WITH_MORE and not use.more:
            objection = Refusal(_WITHOUT_MORE[use.action])
        if objection:
            await send_error(interaction, dataclasses.replace(objection, typed=use.prompt))
            return

        async def start(context: InteractionContext) -> SubmitResult:
            chosen = await self._services.store.chosen_pictures.get(use.interaction_id)
            if chosen is None or chosen.user_id != context.user_id:
                return Refusal("refused.picture_forgotten", typed=use.prompt)
            async with self._given(chosen, use) as given:
                if isinstance(given, Refusal):
                    return dataclasses.replace(given, typed=use.prompt)
                preferred = await self._services.store.user_settings.of(context.user_id)
                request = with_defaults(given.remarked(dataclasses.replace(asked, spoiler=chosen.spoiler)), preferred)
                return await self._services.service.start(context, request, given.pictures)

        await submit_command(interaction, start)

    @asynccontextmanager
    async def _given(
        self, chosen: ChosenPicture, use: ImageUse
    ) -> AsyncIterator[image_attachments.GivenImages | Refusal]:
        """The picture, and for a blend the others; for a swap the face before it."""
        more = use.more[: _MOST_MORE.get(use.action, 0)] if use.action else ()
        size = image_attachments.MAX_GIVEN + sum(min(each.size, image_attachments.MAX_GIVEN) for each in more)
        async with self._services.attachments.room(chosen.user_id, size) as busy:
            if busy:
                yield busy
                return
            given = image_attachments.GivenImages(())
            others = [(each.url,) for each in more]
            for urls in (*others, chosen.urls) if use.action is Action.SWAP else (chosen.urls, *others):
                one = await download_image(self._services.fetcher, urls)
                if isinstance(one, Refusal):
                    yield one
                    return
                given = image_attachments.GivenImages((*given.pictures, *one.pictures), (*given.notes, *one.notes))
            yield given


async def setup(bot: AtelierBot) -> None:
    """Loads the cog."""
    await bot.add_cog(PictureUses(bot.routes, bot.tree, bot.services))
