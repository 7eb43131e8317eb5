"""Requests that wait in the bot's queue: journaled, shown as waiting, and sent once when the fair queue selects them.

They stay in the store while they wait, so after a restart the bot continues with them.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Awaitable, Callable

from bot.runtime.byte_budget import ByteBudget
from bot.runtime.supervisor import TaskSupervisor
from bot.tasks.errors import UserError
from bot.tasks.fair_queue import FairQueue, HeldPositions, QueuedRequest
from bot.tasks.journal import JournaledSubmission
from bot.tasks.outcome_journal import OutcomeJournal
from bot.tasks.requests import AttachmentLinks, DiscordUnreachable
from bot.tasks.results import Queued
from bot.tasks.task_updates import TaskUpdates
from storage import StorageError, Store, Task, TaskId, TaskState

log = logging.getLogger(__name__)

# Delays before the next attempt for a request that could not be taken out of the journal or whose links could not be
# refreshed; the last value repeats.
RETRY_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0)
# How long a request, and the same user's requests behind it, wait for Discord before a link counts as expired.
LINK_SECONDS = 600.0

Send = Callable[[JournaledSubmission, UserError | None], Awaitable[None]]


class HeldRequests:
    """Keeps the fair queue in sync with the journal."""

    def __init__(
        self,
        store: Store,
        journal: OutcomeJournal,
        updates: TaskUpdates,
        background: TaskSupervisor,
        budget: ByteBudget,
        *,
        links: AttachmentLinks,
        send: Send,
    ) -> None:
        """`links` are refreshed before a request leaves the journal's queue; then `send` sends it, or records why it is
        refused. `budget` limits the memory for its images."""
        self._store = store
        self._journal = journal
        self._events = updates.events
        self._background = background
        self._budget = budget
        self._links = links
        self._send = send
        self.queue = FairQueue(self._start)
        self.positions = HeldPositions(self.queue, updates.move_all)
        self._events.subscribe(self.queue.task_changed)

    def hold(self, asked: JournaledSubmission) -> Queued:
        """Adds a request that was journaled as QUEUED."""
        self.positions.shown(asked.task.id, asked.task.queue_ahead or 0)
        self._events.publish(asked.task)
        self.queue.add(QueuedRequest(asked.press.interaction_id, asked.press.user_id, asked.task.id))
        return Queued(asked.task)

    async def withdraw(self, task_id: TaskId) -> Task | None:
        """Removes a request before it is sent; None if it is too late. Raises StorageError."""
        press = await self._store.submissions.of_task(task_id)
        task = await self._journal.withdraw(press.interaction_id) if press else None
        if task:
            self.queue.withdraw(task_id)
            self._events.publish(task)
        return task

    async def resume(self) -> None:
        """Restores the queue from the store after a restart. Raises StorageError."""
        for task in await self._store.tasks.polled():
            self.queue.task_changed(task)
        for press in self._store.submissions.unsettled():
            self.queue.count(press.user_id, press.task_id)
            pressed = await self._store.tasks.get(press.task_id)
            if pressed and pressed.state is TaskState.QUEUED:
                # The program ended while the request was being sent; its message still shows it as waiting.
                self._events.publish(await self._journal.unsettled(pressed.id) or pressed)
        for press in await self._store.submissions.queued():
            self.queue.add(QueuedRequest(press.interaction_id, press.user_id, press.task_id))

    def _start(self, waiting: QueuedRequest) -> None:
        self._background.start(self._send_waiting(waiting), f"queued-{waiting.task_id}")

    async def _send_waiting(self, waiting: QueuedRequest) -> None:
        try:
            await self._send_when_journalled(waiting)
        finally:
            self.queue.landed(waiting.task_id)

    async def _send_when_journalled(self, waiting: QueuedRequest) -> None:
        began = time.monotonic()
        for wait in itertools.chain(RETRY_SECONDS, itertools.repeat(RETRY_SECONDS[-1])):
            try:
                await self._send_now(waiting, patient=time.monotonic() - began < LINK_SECONDS)
            except DiscordUnreachable as error:
                log.info("task %s keeps waiting: cannot refresh its links: %s", waiting.task_id, error)
                await asyncio.sleep(wait)
            except StorageError as error:
                log.warning("task %s keeps waiting: cannot save it: %s", waiting.task_id, error)
                await asyncio.sleep(wait)
            else:
                return

    async def _send_now(self, waiting: QueuedRequest, *, patient: bool) -> None:
        task = await self._store.tasks.get(waiting.task_id)
        ready, refusal = None, None
        try:
            ready = await self._links.refreshed(task.request, patient=patient) if task else None
        except UserError as error:
            refusal = error  # reported after the request has left the journal's queue
        size = await self._store.tasks.input_bytes(waiting.task_id)
        async with self._budget.hold(waiting.person, size):
            if self.queue.closed:
                return  # stays in the journal for the next run of the program
            asked = await self._journal.dequeue(waiting.interaction_id, ready)
            if asked is None:
                self.queue.forget(waiting.task_id)
            else:
                await self._send(asked, refusal)
