"""The cog of the bot's own controls under a task's message.

As in `cogs.actions`, an interaction is acknowledged before the store is read, except for controls that open a modal:
those read what it is prefilled with, within a time limit.
"""

from __future__ import annotations

import asyncio
import re

from discord.ext import commands

from bot.client import AtelierBot
from bot.tasks.errors import UserError
from bot.tasks.policy import Operation
from bot.ui.components.message_components import CONTROL_PATTERN, Control, ControlId
from bot.ui.components.payloads import MAX_ID
from bot.ui.interactions.context import Interaction, actor_of, context_of, translator_of, used_message
from bot.ui.interactions.router import Routes, handle_errors, on_private_message
from bot.ui.modals.modal_prefill import PREFILL_SECONDS
from bot.ui.services import Services
from bot.ui.workflows.batches import start_batch
from bot.ui.workflows.deletion import ask_to_delete, delete
from bot.ui.workflows.drafts import prompt_modal_of
from bot.ui.workflows.preview import send_preview
from bot.ui.workflows.task_actions import cancel_task, send_seed, show_task
from cogs.actions import refresh_token, show_answer
from cogs.continuing import open_continue_modal
from storage import TaskId


class Controls(commands.Cog):
    """Handles the bot's own controls."""

    def __init__(self, routes: Routes, services: Services) -> None:
        self._services = services
        routes.add_component(CONTROL_PATTERN, self.on_control)

    async def on_control(self, interaction: Interaction, match: re.Match[str]) -> None:
        """Handles one of the bot's own controls."""
        key = ControlId.read(match)
        async with handle_errors(interaction):
            if key.control is Control.CONTINUE:
                await open_continue_modal(interaction, self._services, key.task_id)
                return
            if key.control is Control.EDIT:
                await self._edit(interaction, key.task_id)
                return
            if key.control is Control.SHOW and on_private_message(interaction):
                await send_preview(interaction, self._services, key.task_id)
                return
            await interaction.response.defer()
            if not await self._ask(interaction, key):
                await self._change(interaction, key)

    async def _ask(self, interaction: Interaction, key: ControlId) -> bool:
        """Handles the controls that do not change the task's card. Returns whether the control was one of them."""
        match key.control:
            case Control.CANCEL:
                await cancel_task(interaction, self._services, key.task_id)
            case Control.SHOW | Control.POST:
                await show_task(interaction, self._services, key.task_id)
            case Control.SEED:
                await send_seed(interaction, self._services.service, key.task_id)
            case _:
                return False
        return True

    async def _change(self, interaction: Interaction, key: ControlId) -> None:
        """Handles the controls that change the task's card or start further tasks."""
        match key.control:
            case Control.PAGE:
                await self._turn(interaction, key)
            case Control.TRY_AGAIN:
                answer = await self._services.service.try_again(context_of(interaction), key.task_id)
                await show_answer(interaction, self._services, answer)
            case Control.LOOK_AGAIN:
                await self._services.service.look_again(actor_of(interaction), key.task_id)
            case Control.FETCH_AGAIN:
                await self._fetch_again(interaction, key.task_id)
            case Control.DELETE | Control.DELETE_NOW:
                await self._delete(interaction, key)
            case Control.START_ALL | Control.START_ONE:
                await self._start_batch(interaction, key)

    async def _delete(self, interaction: Interaction, key: ControlId) -> None:
        if not on_private_message(interaction):
            raise UserError("foreign_button")
        if key.control is Control.DELETE:
            await ask_to_delete(interaction, self._services, key.task_id, in_place=False)
        else:
            await delete(interaction, self._services, key.task_id)

    async def _start_batch(self, interaction: Interaction, key: ControlId) -> None:
        if not on_private_message(interaction) or not key.task_id.isdecimal() or int(key.task_id) > MAX_ID:
            raise UserError("foreign_button")
        expanded = key.control is Control.START_ALL
        await start_batch(interaction, self._services, int(key.task_id), expanded=expanded)

    async def _edit(self, interaction: Interaction, task_id: TaskId) -> None:
        """Opens the modal in which the prompt of a failed task is edited."""
        try:
            async with asyncio.timeout(PREFILL_SECONDS):
                found = await self._services.service.policy.task_for(
                    actor_of(interaction), Operation.TRY_AGAIN, task_id
                )
        except TimeoutError as error:
            raise UserError("store") from error
        await interaction.response.send_modal(prompt_modal_of(task_id, found.prompt, translator_of(interaction)))

    async def _turn(self, interaction: Interaction, key: ControlId) -> None:
        used = used_message(interaction)
        message = await self._services.store.messages.by_message_id(used.id) if used else None
        if message is None or message.task_id != key.task_id:
            raise UserError("no_such_task")
        await self._services.service.policy.task_for(actor_of(interaction), Operation.TURN_PAGE, key.task_id)
        await self._services.store.messages.set_page(message.id, key.page)
        await refresh_token(interaction, self._services.store)
        await self._services.delivery.force_update(key.task_id)

    async def _fetch_again(self, interaction: Interaction, task_id: TaskId) -> None:
        await refresh_token(interaction, self._services.store)
        await self._services.service.fetch_again(actor_of(interaction), task_id)
        await self._services.delivery.force_update(task_id)


async def setup(bot: AtelierBot) -> None:
    await bot.add_cog(Controls(bot.routes, bot.services))
