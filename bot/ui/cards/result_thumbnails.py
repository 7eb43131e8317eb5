"""Thumbnails of results for task lists. They are made when a list first shows a task, because most tasks never appear
in a list and decoding an image costs more than everything else about its task."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial

from bot.media import ImageDownloader, ImageError, NotAnImage, image_pool, preview
from bot.runtime.supervisor import TaskSupervisor
from bot.runtime.units import DAY
from bot.ui.cards.card_attachments import ResultImages, picture_urls
from storage import StorageError, Store, Task, TaskId, TaskState, ThumbnailRole

log = logging.getLogger(__name__)

# Longer edge of a thumbnail, in pixels.
THUMBNAIL_EDGE = 192
# Thumbnails are deleted that long after their task has finished, and not made again.
THUMBNAIL_SECONDS = 30 * DAY
# A list waits that long for missing thumbnails. The work goes on after that, for the next list.
WAIT_SECONDS = 4.0
# How many missing thumbnails a list makes.
MAX_MADE = 12
# Seconds until a thumbnail that could not be made is tried again, and how many such tasks are remembered.
RETRY_SECONDS, MAX_FAILED = 600.0, 1_000


class ResultThumbnails:
    """The thumbnails of finished tasks."""

    def __init__(
        self,
        fetcher: ImageDownloader,
        images: ResultImages,
        store: Store,
        background: TaskSupervisor,
        current: Callable[[str], Awaitable[str]],
    ) -> None:
        """`current` refreshes the URL of an image at Discord, which expires within a day."""
        self._fetcher = fetcher
        self._images = images
        self._store = store
        self._background = background
        self._current = current
        self._making: dict[TaskId, asyncio.Task[bytes | None]] = {}
        self._failed: dict[TaskId, float] = {}

    async def of(self, tasks: Sequence[Task]) -> Mapping[TaskId, bytes]:
        """The thumbnails of these tasks, as far as they are stored or can be made in a few seconds. Raises
        StorageError."""
        stored = await self._store.thumbnails.results([task.id for task in tasks if task.deleted_at is None])
        missing = [task for task in tasks if task.id not in stored and self._may_have(task)][:MAX_MADE]
        if not missing:
            return stored
        making = {task.id: self._started(task) for task in missing}
        done, _ = await asyncio.wait(making.values(), timeout=WAIT_SECONDS)
        made = {task_id: work.result() for task_id, work in making.items() if work in done and not work.cancelled()}
        return {**stored, **{task_id: small for task_id, small in made.items() if small}}

    def _may_have(self, task: Task) -> bool:
        if task.state is not TaskState.SUCCESS or task.deleted_at is not None:
            return False
        is_old = (task.finished_at or 0.0) < time.time() - THUMBNAIL_SECONDS
        failed_lately = time.monotonic() - self._failed.get(task.id, float("-inf")) < RETRY_SECONDS
        return not is_old and not failed_lately and (task.result.inline or any(_urls(task)))

    def _started(self, task: Task) -> asyncio.Task[bytes | None]:
        work = self._making.get(task.id)
        if work is None:
            work = self._making[task.id] = self._background.start(self._stored(task), f"thumbnail-{task.id}")
            work.add_done_callback(lambda _: self._making.pop(task.id))
        return work

    async def _stored(self, task: Task) -> bytes | None:
        try:
            small = await self._made(task)
        except (ImageError, NotAnImage) as error:
            log.info("task %s: cannot make a thumbnail: %s", task.id, error)
            self._failed.pop(task.id, None)
            self._failed[task.id] = time.monotonic()
            while len(self._failed) > MAX_FAILED:
                del self._failed[next(iter(self._failed))]
            return None
        try:
            current = await self._store.tasks.get(task.id)
            if current is None or current.deleted_at is not None:
                return None
            await self._store.thumbnails.put(task.id, ThumbnailRole.RESULT, [small], task.finished_at or time.time())
        except StorageError as error:
            log.info("task %s: cannot store a thumbnail: %r", task.id, error)
        return small

    async def _made(self, task: Task) -> bytes:
        if task.result.inline:
            first, *_ = await self._images.of(task)
            return await _reduced(first.data)
        failure: ImageError | None = None
        for url in filter(None, _urls(task)):
            try:
                _, small = await self._fetcher.examined(await self._current(url), _reduced, tries=1)
            except ImageError as error:
                failure = error
            else:
                return small
        raise failure or ImageError("no URL")


async def _reduced(data: bytes) -> bytes:
    return await image_pool.run(partial(preview, edge=THUMBNAIL_EDGE), data)


def _urls(task: Task) -> Iterable[str | None]:
    """Where a small image of the result may be, the smallest first."""
    if task.result.videos:
        return (task.result.videos[0].thumbnail,)
    return (task.result.thumbnail_url, *picture_urls(task)[:1])
