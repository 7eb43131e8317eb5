"""The buttons below offered prompts that use one, and the form in which one is edited. Those that ask a model are in
`cogs.writing`."""

from __future__ import annotations

import re

from discord.ext import commands

from bot.client import AtelierBot
from bot.ui.interactions.context import Interaction, translator_of
from bot.ui.interactions.router import Routes, handle_errors
from bot.ui.language.offer_ids import OFFER_MODAL_PATTERN, OFFER_USE_PATTERN, OfferAction, OfferId
from bot.ui.language.offer_panel import offer_modal
from bot.ui.language.offers import (
    RecentClicks,
    chosen_prompt,
    draft_of_offer,
    draft_without_offer,
    own_offer,
    send_copy,
)
from bot.ui.modals.modal_prefill import OPEN_SECONDS
from bot.ui.services import Services
from bot.ui.workflows.batches import start_draft
from bot.ui.workflows.drafts import draft_sender, written_prompt


class OfferedPromptsCog(commands.Cog):
    """Handles the buttons below offered prompts."""

    def __init__(self, routes: Routes, services: Services) -> None:
        self._services = services
        self._clicks = RecentClicks()
        routes.add_component(OFFER_USE_PATTERN, self.on_button, private=True)
        routes.add_modal(OFFER_MODAL_PATTERN, self.on_modal, private=True, holds_text=True)

    async def on_button(self, interaction: Interaction, match: re.Match[str]) -> None:
        """Creates an image, sends a copy, or opens the form."""
        key = OfferId.read(match)
        async with handle_errors(interaction):
            if key.action is OfferAction.EDIT:
                offered = await own_offer(interaction, self._services, key.offer_id, seconds=OPEN_SECONDS)
                await interaction.response.send_modal(offer_modal(offered, key.number, translator_of(interaction)))
                return
            if self._clicks.is_repeated(interaction.user.id, key.button_custom_id()):
                await interaction.response.defer()
                return
            await interaction.response.defer()
            offered = await own_offer(interaction, self._services, key.offer_id)
            prompt = chosen_prompt(offered, key.number)
            if key.action is OfferAction.COPY:
                await send_copy(interaction, prompt)
            else:
                await start_draft(interaction, self._services, draft_of_offer(offered, prompt))

    async def on_modal(self, interaction: Interaction, match: re.Match[str]) -> None:
        """Creates an image from an edited prompt."""
        unread = draft_without_offer(interaction, interaction.data or {})
        async with handle_errors(interaction, draft_sender(interaction, self._services.store, unread)):
            await interaction.response.defer()
            offered = await own_offer(interaction, self._services, match["offer"])
            draft = draft_of_offer(offered, written_prompt(interaction.data or {}))
            await start_draft(interaction, self._services, draft)


async def setup(bot: AtelierBot) -> None:
    await bot.add_cog(OfferedPromptsCog(bot.routes, bot.services))
