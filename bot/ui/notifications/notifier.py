"""Notifications: a short reply to a card that mentions the task's owner when the result is shown.

Editing a message notifies no one, so the end of a task needs its own message. Every end that has to be notified is in
exactly one message: the store keeps it until that is sent, Discord creates one message for two requests with the same
nonce, and after a restart the bot looks for an earlier message. What waits at the same time for the same user in the
same channel is sent as one message (`notification_queue.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import discord

from bot.runtime.supervisor import TaskSupervisor
from bot.ui.delivery.message_sender import REQUEST_SECONDS, MessageSender
from bot.ui.delivery.worker import PATIENCE
from bot.ui.notifications.channel_reader import below_which_others_wrote, id_of
from bot.ui.notifications.mentions import EndedTask, Mentions
from bot.ui.notifications.notification_queue import NotificationQueue, Recipient
from storage import Message, Route, Store, TaskId

# Seconds. A user whose task took no longer is assumed to still look at the channel.
LONG_SECONDS = 60.0
RESUMED_AT_MOST = 500


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
            await self._finish(begun)
        if fresh:
            if useful := await self._useful(fresh):
                await self._store.notifications.begin(*(ended.waiting for ended in useful))
                await self._mentions.send(useful)
            await self._store.notifications.remove(*(ended.task.id for ended in fresh))

    async def _finish(self, begun: Sequence[EndedTask]) -> None:
        """Sends what an earlier try did not send. Those of one try are one message again, with the same nonce."""
        async with asyncio.timeout(REQUEST_SECONDS):
            unsent = await self._mentions.not_sent([ended.card for ended in begun])
        if unsent:
            await self._mentions.send([ended for ended in begun if ended.card in unsent])
        await self._store.notifications.remove(*(ended.task.id for ended in begun))

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
