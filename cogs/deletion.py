"""`/delete`: deletes one of the user's results from Discord."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot.client import AtelierBot
from bot.ui.components.catalog_texts import localized
from bot.ui.components.custom_ids import TaskFilter
from bot.ui.interactions.context import Interaction
from bot.ui.interactions.responses import open_panel
from bot.ui.interactions.router import handle_errors
from bot.ui.services import Services
from bot.ui.workflows.autocomplete import autocomplete_tasks
from bot.ui.workflows.deletion import ask_to_delete
from bot.ui.workflows.task_reference import MAX_REFERENCE, referred_task


class Deletion(commands.Cog):
    """The `/delete` command."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @app_commands.command(name="delete", description=localized("delete.description"))
    @app_commands.describe(task=localized("delete.task"))
    async def delete(self, interaction: Interaction, task: app_commands.Range[str, 1, MAX_REFERENCE]) -> None:
        """Asks for confirmation before deleting a result."""
        async with handle_errors(interaction):
            await open_panel(interaction)
            task_id = await referred_task(self._services.store, task)
            await ask_to_delete(interaction, self._services, task_id, in_place=True)

    @delete.autocomplete("task")
    async def _done(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await autocomplete_tasks(self._services, interaction, typed, TaskFilter.DONE)


async def setup(bot: AtelierBot) -> None:
    await bot.add_cog(Deletion(bot.services))
