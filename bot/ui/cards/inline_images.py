"""Images of results that have no URL: stored with the task, or contained in the image service's answer, which is too
large to store with every task.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from bot.engines.errors import EngineError
from bot.engines.models import RemoteTask
from bot.engines.options import MAX_COUNT
from bot.media import DownloadedImage, ImageDownloader, ImageError, NotAnImage, image_pool
from bot.media.download import MAX_BYTES, facts_of
from bot.media.image import from_data_url
from bot.runtime.units import DAY
from storage import Task, ThumbnailRole, Thumbnails

# Results that came with the answer are stored whole for so long. By then the message has them.
IMAGE_SECONDS = 3 * DAY

Ask = Callable[[Task], Awaitable[RemoteTask]]


class InlineImages:
    """Reads images that have no URL."""

    def __init__(self, fetcher: ImageDownloader, remote: Ask | None, thumbnails: Thumbnails) -> None:
        self._fetcher = fetcher
        self._remote = remote
        self._thumbnails = thumbnails

    async def of(self, task: Task) -> Sequence[DownloadedImage]:
        """The images of a task. Raises ImageError."""
        try:
            if stored := await self._thumbnails.of(task.id, ThumbnailRole.IMAGE):
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
                found = [await image_pool.run(from_data_url, url, MAX_BYTES) for url in remote.image_data[:MAX_COUNT]]
            except NotAnImage as error:
                raise ImageError(f"not an image: {error}") from error
            return [DownloadedImage(data, facts) for data, facts in found]
        if remote.image_url:
            return [await self._fetcher.fetch_recognized(remote.image_url)]
        raise ImageError("the image service no longer has it")
