"""What is known of each running task between two polls: when it was asked about, and since when it stands still.

All of it is in memory. Durations are measured with a clock that never steps; the wall clock is believed only for the
time before this process began, and only as far as it leaves the process time to ask by itself.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from bot.midjourney import Mode, is_task_id
from storage import PolledTaskRow, TaskId

log = logging.getLogger(__name__)

# Seconds without progress after which a task is no longer waited for (docs/image-api.md#polling): services themselves
# give up after an hour at the latest.
FAST_LIMIT = 10 * 60.0
RELAX_LIMIT = 60 * 60.0
# However long a task stood still before a restart, this process waits for so long before it gives it up.
RESTART_SECONDS = 60.0
# A task is given up only if the service spoke of it within so many seconds, polls aside.
ANSWERED_SECONDS = 60.0
MAX_PAUSE = 60.0
BATCH = 200
# Polls that have to succeed before more tasks are asked about at once than it failed with.
CALM_POLLS = 16


@dataclass(slots=True)
class LastProgress:
    """`at` is the stored moment of the last progress, by the wall clock; `still_since` and `limit` tell, by the
    steady one, since when the task stands still and for how many seconds it may."""

    at: float
    still_since: float
    limit: float


@dataclass(slots=True)
class PolledTask:
    """One of the service's tasks, with those of ours that stand for it. Moments are the steady clock's.

    `digest` tells how it read when it was last listed (None: read it again), `missed` how often the service has not
    known it in a row. `batch` is how many tasks may be asked about together with it, `too_many` how many were too
    many. One that cannot be read in company is asked about `alone`, and after `failures` in a row not before `next_at`.
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
        """The service spoke of it, or said that it does not know it."""
        self.asked_at = self.answered_at = now

    def listed(self) -> None:
        """A list that it was part of could be read: next time it may be part of a longer one."""
        self.calm += 1
        longer = min(BATCH, self.batch * 2)
        if self.too_many is None or longer < self.too_many or self.calm >= CALM_POLLS:
            self.batch, self.calm, self.too_many = longer, 0, self.too_many if longer < (self.too_many or 0) else None

    def read_alone(self) -> None:
        """It could be read by itself. The second time it stays alone: its company would have to be split again."""
        self.missed, self.failures, self.next_at = 0, 0, 0.0
        self.alone, self.was_alone = self.alone and self.was_alone, True

    def failed(self, now: float, interval: float, error: Exception) -> None:
        """It cannot be read: from now on it is asked about alone, each time later."""
        self.failures += 1
        self.alone, self.asked_at = True, now
        self.next_at = now + min(MAX_PAUSE, interval * 2.0 ** min(self.failures, 10))
        level = logging.WARNING if self.failures in (1, 5) else logging.DEBUG
        log.log(level, "task %s: cannot read it (failed attempt %d): %r", ", ".join(self.tasks), self.failures, error)

    def stuck(self, now: float) -> list[TaskId]:
        """Those of its tasks that stand still for longer than their limit."""
        return [task_id for task_id, progress in self.tasks.items() if now - progress.still_since > progress.limit]


class PolledTasks:
    """All tasks that run."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time) -> None:
        """`clock` never steps; `wall` tells unix seconds, as the stored moments do."""
        self._clock = clock
        self._wall = wall
        self._by_upstream: dict[str, PolledTask] = {}
        self._heard: dict[TaskId, float] = {}
        self._began = False

    def __iter__(self) -> Iterator[PolledTask]:
        return iter(self._by_upstream.values())

    def heard(self, task_id: TaskId) -> None:
        """A callback spoke of a task."""
        self._heard[task_id] = self._clock()

    def update(self, rows: Sequence[PolledTaskRow]) -> list[TaskId]:
        """Takes over which tasks run now; those that nobody can ask about, because their id is none."""
        now, wall = self._clock(), self._wall()
        known, self._by_upstream = self._by_upstream, {}
        impossible: list[TaskId] = []
        for row in rows:
            if row.upstream_id is None or not is_task_id(row.upstream_id):
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
            # What was said already has to be said to this one, too.
            followed.digest = None
        elif progress.at != row.progressed_at:
            progress.at, progress.still_since = row.progressed_at, now

    def heard_lately(self, followed: PolledTask, seconds: float) -> bool:
        """Did a callback speak of it within so many seconds?"""
        return self._clock() - followed.heard_at < seconds

    def stuck(self, interval: float) -> list[tuple[TaskId, float]]:
        """The tasks that stand still for too long although the service spoke of them lately, with their limits."""
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
