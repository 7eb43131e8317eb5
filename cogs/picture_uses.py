"""The message menu *Use this picture…*: anybody's picture is edited, animated, restyled, continued or blended."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import AtelierBot
from bot.tasks.answers import Answer, Origin, Refusal
from bot.tasks.user_defaults import with_defaults
from bot.texts import say
from bot.ui import uploads
from bot.ui.door import let_in
from bot.ui.found_pictures import fetched, found_picture
from bot.ui.guard import Interaction, guarded, refuse, tell
from bot.ui.picture_window import MOST_MORE, WITH_MORE, Use, is_picture_window, picture_window, submitted_use, uses
from bot.ui.starts import begin, prompt_objection
from storage import Action, ChosenPicture, Request

# How many other pictures each takes, and what to say where there is none.
_MOST_MORE = {Action.BLEND: MOST_MORE, Action.SWAP: 1}
_WITHOUT_MORE = {Action.BLEND: "refused.nothing_to_blend_with", Action.SWAP: "refused.no_face_given"}


class PictureUses(commands.Cog):
    """Makes something of the picture in a message."""

    def __init__(self, bot: AtelierBot) -> None:
        self._bot = bot
        self._parts = bot.parts
        self._menu = app_commands.ContextMenu(name=say("menu.use"), callback=self.use)

    async def cog_load(self) -> None:
        """discord.py registers a cog's commands by itself, but not its menus."""
        self._bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """The menu goes with its cog."""
        self._bot.tree.remove_command(self._menu.name, type=self._menu.type)

    async def use(self, interaction: Interaction, message: discord.Message) -> None:
        """Asks what is to be made of the picture."""
        async with guarded(interaction):
            found = found_picture(message)
            if found is None:
                await refuse(interaction, Refusal("refused.no_picture_there"))
                return
            if found.attachment and (objection := uploads.objection([found.attachment])):
                await refuse(interaction, objection)
                return
            window = picture_window(interaction.id, self._parts.midjourney.capabilities, str(interaction.locale))
            await interaction.response.send_modal(window)
            urls = (found.attachment.url,) if found.attachment else found.urls
            chosen = ChosenPicture(interaction.id, interaction.user.id, urls, found.spoiler)
            await self._parts.store.chosen_pictures.add(chosen, time.time())

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Takes the window, which is known by its custom_id alone."""
        data: Mapping[str, Any] = interaction.data or {}
        if interaction.type is not discord.InteractionType.modal_submit or not is_picture_window(data):
            return
        async with guarded(interaction):
            use = submitted_use(data)
            if not await let_in(interaction):
                return
            if use is None:
                await tell(interaction, "refused.foreign_window")
            else:
                await self._start(interaction, use)

    async def _start(self, interaction: Interaction, use: Use) -> None:
        if use.action not in uses(self._parts.midjourney.capabilities):
            await tell(interaction, "refused.not_offered_here")
            return
        # Blends and swaps have no words.
        asked = Request(use.action, prompt="" if use.action in WITH_MORE else use.prompt)
        objection = prompt_objection(self._parts, asked)
        if objection is None and use.action in WITH_MORE and not use.more:
            objection = Refusal(_WITHOUT_MORE[use.action])
        if objection:
            await refuse(interaction, dataclasses.replace(objection, typed=use.prompt))
            return

        async def start(origin: Origin) -> Answer:
            chosen = await self._parts.store.chosen_pictures.get(use.interaction_id)
            if chosen is None or chosen.user_id != origin.user_id:
                return Refusal("refused.picture_forgotten", typed=use.prompt)
            async with self._given(chosen, use) as given:
                if isinstance(given, Refusal):
                    return dataclasses.replace(given, typed=use.prompt)
                preferred = await self._parts.store.preferences.of(origin.user_id)
                request = with_defaults(given.remarked(dataclasses.replace(asked, spoiler=chosen.spoiler)), preferred)
                return await self._parts.service.start(origin, request, given.pictures)

        await begin(interaction, start)

    @asynccontextmanager
    async def _given(self, chosen: ChosenPicture, use: Use) -> AsyncIterator[uploads.Given | Refusal]:
        """The picture, and for a blend the others; for a swap the face before it."""
        more = use.more[: _MOST_MORE.get(use.action, 0)] if use.action else ()
        size = uploads.MAX_GIVEN + sum(min(each.size, uploads.MAX_GIVEN) for each in more)
        async with self._parts.attachments.room(chosen.user_id, size) as busy:
            if busy:
                yield busy
                return
            given = uploads.Given(())
            others = [(each.url,) for each in more]
            for urls in (*others, chosen.urls) if use.action is Action.SWAP else (chosen.urls, *others):
                one = await fetched(self._parts.fetcher, urls)
                if isinstance(one, Refusal):
                    yield one
                    return
                given = uploads.Given((*given.pictures, *one.pictures), (*given.notes, *one.notes))
            yield given


async def setup(bot: AtelierBot) -> None:
    """Loads the cog."""
    await bot.add_cog(PictureUses(bot))
