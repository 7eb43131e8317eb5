"""Deletes a conversation, after a private question."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import discord

from bot.chat.chats import Chats
from bot.chat.policy import ChatOperation
from bot.ui.chat.custom_ids import ChatButton, ChatControl, TurnId
from bot.ui.components.message_components import CheckedLayout
from bot.ui.interactions.context import Interaction, actor_of, translator_of
from bot.ui.interactions.responses import best_effort, draw_panel, open_panel

log = logging.getLogger(__name__)

# Messages that are deleted in Discord; a conversation with more is rare, and Discord limits deletions.
MAX_DELETED = 100


async def ask_to_forget(interaction: Interaction, chats: Chats, key: TurnId) -> None:
    """Asks whether the conversation is to be deleted."""
    await open_panel(interaction)
    await chats.turn_for(actor_of(interaction), ChatOperation.DELETE, key.conversation_id, key.number)
    t = translator_of(interaction)
    view = CheckedLayout()
    view.add_item(discord.ui.TextDisplay(t("chat.delete_question")))
    confirm = ChatButton.make(key, ChatControl.DELETE_NOW, label=t("chat.delete_now"), style=discord.ButtonStyle.danger)
    view.add_item(discord.ui.ActionRow(confirm))
    await draw_panel(interaction, view)


async def forget(interaction: Interaction, chats: Chats, key: TurnId) -> None:
    """Deletes the conversation, and its messages as far as the bot may."""
    await interaction.response.defer()
    conversation, _ = await chats.turn_for(actor_of(interaction), ChatOperation.DELETE, key.conversation_id, key.number)
    messages = await chats.forget(conversation)
    view = CheckedLayout()
    view.add_item(discord.ui.TextDisplay(translator_of(interaction)("chat.deleted")))
    await draw_panel(interaction, view)
    if conversation.channel_id is not None:
        await _delete(interaction, conversation.channel_id, messages[-MAX_DELETED:])


async def _delete(interaction: Interaction, channel_id: int, messages: Sequence[int]) -> None:
    for message_id in reversed(messages):
        async with best_effort(f"message {message_id}: cannot delete it"):
            await interaction.client.http.delete_message(channel_id, message_id)
