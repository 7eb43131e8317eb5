"""The progress of submits whose answer is the result: reports of the engine become unstored updates of the task, and
unfinished images that arrive as data are kept in memory."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot.engines.base import Progress, ReportProgress
from bot.runtime.units import MEGABYTE
from bot.tasks.task_updates import TaskEvents
from storage import StorageError, Store, TaskId, TaskResult, TaskState, TaskUpdate

log = logging.getLogger(__name__)

# How many tasks have a preview at the same time, and the largest one, in bytes.
MAX_TASKS, MAX_PREVIEW_BYTES = 16, 8 * MEGABYTE


class LivePreviews:
    """The newest preview of each task whose submit is under way. Beyond the limit the oldest ones are dropped."""

    def __init__(self) -> None:
        self._newest: OrderedDict[TaskId, bytes] = OrderedDict()

    def put(self, task_id: TaskId, image: bytes) -> bool:
        """Replaces the preview of a task. Returns False if the image is too large to be kept."""
        if len(image) > MAX_PREVIEW_BYTES:
            return False
        self._newest[task_id] = image
        self._newest.move_to_end(task_id)
        while len(self._newest) > MAX_TASKS:
            self._newest.popitem(last=False)
        return True

    def of(self, task_id: TaskId) -> bytes | None:
        """The newest preview of a task, not examined yet."""
        return self._newest.get(task_id)

    def drop(self, task_id: TaskId) -> None:
        """Forgets the preview of a task whose submit has ended."""
        self._newest.pop(task_id, None)


class SubmitProgress:
    """Publishes the progress of tasks while their submits are under way."""

    def __init__(self, store: Store, events: TaskEvents, previews: LivePreviews, clock: Callable[[], float]) -> None:
        self._store = store
        self._events = events
        self._previews = previews
        self._clock = clock

    @contextmanager
    def of(self, task_id: TaskId) -> Iterator[ReportProgress]:
        """A receiver for the reports of one submit. Reports after the block has ended change nothing."""
        reports = _Reports(self._previews, task_id)

        async def report(progress: Progress) -> None:
            change = reports.update(progress)
            if change is None:
                return
            try:
                moved = await self._store.tasks.move(task_id, change, self._clock())
            except StorageError as error:
                log.debug("task %s: its progress is not shown: %s", task_id, error)
                return
            if moved:
                self._events.publish(moved)

        try:
            yield report
        finally:
            reports.ended = True
            self._previews.drop(task_id)


class _Reports:
    """What was reported about one submit so far."""

    def __init__(self, previews: LivePreviews, task_id: TaskId) -> None:
        self.ended = False
        self._previews = previews
        self._task_id = task_id
        self._percent: int | None = None

    def update(self, progress: Progress) -> TaskUpdate | None:
        """The update for a report, or None if there is nothing to apply. The percentage never goes down."""
        if self.ended:
            return None
        if progress.percent is not None:
            self._percent = max(min(progress.percent, 100), self._percent or 0)
        return TaskUpdate(TaskState.RUNNING, progress=self._percent, result=self._preview(progress))

    def _preview(self, progress: Progress) -> TaskResult | None:
        if progress.preview_url:
            return TaskResult(image_url=progress.preview_url)
        if progress.preview and self._previews.put(self._task_id, progress.preview):
            return TaskResult(inline=True)
        return None
