"""`/show`: posts any stored task again as a message with working buttons, and imports Midjourney jobs."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot.client import AtelierBot
from bot.engines.models import Feature
from bot.tasks.errors import UserError
from bot.tasks.policy import InteractionContext
from bot.tasks.results import SubmitResult
from bot.ui.components.catalog_texts import localized
from bot.ui.interactions.context import Interaction
from bot.ui.interactions.router import handle_errors
from bot.ui.services import Services
from bot.ui.workflows.autocomplete import autocomplete_tasks
from bot.ui.workflows.submit_command import submit_command
from bot.ui.workflows.task_actions import show_for_author
from bot.ui.workflows.task_reference import MAX_REFERENCE, referred_task


class Show(commands.Cog):
    """The `/show` command."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @app_commands.command(name="show", description=localized("show.description"))
    @app_commands.describe(task=localized("show.task"))
    async def show(self, interaction: Interaction, task: app_commands.Range[str, 1, MAX_REFERENCE]) -> None:
        """Posts a task again, or imports a Midjourney job."""
        async with handle_errors(interaction):
            found = next(((engine, job) for engine in self._services.engines if (job := engine.job_id_in(task))), None)
            if found and not found[0].capabilities.has(Feature.SHOW):
                raise UserError("not_offered_show")

            async def start(context: InteractionContext) -> SubmitResult:
                if found:
                    return await self._services.service.import_job(context, *found)
                return await show_for_author(self._services, context, await referred_task(self._services.store, task))

            await submit_command(interaction, start)

    @show.autocomplete("task")
    async def _tasks(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await autocomplete_tasks(self._services, interaction, typed)


async def setup(bot: AtelierBot) -> None:
    await bot.add_cog(Show(bot.services))
