"""Notifications: a short reply to a card that mentions the task's owner when the result is shown.

Editing a message notifies no one, so the end of a task needs its own message. It is sent exactly once: the store keeps
it until it is sent, Discord creates one message for two requests with the same nonce, and after a restart the bot looks
for an earlier reply. If the bot cannot post, the interaction's token is used, at most once.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from weakref import WeakValueDictionary

import discord

from bot.discord_api.errors import Remedy, remedy_of
from bot.i18n import DEFAULT, Translator
from bot.runtime.supervisor import TaskSupervisor
from bot.ui.delivery.message_sender import REQUEST_SECONDS, MessageSender
from bot.ui.delivery.worker import FAILURES, PATIENCE
from bot.ui.interactions import webhooks
from storage import Message, Notification, Route, Store, Task, TaskId, TaskState

log = logging.getLogger(__name__)

# Seconds. A user whose task took no longer is assumed to still look at the channel.
LONG_SECONDS = 60.0
# How many messages after the card are read to see whether other people wrote.
LOOK_AHEAD = 50
RESUMED_AT_MOST = 500
CANNOT_POST = (Remedy.OTHER_PLACE, Remedy.NEW_MESSAGE, Remedy.UNREACHABLE)


class Notifier:
    """Notifies users of finished tasks."""

    def __init__(
        self,
        store: Store,
        client: discord.Client,
        sender: MessageSender,
        background: TaskSupervisor,
        *,
        patience: Sequence[float] = PATIENCE,
    ) -> None:
        """`patience`: seconds to wait after each failure. After the last one, the next start tries again."""
        self._store = store
        self._client = client
        self._sender = sender
        self._background = background
        self._patience = patience
        self._locks: WeakValueDictionary[TaskId, asyncio.Lock] = WeakValueDictionary()

    def end_shown(self, task_id: TaskId) -> None:
        """Called when a message shows the end of this task."""
        self._background.start(self._notify(task_id), f"notify-{task_id}")

    async def resume(self) -> None:
        """Continues with the notifications that were pending at the last stop. Raises StorageError."""
        for task_id in await self._store.notifications.waiting(RESUMED_AT_MOST):
            self.end_shown(task_id)

    async def _notify(self, task_id: TaskId) -> None:
        async with self._locks.setdefault(task_id, asyncio.Lock()):
            for wait in (*self._patience, None):
                try:
                    await self._attempt(task_id)
                except FAILURES as error:
                    if wait is None:
                        log.error("task %s: cannot notify the user for now: %r", task_id, error)  # noqa: TRY400 - expected
                        return
                    log.warning("task %s: cannot notify the user yet: %r; retrying in %g s", task_id, error, wait)
                    await asyncio.sleep(wait)
                else:
                    return

    async def _attempt(self, task_id: TaskId) -> None:
        waiting = await self._store.notifications.of(task_id)
        task = await self._store.tasks.get(task_id) if waiting else None
        if waiting is None or task is None:
            return
        shown = await self._store.messages.for_task(task_id)
        card = next(
            (each for each in shown if each.user_id == waiting.user_id and each.route is not Route.DIRECT), None
        )
        if card is not None and (card.message_id is None or not card.shows(task)):
            return  # the result is not visible yet
        if card is not None and (waiting.begun or await self._should_notify(waiting, task, card, shown)):
            await self._send(waiting, task, card)
        await self._store.notifications.remove(task_id)

    async def _should_notify(self, waiting: Notification, task: Task, card: Message, shown: Sequence[Message]) -> bool:
        """Whether a notification is useful. A new direct message has already notified its reader."""
        if card.route is Route.REDIRECTED:
            return False
        if waiting.always:
            return True
        if any(each.route is Route.DIRECT for each in shown):
            return False
        took = (task.finished_at or task.created_at) - task.created_at
        return took > LONG_SECONDS or await self._others_wrote(card)

    async def _others_wrote(self, card: Message) -> bool:
        """Whether anyone except the owner wrote below the card. False if the channel cannot be read."""
        card_id = card.message_id or 0
        if self._is_member(card) and self._sender.posts.has_of_others(
            card.channel_id or 0, card.user_id, after=card_id
        ):
            return True
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                channel = await self._client.fetch_channel(card.channel_id or 0)
                if (getattr(channel, "last_message_id", None) or 0) <= card_id:
                    return False
                history = self._channel(card).history(limit=LOOK_AHEAD, after=discord.Object(card_id))
                below = [each async for each in history]
        except (discord.Forbidden, discord.NotFound, discord.InvalidData) as error:
            log.debug("channel %s: cannot read the channel: %r", card.channel_id, error)
            return False
        # Without permission to read the history, Discord returns no messages, so the authors are unknown.
        return any(self._writer(each) not in (None, card.user_id) for each in below) or not may_read_history(channel)

    def _is_member(self, card: Message) -> bool:
        """Whether the bot itself, and not only its commands, is in the card's server."""
        return card.guild_id is not None and self._client.get_guild(card.guild_id) is not None

    def _writer(self, message: discord.Message) -> int | None:
        """The user a message is attributed to: its author, or for the bot's own messages the user of the interaction.
        None if there was no interaction."""
        if self._client.user is None or message.author.id != self._client.user.id:
            return message.author.id
        asked = message.interaction_metadata
        return asked.user.id if asked else None

    async def _send(self, waiting: Notification, task: Task, card: Message) -> None:
        """Sends the notification. Raises discord.HTTPException, TimeoutError, aiohttp.ClientError if another try can
        succeed."""
        await self._store.notifications.begin(waiting)
        ended = "failed" if task.state is TaskState.FAILURE else "done"
        t = Translator(card.locale or DEFAULT)
        text = t(f"notification.{ended}", user=f"<@{waiting.user_id}>")
        async with asyncio.timeout(REQUEST_SECONDS):
            try:
                if waiting.begun and await self._sent_already(card):
                    return
                await self._reply(card, text)
            except discord.HTTPException as error:
                if remedy_of(error) in CANNOT_POST:
                    await self._follow_up(waiting, card, text)
                elif not 400 <= error.status < 500 or error.status in (401, 429):
                    raise
                else:
                    log.info("task %s: cannot notify the user: %r", task.id, error)

    async def _sent_already(self, card: Message) -> bool:
        channel, user = self._channel(card), self._client.user
        try:
            found = [each async for each in channel.history(limit=100, after=discord.Object(card.message_id or 0))]
        except (discord.Forbidden, discord.NotFound) as error:
            log.debug("channel %s: cannot read its messages: %r", card.channel_id, error)
            return False
        replies = [each.reference.message_id for each in found if each.reference and user and each.author.id == user.id]
        return card.message_id in replies

    async def _reply(self, card: Message, text: str) -> None:
        there = discord.MessageReference(
            message_id=card.message_id or 0, channel_id=card.channel_id or 0, guild_id=card.guild_id
        )
        only, nonce, channel = _only(card.user_id), _nonce(card), self._channel(card)
        try:
            await channel.send(text, reference=there, allowed_mentions=only, mention_author=False, nonce=nonce)
        except discord.HTTPException as error:
            if remedy_of(error) is not Remedy.WITHOUT_REPLY:
                raise
            await channel.send(f"{text} {there.jump_url}", allowed_mentions=only, nonce=nonce)

    async def _follow_up(self, waiting: Notification, card: Message, text: str) -> None:
        """Notifies through the token if the bot cannot post. Without deduplication, an earlier try counts as sent."""
        if waiting.begun or card.token is None or not self._sender.has_token(card):
            log.info("task %s: cannot notify the user, the bot cannot post there", card.task_id)
            return
        webhook = webhooks.of_interaction(self._client, card.application_id, card.token)
        try:
            await webhook.send(text, allowed_mentions=_only(card.user_id), wait=True)
        except discord.HTTPException as error:
            log.info("task %s: cannot notify the user: %r", card.task_id, error)

    def _channel(self, card: Message) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(card.channel_id or 0, guild_id=card.guild_id)


def may_read_history(channel: object) -> bool:
    """Whether the bot is known to be allowed to read the channel's earlier messages."""
    if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        return True
    # Between the login and the server's GUILD_CREATE, the bot does not know itself as a member.
    me: discord.Member | None = channel.guild.me
    return me is not None and channel.permissions_for(me).read_message_history


def _only(user_id: int) -> discord.AllowedMentions:
    return discord.AllowedMentions(everyone=False, roles=False, users=[discord.Object(user_id)], replied_user=False)


def _nonce(card: Message) -> str:
    return hashlib.blake2s(f"notify {card.task_id} {card.id}".encode(), digest_size=12).hexdigest()
