"""From Discord's interaction to the facts that the task service needs."""

from __future__ import annotations

from typing import Any

import discord

from bot.tasks.answers import Origin


def origin_of(interaction: discord.Interaction[Any]) -> Origin:
    """Who asks, where, and how the answer is reached."""
    return Origin(
        interaction_id=interaction.id,
        application_id=interaction.application_id,
        user_id=interaction.user.id,
        guild_id=interaction.guild_id,
        channel_id=interaction.channel_id,
        token=interaction.token,
        created_at=interaction.created_at.timestamp(),
        upload_limit=interaction.filesize_limit,
    )
