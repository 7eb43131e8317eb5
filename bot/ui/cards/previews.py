"""Previews: the unfinished images of running tasks, at most three a task, each decoded at most once."""

from __future__ import annotations

import io
import logging
import re
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import discord

from bot.media import ImageDownloader, ImageError, NotAnImage
from bot.media.containers.recognition import SmallImage, as_it_came
from bot.media.fitting import reduced
from bot.tasks.submit_progress import LivePreviews
from storage import Task, TaskId

log = logging.getLogger(__name__)

# The first word of a preview's file name.
PREVIEW = "preview"
# A preview is shown in each of these parts of a task's progress.
MAX_PREVIEWS = 3
# Seconds. A slower preview is skipped.
PREVIEW_SECONDS = 10.0
# How many tasks' previews are remembered, and how many of them are kept for further messages of their task.
REMEMBERED, KEPT = 2_000, 16

T = TypeVar("T")

_NAME = re.compile(rf"{PREVIEW}-[^-]+-(\d+)\.")


class _Preview(NamedTuple):
    number: int
    image: SmallImage


class Previews:
    """Makes the previews of running tasks."""

    def __init__(self, fetcher: ImageDownloader, arrived: LivePreviews) -> None:
        """`arrived` holds the previews that have no URL."""
        self._fetcher = fetcher
        self._arrived = arrived
        # The number of the last preview that was examined, whether or not it was an image.
        self._examined: OrderedDict[TaskId, int] = OrderedDict()
        self._kept: OrderedDict[TaskId, _Preview] = OrderedDict()

    async def due(self, task: Task, shown: Sequence[str]) -> discord.File | None:
        """The next preview for a message with these files. None if none is due, or if it cannot be downloaded."""
        number = _number_at(task.progress)
        if number <= max((int(match[1]) for match in map(_NAME.match, shown) if match), default=0):
            return None
        kept = self._kept.get(task.id)
        if kept is None or kept.number != number:
            kept = await self._made(task, number)
        if kept is None:
            return None
        # A new name each time, because Discord's clients cache an image by its URL.
        return discord.File(io.BytesIO(kept.image.data), f"{PREVIEW}-{task.id}-{number}.{kept.image.extension}")

    async def _made(self, task: Task, number: int) -> _Preview | None:
        """Makes a preview that was not made yet, from the service's small version if there is one."""
        if task.result.inline:
            return await self._made_of_data(task.id, number)
        urls = [url for url in (task.result.thumbnail_url, task.result.image_url) if url]
        for url in urls:
            if self._examined.get(task.id, 0) >= number:
                return None
            try:
                _, image = await self._fetcher.examined(
                    url, lambda data: self._small(task.id, number, data), tries=1, seconds=PREVIEW_SECONDS / len(urls)
                )
            except (ImageError, NotAnImage) as error:
                log.debug("task %s: no preview: %s", task.id, error)
            else:
                _remember(self._kept, task.id, _Preview(number, image), KEPT)
                return self._kept[task.id]
        return None

    async def _made_of_data(self, task_id: TaskId, number: int) -> _Preview | None:
        data = self._arrived.of(task_id)
        if data is None or self._examined.get(task_id, 0) >= number:
            return None
        try:
            image = await self._small(task_id, number, data)
        except NotAnImage as error:
            log.debug("task %s: no preview: %s", task_id, error)
            return None
        _remember(self._kept, task_id, _Preview(number, image), KEPT)
        return self._kept[task_id]

    async def _small(self, task_id: TaskId, number: int, data: bytes) -> SmallImage:
        image = as_it_came(data)
        if image is None:
            if self._examined.get(task_id, 0) >= number:
                raise NotAnImage("already decoded for another message")
            _remember(self._examined, task_id, number, REMEMBERED)
            image = await reduced(data)
        return image


def _number_at(progress: int | None) -> int:
    return 1 + min(MAX_PREVIEWS - 1, (progress or 0) * MAX_PREVIEWS // 100)


def _remember(found: OrderedDict[TaskId, T], task_id: TaskId, value: T, most: int) -> None:
    found[task_id] = value
    found.move_to_end(task_id)
    while len(found) > most:
        found.popitem(last=False)
