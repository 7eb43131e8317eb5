"""Messages in channels: posted and edited by the bot itself, and looked for after a crash."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from datetime import UTC, datetime

import discord

from bot.discord_api import message_requests
from bot.discord_api.errors import UNKNOWN_CHANNEL, Remedy, described, remedy_of
from bot.discord_api.message_refusals import ChannelUnavailable, Unreachable
from bot.discord_api.message_requests import REQUEST_SECONDS, MessageLocation
from bot.tasks.policy import TOKEN_SECONDS
from storage import Message

log = logging.getLogger(__name__)

# How many recent messages are searched for one that may have been sent without the bot's knowledge.
LOOK_BACK = 200
# If a button's token gets one of these answers, the message's channel is tried.
_LOST_FOR_THE_TOKEN = (Remedy.DELETED, Remedy.NEW_MESSAGE, Remedy.OTHER_PLACE, Remedy.UNREACHABLE)


class ChannelMessages:
    """The bot's messages in channels.

    Raises discord.HTTPException, TimeoutError, aiohttp.ClientError and ChannelUnavailable.
    """

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def upsert(
        self,
        message: Message,
        view: discord.ui.LayoutView,
        files: Sequence[discord.File] | None,
        *,
        reply_to: int | None,
        replaces: int | None,
    ) -> MessageLocation:
        """Creates or edits the message, with the arguments of `MessageSender.upsert`. The caller limits the time."""
        if message.channel_id is None:
            raise ChannelUnavailable("the channel is unknown", channel_takes_new=False)
        if message.message_id is None:
            nonce = _nonce(message, replaces)
            message_id = await self._new(message.channel_id, view, files or (), reply_to, nonce)
        else:
            message_id = message.message_id
            await message_requests.edit(self._client, message.channel_id, message_id, view, files)
        return MessageLocation(message_id, message.channel_id)

    async def takes_over(self, message: Message, error: discord.HTTPException) -> bool:
        """Whether to send through the channel after the token was refused. The caller limits the time."""
        remedy = remedy_of(error)
        if error.status == 401 or remedy is Remedy.OTHER_WAY:
            log.info("message row %d: the token has expired, using the channel", message.id)
            return True
        if remedy in _LOST_FOR_THE_TOKEN and _is_button_token(message):
            log.info("message row %d: the button's token does not work here, using the channel", message.id)
            return True
        if remedy is not Remedy.DELETED:
            return False
        # Distinguishes a message deleted by people from a deleted channel. Only the former means that the message is
        # unwanted.
        try:
            await self._client.fetch_channel(message.channel_id or 0)
        except discord.HTTPException as channel_error:
            if channel_error.code == UNKNOWN_CHANNEL:
                raise ChannelUnavailable(described(channel_error), channel_takes_new=False) from error
        except (discord.InvalidData, discord.ClientException) as odd:
            log.debug("channel %s: cannot read the channel: %r", message.channel_id, odd)
        return False

    async def find(self, message: Message) -> list[MessageLocation]:
        """Messages of the bot in the channel that mention the task, sent since the interaction.

        One of them may be this message, sent before a crash or a lost answer. Empty if the channel cannot be read.
        """
        user = self._client.user
        if message.channel_id is None or user is None:
            return []
        channel = self._client.get_partial_messageable(message.channel_id, guild_id=message.guild_id)
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                since = _asked_at(message)
                newest = [each async for each in channel.history(limit=LOOK_BACK, after=since)]
        except discord.HTTPException as error:
            log.debug("message row %d: cannot search for the message: %s", message.id, described(error))
            return []
        ours = [each for each in newest if each.author.id == user.id]
        return [
            MessageLocation(each.id, message.channel_id)
            for each in ours
            if any(message.task_id in str(part.to_dict()) for part in each.components)
        ]

    async def direct_channel(self, user_id: int) -> int:
        """The direct message channel of a user. Raises Unreachable if there can be none."""
        async with asyncio.timeout(REQUEST_SECONDS):
            try:
                return (await self._client.create_dm(discord.Object(user_id))).id
            except discord.HTTPException as error:
                if remedy_of(error) is Remedy.RETRY:
                    raise
                raise Unreachable(described(error)) from error

    async def _new(
        self,
        channel_id: int,
        view: discord.ui.LayoutView,
        files: Sequence[discord.File],
        reply_to: int | None,
        nonce: str,
    ) -> int:
        """Posts the message and returns its id."""
        if reply_to is not None:
            try:
                sent = await message_requests.post(
                    self._client, channel_id, view, files, nonce=nonce, reply_to=reply_to
                )
            except discord.HTTPException as error:
                if remedy_of(error) is not Remedy.WITHOUT_REPLY:
                    raise
                for file in files:
                    file.reset()
            else:
                return sent.id
        return (await message_requests.post(self._client, channel_id, view, files, nonce=nonce)).id


def _is_button_token(message: Message) -> bool:
    """Whether the token belongs to a button press on the message, and not to the interaction that created the message.

    A button press is newer than the message, by the time that Discord encodes in both ids.
    """
    if message.message_id is None or not message.token_ends_at:
        return False
    made_at = discord.utils.snowflake_time(message.message_id).timestamp()
    return message.token_ends_at - TOKEN_SECONDS > made_at + 0.0005


def _asked_at(message: Message) -> datetime | None:
    """When the message's interaction was created, by Discord's clock. None if the message never had a token."""
    if not message.token_ends_at:
        return None
    return datetime.fromtimestamp(message.token_ends_at - TOKEN_SECONDS - 1.0, UTC)


def _nonce(message: Message, replaces: int | None) -> str:
    """The same nonce for every try, so that Discord creates one message (its "Create Message", `enforce_nonce`)."""
    text = f"{message.task_id} {message.id} {message.channel_id} {replaces or ''}"
    return hashlib.blake2s(text.encode(), digest_size=12).hexdigest()
