"""Without a platform: an answer for the buttons and forms of messages that the bot posted while it had one. The
commands that need a platform are not registered then."""

from __future__ import annotations

import re
from functools import partial

from discord.ext import commands

from bot.client import AtelierBot
from bot.tasks.errors import UserError
from bot.ui.chat.custom_ids import CHAT_IMAGE_MODAL_PATTERN, CHAT_MODAL_PATTERN, CHAT_PATTERN, SPEECH_MODAL_PATTERN
from bot.ui.chat.forms import written
from bot.ui.components.custom_ids import WRITING_PATTERN
from bot.ui.interactions.context import Interaction
from bot.ui.interactions.responses import send_error
from bot.ui.interactions.router import Routes, check_running, handle_errors
from bot.ui.language.offer_ids import OFFER_ASK_PATTERN


class WithoutPlatform(commands.Cog):
    """Says that there is no platform, and gives back what was typed."""

    def __init__(self, routes: Routes) -> None:
        for pattern in (CHAT_PATTERN, WRITING_PATTERN, OFFER_ASK_PATTERN):
            routes.add_component(pattern, self.on_button)
        for pattern in (CHAT_MODAL_PATTERN, CHAT_IMAGE_MODAL_PATTERN, SPEECH_MODAL_PATTERN):
            routes.add_modal(pattern, self.on_form, holds_text=True)

    async def on_button(self, interaction: Interaction, _: re.Match[str]) -> None:
        """Answers a button that asks a model."""
        async with handle_errors(interaction):
            raise UserError("no_platform")

    async def on_form(self, interaction: Interaction, _: re.Match[str]) -> None:
        """Answers a form whose text is for a model."""
        typed = written(interaction.data or {})
        async with handle_errors(interaction, partial(send_error, interaction, typed=typed)):
            check_running(interaction)
            raise UserError("no_platform")


async def setup(bot: AtelierBot) -> None:
    await bot.add_cog(WithoutPlatform(bot.routes))
