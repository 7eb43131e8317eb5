"""Removes the messages of deleted results from Discord.

The store keeps each message until it is removed or cannot be removed. Temporary failures are retried in the background
with growing delays, also after a restart. If Discord keeps refusing without a known reason, the next start tries again.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Sequence
from enum import IntEnum

import aiohttp
import discord

from bot.discord_api.errors import Remedy, remedy_of
from bot.discord_api.message_requests import REQUEST_SECONDS, webhook_of
from bot.runtime.supervisor import TaskSupervisor
from bot.ui.delivery.worker import FAILURES, PATIENCE
from storage import Message, Store

log = logging.getLogger(__name__)


class Removed(IntEnum):
    """Whether a message was removed from Discord. The minimum of several values is their overall result."""

    NOT_ALLOWED = 0
    """Discord does not permit the removal, now or later."""
    NOT_YET = 1
    YES = 2


class Removals:
    """Removes messages."""

    def __init__(
        self,
        store: Store,
        client: discord.Client,
        background: TaskSupervisor,
        *,
        patience: Sequence[float] = PATIENCE,
        removing: Callable[[int, int], None] = lambda *_: None,
    ) -> None:
        """`patience`: seconds to wait after each failure. The last value applies to all later failures. `removing` is
        called with the channel and the id of a message before it is removed."""
        self._store = store
        self._client = client
        self._background = background
        self._patience = patience
        self._removing = removing
        self._retried: set[int] = set()
        # One retry at a time, because many may be pending after an outage.
        self._turn = asyncio.Lock()

    async def remove(self, message: Message) -> Removed:
        """Removes a message now. After a temporary failure it is retried in the background. Raises StorageError."""
        try:
            return await self._attempt(message)
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("message row %d is not removed yet: %r", message.id, error)
        self._retry(message)
        return Removed.NOT_YET

    async def resume(self) -> None:
        """Removes the messages that were pending at the last stop. Raises StorageError."""
        for message in await self._store.messages.to_remove():
            if message.id not in self._retried:
                await self.remove(message)

    def _retry(self, message: Message) -> None:
        if message.id not in self._retried:
            self._retried.add(message.id)
            self._background.start(self._persist(message), f"removal-{message.id}")

    async def _persist(self, message: Message) -> None:
        try:
            for number in itertools.count(1):
                await asyncio.sleep(self._patience[min(number, len(self._patience)) - 1])
                if await self._is_settled(message, last=number >= len(self._patience)):
                    return
        finally:
            self._retried.discard(message.id)

    async def _is_settled(self, message: Message, *, last: bool) -> bool:
        """Tries again. Returns whether no further try is needed.

        `last`: if the error is not an outage, there is no further try until the next start.
        """
        async with self._turn:
            try:
                await self._attempt(message)
            except FAILURES as error:
                given_up = last and not _is_outage(error)
                again = "at the next start" if given_up else "later"
                log.warning("message row %d is not removed yet: %r; tried again %s", message.id, error, again)
                return given_up
        log.info("message row %d is settled now", message.id)
        return True

    async def _attempt(self, message: Message) -> Removed:
        async with asyncio.timeout(REQUEST_SECONDS):
            removed = message.message_id is None or await self._removed(message, message.message_id)
        await self._store.messages.end_removal(message.id)
        return Removed.YES if removed else Removed.NOT_ALLOWED

    async def _removed(self, message: Message, message_id: int) -> bool:
        self._removing(message.channel_id or 0, message_id)
        channel = self._client.get_partial_messageable(message.channel_id or 0, guild_id=message.guild_id)
        try:
            await channel.get_partial_message(message_id).delete()
        except (discord.NotFound, discord.Forbidden) as error:
            if _is_outage(error):
                raise
            if isinstance(error, discord.NotFound):
                return True
            log.info("message row %d cannot be removed by its channel: %r", message.id, error)
            return message.token is not None and await self._removed_by_token(message, message.token, message_id)
        return True

    async def _removed_by_token(self, message: Message, token: str, message_id: int) -> bool:
        """Removes a message through its interaction's token where the bot is not a member."""
        try:
            await webhook_of(self._client, message.application_id, token).delete_message(message_id)
        except discord.HTTPException as error:
            if error.status == 401 or remedy_of(error) is Remedy.OTHER_WAY:
                return False
            if _is_outage(error) or not isinstance(error, discord.NotFound | discord.Forbidden):
                raise
            return isinstance(error, discord.NotFound)
        return True


def _is_outage(error: Exception) -> bool:
    """Whether the failure is temporary. A server in front of Discord also answers 403 and 404."""
    return not isinstance(error, discord.HTTPException) or remedy_of(error) is Remedy.RETRY
