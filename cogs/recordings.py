"""`/transcribe`, `/translate` and the message context menu *Use as prompt*."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import AtelierBot, BotCommandTree
from bot.ui.components.catalog_texts import localized
from bot.ui.interactions.client import Interaction
from bot.ui.interactions.error_handling import handle_errors
from bot.ui.language.spoken_prompts import find_recording, use_text, write_down
from bot.ui.services import Services


class Recordings(commands.Cog):
    """The commands and the context menu for recordings of speech."""

    def __init__(self, tree: BotCommandTree, services: Services) -> None:
        self._tree = tree
        self._services = services
        self._menu = app_commands.ContextMenu(name=localized("menu.use_as_prompt"), callback=self.use_as_prompt)

    async def cog_load(self) -> None:
        """Registers the menu; discord.py registers a cog's commands by itself, but not its menus."""
        self._tree.add_menu(self._menu)

    async def cog_unload(self) -> None:
        """Removes the menu."""
        self._tree.remove_command(self._menu.name, type=self._menu.type)

    @app_commands.command(name="transcribe", description=localized("transcribe.description"))
    @app_commands.describe(audio=localized("transcribe.audio"))
    async def transcribe(self, interaction: Interaction, audio: discord.Attachment) -> None:
        """Shows what is said in a recording."""
        async with handle_errors(interaction):
            await write_down(interaction, self._services, audio)

    @app_commands.command(name="translate", description=localized("translate.description"))
    @app_commands.describe(audio=localized("transcribe.audio"))
    async def translate(self, interaction: Interaction, audio: discord.Attachment) -> None:
        """Shows what is said in a recording, in English."""
        async with handle_errors(interaction):
            await write_down(interaction, self._services, audio, translated=True)

    async def use_as_prompt(self, interaction: Interaction, message: discord.Message) -> None:
        """Shows what a message says as a prompt: its recording, or its text."""
        async with handle_errors(interaction):
            recording = find_recording(message)
            if recording:
                await write_down(interaction, self._services, recording)
            else:
                await use_text(interaction, self._services, message)


async def setup(bot: AtelierBot) -> None:
    await bot.add_cog(Recordings(bot.menu_tree, bot.services))
