"""Polling: asks the service about running tasks, many per request, and keeps what it has to know between two polls.

The running tasks are those in the owner's memory, which the store has filled at its start, so a restart needs no
special handling. Callbacks bring updates sooner and save polls: a task with a recent callback is skipped. Every other
task is polled until it has ended or has made no progress for too long. Tasks that make a list unreadable are isolated
by `bot.tasks.unreadable_lists`.

What is remembered between two polls is in memory. Durations are measured with a monotonic clock. The wall clock is used
only for the time before this process started, and only as far as it leaves the process time to poll the task itself.
"""

from __future__ import annotations

import asyncio
import logging
import math
import random
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence

from bot.engines.base import PolledEngine
from bot.engines.errors import EngineError, NotOffered
from bot.engines.models import TASK_ID, Feature, Listed, RemoteStatus
from bot.engines.options import Mode
from bot.tasks.poll_state import BATCH, MAX_PAUSE, MISSES, LastProgress, Learn, PolledTask, UpdatesSink
from bot.tasks.task_updates import TaskUpdates, to_update
from bot.tasks.unreadable_lists import (
    SINGLES_A_POLL,
    ListPart,
    PollAttempts,
    SingleFetches,
    blame,
    failed_part,
    next_half,
)
from storage import PolledTaskRow, StorageError, Store, Task, TaskId, TaskState, TaskUpdate

log = logging.getLogger(__name__)

# Additional list requests per poll, beyond the minimum for all tasks.
EXTRA_REQUESTS = 64
# Successful polls required before a list may grow again to a size that failed.
CALM_POLLS = 16
# Statuses that need no update if they repeat. A waiting modal is reported each time, because it is confirmed only after
# a delay.
_STEADY = (RemoteStatus.PENDING, RemoteStatus.RUNNING)

# Updates per transaction: each holds the database for a few milliseconds, and others can run between.
NEWS_AT_ONCE = 25

# Seconds without progress after which a task is no longer polled (docs/image-api.md#polling). Services themselves time
# out after an hour at the latest.
FAST_LIMIT = 10 * 60.0
RELAX_LIMIT = 60 * 60.0
# Minimum time that this process waits for a task without progress, regardless of the time before a restart.
RESTART_SECONDS = 60.0
# A task is marked as stalled only if the service answered about it within this many seconds, plus two poll intervals.
ANSWERED_SECONDS = 60.0

# Poll intervals for which a callback replaces polling.
HEARD_INTERVALS = 3.0
Polls = Callable[[PolledTaskRow], bool]

# The error codes of tasks that the service does not know any longer, or cannot know.
FORGOTTEN, IMPOSSIBLE_ID = "forgotten", "impossible_id"

_FORGOTTEN = TaskUpdate(TaskState.FAILURE, error_code=FORGOTTEN)


class PollRound:
    """Polls tasks."""

    def __init__(
        self,
        engine: PolledEngine,
        apply_remote: Learn,
        *,
        interval: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`apply_remote` applies the states of tasks, all or none; the state is None for a task that the service does
        not know."""
        self._engine = engine
        self._apply_remote = apply_remote
        self._interval = interval
        self._clock = clock
        self._singles = SingleFetches(engine, self._apply, interval, clock)

    async def ask(self, followed: Sequence[PolledTask]) -> None:
        """Polls all of these tasks that are due, within a limit of requests.

        Raises EngineError if the service as a whole does not answer, and StorageError.
        """
        now = self._clock()
        due = sorted((each for each in followed if each.next_at <= now), key=lambda each: each.asked_at)
        poll = PollAttempts(now, -(-len(due) // BATCH) + EXTRA_REQUESTS)
        singles = due
        capabilities = self._engine.capabilities
        if capabilities.has(Feature.LIST_BY_CONDITION) or capabilities.has(Feature.LIST_BY_IDS):
            try:
                await self._ask_for_lists(poll, [each for each in due if not each.alone])
                singles = [each for each in due if each.alone and each.next_at <= now]
            except NotOffered:
                log.info("the image service cannot list tasks by id; fetching them one by one")
        if singles:
            await self._singles.ask(poll, singles[:SINGLES_A_POLL])

    async def _ask_for_lists(self, poll: PollAttempts, followed: Sequence[PolledTask]) -> None:
        parts, halves = deque(_services(followed)), deque[ListPart]()
        while (parts or halves) and poll.requests_left:
            part = next_half(poll, halves) if halves else parts.popleft()
            poll.requests_left -= 1
            ids = [each.upstream_id for each in part.members]
            seen = {each.upstream_id: each.digest for each in part.members if each.digest is not None}
            try:
                listed = await self._engine.list_news(ids, seen, tries=1)
            except NotOffered:
                raise
            except EngineError as error:
                halves.extend(failed_part(poll, part, error, self._clock()))
            else:
                poll.alive = True
                await self._take(part, listed)
        if poll.failed:
            blame(poll, self._clock(), self._interval)

    async def _take(self, part: ListPart, listed: Listed) -> None:
        now = self._clock()
        news: list[UpdatesSink] = []
        for each in part.members:
            each.asked_at = each.answered_at = now
            _grow(each)
            if remote := listed.tasks.get(each.upstream_id):
                news.append((each, remote))
            if remote or each.upstream_id in listed.unchanged:
                each.missed = 0
            else:
                each.missed += 1
                each.alone = each.missed >= MISSES
        for start in range(0, len(news), NEWS_AT_ONCE):
            await self._apply(news[start : start + NEWS_AT_ONCE], listed.digests)

    async def _apply(self, news: Sequence[UpdatesSink], digests: Mapping[str, int]) -> None:
        for followed, _ in news:
            followed.digest = None
        try:
            await self._apply_remote(news)
        except StorageError:
            raise
        except Exception as error:
            # An error in one task must not prevent the updates of the others.
            if len(news) > 1:
                for one in news:
                    await self._apply([one], digests)
                return
            if not news[0][0].failures:
                log.exception("applying the image service's data to a task failed")
            news[0][0].failed(self._clock(), self._interval, error)
        else:
            for followed, remote in news:
                if remote and remote.status in _STEADY:
                    followed.digest = digests.get(followed.upstream_id)


def _services(followed: Sequence[PolledTask]) -> Iterator[ListPart]:
    """Lists no longer than each of their tasks allows."""
    by_size: dict[int, list[PolledTask]] = {}
    for each in followed:
        by_size.setdefault(each.batch, []).append(each)
    for size, members in by_size.items():
        for start in range(0, len(members), size):
            chosen = members[start : start + size]
            yield ListPart(chosen, chosen)


def _grow(each: PolledTask) -> None:
    """Records that a list with this task could be read: the next list may be longer."""
    each.calm += 1
    longer = min(BATCH, each.batch * 2)
    if each.too_many is None or longer < each.too_many or each.calm >= CALM_POLLS:
        each.batch, each.calm, each.too_many = longer, 0, each.too_many if longer < (each.too_many or 0) else None


class PolledTasks:
    """All running tasks."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time) -> None:
        """`clock` is monotonic; `wall` returns unix seconds, like the stored times."""
        self._clock = clock
        self._wall = wall
        self._by_upstream: dict[str, PolledTask] = {}
        self._heard: dict[TaskId, float] = {}
        self._began = False

    def __iter__(self) -> Iterator[PolledTask]:
        return iter(self._by_upstream.values())

    def heard(self, task_id: TaskId) -> None:
        """Records a callback about a task."""
        self._heard[task_id] = self._clock()

    def update(self, rows: Sequence[PolledTaskRow]) -> list[TaskId]:
        """Takes over the list of running tasks. Returns the tasks that cannot be polled because their remote id is
        missing or invalid."""
        now, wall = self._clock(), self._wall()
        known, self._by_upstream = self._by_upstream, {}
        impossible: list[TaskId] = []
        for row in rows:
            if row.upstream_id is None or not TASK_ID.fullmatch(row.upstream_id):
                impossible.append(row.id)
                continue
            before = known.get(row.upstream_id)
            followed = self._by_upstream.get(row.upstream_id)
            if followed is None:
                followed = self._by_upstream[row.upstream_id] = before or PolledTask(row.upstream_id)
            self._follow(followed, row, now, wall)
        ids = {row.id for row in rows}
        self._heard = {task_id: at for task_id, at in self._heard.items() if task_id in ids}
        for followed in self:
            _without_others(followed, ids)
            followed.heard_at = max(self._heard.get(task_id, -math.inf) for task_id in followed.tasks)
        self._began = True
        return impossible

    def _follow(self, followed: PolledTask, row: PolledTaskRow, now: float, wall: float) -> None:
        progress = followed.tasks.get(row.id)
        if progress is None:
            limit = RELAX_LIMIT if row.mode == Mode.RELAX else FAST_LIMIT
            away = 0.0 if self._began else min(max(wall - row.progressed_at, 0.0), limit - RESTART_SECONDS)
            followed.tasks[row.id] = LastProgress(row.progressed_at, now - away, limit)
            # The next answer has to be applied to the new task as well.
            followed.digest = None
        elif progress.at != row.progressed_at:
            progress.at, progress.still_since = row.progressed_at, now

    def heard_lately(self, followed: PolledTask, seconds: float) -> bool:
        """Whether a callback about the task arrived within this many seconds."""
        return self._clock() - followed.heard_at < seconds

    def stuck(self, interval: float) -> list[tuple[TaskId, float]]:
        """The tasks without progress for too long although the service answered about them recently, with their
        limits."""
        now, lately = self._clock(), ANSWERED_SECONDS + 2 * interval
        return [
            (task_id, progress.limit)
            for followed in self
            if now - max(followed.answered_at, followed.heard_at) < lately
            for task_id, progress in followed.tasks.items()
            if now - progress.still_since > progress.limit
        ]


def _without_others(followed: PolledTask, ids: set[TaskId]) -> None:
    if not followed.tasks.keys() <= ids:
        followed.tasks = {task_id: progress for task_id, progress in followed.tasks.items() if task_id in ids}


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
