"""The state of each running task between two polls: when it was polled, and since when it has made no progress.

All of it is in memory. Durations are measured with a monotonic clock. The wall clock is used only for the time before
this process started, and only as far as it leaves the process time to poll the task itself.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from bot.engines.models import TASK_ID
from bot.engines.options import Mode
from storage import PolledTaskRow, TaskId

log = logging.getLogger(__name__)

# Seconds without progress after which a task is no longer polled (docs/image-api.md#polling). Services themselves time
# out after an hour at the latest.
FAST_LIMIT = 10 * 60.0
RELAX_LIMIT = 60 * 60.0
# Minimum time that this process waits for a task without progress, regardless of the time before a restart.
RESTART_SECONDS = 60.0
# A task is marked as stalled only if the service answered about it within this many seconds, plus two poll intervals.
ANSWERED_SECONDS = 60.0
MAX_PAUSE = 60.0
BATCH = 200
# Successful polls required before a list may grow again to a size that failed.
CALM_POLLS = 16


@dataclass(slots=True, eq=False)
class LastProgress:
    """`at` is the stored time of the last progress by the wall clock. `still_since` is the start of the time without
    progress by the monotonic clock, and `limit` its maximum in seconds."""

    at: float
    still_since: float
    limit: float


@dataclass(slots=True, eq=False)
class PolledTask:
    """One task of the service, with the bot's tasks that refer to it. Times are those of the monotonic clock.

    `digest` is the hash of its last listed state (None: parse it again). `missed` counts consecutive answers in which
    the service did not know it. `batch` is the maximum length of a list that contains it, `too_many` the shortest
    length that failed. A task that cannot be read in a list is polled `alone`; after `failures` consecutive failures,
    not before `next_at`.
    """

    upstream_id: str
    tasks: dict[TaskId, LastProgress] = field(default_factory=dict)
    digest: int | None = None
    missed: int = 0
    asked_at: float = -math.inf
    answered_at: float = -math.inf
    heard_at: float = -math.inf
    batch: int = BATCH
    too_many: int | None = None
    calm: int = 0
    alone: bool = False
    was_alone: bool = False
    failures: int = 0
    next_at: float = 0.0

    def answered(self, now: float) -> None:
        """Records that the service returned the task, or answered that it does not know it."""
        self.asked_at = self.answered_at = now

    def listed(self) -> None:
        """Records that a list with this task could be read: the next list may be longer."""
        self.calm += 1
        longer = min(BATCH, self.batch * 2)
        if self.too_many is None or longer < self.too_many or self.calm >= CALM_POLLS:
            self.batch, self.calm, self.too_many = longer, 0, self.too_many if longer < (self.too_many or 0) else None

    def read_alone(self) -> None:
        """Records that the task could be read alone. After the second time it stays alone, because lists with it would
        have to be split again."""
        self.missed, self.failures, self.next_at = 0, 0, 0.0
        self.alone, self.was_alone = self.alone and self.was_alone, True

    def failed(self, now: float, interval: float, error: Exception) -> None:
        """Records that the task cannot be read: it is polled alone from now on, with growing delays."""
        self.failures += 1
        self.alone, self.asked_at = True, now
        self.next_at = now + min(MAX_PAUSE, interval * 2.0 ** min(self.failures, 10))
        level = logging.WARNING if self.failures in (1, 5) else logging.DEBUG
        log.log(level, "task %s: cannot read it (failed attempt %d): %r", ", ".join(self.tasks), self.failures, error)

    def stuck(self, now: float) -> list[TaskId]:
        """The bot's tasks whose time without progress exceeds their limit."""
        return [task_id for task_id, progress in self.tasks.items() if now - progress.still_since > progress.limit]


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
            (task_id, followed.tasks[task_id].limit)
            for followed in self
            if now - max(followed.answered_at, followed.heard_at) < lately
            for task_id in followed.stuck(now)
        ]


def _without_others(followed: PolledTask, ids: set[TaskId]) -> None:
    if not followed.tasks.keys() <= ids:
        followed.tasks = {task_id: progress for task_id, progress in followed.tasks.items() if task_id in ids}
