"""The door: closed while the bot stops. Whoever knocks is told so in private, and nothing is sent."""

from __future__ import annotations

from typing import Any, Protocol

import discord
from discord import app_commands

from bot.ui.guard import Interaction, guarded, tell

# The option in which a prompt is typed, whichever command it is.
_PROMPT = "prompt"


class HasDoor(Protocol):
    """A bot that can be about to stop."""

    closing: bool


def is_closing(interaction: Interaction) -> bool:
    """Does the bot take nothing any more?"""
    bot: HasDoor = interaction.client
    return bot.closing


async def let_in(interaction: Interaction) -> bool:
    """Is the bot still taking anything? If not, the person was told."""
    if not is_closing(interaction):
        return True
    if interaction.type is not discord.InteractionType.autocomplete:
        async with guarded(interaction):
            await tell(interaction, "refused.restarting")
    return False


class CommandDoor(app_commands.CommandTree[Any]):
    """The commands, as long as the door is open."""

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Asked by discord.py before every command. One with a prompt refuses by itself, so that this is not lost."""
        data: Any = interaction.data or {}
        return any(option.get("name") == _PROMPT for option in data.get("options", ())) or await let_in(interaction)

    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError, /) -> None:
        """What goes wrong in a command is told there (`guarded`); what remains is for `bot.ui.dispatch` to answer."""
        raise error
