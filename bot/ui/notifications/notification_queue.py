"""Notifications that wait to be sent: one queue and one background task per channel, in which users take turns.

Discord limits how many messages the bot may send in a channel. What becomes ready for a user while others have their
turn is sent together, so neither the messages nor the background tasks grow with the number of results.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.runtime.supervisor import TaskSupervisor
from bot.ui.delivery.worker import FAILURES
from storage import StorageError, TaskId

log = logging.getLogger(__name__)

# Results that one message names. With a link for each, the text stays below Discord's limit of 2,000 characters.
AT_ONCE = 15
# What was pending at the last stop is read in parts, and what ends together is sorted together.
SORTED_AT_ONCE = 100


class Recipient(NamedTuple):
    """A user in a channel: their notifications there are sent together."""

    channel_id: int
    user_id: int


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
    """Sends waiting notifications in batches. In memory only; the store holds what is pending."""

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
