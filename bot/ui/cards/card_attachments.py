"""The images of a card: which to attach, which are attached already, and the text to show if one is missing.

The name of an attached file says what it is.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from typing import NamedTuple

import discord

from bot.discord_api.errors import MessagePart
from bot.i18n import Translator
from bot.media import (
    CannotFit,
    DownloadedImage,
    ImageDownloader,
    ImageError,
    NotAnImage,
    PrivateHost,
    TooCostly,
    fit,
    image_pool,
)
from bot.net.urls import public_link
from bot.tasks.submit_progress import LivePreviews
from bot.ui.cards import card_text
from bot.ui.cards.labels import result_alts, source_alts
from bot.ui.cards.previews import PREVIEW, Previews
from bot.ui.cards.result_images import MAX_PICTURES, ResultImages, picture_urls
from storage import Message, Role, Task, TaskState, Thumbnails

log = logging.getLogger(__name__)

SOURCE = "source"
WORDS = "words"
# In the file name of a reduced image, so that a later update of the card still says so.
_FIT = "-fit"
# Formats that Discord displays. Other images are re-encoded.
_SHOWN = ("png", "jpg", "webp", "gif", "avif")
# Bytes of an upload reserved for the card itself.
ENVELOPE = 64 * 1024


class CardAttachments(NamedTuple):
    """The attachments of a message.

    `files` replace the current attachments (None keeps them). `names`: the attachments after the update. `trouble`: a
    text if an image is missing. `notes`: further texts about the images.
    """

    files: Sequence[discord.File] | None
    names: tuple[str, ...]
    trouble: str | None = None
    notes: Sequence[str] = ()


class SortedFiles(NamedTuple):
    """A card's files by type: images and videos of the result, source images, other files."""

    media: Sequence[str]
    sources: Sequence[str]
    others: Sequence[str]


def sorted_files(names: Sequence[str]) -> SortedFiles:
    """Groups these file names by type and keeps their order."""
    sources = [name for name in names if name.startswith(SOURCE)]
    others = [name for name in names if name.endswith(".txt")]
    media = [name for name in names if name not in sources and name not in others]
    return SortedFiles(media, sources, others)


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
            return _no_pictures(task, message, t)
        found = await self._with_sources(task, message, t)
        return _wordless(found) if MessagePart.WORDS in without else found

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
        kept = await self._thumbnails.of(task.id, Role.SOURCE)
        alts = source_alts(task, len(kept), t)
        return [
            discord.File(io.BytesIO(data), _source_name(task.id, number), description=alt)
            for number, (data, alt) in enumerate(zip(kept, alts, strict=True), 1)
        ]

    async def _result_attachments(self, task: Task, message: Message, t: Translator) -> CardAttachments:
        if task.state is TaskState.SUCCESS:
            return await self._finished(task, message, t)
        if task.state is TaskState.RUNNING and (task.result.image_url or task.result.inline):
            return await self._unfinished(task, message)
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
            files = await self._clips(task, message) if task.result.videos else []
            if (urls or task.result.inline) and not task.result.videos:
                files = await _attached(task, await self._images.of(task), message.upload_limit)
        except (ImageError, NotAnImage) as error:
            log.warning("task %s: cannot download the image: %s", task.id, error)
            return CardAttachments(
                [] if message.files else None, (), _trouble((*_clip_urls(task), *urls, "")[0], error, t)
            )
        files += _full_words(task, t)
        names = tuple(file.filename for file in files)
        return CardAttachments(files or ([] if message.files else None), names, notes=_size_notes(task, names, urls, t))

    async def _clips(self, task: Task, message: Message) -> list[discord.File]:
        """The videos that fit into one upload together. The card links to the others."""
        room, files = message.upload_limit - ENVELOPE, []
        for number, url in enumerate(_clip_urls(task), 1):
            data, extension = await self._fetcher.fetch_clip(url)
            if len(data) <= room:
                room -= len(data)
                name = f"atelier-{task.id}-{number}.{extension}"
                files.append(discord.File(io.BytesIO(data), name))
        return files

    async def _unfinished(self, task: Task, message: Message) -> CardAttachments:
        file = await self._previews.due(task, message.files)
        return CardAttachments([file], (file.filename,)) if file else CardAttachments(None, message.files)


def _source_name(task_id: str, number: int) -> str:
    """The file name of a task's source image; `number` counts from 1."""
    return f"{SOURCE}-{task_id}-{number}.jpg"


def _clip_urls(task: Task) -> Sequence[str]:
    return [video.url for video in task.result.videos[:MAX_PICTURES]]


def _full_words(task: Task, t: Translator) -> list[discord.File]:
    """The complete text as a file, if it is too long for the card."""
    full = card_text.cut_short(task, t)
    return [discord.File(io.BytesIO(full.encode()), f"{WORDS}-{task.id}.txt")] if full else []


async def _attached(task: Task, pictures: Sequence[DownloadedImage], limit: int) -> list[discord.File]:
    # Everything else in the same request counts toward the limit, too.
    share = (limit - ENVELOPE) // len(pictures)
    files = []
    for number, picture in enumerate(pictures, 1):
        data, extension, mark = picture.data, picture.facts.extension, ""
        if len(data) > share or extension not in _SHOWN:
            data, extension = await _fitted(data, share)
            mark = _FIT if len(picture.data) > share else ""
        suffix = f"-{number}" if len(pictures) > 1 else ""
        name = f"atelier-{task.id}{suffix}{mark}.{extension}"
        files.append(discord.File(io.BytesIO(data), name))
    return files


async def _fitted(data: bytes, share: int) -> tuple[bytes, str]:
    try:
        return await image_pool.run(fit, data, share)
    except (CannotFit, TooCostly):
        raise
    except NotAnImage as error:
        raise ImageError(f"not an image: {error}") from error


def _size_notes(task: Task, names: Sequence[str], urls: Sequence[str], t: Translator) -> Sequence[str]:
    if task.result.videos:
        return _clips_left_out(task, names, t)
    smaller = [number for number, name in enumerate(names) if f"{_FIT}." in name]
    if not smaller:
        return ()
    link = public_link(urls[smaller[0]]) if smaller[0] < len(urls) else None
    return (t("card.made_smaller_link", link=f"<{link}>") if link else t("card.made_smaller"),)


def _clips_left_out(task: Task, names: Sequence[str], t: Translator) -> Sequence[str]:
    there = {name.rpartition(".")[0] for name in names}
    missing = [
        (number, public_link(url))
        for number, url in enumerate(_clip_urls(task), 1)
        if f"atelier-{task.id}-{number}" not in there
    ]
    return [
        t("card.clip_link", number=number, link=f"<{link}>") if link else t("card.clip_left_out", number=number)
        for number, link in missing
    ]


def _no_pictures(task: Task, message: Message, t: Translator) -> CardAttachments:
    nothing: Sequence[discord.File] | None = [] if message.files else None
    urls = [*_clip_urls(task), *picture_urls(task)]
    if task.state is not TaskState.SUCCESS or not urls:
        return CardAttachments(nothing, ())
    link = public_link(urls[0])
    note = t("card.without_pictures_link", link=f"<{link}>") if link else t("card.without_pictures")
    return CardAttachments(nothing, (), notes=(note,))


def _wordless(found: CardAttachments) -> CardAttachments:
    files = found.files and [file for file in found.files if not file.filename.startswith(WORDS)]
    for file in files or ():
        file.description = None
    names = tuple(name for name in found.names if not name.startswith(WORDS))
    return CardAttachments(files, names, found.trouble, found.notes)


def _described(task: Task, files: Sequence[discord.File], t: Translator) -> Sequence[discord.File]:
    """The files, with alt text for each image and video."""
    media = [file for file in files if not file.filename.endswith(".txt")]
    for file, alt in zip(media, result_alts(task, [file.filename for file in media], t), strict=True):
        file.description = alt
    return files


def _trouble(url: str, error: ImageError | NotAnImage, t: Translator) -> str:
    """The text about a failed image, with its URL unless only the bot can reach that URL."""
    link = None if isinstance(error, PrivateHost) else public_link(url)
    if isinstance(error, NotAnImage):  # the download succeeded, so another try would not help
        return t("card.no_picture_fits_link", link=f"<{link}>") if link else t("card.no_picture_fits")
    return t("card.no_picture_link", link=f"<{link}>") if link else t("card.no_picture")
