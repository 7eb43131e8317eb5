"""The message context menu *Use this image…*: edits, animates, restyles or blends the image in a message, swaps a face
in it, or uses it in a prompt."""

from __future__ import annotations

import asyncio
import dataclasses
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import AtelierBot
from bot.engines.base import EngineCapabilities
from bot.i18n import Translator
from bot.tasks.errors import UserError
from bot.tasks.policy import InteractionContext
from bot.tasks.results import SubmitResult
from bot.tasks.user_defaults import with_defaults
from bot.ui.components.catalog_texts import localized
from bot.ui.inputs import image_attachments
from bot.ui.inputs.message_images import download_image, find_image
from bot.ui.interactions.availability import engine_for
from bot.ui.interactions.context import Interaction, translator_of
from bot.ui.interactions.router import Routes, check_running, ensure_available, handle_errors
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
from bot.ui.workflows.drafts import draft_of_use, draft_sender
from bot.ui.workflows.submit_command import check_prompt, forget_draft, submit_command
from storage import Action, ChosenPicture, Draft, Request

# How many additional images an action takes, and the error code if none is given.
_MOST_MORE = {Action.BLEND: MOST_MORE, Action.SWAP: 1}
_WITHOUT_MORE = {Action.BLEND: "nothing_to_blend_with", Action.SWAP: "no_face_given"}


class PictureUses(commands.Cog):
    """The context menu *Use this image…* and its modal."""

    def __init__(self, routes: Routes, tree: app_commands.CommandTree[Any], services: Services) -> None:
        self._tree = tree
        self._services = services
        # The interactions whose image is being stored.
        self._unstored: dict[int, asyncio.Event] = {}
        routes.add_modal(IMAGE_USE_PATTERN, self.on_modal, holds_text=True)
        self._menu = app_commands.ContextMenu(name=localized("menu.use"), callback=self.use)

    async def cog_load(self) -> None:
        """Registers the menu; discord.py registers a cog's commands by itself, but not its menus."""
        self._tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Removes the menu."""
        self._tree.remove_command(self._menu.name, type=self._menu.type)

    async def use(self, interaction: Interaction, message: discord.Message) -> None:
        """Opens the modal and stores the chosen image."""
        async with handle_errors(interaction):
            found = find_image(message)
            if found is None:
                raise UserError("no_picture_there")
            if found.attachment:
                image_attachments.check_attachments([found.attachment])
            capabilities, custom_id = (
                self._capabilities(),
                ImageUse(interaction.id, None, "").modal_custom_id(),
            )
            modal = image_use_modal(custom_id, capabilities, translator_of(interaction))
            urls = (found.attachment.url,) if found.attachment else found.urls
            chosen = ChosenPicture(interaction.id, interaction.user.id, urls, found.spoiler)
            with self._storing(interaction.id):
                await interaction.response.send_modal(modal)
                await self._services.store.chosen_pictures.add(chosen, time.time())

    def _capabilities(self) -> EngineCapabilities:
        """What the engine of this menu can do. Raises UserError if it is not there."""
        return engine_for(self._services.engines, Request(Action.IMAGINE)).capabilities

    @contextmanager
    def _storing(self, interaction_id: int) -> Iterator[None]:
        stored = self._unstored[interaction_id] = asyncio.Event()
        try:
            yield
        finally:
            del self._unstored[interaction_id]
            stored.set()

    async def on_modal(self, interaction: Interaction, _: re.Match[str]) -> None:
        """Handles the submitted modal."""
        async with handle_errors(interaction):
            use = read_image_use(interaction.data or {})
            if use is not None:
                await self.submit(interaction, use)
            elif await ensure_available(interaction):
                raise UserError("foreign_window")

    async def submit(self, interaction: Interaction, use: ImageUse, again: Draft | None = None) -> None:
        """Submits the chosen action. `again` is the draft that is being retried; its interaction is already
        acknowledged."""
        draft = draft_of_use(interaction, use)
        # A retry replaces its draft.
        kept = dataclasses.replace(draft, id=again.id) if again else draft
        async with handle_errors(interaction, draft_sender(interaction, self._services.store, kept)):
            check_running(interaction)
            # Blends and swaps have no prompt.
            asked = Request(use.action or Action.IMAGINE, prompt="" if use.action in WITH_MORE else use.prompt)
            self._check(use, asked)

            async def start(context: InteractionContext) -> SubmitResult:
                answer = await self._started(context, use, asked)
                if again:
                    await forget_draft(self._services.store, again)
                return answer

            await submit_command(interaction, start, acknowledged=again is not None)

    def _check(self, use: ImageUse, asked: Request) -> None:
        """Raises UserError if the chosen action is not possible."""
        if use.action not in image_uses(self._capabilities()):
            raise UserError("not_offered_here")
        check_prompt(self._services, asked)
        if use.action in WITH_MORE and not use.more:
            raise UserError(_WITHOUT_MORE[use.action])

    async def _started(self, context: InteractionContext, use: ImageUse, asked: Request) -> SubmitResult:
        # The modal is opened before its image is stored, so it may be submitted before that.
        if unstored := self._unstored.get(use.interaction_id):
            await unstored.wait()
        chosen = await self._services.service.policy.chosen_picture(context.actor, use.interaction_id)
        async with self._given(chosen, use) as given:
            preferred = await self._services.store.user_settings.of(context.user_id)
            request = with_defaults(
                given.remarked(dataclasses.replace(asked, spoiler=chosen.spoiler), Translator(context.card_locale)),
                preferred,
                self._capabilities(),
            )
            return await self._services.service.start(context, request, given.pictures)

    @asynccontextmanager
    async def _given(self, chosen: ChosenPicture, use: ImageUse) -> AsyncIterator[image_attachments.GivenImages]:
        """The downloaded images: the chosen one, followed by the additional ones; for a face swap the face comes
        first."""
        more = use.more[: _MOST_MORE.get(use.action, 0)] if use.action else ()
        size = image_attachments.MAX_GIVEN + sum(min(each.size, image_attachments.MAX_GIVEN) for each in more)
        async with self._services.attachments.room(chosen.user_id, size):
            given = image_attachments.GivenImages(())
            others = [(each.url,) for each in more]
            for urls in (*others, chosen.urls) if use.action is Action.SWAP else (chosen.urls, *others):
                one = await download_image(self._services.fetcher, urls)
                given = image_attachments.GivenImages((*given.pictures, *one.pictures), (*given.notes, *one.notes))
            yield given


async def setup(bot: AtelierBot) -> None:
    await bot.add_cog(PictureUses(bot.routes, bot.tree, bot.services))
