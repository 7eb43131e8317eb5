"""Deletion of results: the confirmation and the answer. `bot.ui.delivery.removals` removes the messages.

Removals are recorded first, so that a stop of the bot in between leaves no message behind.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import discord

from bot.i18n import Translator
from bot.tasks.policy import Actor, Operation, removable
from bot.ui.cards.card import headline
from bot.ui.components.dynamic_items import ControlButton
from bot.ui.components.markdown import escape_markdown
from bot.ui.components.message_components import CheckedLayout, Control, ControlId
from bot.ui.delivery.removals import Removed
from bot.ui.interactions.context import Interaction, actor_of, translator_of
from bot.ui.interactions.responses import ANSWER_SECONDS, best_effort, draw_panel
from bot.ui.services import Services
from storage import Message, Store, Task, TaskId

MAX_HEADLINE = 300
_TOLD = {Removed.YES: "delete.done", Removed.NOT_ALLOWED: "delete.some_left", Removed.NOT_YET: "delete.later"}


async def ask_to_delete(interaction: Interaction, services: Services, task_id: TaskId, *, in_place: bool) -> None:
    """Asks whether to delete a result: in the acknowledged message (`in_place`), or in a new private one.

    Raises UserError, StorageError.
    """
    task = await services.service.policy.task_for(actor_of(interaction), Operation.DELETE, task_id)
    view = _question(task, translator_of(interaction))
    if in_place:
        await draw_panel(interaction, view)
        return
    async with (
        best_effort(f"interaction {interaction.id}: cannot send the confirmation"),
        asyncio.timeout(ANSWER_SECONDS),
    ):
        await interaction.followup.send(view=view, ephemeral=True, allowed_mentions=discord.AllowedMentions.none())


async def delete(interaction: Interaction, services: Services, task_id: TaskId) -> None:
    """Deletes a result and replaces the question with the outcome. Raises UserError, StorageError."""
    actor = actor_of(interaction)
    task = await services.service.policy.task_for(actor, Operation.DELETE, task_id)
    messages = await _mark_deleted(services.store, actor, task)
    removed = [await services.removals.remove(each) for each in messages]
    worst = min(removed, default=Removed.YES)
    await draw_panel(interaction, _said(translator_of(interaction)(_TOLD[worst])))


async def _mark_deleted(store: Store, actor: Actor, task: Task) -> list[Message]:
    """Marks a result as deleted. Returns the messages that now have to be removed from Discord. Raises StorageError."""
    removed = removable(actor, task, await store.messages.for_task(task.id))
    await store.tasks.delete_result(task, removed, time.time())
    return removed


def _question(task: Task, t: Translator) -> discord.ui.LayoutView:
    view = _said(t("delete.question", title=escape_markdown(headline(task, t), MAX_HEADLINE, t)))
    yes = ControlButton.make(
        ControlId(task.id, Control.DELETE_NOW),
        label=t("button.delete_now"),
        emoji="🗑️",
        style=discord.ButtonStyle.danger,
    )
    view.add_item(discord.ui.ActionRow[Any](yes))
    return view


def _said(text: str) -> discord.ui.LayoutView:
    view = CheckedLayout()
    view.add_item(discord.ui.TextDisplay(text))
    return view
