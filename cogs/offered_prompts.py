"""The buttons below offered prompts, and the form in which one is edited."""

from __future__ import annotations

import dataclasses
import re
import time

from discord.ext import commands

from bot.client import AtelierBot
from bot.tasks.journal import DOUBLE_CLICK_MS
from bot.tasks.prompt import MAX_PROMPT
from bot.tasks.results import new_task_id
from bot.ui.interactions.client import Interaction
from bot.ui.interactions.context import translator_of
from bot.ui.interactions.error_handling import handle_errors
from bot.ui.interactions.responses import open_panel
from bot.ui.interactions.router import Routes
from bot.ui.language.described_images import describe
from bot.ui.language.offer_ids import OFFER_MODAL_PATTERN, OFFER_PATTERN, OfferAction, OfferId
from bot.ui.language.offer_panel import offer_modal
from bot.ui.language.offers import (
    chosen_prompt,
    draft_of_offer,
    draft_without_offer,
    new_offer,
    own_offer,
    send_copy,
)
from bot.ui.language.prompt_improvement import improve
from bot.ui.language.spoken_prompts import write_down_again
from bot.ui.modals.modal_prefill import OPEN_SECONDS
from bot.ui.services import Services
from bot.ui.workflows.batches import start_draft
from bot.ui.workflows.drafts import draft_sender, written_prompt
from storage import OfferedPrompts, PromptSource

MAX_REMEMBERED = 1_000


class RecentClicks:
    """The buttons that were used a moment ago: a double click must not be billed twice."""

    def __init__(self) -> None:
        self._times: dict[tuple[int, str], float] = {}

    def is_repeated(self, user_id: int, custom_id: str) -> bool:
        """Records a click. Returns whether the same user clicked the same button just before."""
        now, key = time.monotonic(), (user_id, custom_id)
        before = self._times.pop(key, None)
        self._times[key] = now
        while len(self._times) > MAX_REMEMBERED:
            del self._times[next(iter(self._times))]
        return before is not None and now - before < DOUBLE_CLICK_MS / 1000


class OfferedPromptsCog(commands.Cog):
    """Handles the buttons below offered prompts."""

    def __init__(self, routes: Routes, services: Services) -> None:
        self._services = services
        self._clicks = RecentClicks()
        routes.add_component(OFFER_PATTERN, self.on_button, private=True)
        routes.add_modal(OFFER_MODAL_PATTERN, self.on_modal, private=True, holds_text=True)

    async def on_button(self, interaction: Interaction, match: re.Match[str]) -> None:
        """Creates an image, opens the form, or asks a model."""
        key = OfferId.read(match)
        async with handle_errors(interaction):
            if key.action is OfferAction.EDIT:
                offered = await own_offer(interaction, self._services, key.offer_id, seconds=OPEN_SECONDS)
                await interaction.response.send_modal(offer_modal(offered, key.number, translator_of(interaction)))
                return
            if self._clicks.is_repeated(interaction.user.id, key.button_custom_id()):
                await interaction.response.defer()
                return
            await self._acknowledge(interaction, key.action)
            offered = await own_offer(interaction, self._services, key.offer_id)
            await self._act(interaction, key, offered)

    @staticmethod
    async def _acknowledge(interaction: Interaction, action: OfferAction) -> None:
        if action in (OfferAction.CREATE, OfferAction.COPY):
            await interaction.response.defer()
        else:
            await open_panel(interaction)

    async def _act(self, interaction: Interaction, key: OfferId, offered: OfferedPrompts) -> None:
        match key.action:
            case OfferAction.CREATE:
                draft = draft_of_offer(offered, chosen_prompt(offered, key.number))
                await start_draft(interaction, self._services, draft)
            case OfferAction.COPY:
                await send_copy(interaction, chosen_prompt(offered, key.number))
            case OfferAction.IMPROVE:
                prompt = chosen_prompt(offered, key.number)[:MAX_PROMPT]
                request = dataclasses.replace(offered.request, prompt=prompt)
                await improve(interaction, self._services, new_offer(interaction, PromptSource.PROMPT, request))
            case OfferAction.ENGLISH:
                await self._ask(interaction, dataclasses.replace(_renewed(offered), english=True))
            case OfferAction.AGAIN:
                await self._ask(interaction, _renewed(offered))

    async def _ask(self, interaction: Interaction, offered: OfferedPrompts) -> None:
        match offered.source:
            case PromptSource.PROMPT:
                await improve(interaction, self._services, offered)
            case PromptSource.IMAGE:
                await describe(interaction, self._services, offered)
            case PromptSource.RECORDING | PromptSource.FOREIGN_RECORDING:
                await write_down_again(interaction, self._services, offered)

    async def on_modal(self, interaction: Interaction, match: re.Match[str]) -> None:
        """Creates an image from an edited prompt."""
        unread = draft_without_offer(interaction, interaction.data or {})
        async with handle_errors(interaction, draft_sender(interaction, self._services.store, unread)):
            await interaction.response.defer()
            offered = await own_offer(interaction, self._services, match["offer"])
            draft = draft_of_offer(offered, written_prompt(interaction.data or {}))
            await start_draft(interaction, self._services, draft)


def _renewed(offered: OfferedPrompts) -> OfferedPrompts:
    """The same wish, for a message of its own."""
    return dataclasses.replace(offered, id=new_task_id(), prompts=(), created_at=time.time())


async def setup(bot: AtelierBot) -> None:
    await bot.add_cog(OfferedPromptsCog(bot.routes, bot.services))
