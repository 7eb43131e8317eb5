"""Panels: private messages that answer their own buttons and selects (lists of tasks, settings).

Like a card's buttons, their components are recognised by the custom_id alone, so a panel works after a restart. A
press is acknowledged first; then the panel is replaced.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from bot.ui.components.limits import check
from bot.ui.components.payloads import chosen_in
from bot.ui.interactions.client import Interaction
from bot.ui.interactions.error_handling import best_effort


def chosen_values(interaction: Interaction) -> list[str]:
    """What was chosen in a select."""
    data: Any = interaction.data
    return list(chosen_in(data))


async def open_panel(interaction: Interaction) -> None:
    """Acknowledges a command whose answer is a panel."""
    await interaction.response.defer(ephemeral=True, thinking=True)


async def draw_panel(interaction: Interaction, view: discord.ui.LayoutView, files: Sequence[discord.File] = ()) -> None:
    """Puts the panel, with these files, where the acknowledgement stands; what cannot be shown any more is logged."""
    check(view)
    async with best_effort(f"interaction {interaction.id}: cannot send the panel"):
        none = discord.AllowedMentions.none()
        await interaction.edit_original_response(view=view, attachments=list(files), allowed_mentions=none)
