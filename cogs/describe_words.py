"""The message context menu *Describe in words*."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import AtelierBot, BotCommandTree
from bot.tasks.errors import UserError
from bot.ui.components.catalog_texts import localized
from bot.ui.inputs.message_images import find_image
from bot.ui.interactions.client import Interaction
from bot.ui.interactions.error_handling import handle_errors
from bot.ui.language.described_images import describe_image
from bot.ui.services import Services


class DescribeWords(commands.Cog):
    """The context menu *Describe in words*."""

    def __init__(self, tree: BotCommandTree, services: Services) -> None:
        self._tree = tree
        self._services = services
        self._menu = app_commands.ContextMenu(name=localized("menu.describe_words"), callback=self.describe)

    async def cog_load(self) -> None:
        """Registers the menu; discord.py registers a cog's commands by itself, but not its menus."""
        self._tree.add_menu(self._menu)

    async def cog_unload(self) -> None:
        """Removes the menu."""
        self._tree.remove_command(self._menu.name, type=self._menu.type)

    async def describe(self, interaction: Interaction, message: discord.Message) -> None:
        """Describes the image in a message."""
        async with handle_errors(interaction):
            found = find_image(message)
            if found is None:
                raise UserError("no_picture_there")
            await describe_image(interaction, self._services, found)


async def setup(bot: AtelierBot) -> None:
    await bot.add_cog(DescribeWords(bot.menu_tree, bot.services))
