"""The shutdown check: while the bot stops, users get a private notice and nothing is sent."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.tasks.errors import UserError
from bot.ui.interactions.client import Interaction
from bot.ui.interactions.error_handling import handle_errors

# The name of every command's prompt option.
_PROMPT = "prompt"


def is_shutting_down(interaction: Interaction) -> bool:
    """Whether the bot accepts no more interactions."""
    return interaction.client.shutting_down


def check_running(interaction: Interaction) -> None:
    """Raises UserError if the bot is shutting down."""
    if is_shutting_down(interaction):
        raise UserError("restarting")


async def ensure_available(interaction: Interaction) -> bool:
    """Whether the bot still accepts interactions. If not, the user gets an error."""
    if not is_shutting_down(interaction):
        return True
    if interaction.type is not discord.InteractionType.autocomplete:
        async with handle_errors(interaction):
            check_running(interaction)
    return False


def has_prompt(interaction: Interaction) -> bool:
    """Whether the interaction is a command with a prompt."""
    data: Any = interaction.data or {}
    return any(option.get("name") == _PROMPT for option in data.get("options", ()))


class BotCommandTree(app_commands.CommandTree[Any]):
    """The command tree. `bot.ui.interactions.router` decides whether a command may run, and answers errors."""

    def add_menu(self, menu: app_commands.ContextMenu) -> None:
        """Adds a context menu.

        Discord allows 15 menus of a kind since March 2026 ("Change Log", "Context Menu Command Limit"); `add_command`
        of discord.py 2.7.1 still refuses the sixth (tree.py).
        """
        self._context_menus[menu.name, None, menu.type.value] = menu

    async def on_error(self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError, /) -> None:
        """Raises the error again: commands report their own errors (`handle_errors`), and the router answers the
        others."""
        raise error
