"""The state of each running task between two polls: when it was polled, and since when it has made no progress."""

from __future__ import annotations

import logging
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from bot.engines.models import RemoteTask
from storage import TaskId

log = logging.getLogger(__name__)

# Maximum of seconds between two attempts, and of tasks in a list.
MAX_PAUSE = 60.0
BATCH = 200
# A service may not list a task right after accepting it (docs/image-api.md#polling).
MISSES = 5


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


UpdatesSink = tuple[PolledTask, RemoteTask | None]
Learn = Callable[[Sequence[UpdatesSink]], Awaitable[None]]
