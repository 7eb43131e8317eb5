"""The loops that ask the image service: about running tasks, and about submissions whose answer was lost.

The running tasks are those in the owner's memory, which the store has filled at its start, so a restart needs no
special handling. Callbacks bring updates sooner and save polls: a task with a recent callback is skipped. Every other
task is polled (`bot.tasks.poller`) until it has ended or has made no progress for too long. Lost submissions are
searched for and settled by `bot.tasks.recovery`.
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
from bot.tasks.batch import expanded
from bot.tasks.poll_state import MAX_PAUSE, UpdatesSink
from bot.tasks.poller import PolledTasks, PollRound
from bot.tasks.recovery import LostSubmission, Recovery
from bot.tasks.submissions import Submitter
from bot.tasks.task_updates import TaskUpdates, to_update
from storage import PolledTaskRow, StorageError, Store, Task, TaskId, TaskState, TaskUpdate

log = logging.getLogger(__name__)

# How long a submission is searched for, and the time between two searches.
SEARCH_SECONDS = 60.0
ROUND_SECONDS = 3.0
# How often the store looks for work that has no owner, in seconds.
TAKE_OVER_SECONDS = 60.0
# Additional tasks of a prompt are listed within this many seconds, or while the first task runs.
LISTED_SECONDS = 60.0
# Poll intervals for which a callback replaces polling.
HEARD_INTERVALS = 3.0
Polls = Callable[[PolledTaskRow], bool]

# The error codes of tasks that the service does not know any longer, or cannot know.
FORGOTTEN, IMPOSSIBLE_ID = "forgotten", "impossible_id"

_FORGOTTEN = TaskUpdate(TaskState.FAILURE, error_code=FORGOTTEN)


class TaskPoller:
    """Runs one poll round per interval and applies its results."""

    def __init__(
        self,
        store: Store,
        engine: PolledEngine,
        updates: TaskUpdates,
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
        self._updates = updates
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
                await self._updates.apply_remote(remote)
                continue
            change = _FORGOTTEN if remote is None else to_update(remote)
            changes |= dict.fromkeys(followed.tasks, change)
        if changes:
            await self._updates.move_all(changes)

    async def _give_up(self, impossible: list[TaskId]) -> None:
        """Fails tasks whose id cannot be polled, and marks tasks without progress as STALLED."""
        for task_id in impossible:
            log.warning("task %s: the image service gave it an invalid id", task_id)
            await self._updates.move(task_id, TaskUpdate(TaskState.FAILURE, error_code=IMPOSSIBLE_ID))
        for task_id, limit in self._followed.stuck(self._interval):
            log.info("task %s: no progress for %g s, no longer polled", task_id, limit)
            await self._updates.move(task_id, TaskUpdate(TaskState.STALLED))


class RecoveryLoop:
    """Has submissions without a known outcome searched for, while there are any."""

    def __init__(
        self,
        store: Store,
        submissions: Submitter,
        recovery: Recovery,
        *,
        search_seconds: float = SEARCH_SECONDS,
        round_seconds: float = ROUND_SECONDS,
        take_over_seconds: float = TAKE_OVER_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`search_seconds`: how long a submission is searched for, measured by `clock`; it restarts with the
        process."""
        self._store = store
        self._submissions = submissions
        self._recovery = recovery
        self._search_seconds = search_seconds
        self._round_seconds = round_seconds
        self._take_over_seconds = take_over_seconds
        self._clock = clock
        self._noticed: dict[int, float] = {}

    async def run(self) -> None:
        """Searches until cancelled."""
        taken_over = self._clock()
        while True:
            try:
                if self._clock() - taken_over > self._take_over_seconds:
                    taken_over = self._clock()
                    await self._store.take_over()
                await self._round()
            except StorageError as error:
                log.warning("cannot look up unconfirmed submissions now: %s", error)
            except Exception:
                log.exception("recovering unconfirmed submissions failed")
            await asyncio.sleep(self._round_seconds)

    async def _round(self) -> None:
        lost = [press for press in self._store.submissions.unsettled() if not self._submissions.in_flight(press)]
        drawing = self._store.submissions.drawing(time.time() - LISTED_SECONDS)
        several = [press for press, request in drawing if expanded(request)]
        self._noticed = {press.interaction_id: self._noticed.get(press.interaction_id, self._clock()) for press in lost}
        if not lost and not several:
            return
        # The request may reach the service while the lists are read, so only the time before them counts.
        began = self._clock()
        searched = [LostSubmission(press, began - self._noticed[press.interaction_id]) for press in lost]
        await self._recovery.search(searched, several, self._search_seconds)
