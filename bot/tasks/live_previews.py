"""Unfinished images that arrived as data while a submit is under way. Only memory holds them."""

from __future__ import annotations

from collections import OrderedDict

from bot.runtime.units import MEGABYTE
from storage import TaskId

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
