"""Deletion of results, as people see it: the question before, the removal of the messages, and the answer.

What is to be removed is noted first, so that a stop of the program in between leaves nothing standing.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

import aiohttp
import discord

from bot.discord_api.errors import Remedy, remedy_of
from bot.tasks.deletion import deletable, mark_deleted
from bot.tasks.results import Refusal
from bot.texts import say
from bot.ui.cards.labels import headline
from bot.ui.components.custom_ids import Control, ControlId
from bot.ui.components.dynamic_items import ControlButton
from bot.ui.components.markdown import escape_markdown
from bot.ui.delivery.message_sender import REQUEST_SECONDS
from bot.ui.interactions import webhooks
from bot.ui.interactions.client import Interaction
from bot.ui.interactions.context import actor_of
from bot.ui.interactions.error_handling import ANSWER_SECONDS, best_effort, send_error
from bot.ui.interactions.panel_responses import draw_panel
from bot.ui.services import Services
from storage import Message, Store, Task, TaskId

log = logging.getLogger(__name__)

MAX_HEADLINE = 300


async def ask_to_delete(interaction: Interaction, parts: Services, task_id: TaskId, *, in_place: bool) -> None:
    """Asks whether a result is to be deleted: in the acknowledgement's own message, or in a new private one."""
    task = await deletable(parts.service.policy, actor_of(interaction), task_id)
    if isinstance(task, Refusal):
        await send_error(interaction, task)
        return
    view = _question(task, str(interaction.locale))
    if in_place:
        await draw_panel(interaction, view)
        return
    async with (
        best_effort(f"interaction {interaction.id}: cannot send the confirmation"),
        asyncio.timeout(ANSWER_SECONDS),
    ):
        await interaction.followup.send(view=view, ephemeral=True, allowed_mentions=discord.AllowedMentions.none())


async def delete(interaction: Interaction, parts: Services, task_id: TaskId) -> None:
    """Deletes a result and says so in the place of the question."""
    actor, client = actor_of(interaction), interaction.client
    task = await deletable(parts.service.policy, actor, task_id)
    if isinstance(task, Refusal):
        await send_error(interaction, task)
        return
    messages = await mark_deleted(parts.store, actor, task, time.time())
    removed = [await remove(client, parts.store, each) for each in messages]
    locale = str(interaction.locale)
    text = say("delete.done" if all(removed) else "delete.some_left", locale, task=task.id)
    await draw_panel(interaction, _said(text))


async def resume_removals(client: discord.Client, store: Store) -> None:
    """Removes the messages that a stop of the program left standing. Raises StorageError."""
    for message in await store.messages.to_remove():
        await remove(client, store, message)


async def remove(client: discord.Client, store: Store, message: Message) -> bool:
    """Removes a message of a deleted result from Discord; False where Discord does not let the bot. What fails for now
    is tried again at the next start. Raises StorageError."""
    try:
        async with asyncio.timeout(REQUEST_SECONDS):
            gone = message.message_id is None or await _removed(client, message, message.message_id)
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
        log.warning("message row %d: cannot delete the message yet: %r", message.id, error)
        return False
    await store.messages.end_removal(message.id)
    return gone


async def _removed(client: discord.Client, message: Message, message_id: int) -> bool:
    channel = client.get_partial_messageable(message.channel_id or 0, guild_id=message.guild_id)
    try:
        await channel.get_partial_message(message_id).delete()
    except discord.NotFound:
        return True
    except discord.Forbidden as error:
        log.info("message row %d: cannot delete the message through its channel: %r", message.id, error)
        return message.token is not None and await _removed_by_token(client, message, message.token, message_id)
    return True


async def _removed_by_token(client: discord.Client, message: Message, token: str, message_id: int) -> bool:
    """Where the bot is no member, an interaction's token removes what it has made."""
    try:
        await webhooks.of_interaction(client, message.application_id, token).delete_message(message_id)
    except discord.HTTPException as error:
        if error.status == 401 or remedy_of(error) is Remedy.OTHER_WAY or isinstance(error, discord.Forbidden):
            return False
        if not isinstance(error, discord.NotFound):
            raise
    return True


def _question(task: Task, locale: str) -> discord.ui.LayoutView:
    view = _said(say("delete.question", locale, title=escape_markdown(headline(task), MAX_HEADLINE)))
    yes = ControlButton.make(
        ControlId(task.id, Control.DELETE_NOW),
        label=say("button.delete_now", locale),
        emoji="🗑️",
        style=discord.ButtonStyle.danger,
    )
    view.add_item(discord.ui.ActionRow[Any](yes))
    return view


def _said(text: str) -> discord.ui.LayoutView:
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.TextDisplay(text))
    return view
