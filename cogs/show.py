"""`/show`: brings any stored task back as a message with live buttons."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot.client import AtelierBot
from bot.tasks.answers import Answer, Origin, Refusal, Taken
from bot.texts import say
from bot.ui.guard import Interaction, guarded
from bot.ui.starts import begin
from storage import Task


class Show(commands.Cog):
    """Tasks, once more."""

    def __init__(self, bot: AtelierBot) -> None:
        self._parts = bot.parts

    @app_commands.command(name="show", description=say("show.description"))
    @app_commands.describe(task=say("show.task"))
    async def show(self, interaction: Interaction, task: app_commands.Range[str, 1, 40]) -> None:
        """Shows a task anew."""
        async with guarded(interaction):

            async def start(origin: Origin) -> Answer:
                return await self._show(origin, task)

            await begin(interaction, start)

    async def _show(self, origin: Origin, wanted: str) -> Answer:
        task = await self._parts.store.tasks.get(wanted.strip().strip("`").lower())
        if task is None or not may_see(task, origin):
            return Refusal("refused.no_such_task")
        await self._parts.store.messages.add(task.id, origin.message())
        await self._parts.delivery.show_afresh(task.id)
        return Taken(task)


def may_see(task: Task, origin: Origin) -> bool:
    """Tasks are for the server that they were made in, and everywhere for the one who asked for them."""
    return task.owner_id == origin.user_id or (task.guild_id is not None and task.guild_id == origin.guild_id)


async def setup(bot: AtelierBot) -> None:
    """Loads the cog."""
    await bot.add_cog(Show(bot))
