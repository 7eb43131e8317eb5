"""Where the images of a result are in Discord now: read from a message that shows the task."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator, Sequence
from typing import Any

import aiohttp
import discord
from discord.webhook.async_ import async_context

from bot.discord_api.message_requests import webhook_of
from bot.ui.cards.card_attachments import result_there
from storage import Message, StorageError, Store, Task

log = logging.getLogger(__name__)

READ_SECONDS = 10.0
# How many messages of a task are tried, the newest first.
MAX_TRIED = 3


class PostedImages:
    """Reads messages of the bot for the URLs of their images, which Discord signs again with each answer."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._client: discord.Client | None = None

    def use(self, client: discord.Client) -> None:
        """Sets the client. Without one no message can be read."""
        self._client = client

    async def of(self, task: Task) -> Sequence[str]:
        """The URLs of the images on a message that shows the task. () if no message can be read."""
        if self._client is None:
            return ()
        try:
            messages = await self._store.messages.for_task(task.id)
        except StorageError as error:
            log.warning("task %s: cannot look up its messages: %r", task.id, error)
            return ()
        shown = [each for each in reversed(messages) if each.message_id and result_there(each.files)]
        for message in shown[:MAX_TRIED]:
            try:
                async with asyncio.timeout(READ_SECONDS):
                    if urls := list(image_urls(await _read(self._client, message))):
                        return urls
            except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError, RuntimeError) as error:
                log.info("task %s: cannot read its message: %r", task.id, error)
        return ()


async def _read(client: discord.Client, message: Message) -> Any:
    """The message as Discord has it, through its token while it is valid, else through its channel."""
    message_id = message.message_id or 0
    if message.token and time.time() < message.token_ends_at:
        webhook = webhook_of(client, message.application_id, message.token)
        try:
            return await async_context.get().get_webhook_message(
                webhook.id,
                webhook.token or "",
                message_id,
                session=webhook.session,
                proxy=webhook.proxy,
                proxy_auth=webhook.proxy_auth,
            )
        except discord.HTTPException as error:
            log.debug("message row %d: cannot read it through its token: %r", message.id, error)
    return await client.http.get_message(message.channel_id or 0, message_id)


def image_urls(payload: Any) -> Iterator[str]:
    """The URLs of the images in the components of a message, in order (Discord's "Component Reference")."""
    if isinstance(payload, list):
        for each in payload:
            yield from image_urls(each)
    elif isinstance(payload, dict):
        media = payload.get("media")
        if isinstance(media, dict) and isinstance(url := media.get("url"), str) and url.startswith("http"):
            yield url
        for name in ("components", "items"):
            yield from image_urls(payload.get(name))
