"""Panels: private messages that answer their own buttons and selects (task lists, settings).

Like a card's buttons, their components are recognized by their custom_id alone, so a panel works after a restart. An
interaction is acknowledged first; then the panel is replaced.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from bot.ui.components.payloads import chosen_in
from bot.ui.interactions.client import Interaction
from bot.ui.interactions.error_handling import ANSWER_DELETED, best_effort


def chosen_values(interaction: Interaction) -> list[str]:
    """The selected values of a select."""
    data: Any = interaction.data
    return list(chosen_in(data))


async def open_panel(interaction: Interaction) -> None:
    """Acknowledges a command that is answered with a panel, if it is not acknowledged yet."""
    if not interaction.response.is_done():
        await interaction.response.defer(ephemeral=True, thinking=True)


async def draw_panel(interaction: Interaction, view: discord.ui.LayoutView, files: Sequence[discord.File] = ()) -> None:
    """Replaces the acknowledged message with the panel and these files; if it was deleted, the panel is a new private
    message. A failure is logged."""
    async with best_effort(f"interaction {interaction.id}: cannot send the panel"):
        none = discord.AllowedMentions.none()
        if ANSWER_DELETED in interaction.extras:
            await interaction.followup.send(view=view, files=list(files), ephemeral=True, allowed_mentions=none)
            return
        await interaction.edit_original_response(view=view, attachments=list(files), allowed_mentions=none)
