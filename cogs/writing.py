"""What models write for people: `/enhance`, `/transcribe`, `/translate`, *Describe in words*, and the buttons below
drafts, tasks and offered prompts. The menu *Use as prompt* is in `cogs.menus`: it takes text as well."""

from __future__ import annotations

import dataclasses
import re
import time
from functools import partial

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import AtelierBot, BotCommandTree
from bot.tasks.errors import UserError
from bot.tasks.prompt import MAX_PROMPT
from bot.tasks.request_prompts import check_not_empty
from bot.tasks.requests import new_task_id, typed_prompt
from bot.ui.components.catalog_texts import localized
from bot.ui.components.custom_ids import WRITING_PATTERN, Writing, WritingId
from bot.ui.inputs.message_images import find_image
from bot.ui.interactions.context import Interaction, actor_of
from bot.ui.interactions.responses import open_panel, send_error
from bot.ui.interactions.router import Routes, check_running, handle_errors
from bot.ui.language.described_images import describe, describe_image, describe_task
from bot.ui.language.offer_ids import OFFER_ASK_PATTERN, OfferAction, OfferId
from bot.ui.language.offers import READ_SECONDS, RecentClicks, chosen_prompt, new_image_request, new_offer, own_offer
from bot.ui.language.prompt_improvement import improve, offer_for_draft, offer_for_task
from bot.ui.language.spoken_prompts import write_down, write_down_again
from bot.ui.services import Services
from bot.ui.workflows.autocomplete import autocomplete_engines
from bot.ui.workflows.drafts import own_draft
from bot.ui.workflows.submit_command import Prompt
from storage import OfferedPrompts, PromptSource


class Enhance(commands.Cog):
    """The command `/enhance` and the buttons that ask a model."""

    def __init__(self, routes: Routes, services: Services) -> None:
        self._services = services
        self._clicks = RecentClicks()
        routes.add_component(WRITING_PATTERN, self.on_writing)
        routes.add_component(OFFER_ASK_PATTERN, self.on_offer, private=True)

    @app_commands.command(name="enhance", description=localized("enhance.description"))
    @app_commands.describe(
        prompt=localized("enhance.prompt"), engine=localized("enhance.engine"), english=localized("enhance.english")
    )
    async def enhance(
        self, interaction: Interaction, prompt: Prompt, engine: str | None = None, english: bool = False
    ) -> None:
        """Shows variants of a prompt."""
        async with handle_errors(interaction, partial(send_error, interaction, typed=prompt)):
            check_running(interaction)
            request = new_image_request(prompt, engine=engine)
            if parsed := typed_prompt(request):
                check_not_empty(parsed)
            await open_panel(interaction)
            offered = new_offer(interaction, PromptSource.PROMPT, request, english=english)
            await improve(interaction, self._services, offered)

    @enhance.autocomplete("engine")
    async def _engines(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await autocomplete_engines(self._services, interaction, typed)

    async def on_writing(self, interaction: Interaction, match: re.Match[str]) -> None:
        """Handles a button below a draft or a task. The answer is a private message of its own."""
        key = WritingId.read(match)
        async with handle_errors(interaction):
            await open_panel(interaction)
            if key.writing is Writing.DESCRIPTION:
                await describe_task(interaction, self._services, key.source_id)
            else:
                await improve(interaction, self._services, await self._offer(interaction, key))

    async def _offer(self, interaction: Interaction, key: WritingId) -> OfferedPrompts:
        if key.writing is Writing.TASK_VARIANTS:
            return await offer_for_task(interaction, self._services, key.source_id)
        policy = self._services.service.policy
        draft = await own_draft(policy, actor_of(interaction), key.source_id, seconds=READ_SECONDS)
        return offer_for_draft(interaction, draft)

    async def on_offer(self, interaction: Interaction, match: re.Match[str]) -> None:
        """Handles a button below offered prompts: asks for others, in a private message of their own."""
        key = OfferId.read(match)
        async with handle_errors(interaction):
            if self._clicks.is_repeated(interaction.user.id, key.button_custom_id()):
                await interaction.response.defer()
                return
            await open_panel(interaction)
            offered = await own_offer(interaction, self._services, key.offer_id)
            if key.action is OfferAction.IMPROVE:
                prompt = chosen_prompt(offered, key.number)[:MAX_PROMPT]
                request = dataclasses.replace(offered.request, prompt=prompt)
                await improve(interaction, self._services, new_offer(interaction, PromptSource.PROMPT, request))
                return
            # The same wish, for a message of its own.
            renewed = dataclasses.replace(offered, id=new_task_id(), prompts=(), created_at=time.time())
            english = renewed.english or key.action is OfferAction.ENGLISH
            await self._ask(interaction, dataclasses.replace(renewed, english=english))

    async def _ask(self, interaction: Interaction, offered: OfferedPrompts) -> None:
        match offered.source:
            case PromptSource.PROMPT:
                await improve(interaction, self._services, offered)
            case PromptSource.IMAGE:
                await describe(interaction, self._services, offered)
            case PromptSource.RECORDING | PromptSource.FOREIGN_RECORDING:
                await write_down_again(interaction, self._services, offered)


class Recordings(commands.Cog):
    """The commands for recordings of speech."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @app_commands.command(name="transcribe", description=localized("transcribe.description"))
    @app_commands.describe(audio=localized("transcribe.audio"))
    async def transcribe(self, interaction: Interaction, audio: discord.Attachment) -> None:
        """Shows what is said in a recording."""
        async with handle_errors(interaction):
            await write_down(interaction, self._services, audio)

    @app_commands.command(name="translate", description=localized("translate.description"))
    @app_commands.describe(audio=localized("transcribe.audio"))
    async def translate(self, interaction: Interaction, audio: discord.Attachment) -> None:
        """Shows what is said in a recording, in English."""
        async with handle_errors(interaction):
            await write_down(interaction, self._services, audio, translated=True)


class DescribeWords(commands.Cog):
    """The context menu *Describe in words*."""

    def __init__(self, tree: BotCommandTree, services: Services) -> None:
        self._tree = tree
        self._services = services
        self._menu = app_commands.ContextMenu(name=localized("menu.describe_words"), callback=self.describe)

    async def cog_load(self) -> None:
        """Registers the menu; discord.py registers a cog's commands by itself, but not its menus."""
        self._tree.add_menu(self._menu)

    async def cog_unload(self) -> None:
        """Removes the menu."""
        self._tree.remove_command(self._menu.name, type=self._menu.type)

    async def describe(self, interaction: Interaction, message: discord.Message) -> None:
        """Describes the image in a message."""
        async with handle_errors(interaction):
            found = find_image(message)
            if found is None:
                raise UserError("no_picture_there")
            await describe_image(interaction, self._services, found)


async def setup(bot: AtelierBot) -> None:
    await bot.add_cog(Enhance(bot.routes, bot.services))
    await bot.add_cog(Recordings(bot.services))
    await bot.add_cog(DescribeWords(bot.menu_tree, bot.services))
