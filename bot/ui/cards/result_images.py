"""The images of a finished task: downloaded, or taken from the image service's answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from bot.engines.errors import EngineError
from bot.engines.models import RemoteTask
from bot.engines.options import MAX_COUNT
from bot.media import DownloadedImage, ImageDownloader, ImageError, NotAnImage, image_pool
from bot.media.download import MAX_BYTES, facts_of
from bot.media.image import from_data_url
from bot.runtime.units import DAY
from bot.tasks.task_images import PostedUrls
from storage import Action, Role, Task, TaskState, Thumbnails

MAX_PICTURES = MAX_COUNT
# Results that came with the answer are stored whole for so long. By then the message has them.
IMAGE_SECONDS = 3 * DAY

Ask = Callable[[Task], Awaitable[RemoteTask]]


class ResultImages:
    """Reads the images of finished tasks, as they came."""

    def __init__(
        self,
        fetcher: ImageDownloader,
        remote: Ask | None = None,
        *,
        thumbnails: Thumbnails,
        posted: PostedUrls | None = None,
    ) -> None:
        """`remote` reads a task from the image service, for images that are contained in its answer. `thumbnails` holds
        the images that came with the answer to the submit. `posted` finds those that only a message still has."""
        self._posted = posted
        self._fetcher = fetcher
        self._thumbnails = thumbnails
        self._remote = remote

    async def of(self, task: Task) -> Sequence[DownloadedImage]:
        """All images of a result that has any. Raises ImageError."""
        try:
            return await self._inline(task) if task.result.inline else await self._fetched(picture_urls(task))
        except ImageError:
            if posted := await self._posted_urls(task):
                return await self._fetched(posted)
            raise

    async def _posted_urls(self, task: Task) -> Sequence[str]:
        """Where a message shows the images of the result, and not those of its request."""
        urls = await self._posted(task) if self._posted else ()
        return [url for url in urls if f"/atelier-{task.id}" in url]

    async def one(self, task: Task, number: int) -> DownloadedImage:
        """Image `number` of a result, from 1. Raises ImageError."""
        if not task.result.inline:
            url = self.url(task, number)
            if url is None:
                raise ImageError("no URL")
            return await self._fetcher.fetch_recognized(url)
        found = await self._inline(task)
        if number > len(found):
            raise ImageError("the result has fewer images")
        return found[number - 1]

    def url(self, task: Task, number: int) -> str | None:
        """The URL of this image at its service. None if it has none, or if it is a video."""
        urls = [] if task.result.videos else picture_urls(task)
        return urls[number - 1] if number <= len(urls) else None

    async def _fetched(self, urls: Sequence[str]) -> Sequence[DownloadedImage]:
        found = await asyncio.gather(*(self._fetcher.fetch_recognized(url) for url in urls), return_exceptions=True)
        for each in found:
            if isinstance(each, BaseException):
                raise each
        return [each for each in found if not isinstance(each, BaseException)]

    async def _inline(self, task: Task) -> Sequence[DownloadedImage]:
        """Images without URLs: stored with the task, or in the image service's answer, which is too large to store with
        every task."""
        try:
            if stored := await self._thumbnails.of(task.id, Role.IMAGE):
                return [DownloadedImage(data, await facts_of(data)) for data in stored]
        except NotAnImage as error:
            raise ImageError(f"not an image: {error}") from error
        if self._remote is None or task.upstream_id is None:
            raise ImageError("no image service to ask")
        try:
            remote = await self._remote(task)
        except EngineError as error:
            raise ImageError(f"the image service did not provide it ({type(error).__name__})") from error
        if remote.image_data:
            try:
                found = [
                    await image_pool.run(from_data_url, url, MAX_BYTES) for url in remote.image_data[:MAX_PICTURES]
                ]
            except NotAnImage as error:
                raise ImageError(f"not an image: {error}") from error
            return [DownloadedImage(data, facts) for data, facts in found]
        if remote.image_url:
            return await self._fetched([remote.image_url])
        raise ImageError("the image service no longer has it")


def picture_urls(task: Task) -> Sequence[str]:
    """The URLs of the images that are shown for a result."""
    # If a service provides the four images of a grid separately, they are shown separately (docs/image-api.md#results).
    if task.result.image_url and len(task.result.image_urls) < 2:
        return [task.result.image_url]
    return task.result.image_urls[:MAX_PICTURES]


def has_images(task: Task) -> bool:
    """Whether the task has a result that consists of images."""
    made = task.state is TaskState.SUCCESS and task.request.action not in (Action.DESCRIBE, Action.SHORTEN)
    return made and not task.result.videos and (task.result.inline or bool(picture_urls(task)))
