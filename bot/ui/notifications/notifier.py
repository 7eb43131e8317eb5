"""Notifications: a short reply to a card that mentions the task's owner when the result is shown.

Editing a message notifies no one, so the end of a task needs its own message. Every end that has to be notified is in
exactly one message: the store keeps it until that is sent, Discord creates one message for two requests with the same
nonce, and after a restart the bot looks for an earlier message. What waits at the same time for the same user in the
same channel is sent as one message (`NotificationQueue`).
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import discord

from bot.discord_api.message_requests import REQUEST_SECONDS
from bot.discord_api.message_sender import MessageSender
from bot.runtime.supervisor import TaskSupervisor
from bot.ui.delivery.worker import FAILURES, PATIENCE
from bot.ui.notifications.mentions import EndedTask, Mentions, Recipient
from storage import Message, Route, StorageError, Store, TaskId

log = logging.getLogger(__name__)

# Seconds. A user whose task took no longer is assumed to still look at the channel.
LONG_SECONDS = 60.0
RESUMED_AT_MOST = 500
# Results that one message names. With a link for each, the text stays below Discord's limit of 2,000 characters.
AT_ONCE = 15
# What was pending at the last stop is read in parts, and what ends together is sorted together.
SORTED_AT_ONCE = 100
# How many messages after a card are read to see whether other people wrote.
LOOK_AHEAD = 50
_UNREADABLE = (discord.Forbidden, discord.NotFound, discord.InvalidData)


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
        self._mentions = Mentions(client, sender)
        self._queue = NotificationQueue(
            background, recipient_of=self._recipient, notify=self._notify, patience=patience
        )

    def end_shown(self, task_id: TaskId) -> None:
        """Called when a message shows the end of this task."""
        self._queue.add(task_id)

    async def resume(self) -> None:
        """Continues with the notifications that were pending at the last stop. Raises StorageError."""
        for task_id in await self._store.notifications.waiting(RESUMED_AT_MOST):
            self.end_shown(task_id)

    async def _recipient(self, task_id: TaskId) -> Recipient | None:
        ended = await self._read(task_id)
        return _recipient_of(ended) if ended else None

    async def _read(self, task_id: TaskId) -> EndedTask | None:
        """The pending notification of a task whose end is visible. One without a card is removed."""
        waiting = await self._store.notifications.of(task_id)
        task = await self._store.tasks.get(task_id) if waiting else None
        if waiting is None or task is None:
            return None
        shown = await self._store.messages.for_task(task_id)
        card = next(
            (each for each in shown if each.user_id == waiting.user_id and each.route is not Route.DIRECT), None
        )
        if card is None:
            await self._store.notifications.remove(task_id)
        return EndedTask(waiting, task, card, shown) if card and card.message_id and card.shows(task) else None

    async def _notify(self, recipient: Recipient, task_ids: Sequence[TaskId]) -> None:
        """Notifies the recipient of these tasks, as far as that is useful and was not done by an earlier try."""
        found = [ended for task_id in task_ids if (ended := await self._read(task_id))]
        for moved in found:
            if _recipient_of(moved) != recipient:
                self.end_shown(moved.task.id)
        here = [ended for ended in found if _recipient_of(ended) == recipient]
        begun = [ended for ended in here if ended.waiting.begun]
        fresh = [ended for ended in here if not ended.waiting.begun]
        if begun:
            await self._mentions.send_unsent(begun)
            await self._store.notifications.remove(*(ended.task.id for ended in begun))
        if fresh:
            if useful := await self._useful(fresh):
                await self._store.notifications.begin(*(ended.waiting for ended in useful))
                await self._mentions.send(useful)
            await self._store.notifications.remove(*(ended.task.id for ended in fresh))

    async def _useful(self, fresh: Sequence[EndedTask]) -> list[EndedTask]:
        useful = {ended.task.id: self._is_useful(ended) for ended in fresh}
        unclear = [ended.card for ended in fresh if useful[ended.task.id] is None]
        below = await below_which_others_wrote(self._client, unclear) if unclear else []
        return [ended for ended in fresh if useful[ended.task.id] or ended.card in below]

    def _is_useful(self, ended: EndedTask) -> bool | None:
        """Whether a notification is useful. None if that depends on who wrote in the channel."""
        # A new direct message has already notified its reader.
        if ended.card.route is Route.REDIRECTED:
            return False
        if ended.waiting.always:
            return True
        if any(each.route is Route.DIRECT for each in ended.shown):
            return False
        took = (ended.task.finished_at or ended.task.created_at) - ended.task.created_at
        return took > LONG_SECONDS or self._posted_for_others(ended.card) or None

    def _posted_for_others(self, card: Message) -> bool:
        """Whether the bot itself posted something for another user below the card."""
        is_member = card.guild_id is not None and self._client.get_guild(card.guild_id) is not None
        return is_member and self._sender.posts.has_of_others(card.channel_id or 0, card.user_id, after=id_of(card))


def _recipient_of(ended: EndedTask) -> Recipient:
    return Recipient(ended.card.channel_id or 0, ended.waiting.user_id)


@dataclass(slots=True, eq=False)
class _Waiting:
    """The tasks of one recipient whose notifications wait, oldest first, and when they may be sent (monotonic seconds).

    `failures`: failed tries since the last notification was added.
    """

    tasks: dict[TaskId, None] = field(default_factory=dict)
    failures: int = 0
    due_at: float = 0.0


@dataclass(slots=True, eq=False)
class _ChannelQueue:
    """What waits in one channel. The next turn is the first recipient's. `added`: set when something is added."""

    recipients: dict[Recipient, _Waiting] = field(default_factory=dict)
    added: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, recipient: Recipient, task_id: TaskId) -> None:
        waiting = self.recipients.setdefault(recipient, _Waiting())
        waiting.tasks[task_id] = None
        # The result could be shown, so Discord works again.
        waiting.failures, waiting.due_at = 0, 0.0
        self.added.set()

    def take(self, now: float) -> tuple[Recipient, _Waiting] | None:
        """Removes the oldest notifications of the first recipient that is due. The rest waits for its next turn."""
        for recipient, waiting in self.recipients.items():
            if waiting.due_at > now:
                continue
            batch = _Waiting(dict.fromkeys(itertools.islice(waiting.tasks, AT_ONCE)), waiting.failures)
            del self.recipients[recipient]
            if rest := dict.fromkeys(itertools.islice(waiting.tasks, AT_ONCE, None)):
                self.recipients[recipient] = _Waiting(rest)
            return recipient, batch
        return None

    def put_back(self, recipient: Recipient, batch: _Waiting, pause: float) -> None:
        """Lets a batch that could not be sent wait for that many seconds, with what else the recipient waits for."""
        rest = self.recipients.pop(recipient, _Waiting())
        self.recipients[recipient] = _Waiting(batch.tasks | rest.tasks, batch.failures + 1, time.monotonic() + pause)

    async def wait(self, now: float) -> None:
        """Waits until the next recipient is due or something is added."""
        self.added.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(min(waiting.due_at for waiting in self.recipients.values()) - now):
                await self.added.wait()


class NotificationQueue:
    """Sends waiting notifications in batches: one queue and one background task per channel, in which users take turns.
    In memory only; the store holds what is pending.

    Discord limits how many messages the bot may send in a channel. What becomes ready for a user while others have
    their turn is sent together, so neither the messages nor the background tasks grow with the number of results.
    """

    def __init__(
        self,
        background: TaskSupervisor,
        *,
        recipient_of: Callable[[TaskId], Awaitable[Recipient | None]],
        notify: Callable[[Recipient, Sequence[TaskId]], Awaitable[None]],
        patience: Sequence[float],
    ) -> None:
        """`recipient_of` finds out to whom a notification is sent, None if it is not needed. `notify` sends a batch.

        After a failure, a batch is sent again after the next pause of `patience` (seconds); after the last one, the
        next start tries again.
        """
        self._background = background
        self._recipient_of = recipient_of
        self._notify = notify
        self._patience = patience
        self._new: dict[TaskId, None] = {}
        self._sorting = False
        self._channels: dict[int, _ChannelQueue] = {}

    def add(self, task_id: TaskId) -> None:
        """Queues the notification of a task, if there is one. One that waits already is not queued twice."""
        self._new[task_id] = None
        if not self._sorting:
            self._sorting = True
            self._background.start(self._sort(), "notifications")

    async def _sort(self) -> None:
        pauses = itertools.chain(self._patience, itertools.repeat(self._patience[-1]))
        try:
            while self._new:
                ids = list(itertools.islice(self._new, SORTED_AT_ONCE))
                for task_id in ids:
                    del self._new[task_id]
                try:
                    recipients = [await self._recipient_of(task_id) for task_id in ids]
                except StorageError as error:
                    self._new |= dict.fromkeys(ids)
                    pause = next(pauses)
                    log.warning("cannot read %d notifications: %r; retrying in %g s", len(ids), error, pause)
                    await asyncio.sleep(pause)
                    continue
                for task_id, recipient in zip(ids, recipients, strict=True):
                    if recipient:
                        self._enqueue(recipient, task_id)
        finally:
            self._sorting = False

    def _enqueue(self, recipient: Recipient, task_id: TaskId) -> None:
        channel = self._channels.get(recipient.channel_id)
        if channel is None:
            channel = self._channels[recipient.channel_id] = _ChannelQueue()
            self._background.start(
                self._send_all(recipient.channel_id, channel), f"notifications-in-{recipient.channel_id}"
            )
        channel.add(recipient, task_id)

    async def _send_all(self, channel_id: int, channel: _ChannelQueue) -> None:
        try:
            while channel.recipients:
                if due := channel.take(now := time.monotonic()):
                    await self._send(channel, *due)
                else:
                    await channel.wait(now)
        finally:
            del self._channels[channel_id]

    async def _send(self, channel: _ChannelQueue, recipient: Recipient, batch: _Waiting) -> None:
        about = f"tasks {', '.join(batch.tasks)}"
        try:
            await self._notify(recipient, list(batch.tasks))
        except FAILURES as error:
            if batch.failures >= len(self._patience):
                log.error("%s: cannot notify the user for now: %r", about, error)  # noqa: TRY400 - expected
                return
            pause = self._patience[batch.failures]
            log.warning("%s: cannot notify the user yet: %r; retrying in %g s", about, error, pause)
            channel.put_back(recipient, batch, pause)
        except Exception:
            # A defect in one notification must not stop the others.
            log.exception("%s: cannot notify the user", about)


async def below_which_others_wrote(client: discord.Client, cards: Sequence[Message]) -> list[Message]:
    """The cards of one user in one channel below which anyone else wrote. Empty if the channel cannot be read.

    Raises discord.HTTPException, TimeoutError, aiohttp.ClientError if another try can succeed.
    """
    ordered = sorted(cards, key=id_of)
    channel_id = cards[0].channel_id or 0
    try:
        async with asyncio.timeout(REQUEST_SECONDS):
            channel = client.get_channel(channel_id)
            if channel is None or not may_read_history(channel):
                channel = await client.fetch_channel(channel_id)
                last = getattr(channel, "last_message_id", None) or 0
                ordered = [card for card in ordered if id_of(card) < last]
            newest = await _newest_of_others(client, ordered)
    except _UNREADABLE as error:
        log.debug("channel %s: cannot read the channel: %r", channel_id, error)
        return []
    # Without permission to read the history, Discord returns no messages, so the authors are unknown.
    return [card for card in ordered if id_of(card) < newest or not may_read_history(channel)]


async def _newest_of_others(client: discord.Client, cards: Sequence[Message]) -> int:
    """The id of a message below as many of these cards (oldest first) as possible that is not their owner's. 0 if
    there is none."""
    for card in dict.fromkeys((id_of(cards[-1]), id_of(cards[0]))) if cards else ():
        # As JSON: a model of each message would be made with all its components.
        below = await client.http.logs_from(cards[0].channel_id or 0, LOOK_AHEAD, after=card)
        others = [int(each["id"]) for each in below if _writer(client, each) not in (None, cards[0].user_id)]
        if others:
            return max(others)
    return 0


def _writer(client: discord.Client, message: Any) -> int | None:
    """The user a message is attributed to: its author, or for the bot's own messages the user of the interaction. None
    if there was no interaction."""
    author = int(message["author"]["id"])
    if client.user is None or author != client.user.id:
        return author
    asked = message.get("interaction_metadata")
    return int(asked["user"]["id"]) if asked else None


def id_of(card: Message) -> int:
    """Discord's id of a message that was sent."""
    return card.message_id or 0


def may_read_history(channel: object) -> bool:
    """Whether the bot is known to be allowed to read the channel's earlier messages."""
    if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        return True
    # Between the login and the server's GUILD_CREATE, the bot does not know itself as a member.
    me: discord.Member | None = channel.guild.me
    return me is not None and channel.permissions_for(me).read_message_history
