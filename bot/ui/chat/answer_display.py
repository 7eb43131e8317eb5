"""Shows answers in Discord's messages: `bot.chat.chats.AnswerDisplay`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

import aiohttp
import discord

from bot.discord_api.errors import described
from bot.discord_api.message_refusals import ChannelUnavailable, MessageRefused, Unreachable
from bot.discord_api.message_sender import MessageSender
from bot.i18n import Translator
from bot.platform.chat_answer import ChatAnswer
from bot.platform.image_collector import FoundImage
from bot.platform.model_directory import ModelDirectory
from bot.platform.roles import Role
from bot.ui.chat.answer_images import AnswerImages, LoadedImages
from bot.ui.chat.answer_view import AnswerMessage, ended_message, running_message
from storage import ChatTurn, Conversation, Message, Route

log = logging.getLogger(__name__)

# Seconds for an edit that shows progress. A later one shows more.
PROGRESS_SECONDS = 10.0
_FAILURES = (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError)


class MessageDisplay:
    """Posts and edits the messages of answers."""

    def __init__(self, sender: MessageSender, images: AnswerImages, models: ModelDirectory) -> None:
        self._sender = sender
        self._images = images
        self._models = models

    async def post(self, conversation: Conversation, turn: ChatTurn) -> int | None:
        """Posts the message of a turn that has none, as a reply. Returns its id, None if that is impossible."""
        shown = running_message(conversation, turn, ChatAnswer(), Translator(conversation.locale))
        try:
            location = await self._sender.upsert(
                _row(conversation, turn), shown.view, shown.files, reply_to=turn.source_id
            )
        except (MessageRefused, *_FAILURES) as error:
            log.info("turn %s: cannot post its message: %s", turn.key, _said(error))
            return None
        return location.message_id

    async def find(self, conversation: Conversation, turn: ChatTurn) -> int | None:
        """The id of a message that was posted for the turn before a crash."""
        try:
            found = await self._sender.channels.find(_row(conversation, turn))
        except _FAILURES as error:
            log.info("turn %s: cannot look for its message: %s", turn.key, _said(error))
            return None
        return found[0].message_id if found else None

    async def progress(self, conversation: Conversation, turn: ChatTurn, answer: ChatAnswer) -> None:
        """Shows what has arrived of an answer. A failure is logged; the end is shown in any case."""
        shown = running_message(conversation, turn, answer, Translator(conversation.locale))
        try:
            async with asyncio.timeout(PROGRESS_SECONDS):
                await self._sender.upsert(_row(conversation, turn), shown.view, shown.files)
        except (MessageRefused, *_FAILURES) as error:
            log.debug("turn %s: cannot show its progress: %s", turn.key, _said(error))

    async def ended(
        self, conversation: Conversation, turn: ChatTurn, answer: ChatAnswer, ready: Callable[[], None]
    ) -> bool:
        """Shows how the turn ended, with the images of its answer, as far as Discord accepts them. False if another
        attempt may succeed."""
        with_data = [image for image in answer.images if image.data_url]
        found = [*(FoundImage(url=url) for url in turn.end.image_urls), *with_data]
        loaded = await self._images.load(found, turn.message.upload_limit)
        ready()
        without = LoadedImages(missing=len(found))
        t, speaks = Translator(conversation.locale), self._models.for_role(Role.SPEECH) is not None
        for images, with_text in self._attempts(loaded, without):
            shown = ended_message(conversation, turn, images, t, speaks=speaks, with_text=with_text)
            done = await self._edited(conversation, turn, shown)
            if done is not None:
                return done
        log.warning("turn %s: Discord refuses its message", turn.key)
        return True

    @staticmethod
    def _attempts(loaded: LoadedImages, without: LoadedImages) -> Sequence[tuple[LoadedImages, bool]]:
        """What is left out if Discord refuses the message: first the images, then the text."""
        full = [(loaded, True), (without, True)] if loaded.images else [(loaded, True)]
        return [*full, (without, False)]

    async def _edited(self, conversation: Conversation, turn: ChatTurn, shown: AnswerMessage) -> bool | None:
        """Whether the message shows this, or never will. False to try again, None if a part of it is refused."""
        try:
            await self._sender.upsert(_row(conversation, turn), shown.view, shown.files)
        except (Unreachable, ChannelUnavailable) as error:
            log.info("turn %s: its message cannot be reached: %s", turn.key, error)
            return True
        except MessageRefused as error:
            log.warning("turn %s: %s", turn.key, error)
            return None
        except _FAILURES as error:
            log.warning("turn %s: cannot show its end: %s", turn.key, _said(error))
            return False
        return True


def _row(conversation: Conversation, turn: ChatTurn) -> Message:
    """The message as the sender knows those of tasks. The key with its colon is in the custom_ids of its buttons."""
    message = turn.message
    return Message(
        id=turn.number,
        task_id=f"{turn.key}:",
        route=Route.ORIGINAL if turn.source_id is None else Route.CHANNEL,
        user_id=turn.user_id,
        application_id=message.application_id,
        guild_id=conversation.guild_id,
        channel_id=conversation.channel_id,
        message_id=message.message_id,
        token=message.token,
        token_ends_at=message.token_ends_at,
        upload_limit=message.upload_limit,
        page=0,
        shown_version=0,
        files=(),
        unreachable=False,
        locale=conversation.locale,
    )


def _said(error: BaseException) -> str:
    return described(error) if isinstance(error, discord.HTTPException) else repr(error)
