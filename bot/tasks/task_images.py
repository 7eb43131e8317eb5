"""The images of finished tasks as the input of further requests: for a button that changes an image, and for another
engine that continues with it.

An image is taken from where it still is: from the store or the service, else from the message that shows it.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Protocol

from bot.media import DownloadedImage, ImageDownloader, ImageError, NotAnImage, TooCostly, image_pool
from bot.media.outgoing import PreparedImage, prepare
from bot.net.untrusted_data import public_link
from bot.runtime.byte_budget import ByteBudget, HeldBytes
from bot.runtime.units import MEGABYTE
from bot.tasks.errors import UserError
from bot.tasks.requests import AttachmentLinks
from storage import InputImage, Task, TaskState

log = logging.getLogger(__name__)

# The formats that every engine reads.
KINDS = ("PNG", "JPEG", "WEBP")
# The largest image in bytes that is sent, and the largest that is read to be sent.
MAX_SENT, MAX_READ = 10 * MEGABYTE, 32 * MEGABYTE
# What a result takes of the byte budget before its size is known.
USUAL_BYTES = 16 * MEGABYTE
# Seconds to wait for the byte budget. After 15 minutes an interaction could no longer be answered.
BUSY_SECONDS = 600.0
READ_SECONDS = 60.0

PostedUrls = Callable[[Task], Awaitable[Sequence[str]]]
"""The URLs, valid now, of the result's images on a message that shows the task, in order. () if there is none."""


class ResultSource(Protocol):
    """Where the images of results come from: the store, the service, or their URLs."""

    async def one(self, task: Task, number: int) -> DownloadedImage:
        """Image `number`, from 1, of a finished task. Raises ImageError."""
        ...

    def url(self, task: Task, number: int) -> str | None:
        """The URL of this image at its service, if it has one. It may have expired."""
        ...


class TaskImages:
    """Reads the images of finished tasks."""

    def __init__(
        self,
        source: ResultSource,
        fetcher: ImageDownloader,
        links: AttachmentLinks,
        budget: ByteBudget,
        *,
        posted: PostedUrls,
        busy_seconds: float = BUSY_SECONDS,
    ) -> None:
        self._source = source
        self._fetcher = fetcher
        self._links = links
        self._budget = budget
        self._posted = posted
        self._busy_seconds = busy_seconds

    @asynccontextmanager
    async def opened(
        self, person: int, task: Task, number: int = 1, *, shown: Sequence[str] = (), link: bool = False
    ) -> AsyncIterator[InputImage]:
        """Image `number` of a finished task in a format that every engine reads. It counts toward the budget of this
        person inside the context.

        `shown` are URLs of images on a message, valid now, among which the image may be. `link`: the image gets a URL
        from which others can download it, as far as there is one. Raises UserError.
        """
        async with self._room(person) as room:
            ready = await self._ready(task, number, shown)
            room.shrink(len(ready.data))
            url = await self.link(task, number, shown=shown) if link else None
            yield InputImage(ready.media_type, ready.data, url=url)

    async def original(self, task: Task, number: int = 1, *, shown: Sequence[str] = ()) -> DownloadedImage:
        """Image `number` of a finished task as it is. The caller limits its memory. Raises UserError."""
        if task.state is not TaskState.SUCCESS or task.deleted_at is not None:
            raise UserError("result_gone")
        try:
            async with asyncio.timeout(READ_SECONDS):
                return await self._source.one(task, number)
        except (ImageError, TimeoutError) as error:
            log.info("task %s: using image %d as it was posted: %s", task.id, number, error)
        for url in await self._posted_at(task, number, shown):
            try:
                return await self._fetcher.fetch(url, limit=MAX_READ, seconds=READ_SECONDS)
            except ImageError as error:
                log.info("task %s: cannot download a posted image: %s", task.id, error)
        raise UserError("result_gone")

    async def link(self, task: Task, number: int = 1, *, shown: Sequence[str] = ()) -> str | None:
        """A URL from which others can download image `number`: at Discord, else at its service. None if there is
        none."""
        if posted := await self._posted_at(task, number, shown):
            return posted[0]
        url = self._source.url(task, number)
        return public_link(url, longest=2_000) if url else None

    async def _posted_at(self, task: Task, number: int, shown: Sequence[str]) -> Sequence[str]:
        """Where the image was posted, the most likely first."""
        found = _numbered(task, shown, number)
        if found is None:
            found = _numbered(task, await self._posted(task), number)
        return [await self._links.current(found)] if found else []

    async def _ready(self, task: Task, number: int, shown: Sequence[str]) -> PreparedImage:
        picture = await self.original(task, number, shown=shown)
        try:
            return await image_pool.run(prepare, picture.data, MAX_SENT, KINDS)
        except TooCostly as error:
            raise UserError("picture_too_costly") from error
        except NotAnImage as error:
            raise UserError("result_gone") from error

    @asynccontextmanager
    async def _room(self, person: int) -> AsyncIterator[HeldBytes]:
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(self._busy_seconds):
                    room = await stack.enter_async_context(self._budget.hold(person, USUAL_BYTES))
            except TimeoutError as error:
                raise UserError("attachments_busy") from error
            yield room


def _numbered(task: Task, urls: Sequence[str], number: int) -> str | None:
    """The URL of image `number` of this task, by the names of its files (`bot.ui.cards.card_attachments`)."""
    name = re.compile(rf"/atelier-{re.escape(task.id)}(?:-(?P<number>\d+))?(?:-fit)?\.\w+(?:\?|$)")
    for url in urls:
        if (match := name.search(url)) and int(match["number"] or 1) == number:
            return url
    return None
