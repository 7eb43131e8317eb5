"""The ways to a message: through the interaction's token while it lives, through the channel afterwards."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

import discord

from storage import Message

log = logging.getLogger(__name__)

# discord.py itself waits for rate limits within this time.
REQUEST_SECONDS = 90.0

# Discord's "JSON Error Codes".
UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK, UNKNOWN_INTERACTION = 10003, 10008, 10015, 10062
INVALID_TOKEN = 50027
NO_PERMISSION = (50001, 50013)


class Unreachable(Exception):
    """There is no way to this message, and there will be none."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a message stands."""

    message_id: int
    channel_id: int


class Reach:
    """Sends and edits messages. Raises Unreachable, discord.HTTPException, TimeoutError, aiohttp.ClientError."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def put(
        self, message: Message, view: discord.ui.LayoutView, files: Sequence[discord.File] | None
    ) -> Standing:
        """Makes the message look like this; `files` replace what is attached, None leaves it as it is."""
        async with asyncio.timeout(REQUEST_SECONDS):
            if message.token and message.token_ends_at > time.time():
                try:
                    return await self._by_token(message, message.token, view, files)
                except discord.HTTPException as error:
                    if not _token_is_dead(error):
                        raise _sorted(error) from error
                    log.info("message row %d: its token has ended, the channel is used", message.id)
                    for file in files or ():
                        file.reset()
            try:
                return await self._by_channel(message, view, files)
            except discord.HTTPException as error:
                raise _sorted(error) from error

    async def _by_token(
        self,
        message: Message,
        token: str,
        view: discord.ui.LayoutView,
        files: Sequence[discord.File] | None,
    ) -> Standing:
        webhook = discord.Webhook.partial(message.application_id, token, client=self._client)
        none = discord.AllowedMentions.none()
        if message.message_id is None:
            sent = await webhook.send(view=view, files=list(files or ()), allowed_mentions=none, wait=True)
        elif files is None:
            sent = await webhook.edit_message(message.message_id, view=view, allowed_mentions=none)
        else:
            sent = await webhook.edit_message(
                message.message_id, view=view, attachments=list(files), allowed_mentions=none
            )
        return Standing(sent.id, sent.channel.id)

    async def _by_channel(
        self, message: Message, view: discord.ui.LayoutView, files: Sequence[discord.File] | None
    ) -> Standing:
        if message.channel_id is None:
            raise Unreachable("its channel was never known")
        channel = self._client.get_partial_messageable(message.channel_id, guild_id=message.guild_id)
        none = discord.AllowedMentions.none()
        if message.message_id is None:
            sent = await channel.send(view=view, files=list(files or ()), allowed_mentions=none)
            return Standing(sent.id, message.channel_id)
        there = channel.get_partial_message(message.message_id)
        if files is None:
            await there.edit(view=view, allowed_mentions=none)
        else:
            await there.edit(view=view, attachments=list(files), allowed_mentions=none)
        return Standing(message.message_id, message.channel_id)


def _token_is_dead(error: discord.HTTPException) -> bool:
    return error.status == 401 or error.code in (INVALID_TOKEN, UNKNOWN_WEBHOOK, UNKNOWN_INTERACTION)


def _sorted(error: discord.HTTPException) -> Exception:
    gone = error.code in (UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, *NO_PERMISSION) or error.status in (403, 404)
    return Unreachable(f"Discord answers {error.status} (code {error.code})") if gone else error
