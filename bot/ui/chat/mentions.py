"""Messages of people that are for the bot: direct messages, and replies to its answers that mention it.

Discord sends the content of just these without the privileged intent for message content ("Gateway", "Message Content
Intent"). All other messages are dropped unread, before discord.py makes objects of them.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord

from bot.chat.chats import Chats
from bot.chat.history import MAX_SENT_IMAGES
from bot.chat.model_choice import chosen_model
from bot.chat.policy import ChatOperation
from bot.discord_api import message_requests
from bot.i18n import DEFAULT, Translator
from bot.platform.model_directory import ModelDirectory
from bot.runtime.units import MEGABYTE
from bot.tasks.errors import UserError
from bot.tasks.policy import Actor
from bot.tasks.requests import new_task_id
from bot.ui.chat.prompts import chat_images, check_prompt, new_turn
from bot.ui.components.catalog_texts import error_text
from bot.ui.components.message_components import CheckedLayout
from bot.ui.components.payloads import MAX_ID
from bot.ui.inputs.image_attachments import Attachments
from bot.ui.interactions.context import InteractionClient, encodable
from storage import ChatTurn, Conversation, StorageError, Store, TurnMessage

log = logging.getLogger(__name__)

# Seconds after its last turn in which a direct message goes on with a conversation; later ones begin another.
GO_ON_SECONDS = 30 * 60.0
# Seconds between two refusals of one person's messages, which everyone in the channel sees.
QUIET_SECONDS = 10.0
_MAX_QUIET = 1_000
_REPLY_SECONDS = 15.0
_UPLOAD_LIMIT = 10 * MEGABYTE
# A message, and a reply ("Message Types").
_TYPES = (0, 19)


@dataclass(frozen=True, slots=True)
class PersonMessage:
    """A message of a person, and its images. `replied_to` is the id of the message that it replies to."""

    id: int
    channel_id: int
    guild_id: int | None
    user_id: int
    text: str
    replied_to: int | None
    attachments: Sequence[discord.Attachment] = ()


class MessageReceiver:
    """Answers messages that are for the bot."""

    def __init__(
        self, client: InteractionClient, chats: Chats, store: Store, models: ModelDirectory, attachments: Attachments
    ) -> None:
        self._client = client
        self._chats = chats
        self._store = store
        self._models = models
        self._attachments = attachments
        self._refused: OrderedDict[int, float] = OrderedDict()

    def receive(self, payload: Any) -> None:
        """Handles MESSAGE_CREATE. Never raises, because discord.py calls it in its connection loop."""
        user = self._client.user
        if user is None:
            return
        try:
            message = person_message(payload, user.id, self._client._connection)
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            log.warning("ignored an invalid message (%s)", type(error).__name__)
            return
        if message:
            self._client.answers.start(self._handle(message), f"message-{message.id}")

    async def _handle(self, message: PersonMessage) -> None:
        try:
            await self._answer(message)
        except UserError as error:
            await self._refuse(message, error)
        except StorageError as error:
            log.error("message %d: the database is unavailable: %s", message.id, error)  # noqa: TRY400 - expected
            await self._refuse(message, UserError("store"))
        except Exception:
            log.exception("message %d failed", message.id)
            await self._refuse(message, UserError("defect"))

    async def _answer(self, message: PersonMessage) -> None:
        parent = await self._parent(message)
        if parent is None and message.guild_id is not None:
            return  # a reply to something else
        if self._client.shutting_down:
            raise UserError("restarting")
        given = message.attachments
        if (not message.text and not given) or await self._store.conversations.is_answered(message.id):
            return  # a sticker or a voice message, or an event that came twice
        with self._chats.slot(message.user_id, parent.conversation_id if parent else None) as slot:
            check_prompt(message.text, given)
            actor = Actor(message.user_id, message.guild_id, message.channel_id)
            conversation = await self._conversation(message, actor, parent, with_image=bool(given))
            shown_in = TurnMessage(self._client.application_id or 0, None, None, 0.0, self._limit(message))
            turn = new_turn(conversation, parent, message.user_id, message.text, shown_in, source_id=message.id)
            async with chat_images(self._attachments, message.user_id, given) as images:
                start = self._chats.go_on if parent else self._chats.begin
                await start(slot, conversation, turn, images)

    async def _parent(self, message: PersonMessage) -> ChatTurn | None:
        """The turn that the message continues."""
        if message.replied_to and (replied := await self._store.conversations.by_message(message.replied_to)):
            return replied
        if message.guild_id is not None:
            return None
        return await self._store.conversations.newest(message.channel_id, time.time() - GO_ON_SECONDS)

    async def _conversation(
        self, message: PersonMessage, actor: Actor, parent: ChatTurn | None, *, with_image: bool
    ) -> Conversation:
        if parent:
            key = (parent.conversation_id, parent.number)
            return (await self._chats.turn_for(actor, ChatOperation.USE, *key))[0]
        model = chosen_model(self._models, None, with_image=with_image)
        return Conversation(
            new_task_id(), message.user_id, message.guild_id, message.channel_id, model, self._locale(message)
        )

    def _limit(self, message: PersonMessage) -> int:
        guild = self._client.get_guild(message.guild_id) if message.guild_id else None
        return guild.filesize_limit if guild else _UPLOAD_LIMIT

    def _locale(self, message: PersonMessage) -> str:
        guild = self._client.get_guild(message.guild_id) if message.guild_id else None
        return str(guild.preferred_locale) if guild else DEFAULT

    async def _refuse(self, message: PersonMessage, error: UserError) -> None:
        """Replies with an error, but not to every message of a person who sends many."""
        now = time.monotonic()
        if now - self._refused.get(message.user_id, -QUIET_SECONDS) < QUIET_SECONDS:
            return
        self._refused[message.user_id] = now
        self._refused.move_to_end(message.user_id)
        if len(self._refused) > _MAX_QUIET:
            self._refused.popitem(last=False)
        view = CheckedLayout()
        view.add_item(discord.ui.TextDisplay(error_text(error, Translator(self._locale(message)))))
        try:
            async with asyncio.timeout(_REPLY_SECONDS):
                await message_requests.post(
                    self._client, message.channel_id, view, (), nonce=f"no {message.id}", reply_to=message.id
                )
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as failure:
            log.info("message %d: cannot reply: %r", message.id, failure)


def person_message(payload: Mapping[str, Any], bot_id: int, state: Any) -> PersonMessage | None:
    """The message of an event if it may be for the bot, else None. `state` is discord.py's.

    Raises LookupError, TypeError, ValueError or AttributeError for what Discord does not send.
    """
    author = payload["author"]
    if author.get("bot") or payload.get("webhook_id") or payload.get("type", 0) not in _TYPES:
        return None
    reference = payload.get("message_reference") or {}
    replied_to = int(reference["message_id"]) if reference.get("message_id") and not reference.get("type") else None
    guild_id = int(payload["guild_id"]) if payload.get("guild_id") else None
    mentioned = any(int(user["id"]) == bot_id for user in payload.get("mentions", ()))
    if guild_id is not None and not (mentioned and replied_to):
        return None
    ids = [int(payload["id"]), int(payload["channel_id"]), int(author["id"])]
    if not all(0 < each <= MAX_ID for each in (*ids, guild_id or 1, replied_to or 1)):
        raise ValueError("invalid id")
    text = re.sub(rf"<@!?{bot_id}>", "", encodable(payload.get("content") or "")).strip()
    files = [
        each
        for each in encodable(payload.get("attachments") or [])
        if each.get("content_type", "").startswith("image/")
    ]
    images = [discord.Attachment(data=each, state=state) for each in files[:MAX_SENT_IMAGES]]
    return PersonMessage(ids[0], ids[1], guild_id, ids[2], text, replied_to, images)
