"""The shutdown notice: while the bot stops, people are told so in private and nothing is sent."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.tasks.errors import UserError
from bot.ui.interactions.client import Interaction
from bot.ui.interactions.error_handling import handle_errors

# The option in which a prompt is typed, whichever command it is.
_PROMPT = "prompt"


def is_shutting_down(interaction: Interaction) -> bool:
    """Does the bot take nothing any more?"""
    return interaction.client.shutting_down


def check_running(interaction: Interaction) -> None:
    """Raises UserError when the bot takes nothing any more."""
    if is_shutting_down(interaction):
        raise UserError("restarting")


async def ensure_available(interaction: Interaction) -> bool:
    """Is the bot still taking anything? If not, the person was told."""
    if not is_shutting_down(interaction):
        return True
    if interaction.type is not discord.InteractionType.autocomplete:
        async with handle_errors(interaction):
            check_running(interaction)
    return False


def has_prompt(interaction: Interaction) -> bool:
    """Is this a command in which somebody typed a prompt?"""
    data: Any = interaction.data or {}
    return any(option.get("name") == _PROMPT for option in data.get("options", ()))


class BotCommandTree(app_commands.CommandTree[Any]):
    """The commands. `bot.ui.interactions.router` decides whether one may run, and answers what goes wrong."""

    async def on_error(self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError, /) -> None:
        """A command reports its own errors (`handle_errors`); the router answers the rest."""
        raise error
