"""The poll loop: polls the image service while any task runs (`bot.tasks.poller`).

The running tasks are those in the owner's memory, which the store has filled at its start, so a restart needs no
special handling. Callbacks bring updates
sooner and save polls: a task with a recent callback is skipped. Every other task is polled until it has ended or has
made no progress for too long.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Sequence

from bot.engines.base import PolledEngine
from bot.engines.errors import EngineError
from bot.engines.models import RemoteStatus
from bot.tasks.poll_state import MAX_PAUSE, PolledTasks
from bot.tasks.poller import PollRound, UpdatesSink
from bot.tasks.service import TaskService
from bot.tasks.task_mapping import FORGOTTEN, IMPOSSIBLE_ID, to_update
from storage import PolledTaskRow, StorageError, Store, Task, TaskId, TaskState, TaskUpdate

log = logging.getLogger(__name__)

# Poll intervals for which a callback replaces polling.
HEARD_INTERVALS = 3.0
Polls = Callable[[PolledTaskRow], bool]
_FORGOTTEN = TaskUpdate(TaskState.FAILURE, error_code=FORGOTTEN)


class TaskPoller:
    """Runs one poll round per interval and applies its results."""

    def __init__(
        self,
        store: Store,
        engine: PolledEngine,
        service: TaskService,
        *,
        interval: float,
        polls: Polls | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """`interval` is the time between two polls in seconds; `clock` is monotonic, `wall` returns unix seconds.

        `polls` decides which running tasks are polled, by default those of the engine.
        """
        self.name = engine.name
        self._store = store
        self._service = service
        self._polls = polls or (lambda row: row.engine == engine.name)
        self._interval = interval
        self._failures = 0
        self._followed = PolledTasks(clock=clock, wall=wall)
        self._poller = PollRound(engine, self._apply_remote, interval=interval, clock=clock)
        self._news = asyncio.Event()
        self._taken = asyncio.Event()

    def task_changed(self, task: Task) -> None:
        """Wakes the loop when a task may need polling (a listener of `TaskEvents`)."""
        if task.state in (TaskState.PENDING, TaskState.RUNNING):
            self._news.set()
        if task.state is TaskState.PENDING:
            self._taken.set()

    def heard(self, task_id: TaskId) -> None:
        """Records a callback about a running task, which then is not polled for a while."""
        self._followed.heard(task_id)

    async def run(self) -> None:
        """Polls until cancelled."""
        while True:
            self._news.clear()
            if not await self._round():
                await self._news.wait()
            await self._rest()

    async def _rest(self) -> None:
        """Waits for the next poll. Backs off after failures, unless the service has just accepted a task."""
        self._taken.clear()
        await asyncio.sleep(self._interval)
        if self._failures:
            back_off = min(MAX_PAUSE, self._interval * 2.0 ** min(self._failures, 10))
            more = back_off * random.uniform(0.8, 1.2) - self._interval  # noqa: S311 - jitter, no secret
            try:
                async with asyncio.timeout(max(more, 0.0)):
                    await self._taken.wait()
            except TimeoutError:
                pass

    async def _round(self) -> bool:
        """Polls all running tasks once; False if none runs."""
        try:
            rows = [row for row in self._store.tasks.polled_briefly() if self._polls(row)]
            impossible = self._followed.update(rows)
            if not rows:
                return False
            await self._give_up(impossible)
            heard_seconds = HEARD_INTERVALS * self._interval
            await self._poller.ask(
                [each for each in self._followed if not self._followed.heard_lately(each, heard_seconds)]
            )
            if self._failures:
                log.info("the image service answers polls again")
            self._failures = 0
        except (EngineError, StorageError) as error:
            self._failures += 1
            level = logging.WARNING if self._failures in (1, 5) else logging.DEBUG
            log.log(level, "polling failed (attempt %d): %r", self._failures, error)
        except Exception:
            # No error may end the poll loop.
            self._failures += 1
            log.exception("polling failed")
        return True

    async def _apply_remote(self, news: Sequence[UpdatesSink]) -> None:
        """Applies the service's task states. Raises StorageError."""
        changes: dict[TaskId, TaskUpdate] = {}
        for followed, remote in news:
            if remote is not None and remote.status is RemoteStatus.WAITING_USER:
                await self._service.apply_remote(remote)
                continue
            change = _FORGOTTEN if remote is None else to_update(remote)
            changes |= dict.fromkeys(followed.tasks, change)
        if changes:
            await self._service.move_all(changes)

    async def _give_up(self, impossible: list[TaskId]) -> None:
        """Fails tasks whose id cannot be polled, and marks tasks without progress as STALLED."""
        for task_id in impossible:
            log.warning("task %s: the image service gave it an invalid id", task_id)
            await self._service.move(task_id, TaskUpdate(TaskState.FAILURE, error_code=IMPOSSIBLE_ID))
        for task_id, limit in self._followed.stuck(self._interval):
            log.info("task %s: no progress for %g s, no longer polled", task_id, limit)
            await self._service.move(task_id, TaskUpdate(TaskState.STALLED))
