"""The door: closed while the bot stops. Whoever knocks is told so in private, and nothing is sent."""

from __future__ import annotations

from typing import Any, Protocol

import discord
from discord import app_commands

from bot.ui.guard import Interaction, guarded, tell


class HasDoor(Protocol):
    """A bot that can be about to stop."""

    closing: bool


async def let_in(interaction: Interaction) -> bool:
    """Is the bot still taking anything? If not, the person was told."""
    bot: HasDoor = interaction.client
    if not bot.closing:
        return True
    if interaction.type is not discord.InteractionType.autocomplete:
        async with guarded(interaction):
            await tell(interaction, "refused.restarting")
    return False


class CommandDoor(app_commands.CommandTree[Any]):
    """The commands, as long as the door is open."""

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Asked by discord.py before every command."""
        return await let_in(interaction)

    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError, /) -> None:
        """What goes wrong in a command is told there (`guarded`); what remains is for `bot.ui.dispatch` to answer."""
        raise error
