"""Delivery: every message that shows a task is brought to the task's newest state.

One worker a message, so that edits never queue behind each other: whatever happened while one was under way is one
edit. Progress waits its turn (`bot.ui.turns`) and gives way to the end of its task at any moment before it is sent.
What could not be delivered is tried again, and is found in the store at the next start.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress

import aiohttp
import discord

from bot.background import Background
from bot.ui.exhibits import Exhibitor
from bot.ui.reach import Malformed, PlaceLost, Reach, TooLarge, Unreachable
from bot.ui.showing import Job, Showing
from bot.ui.turns import Pace, Turns
from storage import Message, Route, StorageError, Store, Task, TaskId

log = logging.getLogger(__name__)

PROGRESS_SECONDS = 2.0
# How long to wait after each failure; after the last, the next change or the next start tries again.
PATIENCE = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0)
# Messages that are brought through tokens of their own, at once: they share no limit of Discord's, but our memory.
FINALS_AT_ONCE = 25
PROGRESS_AT_ONCE = 10
# In bytes: what every place takes, and below which no picture is worth showing.
DIRECT_LIMIT = 10_000_000
LEAST_LIMIT = 250_000
# A channel that does not take us is not knocked at for every percent (Discord counts refused requests).
REFUSED_SECONDS = 60.0

FAILURES = (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError, StorageError)


class Delivery:
    """Shows tasks in their messages."""

    def __init__(
        self,
        store: Store,
        reach: Reach,
        exhibitor: Exhibitor,
        background: Background,
        *,
        progress_seconds: float = PROGRESS_SECONDS,
        patience: Sequence[float] = PATIENCE,
        can_cancel: Callable[[], bool] = lambda: False,
        end_shown: Callable[[TaskId], None] = lambda _: None,
    ) -> None:
        """`patience`: seconds to wait after each failure. `can_cancel`: does the service stop tasks, as far as is
        known now? `end_shown` is called when a message shows the end of a task."""
        self._patience = patience
        self._end_shown = end_shown
        self._store = store
        self._reach = reach
        self._showing = Showing(store, reach, exhibitor, can_cancel)
        self._background = background
        self._pace = Pace(progress_seconds)
        self._turns = Turns()
        self._token_finals = asyncio.Semaphore(FINALS_AT_ONCE)
        self._token_progress = asyncio.Semaphore(PROGRESS_AT_ONCE)
        self._jobs: dict[int, Job] = {}

    def task_changed(self, task: Task) -> None:
        """Takes note that a task has changed (a listener of `TaskEvents`)."""
        self._background.start(self._show_everywhere(task), f"show-{task.id}")

    async def resume(self) -> None:
        """Takes up the messages that a stop of the program left behind their tasks. Raises StorageError."""
        for message in await self._store.messages.unfinished():
            self._want(message.id, urgent=True, doubtful=message.message_id is None)

    async def show_afresh(self, task_id: TaskId) -> None:
        """Draws a task's messages anew though the task did not change (a pressed button, another page)."""
        for message in await self._store.messages.showing(task_id):
            self._want(message.id, urgent=True, afresh=True)

    async def _show_everywhere(self, task: Task) -> None:
        for wait in (*self._patience, None):
            try:
                for message in await self._store.messages.showing(task.id):
                    self._want(message.id, urgent=task.state.settled)
            except StorageError as error:
                if wait is None:
                    raise
                log.warning("task %s: its messages cannot be looked up: %r; again in %g s", task.id, error, wait)
                await asyncio.sleep(wait)
            else:
                return

    def _want(self, row_id: int, *, urgent: bool, afresh: bool = False, doubtful: bool = False) -> None:
        job = self._jobs.get(row_id)
        if job is None:
            job = self._jobs[row_id] = Job(row_id, doubtful=doubtful)
            self._background.start(self._work(job), f"deliver-{row_id}")
        job.wanted = True
        job.doubtful |= doubtful
        job.afresh |= afresh
        if urgent:
            job.urgent.set()

    async def _work(self, job: Job) -> None:
        try:
            while job.wanted:
                job.wanted = False
                await self._persist(job)
        except Exception:
            # A defect in one message's card is no reason for the others to wait.
            log.exception("message row %d could not be shown", job.row_id)
        finally:
            del self._jobs[job.row_id]

    async def _persist(self, job: Job) -> None:
        waits = iter(self._patience)
        while True:
            job.urgent.clear()
            try:
                await self._attempt(job)
            except FAILURES as error:
                job.doubtful = True
                wait = next(waits, None)
                if wait is None:
                    log.error("message row %d stays behind for now: %r", job.row_id, error)  # noqa: TRY400 - expected
                    return
                log.warning("message row %d: %r; tried again in %g s", job.row_id, error, wait)
                if await _urgent_within(job, wait):
                    waits = iter(self._patience)
            else:
                return

    async def _attempt(self, job: Job) -> None:
        found = await self._showing.behind(job)
        if found is None:
            return
        try:
            if found[0].route is Route.DIRECT and found[0].channel_id is None:
                await self._address_copy(job, found[0])
            elif found[1].state.settled or job.afresh or found[0].message_id is None:
                async with self._final_turn(found[0]):
                    await self._showing.show(job)
            else:
                await self._show_progress(job, found[0])
        except Unreachable as error:
            log.warning("message row %d cannot be reached any more: %s", job.row_id, error)
            await self._store.messages.lose(job.row_id)
        except PlaceLost as error:
            await self._go_elsewhere(job, error)
            return
        except TooLarge as error:
            await self._go_smaller(job, *found, error)
        except Malformed as error:
            # The same would be refused again; the next change may not be.
            log.error("message row %d is not taken: %s", job.row_id, error)  # noqa: TRY400 - expected
            await self._give_up(found[1], found[0])
        await self._take_note(job)

    async def _take_note(self, job: Job) -> None:
        """Running messages count for the pace of their channel; those that have ended do not."""
        message = await self._store.messages.get(job.row_id)
        task = await self._store.tasks.get(message.task_id) if message and not message.gone else None
        if message is None or task is None or task.state.settled:
            self._pace.ended(job.row_id)
            if message and task and task.state.final and message.shown_version >= task.version:
                self._end_shown(task.id)
        else:
            self._pace.shown(job.row_id, message.channel_id)

    async def _show_progress(self, job: Job, message: Message) -> None:
        """Shows progress unless the end comes first: until it is being sent, it gives way."""
        work = asyncio.create_task(self._progress(job, message), name=f"progress-{job.row_id}")
        urgent = asyncio.create_task(job.urgent.wait(), name=f"urgent-{job.row_id}")
        try:
            await asyncio.wait({work, urgent}, return_when=asyncio.FIRST_COMPLETED)
            if job.sending:
                await asyncio.wait({work})
        finally:
            urgent.cancel()
            work.cancel()
            await asyncio.gather(work, urgent, return_exceptions=True)
        if not work.cancelled():
            work.result()

    async def _progress(self, job: Job, message: Message) -> None:
        await asyncio.sleep(self._pace.wait(job.row_id, message.channel_id))
        if self._reach.has_token(message):
            async with self._token_progress:
                await self._showing.show(job)
        elif message.channel_id is not None:
            async with self._turns.progress(message.channel_id):
                await self._showing.show(job)

    def _final_turn(self, message: Message) -> AbstractAsyncContextManager[None]:
        if self._reach.has_token(message) or message.channel_id is None:
            return self._token_finals
        return self._turns.final(message.channel_id)

    async def _go_elsewhere(self, job: Job, lost: PlaceLost) -> None:
        """A message's place does not take it any more: what its asker waits for is shown where it can be."""
        message = await self._store.messages.get(job.row_id)
        task = await self._store.tasks.get(message.task_id) if message else None
        if message is None or task is None:
            return
        if not task.state.settled:
            self._pace.shown(job.row_id, message.channel_id, rest=REFUSED_SECONDS)
            log.info("message row %d: %s; its end will be shown where it can be", message.id, lost)
        elif message.shown_version >= task.version:
            log.info("message row %d: %s; it showed the end already", message.id, lost)
        elif lost.channel_takes_new:
            log.info("message row %d: %s; a new one is sent", message.id, lost)
            await self._store.messages.forget_place(message.id)
            job.wanted = True
        else:
            await self._redirect(job, message, lost)

    async def _redirect(self, job: Job, message: Message, lost: PlaceLost) -> None:
        try:
            channel_id = await self._reach.direct_channel(message.user_id)
        except Unreachable as error:
            log.warning("message row %d: %s, and its asker cannot be written to: %s", message.id, lost, error)
            await self._store.messages.lose(message.id)
            return
        log.info("message row %d: %s; it goes to its asker directly", message.id, lost)
        limit = min(message.upload_limit, DIRECT_LIMIT)
        await self._store.messages.redirect(message.id, channel_id=channel_id, upload_limit=limit)
        job.standing = None
        job.wanted = True

    async def _address_copy(self, job: Job, message: Message) -> None:
        """A copy for its asker's direct messages has no channel yet; it is not needed where the task is shown there."""
        channel_id = await self._reach.direct_channel(message.user_id)
        others = await self._store.messages.showing(message.task_id)
        if any(other.channel_id == channel_id for other in others if other.id != message.id):
            await self._store.messages.lose(message.id)
            return
        limit = min(message.upload_limit, DIRECT_LIMIT)
        await self._store.messages.redirect(message.id, channel_id=channel_id, upload_limit=limit, route=Route.DIRECT)
        job.wanted = True

    async def _give_up(self, task: Task, message: Message) -> None:
        """What Discord does not take of a task that has ended is not tried again at the next start."""
        if task.state.final:
            await self._store.messages.give_up(message.id)

    async def _go_smaller(self, job: Job, message: Message, task: Task, error: TooLarge) -> None:
        limit = min(job.upload_limit or message.upload_limit, 2 * DIRECT_LIMIT) // 2
        if limit < LEAST_LIMIT:
            log.error("message row %d: however small its pictures are: %s", message.id, error)
            await self._give_up(task, message)
            return
        log.info("message row %d: %s; its pictures are made to fit %d bytes", message.id, error, limit)
        job.upload_limit = limit
        job.wanted = True
        job.urgent.set()


async def _urgent_within(job: Job, seconds: float) -> bool:
    """Waits so long, or until there is something more urgent to show; whether there was."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await job.urgent.wait()
            return True
    return False
