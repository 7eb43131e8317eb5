"""`/show`: brings any stored task back as a message with live buttons, and pictures that were made elsewhere."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot.client import AtelierBot
from bot.tasks.answers import Answer, Origin, Refusal
from bot.texts import say
from bot.ui.guard import Interaction, guarded, refuse
from bot.ui.questions import show_for
from bot.ui.starts import begin
from bot.ui.suggestions import suggest_tasks
from bot.ui.task_reference import MAX_REFERENCE, referred_task, typed_job


class Show(commands.Cog):
    """Tasks, once more."""

    def __init__(self, bot: AtelierBot) -> None:
        self._parts = bot.parts

    @app_commands.command(name="show", description=say("show.description"))
    @app_commands.describe(task=say("show.task"))
    async def show(self, interaction: Interaction, task: app_commands.Range[str, 1, MAX_REFERENCE]) -> None:
        """Shows a task anew, or a job of Midjourney's."""
        async with guarded(interaction):
            if typed_job(task) and not self._parts.midjourney.capabilities.show:
                await refuse(interaction, Refusal("refused.not_offered_show"))
                return

            async def start(origin: Origin) -> Answer:
                if job := typed_job(task):
                    return await self._parts.service.bring(origin, job)
                return await show_for(self._parts, origin, await referred_task(self._parts.store, task))

            await begin(interaction, start)

    @show.autocomplete("task")
    async def _tasks(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await suggest_tasks(self._parts, interaction, typed)


async def setup(bot: AtelierBot) -> None:
    """Loads the cog."""
    await bot.add_cog(Show(bot))
