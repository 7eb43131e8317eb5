"""`/delete`: a result of one's own is removed from Discord."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot.client import AtelierBot
from bot.texts import say
from bot.ui.deletion import ask_to_delete
from bot.ui.guard import Interaction, guarded
from bot.ui.keys import Kind
from bot.ui.panels import open_panel
from bot.ui.suggestions import suggest_tasks
from bot.ui.task_reference import MAX_REFERENCE, referred_task


class Deletion(commands.Cog):
    """Deletes results."""

    def __init__(self, bot: AtelierBot) -> None:
        self._parts = bot.parts

    @app_commands.command(name="delete", description=say("delete.description"))
    @app_commands.describe(task=say("delete.task"))
    async def delete(self, interaction: Interaction, task: app_commands.Range[str, 1, MAX_REFERENCE]) -> None:
        """Asks whether a result is to be deleted."""
        async with guarded(interaction):
            await open_panel(interaction)
            task_id = await referred_task(self._parts.store, task)
            await ask_to_delete(interaction, self._parts, task_id, in_place=True)

    @delete.autocomplete("task")
    async def _done(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await suggest_tasks(self._parts, interaction, typed, Kind.DONE)


async def setup(bot: AtelierBot) -> None:
    """Loads the cog."""
    await bot.add_cog(Deletion(bot))
