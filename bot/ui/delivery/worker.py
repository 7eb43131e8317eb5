"""Delivery: updates every message that shows a task to the task's newest state.

A waiting message (for its interval, for a slot, for a retry) costs no coroutine: it is a row in a schedule or a queue.
An edit that may be made now starts at once; one background task waits for all that are due later. All changes during an
edit are combined into one further edit. Until it is sent, a progress edit can be interrupted by the end of its task.
Failed deliveries are retried. After the last retry, the next start finds them in the store.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import aiohttp
import discord

from bot.discord_api.message_refusals import MessageRefused
from bot.discord_api.message_sender import MessageSender
from bot.engines.registry import EngineRegistry
from bot.runtime.supervisor import TaskSupervisor
from bot.ui.cards.card_attachments import AttachmentBuilder
from bot.ui.delivery.card_updater import CardUpdater, UpdateJob
from bot.ui.delivery.edit_scheduler import TOKENS, EditBucket, EditScheduler, EditTimes, ProgressThrottle, ScheduledEdit
from bot.ui.delivery.fallbacks import Fallbacks
from storage import Message, Route, StorageError, Store, Task, TaskId

if TYPE_CHECKING:
    from bot.platform.model_directory import ModelDirectory

log = logging.getLogger(__name__)

PROGRESS_SECONDS = 2.0
# Seconds to wait after each failure. After the last one, the next change or the next start tries again.
PATIENCE = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0)
# The messages of this many changed tasks are looked up together.
LOOKUP_BATCH = 100

FAILURES = (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError, StorageError)


class Delivery:
    """Shows tasks in their messages."""

    def __init__(
        self,
        store: Store,
        sender: MessageSender,
        attachment_builder: AttachmentBuilder,
        background: TaskSupervisor,
        *,
        progress_seconds: float = PROGRESS_SECONDS,
        patience: Sequence[float] = PATIENCE,
        engines: EngineRegistry,
        models: ModelDirectory | None = None,
    ) -> None:
        """`patience`: seconds to wait after each failure. `models`: None without a platform."""
        self._patience = patience
        self._end_listeners: list[Callable[[TaskId], None]] = []
        self._store = store
        self._sender = sender
        self._background = background
        self._pace = ProgressThrottle(progress_seconds)
        self._showing = CardUpdater(store, sender, attachment_builder, engines, models, self._pace)
        self._fallbacks = Fallbacks(store, sender, self._showing, self._pace)
        self._jobs: dict[int, UpdateJob] = {}
        self._queue = EditScheduler()
        self._schedule = EditTimes()
        # When the task that waits for later edits continues (monotonic seconds), None without that task; and what
        # makes it look at once.
        self._waits_until: float | None = None
        self._news = asyncio.Event()
        # Changed tasks whose messages have to be looked up: settled ones and others.
        self._ended: dict[TaskId, None] = {}
        self._moved: dict[TaskId, None] = {}
        self._changes = asyncio.Event()
        self._looking_up = False

    def task_changed(self, task: Task) -> None:
        """Records that a task has changed (a listener of `TaskEvents`)."""
        (self._ended if task.state.settled else self._moved)[task.id] = None
        self._changes.set()
        if not self._looking_up:
            self._looking_up = True
            self._background.start(self._look_up(), "messages-of-changed-tasks")

    def on_end_shown(self, listener: Callable[[TaskId], None]) -> None:
        """Adds a listener that is called when a message shows the end of a task."""
        self._end_listeners.append(listener)

    async def resume(self) -> None:
        """Continues with the messages that were not up to date at the last stop. Raises StorageError."""
        for message in await self._store.messages.unfinished():
            self._want(message, urgent=True, maybe_sent=message.message_id is None)
        self._start_edits()

    async def force_update(self, task_id: TaskId) -> None:
        """Updates a task's messages although the task did not change (a button was used, another page). Raises
        StorageError."""
        self.force_update_of(await self._store.messages.for_task(task_id))

    def force_update_of(self, messages: Sequence[Message]) -> None:
        """Updates these messages although their tasks did not change."""
        for message in messages:
            self._want(message, urgent=True, force=True)
        self._start_edits()

    async def _look_up(self) -> None:
        try:
            while changed := self._ended or self._moved:
                ids = list(itertools.islice(changed, LOOKUP_BATCH))
                urgent = changed is self._ended
                for task_id in ids:
                    del changed[task_id]
                for message in await self._messages_of(ids):
                    self._want(message, urgent=urgent or message.message_id is None)
                self._start_edits()
        finally:
            self._looking_up = False

    async def _messages_of(self, task_ids: Sequence[TaskId]) -> Sequence[Message]:
        waits = iter(self._patience)
        while True:
            self._changes.clear()
            try:
                return await self._store.messages.for_any_task(task_ids)
            except StorageError as error:
                wait = next(waits, None)
                if wait is None:
                    log.error("cannot look up the messages of %d tasks: %r", len(task_ids), error)  # noqa: TRY400 - expected
                    return ()
                log.warning("cannot look up the messages of %d tasks: %r; retrying in %g s", len(task_ids), error, wait)
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    # A changed task shows that the store works again.
                    await self._changes.wait()
                    waits = iter(self._patience)

    def _want(self, message: Message, *, urgent: bool, force: bool = False, maybe_sent: bool = False) -> None:
        """Requests an edit. The caller then starts those that may be made now, so that the final ones of several
        messages come first."""
        job = self._jobs.get(message.id)
        if job is None:
            job = self._jobs[message.id] = UpdateJob(message.id)
        job.bucket = self._bucket_of(message)
        job.wanted = True
        job.maybe_sent |= maybe_sent
        job.force |= force
        job.urgent |= urgent
        if job.worker is None:
            self._place(job)
        elif urgent:
            self._interrupt(job)

    def _bucket_of(self, message: Message) -> EditBucket:
        return TOKENS if self._sender.has_token(message) else message.channel_id

    def _interrupt(self, job: UpdateJob) -> None:
        """Interrupts a progress edit that is not sent yet."""
        if job.worker and not job.final and not job.sending and not job.interrupted:
            job.interrupted = True
            job.worker.cancel()

    def _place(self, job: UpdateJob) -> None:
        """Queues the message for an edit, or schedules it for a later time."""
        if job.urgent:
            job.failures = 0
            self._schedule.remove(job.row_id)
            self._queue.add(job.row_id, job.bucket, final=True)
        elif job.row_id not in self._schedule and job.row_id not in self._queue:
            job.final = False
            self._schedule.set(job.row_id, time.monotonic() + self._pace.wait(job.row_id))

    def _start_edits(self) -> None:
        """Starts the edits that may be made now, and the task that waits for those that are due later."""
        now = time.monotonic()
        for row_id in self._schedule.due(now):
            job = self._jobs[row_id]
            self._queue.add(row_id, job.bucket, final=job.final)
        for turn in self._queue.ready(now):
            self._begin(turn)
        due_at = self._next_at()
        if self._waits_until is None:
            if due_at is not None:
                self._waits_until = due_at
                self._background.start(self._wait_for_due(), "scheduler")
        elif due_at is None or due_at < self._waits_until:
            self._news.set()

    def _next_at(self) -> float | None:
        """When an edit is due that cannot start now. None if there is none."""
        if not self._jobs:
            return None
        times = [at for at in (self._schedule.next_at(), self._queue.next_at()) if at is not None]
        return min(times, default=None)

    async def _wait_for_due(self) -> None:
        """Starts edits when they are due, while there are any."""
        try:
            while (due_at := self._next_at()) is not None:
                self._waits_until = due_at
                self._news.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(max(0.0, due_at - time.monotonic())):
                        await self._news.wait()
                self._start_edits()
        finally:
            self._waits_until = None

    def _begin(self, turn: ScheduledEdit) -> None:
        job = self._jobs[turn.row_id]
        job.wanted = job.urgent = job.interrupted = False
        job.final = turn.final
        worker = self._background.start(self._edit(job), f"deliver-{job.row_id}")
        job.worker = worker
        worker.add_done_callback(lambda ended: self._over(job, turn, ended))

    def _over(self, job: UpdateJob, turn: ScheduledEdit, worker: asyncio.Task[float | None]) -> None:
        """Ends an edit. Then a retry follows after a pause, or a requested update is queued, or the job is removed."""
        job.worker = None
        self._queue.end(turn)
        if worker.cancelled() and not job.interrupted:
            return  # the bot stops
        pause = None if worker.cancelled() or worker.exception() else worker.result()
        if pause is not None and not job.urgent:
            self._schedule.set(job.row_id, time.monotonic() + pause)
        elif job.wanted:
            self._place(job)
        else:
            del self._jobs[job.row_id]
        self._start_edits()

    async def _edit(self, job: UpdateJob) -> float | None:
        """Makes an edit. Returns the seconds to wait before a retry, or None if no retry is needed."""
        try:
            await self._attempt(job)
        except FAILURES as error:
            return self._pause_after(job, error)
        except Exception:
            # A defect in one card must not stop the delivery of others.
            log.exception("message row %d: update failed", job.row_id)
        job.failures = 0
        return None

    def _pause_after(self, job: UpdateJob, error: Exception) -> float | None:
        job.maybe_sent = True
        if job.failures >= len(self._patience):
            log.error("message row %d: not updated for now: %r", job.row_id, error)
            job.failures = 0
            return None
        pause = self._patience[job.failures]
        job.failures += 1
        log.warning("message row %d: %r; retrying in %g s", job.row_id, error, pause)
        return pause

    async def _attempt(self, job: UpdateJob) -> None:
        found = await self._showing.read(job)
        if found is None:
            self._showing.forget(job)
            return
        message, task = found
        if message.shows(task) and not job.force:
            self._note_end(task)
            return
        final = task.state.settled or job.force or message.message_id is None
        bucket = self._bucket_of(message)
        if (final, bucket) != (job.final, job.bucket):
            job.bucket, job.wanted, job.urgent = bucket, True, job.urgent or final
            return  # the message now belongs in another queue
        if message.route is Route.DIRECT and message.channel_id is None:
            await self._fallbacks.address_copy(job, message)
            return
        try:
            await self._showing.show(job, message, task)
        except MessageRefused as refusal:
            await self._fallbacks.after(refusal, job, message, task)
        except (discord.DiscordServerError, TimeoutError):
            if not await self._fallbacks.after_server_error(job, message, task):
                raise
        else:
            self._showing.take_note(job, message, task)
            if not message.shows(task):
                self._note_end(task)

    def _note_end(self, task: Task) -> None:
        if task.state.final:
            for listener in self._end_listeners:
                listener(task.id)
