"""What a card cannot attach as it came: images that are made smaller, videos that do not fit, what Discord rejects or a
host does not provide, and the texts about it.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import NamedTuple

import discord

from bot.engines.options import MAX_COUNT
from bot.i18n import Translator
from bot.media import CannotFit, ImageDownloader, ImageError, NotAnImage, PrivateHost, TooCostly, fit, image_pool
from bot.net.untrusted_data import public_link
from storage import Message, Task, TaskState

# The first word of the name of the file that has a long text.
WORDS = "words"
# Bytes of an upload reserved for the card itself.
ENVELOPE = 64 * 1024
MAX_PICTURES = MAX_COUNT


class CardAttachments(NamedTuple):
    """The attachments of a message.

    `files` replace the current attachments (None keeps them). `names`: the attachments after the update. `trouble`: a
    text if an image is missing. `notes`: further texts about the images.
    """

    files: Sequence[discord.File] | None
    names: tuple[str, ...]
    trouble: str | None = None
    notes: Sequence[str] = ()


def clip_urls(task: Task) -> Sequence[str]:
    """The URLs of the videos that are shown for a result."""
    return [video.url for video in task.result.videos[:MAX_PICTURES]]


async def fitting_clips(fetcher: ImageDownloader, task: Task, limit: int) -> list[discord.File]:
    """The videos that fit into one upload together. The card links to the others. Raises ImageError."""
    room, files = limit - ENVELOPE, []
    for number, url in enumerate(clip_urls(task), 1):
        data, extension = await fetcher.fetch_clip(url)
        if len(data) <= room:
            room -= len(data)
            name = f"atelier-{task.id}-{number}.{extension}"
            files.append(discord.File(io.BytesIO(data), name))
    return files


async def fitted(data: bytes, share: int) -> tuple[bytes, str]:
    """An image in at most `share` bytes, and its extension. Raises ImageError, CannotFit, TooCostly."""
    try:
        return await image_pool.run(fit, data, share)
    except (CannotFit, TooCostly):
        raise
    except NotAnImage as error:
        raise ImageError(f"not an image: {error}") from error


def clips_left_out(task: Task, names: Sequence[str], t: Translator) -> Sequence[str]:
    """Texts about the videos that are not among the attachments with these names."""
    there = {name.rpartition(".")[0] for name in names}
    missing = [
        (number, public_link(url))
        for number, url in enumerate(clip_urls(task), 1)
        if f"atelier-{task.id}-{number}" not in there
    ]
    return [
        t("card.clip_link", number=number, link=f"<{link}>") if link else t("card.clip_left_out", number=number)
        for number, link in missing
    ]


def no_pictures(task: Task, message: Message, urls: Sequence[str], t: Translator) -> CardAttachments:
    """Attachments for a message in which Discord rejects images: none, and where the first of `urls` is."""
    nothing: Sequence[discord.File] | None = [] if message.files else None
    urls = [*clip_urls(task), *urls]
    if task.state is not TaskState.SUCCESS or not urls:
        return CardAttachments(nothing, ())
    link = public_link(urls[0])
    note = t("card.without_pictures_link", link=f"<{link}>") if link else t("card.without_pictures")
    return CardAttachments(nothing, (), notes=(note,))


def without_words(found: CardAttachments) -> CardAttachments:
    """The attachments without text from users or from the image service."""
    files = found.files and [file for file in found.files if not file.filename.startswith(WORDS)]
    for file in files or ():
        file.description = None
    names = tuple(name for name in found.names if not name.startswith(WORDS))
    return CardAttachments(files, names, found.trouble, found.notes)


def trouble(url: str, error: ImageError | NotAnImage, t: Translator) -> str:
    """The text about a failed image, with its URL unless only the bot can reach that URL."""
    link = None if isinstance(error, PrivateHost) else public_link(url)
    if isinstance(error, NotAnImage):  # the download succeeded, so another try would not help
        return t("card.no_picture_fits_link", link=f"<{link}>") if link else t("card.no_picture_fits")
    return t("card.no_picture_link", link=f"<{link}>") if link else t("card.no_picture")
