"""`/tasks`, `/queue`, `/cancel` and `/seed`: commands on existing tasks."""

from __future__ import annotations

import re
from typing import Literal

from discord import app_commands
from discord.ext import commands

from bot.client import AtelierBot
from bot.ui.components.catalog_texts import localized
from bot.ui.components.custom_ids import LIST_PATTERN, MAX_WORDS, ListControl, ListId, ListScope, TaskFilter
from bot.ui.interactions.context import Interaction, actor_of, chosen_values, translator_of
from bot.ui.interactions.responses import draw_panel, open_panel
from bot.ui.interactions.router import Routes, handle_errors
from bot.ui.panels.queue import queue_panel
from bot.ui.panels.task_list import task_list
from bot.ui.panels.thumbnails import thumbnail_files
from bot.ui.services import Services
from bot.ui.workflows.autocomplete import autocomplete_tasks
from bot.ui.workflows.task_actions import cancel_task, send_seed
from bot.ui.workflows.task_queries import queue_page, task_page
from bot.ui.workflows.task_reference import MAX_REFERENCE, referred_task

Choices = list[app_commands.Choice[str]]


class TaskCommands(commands.Cog):
    """The commands `/tasks`, `/queue`, `/cancel` and `/seed`, and the components of task lists."""

    def __init__(self, routes: Routes, services: Services) -> None:
        self._services = services
        routes.add_component(LIST_PATTERN, self.on_list, private=True)

    @app_commands.command(name="tasks", description=localized("tasks.description"))
    @app_commands.describe(
        state=localized("tasks.state"), words=localized("tasks.words"), everybody=localized("tasks.everybody")
    )
    @app_commands.rename(state="status", everybody="everyone")
    async def tasks(
        self,
        interaction: Interaction,
        state: Literal["running", "done", "failed"] | None = None,
        words: app_commands.Range[str, 1, MAX_WORDS] | None = None,
        everybody: bool = False,
    ) -> None:
        """Lists tasks, newest first: the user's own, or everyone's for the bot's owner."""
        listed = ListScope.EVERYBODYS if everybody else ListScope.OWN
        kind = TaskFilter(state) if state else TaskFilter.ANY
        async with handle_errors(interaction):
            await open_panel(interaction)
            await self._draw(interaction, ListId(listed, kind=kind, words=" ".join((words or "").split())))

    @app_commands.command(name="queue", description=localized("queue.description"))
    async def queue(self, interaction: Interaction) -> None:
        """Shows the running and the waiting tasks."""
        async with handle_errors(interaction):
            await open_panel(interaction)
            await self._draw(interaction, ListId(ListScope.QUEUE))

    @app_commands.command(name="cancel", description=localized("cancel.description"))
    @app_commands.describe(task=localized("cancel.task"))
    async def cancel(self, interaction: Interaction, task: app_commands.Range[str, 1, MAX_REFERENCE]) -> None:
        """Cancels a task."""
        async with handle_errors(interaction):
            await open_panel(interaction)
            await cancel_task(
                interaction, self._services, await referred_task(self._services.store, task), confirm=True
            )

    @app_commands.command(name="seed", description=localized("seed.description"))
    @app_commands.describe(task=localized("seed.task"))
    async def seed(self, interaction: Interaction, task: app_commands.Range[str, 1, MAX_REFERENCE]) -> None:
        """Shows the seed of an image."""
        async with handle_errors(interaction):
            await open_panel(interaction)
            await send_seed(interaction, self._services.service, await referred_task(self._services.store, task))

    @cancel.autocomplete("task")
    async def _running(self, interaction: Interaction, typed: str) -> Choices:
        return await autocomplete_tasks(self._services, interaction, typed, TaskFilter.RUNNING)

    @seed.autocomplete("task")
    async def _done(self, interaction: Interaction, typed: str) -> Choices:
        return await autocomplete_tasks(self._services, interaction, typed, TaskFilter.DONE)

    async def on_list(self, interaction: Interaction, match: re.Match[str]) -> None:
        """Handles a list's buttons and selects."""
        key = ListId.read(match)
        async with handle_errors(interaction):
            await interaction.response.defer()
            kinds = [TaskFilter(value) for value in chosen_values(interaction) if value in list(TaskFilter)]
            if key.control is ListControl.KIND and kinds:
                key = ListId(key.scope, kind=kinds[0], words=key.words)
            await self._draw(interaction, key)

    async def _draw(self, interaction: Interaction, key: ListId) -> None:
        actor, t = actor_of(interaction), translator_of(interaction)
        if key.scope is ListScope.QUEUE:
            queue = await queue_page(self._services, actor)
            await draw_panel(interaction, queue_panel(queue, actor.user_id, t))
            return
        page = await task_page(self._services, actor, key)
        key = key._replace(page=min(key.page, page.pages - 1))
        files = thumbnail_files(page.tasks, page.thumbnails, t)
        await draw_panel(interaction, task_list(page, key, t), files)


async def setup(bot: AtelierBot) -> None:
    await bot.add_cog(TaskCommands(bot.routes, bot.services))
