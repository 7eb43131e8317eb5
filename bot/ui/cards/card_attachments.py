"""The images of a card: read from where they are, previews while the task runs, and the files to attach. The name of an
attached file says what it is.

A task has at most three previews, each decoded at most once.
"""

from __future__ import annotations

import asyncio
import io
import logging
import re
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import discord

from bot.discord_api.errors import MessagePart
from bot.i18n import Translator
from bot.media import DownloadedImage, ImageDownloader, ImageError, NotAnImage
from bot.media.containers.recognition import SmallImage, as_it_came
from bot.media.fitting import reduced
from bot.net.untrusted_data import public_link
from bot.tasks.submit_progress import LivePreviews
from bot.tasks.task_images import PostedUrls
from bot.ui.cards.attachment_limits import (
    ENVELOPE,
    MAX_PICTURES,
    WORDS,
    CardAttachments,
    clip_urls,
    clips_left_out,
    fitted,
    fitting_clips,
    no_pictures,
    trouble,
    without_words,
)
from bot.ui.cards.card import SOURCE, cut_short, result_alts, source_alts
from bot.ui.cards.inline_images import Ask, InlineImages
from storage import Action, Message, Task, TaskId, TaskState, ThumbnailRole, Thumbnails

log = logging.getLogger(__name__)

# In the file name of a reduced image, so that a later update of the card still says so.
_FIT = "-fit"
# Formats that Discord displays. Other images are re-encoded.
_SHOWN = ("png", "jpg", "webp", "gif", "avif")
# The first word of a preview's file name.
PREVIEW = "preview"
# A preview is shown in each of these parts of a task's progress.
MAX_PREVIEWS = 3
# Seconds. A slower preview is skipped.
PREVIEW_SECONDS = 10.0
# How many tasks' previews are remembered, and how many of them are kept for further messages of their task.
REMEMBERED_PREVIEWS, KEPT_PREVIEWS = 2_000, 16

T = TypeVar("T")

_PREVIEW_NAME = re.compile(rf"{PREVIEW}-[^-]+-(\d+)\.")


def result_there(names: Sequence[str]) -> bool:
    """Whether the result of a finished task is among these files."""
    return any(not name.startswith((SOURCE, PREVIEW)) for name in names)


class AttachmentBuilder:
    """Builds the attachments of a card."""

    def __init__(
        self,
        fetcher: ImageDownloader,
        images: ResultImages,
        thumbnails: Thumbnails,
        previews: LivePreviews | None = None,
    ) -> None:
        """`previews` holds the unfinished images that arrived as data."""
        self._fetcher = fetcher
        self._images = images
        self._thumbnails = thumbnails
        self._previews = Previews(fetcher, previews or LivePreviews())

    async def build(
        self, task: Task, message: Message, t: Translator, without: frozenset[MessagePart] = frozenset()
    ) -> CardAttachments:
        """The attachments with which the message shows the task's current state, without the parts that Discord
        rejects.

        Raises StorageError.
        """
        if MessagePart.PICTURES in without:
            return no_pictures(task, message, picture_urls(task), t)
        found = await self._with_sources(task, message, t)
        return without_words(found) if MessagePart.WORDS in without else found

    async def _with_sources(self, task: Task, message: Message, t: Translator) -> CardAttachments:
        found = await self._result_attachments(task, message, t)
        if found.files is None and message.files:
            return found
        files = [*_described(task, found.files or (), t), *await self._sources(task, t)]
        if not files:
            return found
        return CardAttachments(files, tuple(file.filename for file in files), found.trouble, found.notes)

    async def _sources(self, task: Task, t: Translator) -> list[discord.File]:
        """Small versions of the task's source images."""
        if not task.input_count:
            return []
        kept = await self._thumbnails.of(task.id, ThumbnailRole.SOURCE)
        alts = source_alts(task, len(kept), t)
        return [
            discord.File(io.BytesIO(data), f"{SOURCE}-{task.id}-{number}.jpg", description=alt)
            for number, (data, alt) in enumerate(zip(kept, alts, strict=True), 1)
        ]

    async def _result_attachments(self, task: Task, message: Message, t: Translator) -> CardAttachments:
        if task.state is TaskState.SUCCESS:
            return await self._finished(task, message, t)
        if task.state is TaskState.RUNNING and (task.result.image_url or task.result.inline):
            file = await self._previews.due(task, message.files)
            return CardAttachments([file], (file.filename,)) if file else CardAttachments(None, message.files)
        # After a restart, a preview may be on the message that is not recorded.
        unrecorded = task.state.final and message.message_id is not None and not message.files
        return CardAttachments([] if unrecorded else None, message.files)

    async def _finished(self, task: Task, message: Message, t: Translator) -> CardAttachments:
        urls = picture_urls(task)
        if result_there(message.files):
            return CardAttachments(None, message.files, notes=_size_notes(task, message.files, urls, t))
        if task.result.missing:
            return CardAttachments(None, message.files, t("card.picture_missing"))
        try:
            files = await fitting_clips(self._fetcher, task, message.upload_limit) if task.result.videos else []
            if (urls or task.result.inline) and not task.result.videos:
                files = await _attached(task, await self._images.of(task), message.upload_limit)
        except (ImageError, NotAnImage) as error:
            log.warning("task %s: cannot download the image: %s", task.id, error)
            return CardAttachments(
                [] if message.files else None, (), trouble((*clip_urls(task), *urls, "")[0], error, t)
            )
        files += _full_words(task, t)
        names = tuple(file.filename for file in files)
        return CardAttachments(files or ([] if message.files else None), names, notes=_size_notes(task, names, urls, t))


def _full_words(task: Task, t: Translator) -> list[discord.File]:
    """The complete text as a file, if it is too long for the card."""
    full = cut_short(task, t)
    return [discord.File(io.BytesIO(full.encode()), f"{WORDS}-{task.id}.txt")] if full else []


async def _attached(task: Task, pictures: Sequence[DownloadedImage], limit: int) -> list[discord.File]:
    # Everything else in the same request counts toward the limit, too.
    share = (limit - ENVELOPE) // len(pictures)
    files = []
    for number, picture in enumerate(pictures, 1):
        data, extension, mark = picture.data, picture.facts.extension, ""
        if len(data) > share or extension not in _SHOWN:
            data, extension = await fitted(data, share)
            mark = _FIT if len(picture.data) > share else ""
        suffix = f"-{number}" if len(pictures) > 1 else ""
        name = f"atelier-{task.id}{suffix}{mark}.{extension}"
        files.append(discord.File(io.BytesIO(data), name))
    return files


def _size_notes(task: Task, names: Sequence[str], urls: Sequence[str], t: Translator) -> Sequence[str]:
    if task.result.videos:
        return clips_left_out(task, names, t)
    smaller = [number for number, name in enumerate(names) if f"{_FIT}." in name]
    if not smaller:
        return ()
    link = public_link(urls[smaller[0]]) if smaller[0] < len(urls) else None
    return (t("card.made_smaller_link", link=f"<{link}>") if link else t("card.made_smaller"),)


def _described(task: Task, files: Sequence[discord.File], t: Translator) -> Sequence[discord.File]:
    """The files, with alt text for each image and video."""
    media = [file for file in files if not file.filename.endswith(".txt")]
    for file, alt in zip(media, result_alts(task, [file.filename for file in media], t), strict=True):
        file.description = alt
    return files


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
        self._inline = InlineImages(fetcher, remote, thumbnails)

    async def of(self, task: Task) -> Sequence[DownloadedImage]:
        """All images of a result that has any. Raises ImageError."""
        try:
            return await self._inline.of(task) if task.result.inline else await self._fetched(picture_urls(task))
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
        found = await self._inline.of(task)
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
        number = 1 + min(MAX_PREVIEWS - 1, (task.progress or 0) * MAX_PREVIEWS // 100)
        if number <= max((int(match[1]) for match in map(_PREVIEW_NAME.match, shown) if match), default=0):
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
                _remember(self._kept, task.id, _Preview(number, image), KEPT_PREVIEWS)
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
        _remember(self._kept, task_id, _Preview(number, image), KEPT_PREVIEWS)
        return self._kept[task_id]

    async def _small(self, task_id: TaskId, number: int, data: bytes) -> SmallImage:
        image = as_it_came(data)
        if image is None:
            if self._examined.get(task_id, 0) >= number:
                raise NotAnImage("already decoded for another message")
            _remember(self._examined, task_id, number, REMEMBERED_PREVIEWS)
            image = await reduced(data)
        return image


def _remember(found: OrderedDict[TaskId, T], task_id: TaskId, value: T, most: int) -> None:
    found[task_id] = value
    found.move_to_end(task_id)
    while len(found) > most:
        found.popitem(last=False)
