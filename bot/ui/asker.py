"""From Discord's interaction to the facts that the task service needs."""

from __future__ import annotations

from typing import Any, Protocol

import discord

from bot.tasks.answers import Origin
from bot.tasks.rights import Viewer


class HasOwner(Protocol):
    """A bot that knows whose it is."""

    def is_owned_by(self, user_id: int) -> bool:
        """Is this person one of those whose bot it is? No I/O."""


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


def viewer_of(interaction: discord.Interaction[Any]) -> Viewer:
    """Who asks, and what they may see here."""
    bot: HasOwner = interaction.client
    in_server = interaction.guild_id is not None
    return Viewer(
        user_id=interaction.user.id,
        guild_id=interaction.guild_id,
        moderator=in_server and interaction.permissions.manage_messages,
        owns_bot=bot.is_owned_by(interaction.user.id),
    )
