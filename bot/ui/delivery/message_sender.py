"""Sends and edits messages: through the interaction's token while it is valid, afterwards through the channel.

Discord's errors are mapped to this module's exceptions by the possible remedy (`bot.discord_api.errors`). Errors that
can be retried are raised unchanged.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import discord

from bot.discord_api import message_requests
from bot.discord_api.errors import UNKNOWN_CHANNEL, MessagePart, Remedy, described, part_of, remedy_of
from bot.tasks.policy import TOKEN_SECONDS
from storage import Message, Route

log = logging.getLogger(__name__)

# How many recent messages are searched for one that may have been sent without the bot's knowledge.
LOOK_BACK = 200
# Seconds. Within this time discord.py itself waits for rate limits.
REQUEST_SECONDS = 90.0
# Channels whose newest messages are known.
MAX_CHANNELS = 1_000
# Above a message created by an interaction's token, Discord shows the user of that interaction.
_SHOWN_WITH_USER = (Route.ORIGINAL, Route.FOLLOWUP)
# If a button's token gets one of these answers, the message's channel is tried.
_LOST_FOR_THE_TOKEN = (Remedy.DELETED, Remedy.NEW_MESSAGE, Remedy.OTHER_PLACE, Remedy.UNREACHABLE)


class MessageRefused(Exception):
    """Discord refuses a message, and would refuse the same message again."""


class Unreachable(MessageRefused):
    """The message is permanently unreachable."""


class ChannelUnavailable(MessageRefused):
    """The message cannot be shown where it is. `channel_takes_new`: whether its channel accepts a new message."""

    def __init__(self, reason: str, *, channel_takes_new: bool) -> None:
        super().__init__(reason)
        self.channel_takes_new = channel_takes_new


class MessageTooLarge(MessageRefused):
    """The attachments are larger than the channel allows."""


class PartRefused(MessageRefused):
    """Discord rejects the message because of this part. None if Discord does not name the part."""

    def __init__(self, reason: str, part: MessagePart | None) -> None:
        super().__init__(reason)
        self.part = part


class UnexplainedRefusal(MessageRefused):
    """Discord refuses the message for an unknown reason."""


class MessageLocation(NamedTuple):
    """The channel and id of a message, and whether its token reached it."""

    message_id: int
    channel_id: int
    by_token: bool = False


class _Post(NamedTuple):
    message_id: int
    user_id: int


class RecentPosts:
    """The newest messages that the bot itself created in each channel, and the users that they belong to.

    Keeps two messages a channel: the newest one, and the newest one that belongs to another user than that.
    """

    def __init__(self) -> None:
        self._newest: OrderedDict[int, tuple[_Post, ...]] = OrderedDict()

    def add(self, channel_id: int, message_id: int, user_id: int) -> None:
        """Records a message in a channel, new or known, which Discord shows with this user's name."""
        known = self._newest.get(channel_id, ())
        if (message_id, user_id) in known:
            self._newest.move_to_end(channel_id)
            return
        of_user = {post.user_id: post for post in known}
        if user_id not in of_user or of_user[user_id].message_id < message_id:
            of_user[user_id] = _Post(message_id, user_id)
        newest = sorted(of_user.values(), key=lambda post: post.message_id, reverse=True)
        self._newest[channel_id] = tuple(newest[:2])
        self._newest.move_to_end(channel_id)
        if len(self._newest) > MAX_CHANNELS:
            self._newest.popitem(last=False)

    def forget(self, channel_id: int, message_id: int) -> None:
        """Forgets a message that was deleted."""
        kept = tuple(post for post in self._newest.get(channel_id, ()) if post.message_id != message_id)
        if channel_id in self._newest:
            self._newest[channel_id] = kept

    def has_of_others(self, channel_id: int, user_id: int, *, after: int) -> bool:
        """Whether a message of another user than this one is known to be below the message with the id `after`."""
        return any(post.user_id != user_id and post.message_id > after for post in self._newest.get(channel_id, ()))


class MessageSender:
    """Sends and edits messages.

    Raises this module's exceptions, discord.HTTPException, TimeoutError, aiohttp.ClientError.
    """

    def __init__(self, client: discord.Client, *, now: Callable[[], float] = time.time) -> None:
        """`now`: the time by Discord's clock, which determines when tokens expire."""
        self._client = client
        self._tokens = message_requests.TokenRequests(client)
        self._now = now
        self.posts = RecentPosts()

    def has_token(self, message: Message) -> bool:
        """Whether the message has a valid interaction token. Tokens have their own rate limits."""
        return bool(message.token) and message.token_ends_at > self._now()

    async def upsert(
        self,
        message: Message,
        view: discord.ui.LayoutView,
        files: Sequence[discord.File] | None,
        *,
        reply_to: int | None = None,
        replaces: int | None = None,
    ) -> MessageLocation:
        """Creates or edits the message. `files` replace the current attachments; None keeps them.

        A new message in a channel replies to the message `reply_to`. (Through a token, Discord itself makes it a reply
        to the interaction's message.) `replaces`: the id of the message that a new one replaces.
        """
        async with asyncio.timeout(REQUEST_SECONDS):
            try:
                if message.token and self.has_token(message):
                    return await self._by_token(message, message.token, view, files)
            except discord.HTTPException as error:
                if not await self._another_way(message, error):
                    raise _classify(error, message) from error
                for file in files or ():
                    file.reset()
            try:
                return await self._by_channel(message, view, files, reply_to, _nonce(message, replaces))
            except discord.HTTPException as error:
                raise _classify(error, message) from error

    async def direct_channel(self, user_id: int) -> int:
        """The direct message channel of a user. Raises Unreachable if there can be none."""
        async with asyncio.timeout(REQUEST_SECONDS):
            try:
                return (await self._client.create_dm(discord.Object(user_id))).id
            except discord.HTTPException as error:
                if remedy_of(error) is Remedy.RETRY:
                    raise
                raise Unreachable(described(error)) from error

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

    async def _another_way(self, message: Message, error: discord.HTTPException) -> bool:
        """Whether to try the channel after the token was refused."""
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

    async def _by_token(
        self,
        message: Message,
        token: str,
        view: discord.ui.LayoutView,
        files: Sequence[discord.File] | None,
    ) -> MessageLocation:
        if message.message_id is None:
            sent = await self._tokens.post(message.application_id, token, view, files or ())
        else:
            sent = await self._tokens.edit(message.application_id, token, message.message_id, view, files)
        if message.route in _SHOWN_WITH_USER:
            self.posts.add(sent.channel_id, sent.id, message.user_id)
        return MessageLocation(sent.id, sent.channel_id, by_token=True)

    async def _by_channel(
        self,
        message: Message,
        view: discord.ui.LayoutView,
        files: Sequence[discord.File] | None,
        reply_to: int | None,
        nonce: str,
    ) -> MessageLocation:
        if message.channel_id is None:
            raise ChannelUnavailable("the channel is unknown", channel_takes_new=False)
        if message.message_id is None:
            message_id = await self._new(message.channel_id, view, files or (), reply_to, nonce)
        else:
            message_id = message.message_id
            await message_requests.edit(self._client, message.channel_id, message_id, view, files)
        return MessageLocation(message_id, message.channel_id)

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


def _classify(error: discord.HTTPException, message: Message) -> Exception:
    """Maps an error to the exception to raise."""
    said, remedy = described(error), remedy_of(error)
    match remedy:
        case Remedy.DELETED:
            return Unreachable(f"{said}: the message was deleted")
        case Remedy.UNREACHABLE:
            return Unreachable(f"{said}: the user does not accept direct messages")
        case Remedy.NEW_MESSAGE if message.message_id is not None:
            return ChannelUnavailable(said, channel_takes_new=True)
        case Remedy.NEW_MESSAGE | Remedy.OTHER_PLACE | Remedy.OTHER_WAY:
            direct = message.route in (Route.REDIRECTED, Route.DIRECT)
            return Unreachable(said) if direct else ChannelUnavailable(said, channel_takes_new=False)
        case Remedy.SMALLER:
            return MessageTooLarge(said)
        case Remedy.RETRY:
            return error
        case Remedy.FEW_TRIES | Remedy.ACKNOWLEDGED:
            return UnexplainedRefusal(said)
        case _:
            return PartRefused(said, part_of(error))
