"""What a person asks, made ready: the images of a prompt, and the turn and the message that it becomes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import discord

from bot.media import image_pool, preview
from bot.tasks.errors import UserError
from bot.tasks.policy import InteractionContext
from bot.tasks.requests import new_task_id
from bot.ui.components.markdown import sanitize_line
from bot.ui.inputs.image_attachments import Attachments, check_attachments
from storage import ChatImage, ChatTurn, Conversation, TurnMessage

# Characters. A form has room for this many, and so has a message.
MAX_CHAT_PROMPT = 4_000
# Models see no more, and the price follows the size (docs/platform-api.md#vision).
IMAGE_EDGE = 1_500


def check_prompt(prompt: str, attachments: Sequence[discord.Attachment]) -> None:
    """Raises UserError for a prompt that says nothing, and for files that cannot be sent; no I/O."""
    if not sanitize_line(prompt) and not attachments:
        raise UserError("chat_empty")
    if len(prompt) > MAX_CHAT_PROMPT:
        raise UserError("chat_too_long", limit=str(MAX_CHAT_PROMPT))
    check_attachments(attachments)


@asynccontextmanager
async def chat_images(
    attachments: Attachments, user_id: int, given: Sequence[discord.Attachment]
) -> AsyncIterator[Sequence[ChatImage]]:
    """The attached images as models get them, within the context. Raises UserError."""
    async with attachments.read(user_id, given) as images:
        small = [await image_pool.run(preview, image.data, edge=IMAGE_EDGE) for image in images.pictures]
        yield [ChatImage("image/jpeg", data, each.url) for data, each in zip(small, given, strict=True)]


def new_conversation(context: InteractionContext, model: str) -> Conversation:
    """A conversation that begins with this interaction."""
    locale = context.card_locale
    return Conversation(new_task_id(), context.user_id, context.guild_id, context.channel_id, model, locale)


def new_turn(
    conversation: Conversation,
    parent: ChatTurn | None,
    user_id: int,
    prompt: str,
    message: TurnMessage,
    *,
    source_id: int | None = None,
) -> ChatTurn:
    """A turn that is not stored yet, and so has no number."""
    number = parent.number if parent else None
    return ChatTurn(conversation.id, 0, number, user_id, prompt.strip(), message, source_id=source_id)


def message_of(context: InteractionContext, message_id: int | None) -> TurnMessage:
    """The message through which an interaction is answered."""
    shown = context.message()
    return TurnMessage(context.application_id, message_id, context.token, shown.token_ends_at, context.upload_limit)
