"""The ways to a message: through the interaction's token while it lives, through the channel afterwards.

Discord's answers are sorted by what can be done about them (`bot.discord_api.errors`), into this module's exceptions;
what may go better the next time is raised as it came.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import discord

from bot.discord_api.errors import UNKNOWN_CHANNEL, MessagePart, Remedy, described, part_of, remedy_of
from bot.tasks.results import TOKEN_SECONDS
from bot.ui.interactions import webhooks
from storage import Message, Route

log = logging.getLogger(__name__)

# Among how many messages one is looked for that may have been sent without our knowing.
LOOK_BACK = 200
# discord.py itself waits for rate limits within this time.
REQUEST_SECONDS = 90.0
# Of such an answer to a token that a press has lent, the message's own channel is asked.
_LOST_FOR_THE_TOKEN = (Remedy.DELETED, Remedy.NEW_MESSAGE, Remedy.OTHER_PLACE, Remedy.UNREACHABLE)


class MessageRefused(Exception):
    """Discord refuses a message, and the same would be refused again."""


class Unreachable(MessageRefused):
    """There is no way to this message, and there will be none."""


class ChannelUnavailable(MessageRefused):
    """The message cannot be shown where it stands; does its channel take a new one?"""

    def __init__(self, reason: str, *, channel_takes_new: bool) -> None:
        super().__init__(reason)
        self.channel_takes_new = channel_takes_new


class MessageTooLarge(MessageRefused):
    """What is attached is larger than this place takes."""


class PartRefused(MessageRefused):
    """Discord does not take the message with this part; None where it does not tell which."""

    def __init__(self, reason: str, part: MessagePart | None) -> None:
        super().__init__(reason)
        self.part = part


class UnexplainedRefusal(MessageRefused):
    """Discord refuses the message, for a reason that is not known here."""


@dataclass(frozen=True, slots=True)
class MessageLocation:
    """Where a message stands, and whether its token was what reached it."""

    message_id: int
    channel_id: int
    by_token: bool = False


class MessageSender:
    """Sends and edits messages.

    Raises this module's exceptions, discord.HTTPException, TimeoutError, aiohttp.ClientError.
    """

    def __init__(self, client: discord.Client, *, now: Callable[[], float] = time.time) -> None:
        """`now`: the time by Discord's clock, by which tokens end."""
        self._client = client
        self._now = now

    def has_token(self, message: Message) -> bool:
        """Is the message reached through an interaction's token, which has rate limits of its own?"""
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
        """Makes the message look like this; `files` replace what is attached, None leaves it as it is.

        A new message in a channel replies to the message `reply_to`. (Through a token, Discord itself makes it a reply
        to the interaction's message.) `replaces`: the message that a new one is made in place of.
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
        """The channel of direct messages with somebody. Raises Unreachable when there can be none."""
        async with asyncio.timeout(REQUEST_SECONDS):
            try:
                return (await self._client.create_dm(discord.Object(user_id))).id
            except discord.HTTPException as error:
                if remedy_of(error) is Remedy.RETRY:
                    raise
                raise Unreachable(described(error)) from error

    async def find(self, message: Message) -> list[MessageLocation]:
        """Messages of ours in its channel that speak of its task, since it was asked for: one may be it, sent before a
        crash or a lost answer. Empty where the channel cannot be read."""
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
        """Is the channel worth trying after the token was refused?"""
        remedy = remedy_of(error)
        if error.status == 401 or remedy is Remedy.OTHER_WAY:
            log.info("message row %d: the token has expired, using the channel", message.id)
            return True
        if remedy in _LOST_FOR_THE_TOKEN and _is_button_token(message):
            log.info("message row %d: the button's token does not work here, using the channel", message.id)
            return True
        if remedy is not Remedy.DELETED:
            return False
        # Deleted by people, or gone with its channel? Only the first means that nobody wants it.
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
        webhook = webhooks.of_interaction(self._client, message.application_id, token)
        none = discord.AllowedMentions.none()
        if message.message_id is None:
            sent = await webhook.send(view=view, files=list(files or ()), allowed_mentions=none, wait=True)
        elif files is None:
            sent = await webhook.edit_message(message.message_id, view=view, allowed_mentions=none)
        else:
            sent = await webhook.edit_message(
                message.message_id, view=view, attachments=list(files), allowed_mentions=none
            )
        return MessageLocation(sent.id, sent.channel.id, by_token=True)

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
        channel = self._client.get_partial_messageable(message.channel_id, guild_id=message.guild_id)
        none = discord.AllowedMentions.none()
        if message.message_id is None:
            return MessageLocation(await self._new(channel, view, files, reply_to, nonce), message.channel_id)
        there = channel.get_partial_message(message.message_id)
        if files is None:
            await there.edit(view=view, allowed_mentions=none)
        else:
            await there.edit(view=view, attachments=list(files), allowed_mentions=none)
        return MessageLocation(message.message_id, message.channel_id)

    async def _new(
        self,
        channel: discord.PartialMessageable,
        view: discord.ui.LayoutView,
        files: Sequence[discord.File] | None,
        reply_to: int | None,
        nonce: str,
    ) -> int:
        """Posts the message; its id."""
        attached = list(files or ())
        none = discord.AllowedMentions.none()
        if reply_to is not None:
            replied = channel.get_partial_message(reply_to).to_reference(fail_if_not_exists=False)
            try:
                sent = await channel.send(
                    view=view, files=attached, allowed_mentions=none, nonce=nonce, reference=replied
                )
            except discord.HTTPException as error:
                if remedy_of(error) is not Remedy.WITHOUT_REPLY:
                    raise
                for file in attached:
                    file.reset()
            else:
                return sent.id
        return (await channel.send(view=view, files=attached, allowed_mentions=none, nonce=nonce)).id


def _is_button_token(message: Message) -> bool:
    """Is its token that of a press on the message, and not that of the interaction which made the message?

    A press is younger than what it is made on, by the time that Discord puts into both ids.
    """
    if message.message_id is None or not message.token_ends_at:
        return False
    made_at = discord.utils.snowflake_time(message.message_id).timestamp()
    return message.token_ends_at - TOKEN_SECONDS > made_at + 0.0005


def _asked_at(message: Message) -> datetime | None:
    """When its interaction was made, by Discord's clock; None where it never had a token."""
    if not message.token_ends_at:
        return None
    return datetime.fromtimestamp(message.token_ends_at - TOKEN_SECONDS - 1.0, UTC)


def _nonce(message: Message, replaces: int | None) -> str:
    """The same for every try, so that Discord makes one message of them (its "Create Message", `enforce_nonce`)."""
    text = f"{message.task_id} {message.id} {message.channel_id} {replaces or ''}"
    return hashlib.blake2s(text.encode(), digest_size=12).hexdigest()


def _classify(error: discord.HTTPException, message: Message) -> Exception:
    """What can be done about an answer."""
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
