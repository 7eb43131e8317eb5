"""`/enhance`, and the buttons below drafts and tasks that ask a model to write something."""

from __future__ import annotations

import re
from functools import partial

from discord import app_commands
from discord.ext import commands

from bot.client import AtelierBot
from bot.tasks.request_preparation import check_not_empty, typed_prompt
from bot.ui.components.catalog_texts import localized
from bot.ui.components.custom_ids import WRITING_PATTERN, Writing, WritingId
from bot.ui.interactions.client import Interaction
from bot.ui.interactions.context import actor_of
from bot.ui.interactions.error_handling import check_running, handle_errors, send_error
from bot.ui.interactions.responses import open_panel
from bot.ui.interactions.router import Routes
from bot.ui.language.described_images import describe_task
from bot.ui.language.offers import READ_SECONDS, new_image_request, new_offer
from bot.ui.language.prompt_improvement import improve, offer_for_draft, offer_for_task
from bot.ui.services import Services
from bot.ui.workflows.autocomplete import autocomplete_engines
from bot.ui.workflows.drafts import own_draft
from bot.ui.workflows.submit_command import Prompt
from storage import OfferedPrompts, PromptSource


class Enhance(commands.Cog):
    """The command `/enhance` and the buttons that ask a model."""

    def __init__(self, routes: Routes, services: Services) -> None:
        self._services = services
        routes.add_component(WRITING_PATTERN, self.on_writing)

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


async def setup(bot: AtelierBot) -> None:
    await bot.add_cog(Enhance(bot.routes, bot.services))
