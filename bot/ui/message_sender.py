"""The ways to a message: through the interaction's token while it lives, through the channel afterwards.

What Discord answers is sorted by what can be done about it: PlaceLost (the message can stand somewhere else),
Unreachable (nothing can be done, or nobody wants it to be), TooLarge (smaller pictures go through), Malformed (the same
would be refused again). Everything else may go better the next time.
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

from bot.tasks.answers import TOKEN_SECONDS
from bot.ui import webhooks
from storage import Message, Route

log = logging.getLogger(__name__)

# Among how many messages one is looked for that may have been sent without our knowing.
LOOK_BACK = 200
# discord.py itself waits for rate limits within this time.
REQUEST_SECONDS = 90.0

# Discord's "JSON Error Codes".
UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK, UNKNOWN_INTERACTION = 10003, 10008, 10015, 10062
INVALID_TOKEN, TOO_MANY_FOLLOWUPS = 50027, 40094
MISSING_ACCESS, OTHER_AUTHOR, CLOSED_TO_US, MISSING_PERMISSIONS = 50001, 50005, 50007, 50013
ARCHIVED_THREAD, TOO_OLD_TO_EDIT = 50083, 30046
NO_HISTORY_TO_REPLY = 160002
INVALID_FORM, TOO_LARGE = 50035, (40005, 50045)

TOKEN_IS_DEAD = (INVALID_TOKEN, UNKNOWN_WEBHOOK, UNKNOWN_INTERACTION, TOO_MANY_FOLLOWUPS)
CHANNEL_REFUSES = (UNKNOWN_CHANNEL, MISSING_ACCESS, MISSING_PERMISSIONS)
EDIT_REFUSED = (ARCHIVED_THREAD, TOO_OLD_TO_EDIT, OTHER_AUTHOR)


class Refused(Exception):
    """Discord refuses a message, and the same would be refused again."""


class Unreachable(Refused):
    """There is no way to this message, and there will be none."""


class PlaceLost(Refused):
    """The message cannot be shown where it stands; does its channel take a new one?"""

    def __init__(self, reason: str, *, channel_takes_new: bool) -> None:
        super().__init__(reason)
        self.channel_takes_new = channel_takes_new


class TooLarge(Refused):
    """What is attached is larger than this place takes."""


class Malformed(Refused):
    """Discord does not take a message like this, now or later."""


@dataclass(frozen=True, slots=True)
class Standing:
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

    async def put(
        self,
        message: Message,
        view: discord.ui.LayoutView,
        files: Sequence[discord.File] | None,
        *,
        reply_to: int | None = None,
    ) -> Standing:
        """Makes the message look like this; `files` replace what is attached, None leaves it as it is.

        A new message in a channel replies to the message `reply_to`. (Through a token, Discord itself makes it a reply
        to the interaction's message.)
        """
        async with asyncio.timeout(REQUEST_SECONDS):
            try:
                if message.token and self.has_token(message):
                    return await self._by_token(message, message.token, view, files)
            except discord.HTTPException as error:
                if not await self._another_way(message, error):
                    raise _sorted(error, message) from error
                for file in files or ():
                    file.reset()
            try:
                return await self._by_channel(message, view, files, reply_to)
            except discord.HTTPException as error:
                raise _sorted(error, message) from error

    async def direct_channel(self, user_id: int) -> int:
        """The channel of direct messages with somebody. Raises Unreachable when there can be none."""
        async with asyncio.timeout(REQUEST_SECONDS):
            try:
                return (await self._client.create_dm(discord.Object(user_id))).id
            except (discord.Forbidden, discord.NotFound) as error:
                raise Unreachable(_named(error)) from error
            except discord.HTTPException as error:
                raise (Unreachable(_named(error)) if error.status == 400 else error) from error

    async def look_for(self, message: Message) -> list[Standing]:
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
            log.debug("message row %d cannot be looked for: %s", message.id, _named(error))
            return []
        ours = [each for each in newest if each.author.id == user.id]
        return [
            Standing(each.id, message.channel_id)
            for each in ours
            if any(message.task_id in str(part.to_dict()) for part in each.components)
        ]

    async def _another_way(self, message: Message, error: discord.HTTPException) -> bool:
        """Is the channel worth trying after the token was refused?"""
        if error.status == 401 or error.code in TOKEN_IS_DEAD:
            log.info("message row %d: its token has ended, the channel is used", message.id)
            return True
        if error.code != UNKNOWN_MESSAGE:
            return False
        if _is_lent(message):
            log.info("message row %d: the token of a press on it does not reach it, the channel is used", message.id)
            return True
        # Deleted by people, or gone with its channel? Only the first means that nobody wants it.
        try:
            await self._client.fetch_channel(message.channel_id or 0)
        except discord.HTTPException as channel_error:
            if channel_error.code == UNKNOWN_CHANNEL:
                raise PlaceLost(_named(channel_error), channel_takes_new=False) from error
        except (discord.InvalidData, discord.ClientException) as odd:
            log.debug("channel %s cannot be judged: %r", message.channel_id, odd)
        return False

    async def _by_token(
        self,
        message: Message,
        token: str,
        view: discord.ui.LayoutView,
        files: Sequence[discord.File] | None,
    ) -> Standing:
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
        return Standing(sent.id, sent.channel.id, by_token=True)

    async def _by_channel(
        self,
        message: Message,
        view: discord.ui.LayoutView,
        files: Sequence[discord.File] | None,
        reply_to: int | None,
    ) -> Standing:
        if message.channel_id is None:
            raise PlaceLost("its channel was never known", channel_takes_new=False)
        channel = self._client.get_partial_messageable(message.channel_id, guild_id=message.guild_id)
        none = discord.AllowedMentions.none()
        if message.message_id is None:
            return Standing(await self._new(message, channel, view, files, reply_to), message.channel_id)
        there = channel.get_partial_message(message.message_id)
        if files is None:
            await there.edit(view=view, allowed_mentions=none)
        else:
            await there.edit(view=view, attachments=list(files), allowed_mentions=none)
        return Standing(message.message_id, message.channel_id)

    async def _new(
        self,
        message: Message,
        channel: discord.PartialMessageable,
        view: discord.ui.LayoutView,
        files: Sequence[discord.File] | None,
        reply_to: int | None,
    ) -> int:
        """Posts the message; its id."""
        attached = list(files or ())
        none, nonce = discord.AllowedMentions.none(), _nonce(message)
        if reply_to is not None:
            replied = channel.get_partial_message(reply_to).to_reference(fail_if_not_exists=False)
            try:
                sent = await channel.send(
                    view=view, files=attached, allowed_mentions=none, nonce=nonce, reference=replied
                )
            except discord.HTTPException as error:
                if error.code != NO_HISTORY_TO_REPLY:
                    raise
                for file in attached:
                    file.reset()
            else:
                return sent.id
        return (await channel.send(view=view, files=attached, allowed_mentions=none, nonce=nonce)).id


def _is_lent(message: Message) -> bool:
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


def _nonce(message: Message) -> str:
    """The same for every try, so that Discord makes one message of them (its "Create Message", `enforce_nonce`)."""
    text = f"{message.task_id} {message.id} {message.channel_id}"
    return hashlib.blake2s(text.encode(), digest_size=12).hexdigest()


def _named(error: discord.HTTPException) -> str:
    return f"Discord answers {error.status} (code {error.code})"


def _sorted(error: discord.HTTPException, message: Message) -> Exception:
    """What can be done about an answer; by Discord's own code, because a wall in front of it answers 403, too."""
    if error.code == UNKNOWN_MESSAGE:
        return Unreachable(f"{_named(error)}: people have deleted it")
    if error.code in EDIT_REFUSED and message.message_id is not None:
        return PlaceLost(_named(error), channel_takes_new=True)
    if error.code in (*CHANNEL_REFUSES, *EDIT_REFUSED):
        direct = message.route in (Route.REDIRECTED, Route.DIRECT)
        return Unreachable(_named(error)) if direct else PlaceLost(_named(error), channel_takes_new=False)
    if error.code == CLOSED_TO_US:
        return Unreachable(f"{_named(error)}: the asker takes no direct messages")
    if error.code in TOO_LARGE or error.status == 413:
        return TooLarge(_named(error))
    if error.code == INVALID_FORM or error.status == 400:
        return Malformed(f"{_named(error)}: {error.text[:500]}")
    return error
