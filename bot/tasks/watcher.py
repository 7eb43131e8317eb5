"""The watcher: asks the image service for all running tasks at once, for as long as any runs.

Which tasks run is read from the store each time, so a restart needs nothing of its own. Callbacks only make news
quicker; every task is asked about until it has ended, or has made no progress for too long.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Sequence

from bot.midjourney import MidjourneyClient, MidjourneyError, Mode, NotOffered, RemoteTask, UnknownTask
from bot.tasks.service import TaskService
from storage import Change, StorageError, Store, Task, TaskState

log = logging.getLogger(__name__)

# Seconds without progress after which a task is no longer waited for (image API reference, 6.4): services themselves
# give up after an hour at the latest.
FAST_LIMIT = 10 * 60.0
RELAX_LIMIT = 60 * 60.0
MAX_BACK_OFF = 60.0
SINGLE_FETCHES = 8
# A service that has just taken a task may not list it at once (newapi stores it first: image API reference, 7.7).
MISSES = 5


class Watcher:
    """Polls the image service."""

    def __init__(
        self,
        store: Store,
        midjourney: MidjourneyClient,
        service: TaskService,
        *,
        interval: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`interval`: seconds between two polls."""
        self._store = store
        self._midjourney = midjourney
        self._service = service
        self._interval = interval
        self._clock = clock
        self._failures = 0
        self._missed: dict[str, int] = {}
        self._news = asyncio.Event()

    def task_changed(self, task: Task) -> None:
        """Takes note that there may be something to watch (a listener of `TaskEvents`)."""
        if task.state in (TaskState.PENDING, TaskState.RUNNING):
            self._news.set()

    async def run(self) -> None:
        """Polls until cancelled."""
        while True:
            self._news.clear()
            if not await self._round():
                await self._news.wait()
            await asyncio.sleep(self._pause())

    def _pause(self) -> float:
        if not self._failures:
            return self._interval
        back_off = min(MAX_BACK_OFF, self._interval * 2.0**self._failures)
        return float(back_off * random.uniform(0.8, 1.2))  # noqa: S311 - spreads load, hides nothing

    async def _round(self) -> bool:
        """Asks once about everything; False when nothing runs."""
        try:
            tasks = await self._store.tasks.watched()
            await self._give_up_on(tasks)
            if not tasks:
                return False
            await self._ask_about([task for task in tasks if task.upstream_id])
            if self._failures:
                log.info("the image service answers polls again")
            self._failures = 0
        except (MidjourneyError, StorageError) as error:
            self._failures += 1
            level = logging.WARNING if self._failures in (1, 5) else logging.DEBUG
            log.log(level, "a poll failed (%d in a row): %r", self._failures, error)
        return True

    async def _ask_about(self, tasks: Sequence[Task]) -> None:
        wanted = list(dict.fromkeys(task.upstream_id for task in tasks if task.upstream_id))
        found = await self._pictures_of(wanted)
        for remote in found.values():
            await self._service.learn(remote)
        for upstream_id in wanted:
            if upstream_id in found:
                self._missed.pop(upstream_id, None)
            else:
                await self._miss(upstream_id)

    async def _pictures_of(self, upstream_ids: Sequence[str]) -> dict[str, RemoteTask]:
        if self._midjourney.capabilities.list_by_condition:
            try:
                return await self._midjourney.list_by_ids(upstream_ids)
            except NotOffered:
                log.info("the image service has no list-by-condition; tasks are fetched one by one")
        return await self._one_by_one(upstream_ids)

    async def _one_by_one(self, upstream_ids: Sequence[str]) -> dict[str, RemoteTask]:
        places = asyncio.Semaphore(SINGLE_FETCHES)

        async def fetch(upstream_id: str) -> RemoteTask | None:
            async with places:
                try:
                    return await self._midjourney.fetch(upstream_id)
                except UnknownTask:
                    return None

        found = await asyncio.gather(*map(fetch, upstream_ids))
        return {upstream_id: remote for upstream_id, remote in zip(upstream_ids, found, strict=True) if remote}

    async def _miss(self, upstream_id: str) -> None:
        """A task is absent from the answer: after some times the service is asked about it alone, then believed."""
        self._missed[upstream_id] = self._missed.get(upstream_id, 0) + 1
        if self._missed[upstream_id] < MISSES:
            return
        del self._missed[upstream_id]
        try:
            await self._service.learn(await self._midjourney.fetch(upstream_id))
        except UnknownTask:
            for task in await self._store.tasks.by_upstream(upstream_id):
                await self._service.move(task.id, Change(TaskState.FAILURE, fail_kind="forgotten"))

    async def _give_up_on(self, tasks: list[Task]) -> None:
        for task in list(tasks):
            limit = RELAX_LIMIT if task.request.mode == Mode.RELAX else FAST_LIMIT
            if self._clock() - task.progressed_at > limit:
                log.info("task %s made no progress for %g s and is no longer waited for", task.id, limit)
                await self._service.move(task.id, Change(TaskState.OVERDUE))
                tasks.remove(task)
