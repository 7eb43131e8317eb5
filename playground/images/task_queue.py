"""The queue and the workers: takes tasks, lets them progress at a pace, ends them."""

import asyncio
import functools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from playground.images.tasks import Status, Task, now_ms


@dataclass(frozen=True)
class Pace:
    """Timing of one task, in seconds, and the size of its image, in pixels; by default as people like it.

    A task waits `queue` seconds as SUBMITTED and then takes `steps` steps of `step` seconds each.
    `sync` is how often a newapi relay copies the state of its upstream (15 s in the original,
    docs/image-api.md#polling). `side` is the edge of a square image; other aspects keep its area.
    """

    queue: float = 0.8
    step: float = 0.7
    steps: int = 9
    sync: float = 1.5
    side: int = 1024

    @classmethod
    def quick(cls) -> "Pace":
        """For tests: a task takes about 0.3 s and is small."""
        return cls(queue=0.05, step=0.06, steps=4, sync=0.1, side=128)

    def percent(self, step: int) -> int:
        """Progress shown after `step` of the steps; the last one stays below 100."""
        return round(100 * step / (self.steps + 1))


class TaskQueue:
    """Runs up to `slots` tasks at a time; up to `queue_limit` more wait in order.

    `changed` is called after every change that callbacks report. `progressing` is cleared to freeze all
    progress; `failures` holds the reasons of the next tasks to fail and their percentage, `stalls` how many of the
    next tasks stay at their first step.
    """

    def __init__(self, pace: Pace, slots: int, queue_limit: int, changed: Callable[[Task], None]) -> None:
        self.pace = pace
        self.slots = slots
        self.queue_limit = queue_limit
        self._changed = changed
        self._waiting: deque[Task] = deque()
        self._running: dict[str, asyncio.Task[None]] = {}
        self.progressing = asyncio.Event()
        self.progressing.set()
        self.failures: deque[tuple[str, int]] = deque()
        self.stalls = 0

    @property
    def waiting(self) -> list[Task]:
        """The tasks that have not started, first come first."""
        return list(self._waiting)

    @property
    def full(self) -> bool:
        """Whether all slots are taken and the queue is as long as it may be."""
        return len(self._running) >= self.slots and len(self._waiting) >= self.queue_limit

    def submit(self, task: Task) -> int:
        """Take a task; returns how many start before it, 0 when it starts at once."""
        task.status, task.progress = Status.NOT_START, None
        self._waiting.append(task)
        self._fill()
        return self._waiting.index(task) + 1 if task in self._waiting else 0

    def cancel(self, task: Task, status: Status, reason: str) -> None:
        if task in self._waiting:
            self._waiting.remove(task)
        if running := self._running.get(task.id):
            running.cancel()
        self._end(task, status, reason)

    async def close(self) -> None:
        """Stop everything; tasks stay as they are."""
        self._waiting.clear()
        running = list(self._running.values())
        for job in running:
            job.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _fill(self) -> None:
        while self._waiting and len(self._running) < self.slots:
            task = self._waiting.popleft()
            job = asyncio.create_task(self._run(task), name=f"image task {task.id}")
            self._running[task.id] = job
            job.add_done_callback(functools.partial(self._done, task.id))

    def _done(self, key: str, _: asyncio.Task[None]) -> None:
        self._running.pop(key, None)
        self._fill()

    async def _run(self, task: Task) -> None:
        stalled, self.stalls = self.stalls > 0, max(self.stalls - 1, 0)
        failure = self.failures.popleft() if self.failures else None
        task.status, task.progress, task.start_time = Status.SUBMITTED, 0, now_ms()
        self._changed(task)
        await self._wait(self.pace.queue)
        if task.planned_failure:
            failure = (task.planned_failure, 0)
        step = 0
        while step < self.pace.steps:
            if failure and self.pace.percent(step) >= failure[1]:
                break
            step += 1
            task.status, task.progress = Status.IN_PROGRESS, self.pace.percent(step)
            self._changed(task)
            if stalled:
                await asyncio.Event().wait()  # until it is cancelled
            await self._wait(self.pace.step)
        self._end(task, Status.FAILURE if failure else Status.SUCCESS, failure[0] if failure else None)

    async def _wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self.progressing.wait()

    def _end(self, task: Task, status: Status, reason: str | None) -> None:
        if task.status.final:
            return
        task.status, task.fail_reason, task.finish_time = status, reason, now_ms()
        if status is Status.SUCCESS:
            task.progress = 100
        self._changed(task)
