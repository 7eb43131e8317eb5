"""The watcher: asks the image service for all running tasks at once, for as long as any runs.

Which tasks run is read from the store each time, so a restart needs nothing of its own. Callbacks make news quicker
and polls fewer: a task that was heard of a moment ago is not asked about. Every other is, until it has ended or has
made no progress for too long.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Sequence

from bot.midjourney import MidjourneyClient, MidjourneyError, Mode, NotOffered, RemoteTask, UnknownTask
from bot.tasks.service import TaskService
from storage import Change, StorageError, Store, Task, TaskId, TaskState

log = logging.getLogger(__name__)

# Seconds without progress after which a task is no longer waited for (image API reference, 6.4): services themselves
# give up after an hour at the latest.
FAST_LIMIT = 10 * 60.0
RELAX_LIMIT = 60 * 60.0
MAX_BACK_OFF = 60.0
SINGLE_FETCHES = 8
# Where tasks are fetched one by one, so many in a round; those that were not asked about longest come first.
SINGLE_A_ROUND = 40
# Intervals for which a callback makes asking needless.
HEARD_INTERVALS = 3.0
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
        self._since = clock()
        self._missed: dict[str, int] = {}
        self._asked: dict[str, float] = {}
        self._heard: dict[TaskId, float] = {}
        self._news = asyncio.Event()

    def task_changed(self, task: Task) -> None:
        """Takes note that there may be something to watch (a listener of `TaskEvents`)."""
        if task.state in (TaskState.PENDING, TaskState.RUNNING):
            self._news.set()

    def heard(self, task_id: TaskId) -> None:
        """A callback spoke of a running task, so that it need not be asked about for a while."""
        self._heard[task_id] = self._clock()

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
            if not tasks:
                return False
            self._forget_others(tasks)
            await self._ask_about([task for task in tasks if not self._heard_lately(task)])
            if self._failures:
                log.info("the image service answers polls again")
            self._failures = 0
        except (MidjourneyError, StorageError) as error:
            self._failures += 1
            level = logging.WARNING if self._failures in (1, 5) else logging.DEBUG
            log.log(level, "a poll failed (%d in a row): %r", self._failures, error)
        except Exception:
            # One odd task must not be the end of all watching.
            self._failures += 1
            log.exception("a poll failed")
        await self._give_up_on_the_stuck()
        return True

    def _heard_lately(self, task: Task) -> bool:
        heard_at = self._heard.get(task.id)
        return heard_at is not None and self._clock() - heard_at < HEARD_INTERVALS * self._interval

    def _forget_others(self, tasks: Sequence[Task]) -> None:
        ids, upstream_ids = {task.id for task in tasks}, {task.upstream_id for task in tasks}
        self._heard = {task_id: at for task_id, at in self._heard.items() if task_id in ids}
        self._missed = {key: times for key, times in self._missed.items() if key in upstream_ids}
        self._asked = {key: at for key, at in self._asked.items() if key in upstream_ids}

    async def _ask_about(self, tasks: Sequence[Task]) -> None:
        wanted = list(dict.fromkeys(task.upstream_id for task in tasks if task.upstream_id))
        if not wanted:
            return
        found = await self._pictures_of(wanted)
        for upstream_id, remote in found.items():
            self._asked[upstream_id] = self._clock()
            if remote is None:
                await self._miss(upstream_id)
            else:
                self._missed.pop(upstream_id, None)
                await self._service.learn(remote)

    async def _pictures_of(self, upstream_ids: Sequence[str]) -> dict[str, RemoteTask | None]:
        """What the service says of each of those that it could be asked about; None of one that it does not know."""
        capabilities = self._midjourney.capabilities
        if capabilities.list_by_condition or capabilities.list_by_ids:
            try:
                listed = await self._midjourney.list_by_ids(upstream_ids)
            except NotOffered:
                log.info("the image service lists no tasks by their ids; they are fetched one by one")
            else:
                return {upstream_id: listed.get(upstream_id) for upstream_id in upstream_ids}
        longest_ago = sorted(upstream_ids, key=lambda upstream_id: self._asked.get(upstream_id, 0.0))
        return await self._one_by_one(longest_ago[:SINGLE_A_ROUND])

    async def _one_by_one(self, upstream_ids: Sequence[str]) -> dict[str, RemoteTask | None]:
        """Raises MidjourneyError only when none could be asked about: one that fails is no reason to drop others."""
        places = asyncio.Semaphore(SINGLE_FETCHES)
        found: dict[str, RemoteTask | None] = {}
        failures: list[MidjourneyError] = []

        async def fetch(upstream_id: str) -> None:
            async with places:
                try:
                    found[upstream_id] = await self._midjourney.fetch(upstream_id)
                except UnknownTask:
                    found[upstream_id] = None
                except MidjourneyError as error:
                    failures.append(error)
                    self._asked[upstream_id] = self._clock()

        async with asyncio.TaskGroup() as group:
            for upstream_id in upstream_ids:
                group.create_task(fetch(upstream_id))
        if failures and not found:
            raise failures[0]
        return found

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
        except MidjourneyError as error:
            log.debug("a task that is not listed could not be asked about: %r", error)

    async def _give_up_on_the_stuck(self) -> None:
        """Stops waiting for tasks that stand still; asked before, so that none is given up for our own absence."""
        # While the service cannot be asked, nobody knows that a task stands still; only since we came do we wait.
        since = self._since if self._failures else 0.0
        try:
            for task in await self._store.tasks.watched():
                limit = RELAX_LIMIT if task.request.mode == Mode.RELAX else FAST_LIMIT
                if self._clock() - max(task.progressed_at, since) > limit:
                    log.info("task %s made no progress for %g s and is no longer waited for", task.id, limit)
                    await self._service.move(task.id, Change(TaskState.OVERDUE))
        except StorageError as error:
            log.warning("tasks that stand still could not be looked up: %r", error)
