"""Delivery: every message that shows a task is brought to the task's newest state.

One worker a message, so that edits never queue behind each other: whatever happened while one was under way is one
edit. Progress waits its turn (`progress_seconds`), the end of a task never does. What could not be delivered is tried
again, and is found in the store at the next start.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp
import discord

from bot.background import Background
from bot.ui.card import Look, card
from bot.ui.exhibits import Exhibitor
from bot.ui.reach import Reach, Unreachable
from storage import Message, StorageError, Store, Task, TaskId

log = logging.getLogger(__name__)

PROGRESS_SECONDS = 2.0
# How long to wait after each failure; after the last, the next start tries again.
PATIENCE = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0)

FAILURES = (discord.HTTPException, discord.DiscordServerError, aiohttp.ClientError, OSError, TimeoutError, StorageError)


@dataclass(slots=True)
class _Worker:
    """What one message's worker has to know."""

    wanted: bool = True
    afresh: bool = False
    urgent: asyncio.Event = field(default_factory=asyncio.Event)
    sent_at: float = 0.0


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
    ) -> None:
        self._store = store
        self._reach = reach
        self._exhibitor = exhibitor
        self._background = background
        self._progress_seconds = progress_seconds
        self._workers: dict[int, _Worker] = {}

    def task_changed(self, task: Task) -> None:
        """Takes note that a task has changed (a listener of `TaskEvents`)."""
        self._background.start(self._show_everywhere(task), f"show-{task.id}")

    async def resume(self) -> None:
        """Takes up the messages that a stop of the program left behind their tasks. Raises StorageError."""
        for message in await self._store.messages.unfinished():
            self._want(message.id, urgent=True)

    async def show_afresh(self, task_id: TaskId) -> None:
        """Draws a task's messages anew though the task did not change (a pressed button, another page)."""
        for message in await self._store.messages.showing(task_id):
            self._want(message.id, urgent=True, afresh=True)

    async def _show_everywhere(self, task: Task) -> None:
        for message in await self._store.messages.showing(task.id):
            self._want(message.id, urgent=task.state.settled)

    def _want(self, row_id: int, *, urgent: bool, afresh: bool = False) -> None:
        worker = self._workers.get(row_id)
        if worker is None:
            worker = self._workers[row_id] = _Worker()
            self._background.start(self._work(row_id, worker), f"deliver-{row_id}")
        worker.wanted = True
        worker.afresh |= afresh
        if urgent:
            worker.urgent.set()

    async def _work(self, row_id: int, worker: _Worker) -> None:
        try:
            while worker.wanted:
                worker.wanted = False
                await self._persist(row_id, worker)
        finally:
            del self._workers[row_id]

    async def _persist(self, row_id: int, worker: _Worker) -> None:
        for wait in (*PATIENCE, None):
            try:
                await self._show(row_id, worker)
            except Unreachable as error:
                log.warning("message row %d cannot be reached any more: %s", row_id, error)
                await self._store.messages.lose(row_id)
            except FAILURES as error:
                if wait is None:
                    log.error("message row %d stays behind until the next start: %r", row_id, error)  # noqa: TRY400 - expected
                    return
                log.warning("message row %d: %r; tried again in %g s", row_id, error, wait)
                await asyncio.sleep(wait)
                continue
            return

    async def _show(self, row_id: int, worker: _Worker) -> None:
        found = await self._behind(row_id, worker)
        if found is None:
            return
        if not found[1].state.settled and not worker.afresh:
            await self._turn_comes(worker)
            found = await self._behind(row_id, worker)  # what happened meanwhile is shown with it
            if found is None:
                return
        message, task = found
        afresh, worker.afresh = worker.afresh, False
        worker.urgent.clear()
        try:
            await self._put(message, task)
        except BaseException:
            worker.afresh |= afresh
            raise
        finally:
            worker.sent_at = time.monotonic()

    async def _behind(self, row_id: int, worker: _Worker) -> tuple[Message, Task] | None:
        message = await self._store.messages.get(row_id)
        task = await self._store.tasks.get(message.task_id) if message and not message.gone else None
        if message is None or task is None:
            return None
        if message.shown_version >= task.version and not worker.afresh:
            return None
        return message, task

    async def _turn_comes(self, worker: _Worker) -> None:
        """Waits until progress may be shown again, or something more urgent has come."""
        wait = worker.sent_at + self._progress_seconds - time.monotonic()
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, wait)):
                await worker.urgent.wait()

    async def _put(self, message: Message, task: Task) -> None:
        exhibits = await self._exhibitor.exhibits(task, message)
        used = await self._store.presses.used_buttons(task.id)
        view = card(task, Look(exhibits.names, used, message.page, exhibits.trouble))
        standing = await self._reach.put(message, view, exhibits.files)
        if standing.message_id != message.message_id:
            await self._store.messages.sent(message.id, message_id=standing.message_id, channel_id=standing.channel_id)
        await self._store.messages.shown(
            message.id, version=task.version, settled=task.state.settled, files=exhibits.names
        )
