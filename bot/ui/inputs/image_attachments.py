"""Images attached to a command: checks, downloads, and the message with the URLs of uploaded images.

Together they may be large, so they are read within a shared budget of bytes (`bot.runtime.byte_budget`).
"""

from __future__ import annotations

import asyncio
import dataclasses
import io
import logging
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

import aiohttp
import discord

from bot.i18n import Translator
from bot.media import NotAnImage, TooCostly, clip_extension, image_pool
from bot.media.containers import CutShort
from bot.media.containers.file_formats import HEIC, format_name
from bot.media.containers.recognition import MAX_PIXELS, TooManyPixels
from bot.media.outgoing import Altered, PreparedImage, prepare
from bot.net.untrusted_data import CHUNK, public_link
from bot.runtime.byte_budget import ByteBudget
from bot.runtime.units import MEGABYTE
from bot.tasks.errors import UserError
from bot.tasks.task_images import BUSY_SECONDS
from bot.ui.components.catalog_texts import catalog_text
from bot.ui.components.markdown import truncate
from bot.ui.components.message_components import MAX_CONTENT
from bot.ui.interactions.context import Interaction, translator_of
from bot.ui.interactions.responses import Notice, best_effort
from storage import InputImage, Request

log = logging.getLogger(__name__)

# Largest image in bytes that the image services accept. Larger ones are reduced.
MAX_BYTES = 10 * MEGABYTE
# Largest attachment in bytes that the bot reads.
MAX_GIVEN = 32 * MEGABYTE
DOWNLOAD_SECONDS = 45.0
# Characters. An attached text file holds longer URLs than a card, and prompts accept them.
MAX_ADDRESS = 2_000
CLIP_TYPE = "video/mp4"
# Characters of a file's name on a card.
MAX_NAME = 60
# In the URL of an attachment that is marked as a spoiler.
_HIDDEN_LINK = re.compile(r"https?://\S*/SPOILER_", re.IGNORECASE)


class GivenImages(NamedTuple):
    """Images ready to be sent, and notes for the user about changes made to them."""

    pictures: Sequence[InputImage]
    notes: Sequence[Notice] = ()

    def remarked(self, request: Request, t: Translator) -> Request:
        """The request with the notes after its remarks, which the card shows."""
        notes = [catalog_text(note.text, t, **note.values) for note in self.notes]
        return dataclasses.replace(request, remarks="\n".join([*request.remarks.splitlines(), *notes]))


def is_clip(attachment: discord.Attachment) -> bool:
    """Whether Discord declares this attachment as a supported video."""
    declared = (attachment.content_type or "").partition(";")[0]
    return declared == CLIP_TYPE or (not declared and attachment.filename.lower().endswith(".mp4"))


def is_spoiler(attachments: Sequence[discord.Attachment], request: Request) -> bool:
    """Whether an attachment, or a file linked in the request, is marked as a spoiler."""
    linked = _HIDDEN_LINK.search(f"{request.link or ''} {request.prompt}")
    return bool(linked) or any(attachment.is_spoiler() for attachment in attachments)


def check_attachments(attachments: Sequence[discord.Attachment], *, with_clip: bool = False) -> None:
    """Raises UserError for attachments that are too large; no I/O. `with_clip`: the last one may be a video.

    The file type is checked later, from its content: neither the name nor the declared type is trusted.
    """
    for attachment in attachments:
        clip = with_clip and attachment is attachments[-1] and is_clip(attachment)
        limit = MAX_BYTES if clip else MAX_GIVEN
        if attachment.size > limit:
            raise UserError("picture_too_large", name=attachment.filename, limit=str(limit // MEGABYTE))


class _Unreadable(Exception):
    """Discord does not deliver an attachment as announced."""


def attachment_session() -> aiohttp.ClientSession:
    """A session for reading attachments: without cookies, and without compression, so that no download exceeds its
    announced size."""
    return aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=DOWNLOAD_SECONDS),
        headers={"Accept-Encoding": "identity"},
    )


class Attachments:
    """Reads attachments, and keeps them in memory only while they are used."""

    def __init__(
        self, session: aiohttp.ClientSession, budget: ByteBudget, *, busy_seconds: float = BUSY_SECONDS
    ) -> None:
        """`session`: from `attachment_session`. The caller closes it."""
        self._session = session
        self._budget = budget
        self._busy_seconds = busy_seconds
        # A decoded image takes many times the memory of its file.
        self._decoder = asyncio.Semaphore(1)

    @asynccontextmanager
    async def room(self, person: int, size: int) -> AsyncIterator[None]:
        """Holds this many bytes of the budget for a user. Raises UserError if they do not become available in time."""
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(self._busy_seconds):
                    await stack.enter_async_context(self._budget.hold(person, size))
            except TimeoutError as error:
                raise UserError("attachments_busy") from error
            yield

    @asynccontextmanager
    async def read(
        self, person: int, attachments: Sequence[discord.Attachment], *, with_clip: bool = False
    ) -> AsyncIterator[GivenImages]:
        """The attached images, ready to be sent. `with_clip`: the last one may be a video, which is sent unchanged.

        They count toward the budget inside the context. An attachment larger than announced is not read to its end.
        Raises UserError.
        """
        async with self.room(person, sum(attachment.size for attachment in attachments)):
            yield await self._read(attachments, with_clip=with_clip)

    @asynccontextmanager
    async def file(self, person: int, attachment: discord.Attachment) -> AsyncIterator[bytes]:
        """An attached file as it is, which counts toward the budget inside the context. Raises UserError."""
        async with self.room(person, attachment.size):
            yield await self._downloaded(attachment)

    async def _read(self, attachments: Sequence[discord.Attachment], *, with_clip: bool) -> GivenImages:
        pictures: list[InputImage] = []
        notes: list[Notice] = []
        for attachment in attachments:
            data = await self._downloaded(attachment)
            clip = with_clip and attachment is attachments[-1] and is_clip(attachment)
            async with self._decoder:
                given = await (_clip(attachment.filename, data) if clip else sendable(attachment.filename, data))
            pictures += [dataclasses.replace(picture, url=attachment.url) for picture in given.pictures]
            notes += given.notes
        return GivenImages(pictures, tuple(notes))

    async def _downloaded(self, attachment: discord.Attachment) -> bytes:
        try:
            return await self._body(attachment)
        except (_Unreadable, aiohttp.ClientError, OSError, ValueError, TimeoutError) as error:
            raise UserError("attachment_unreadable", name=attachment.filename) from error

    async def _body(self, attachment: discord.Attachment) -> bytes:
        data = bytearray()
        async with self._session.get(attachment.url) as response:
            if response.status != 200:
                raise _Unreadable(f"HTTP {response.status}")
            async for chunk in response.content.iter_chunked(CHUNK):
                data += chunk
                if len(data) > attachment.size:
                    raise _Unreadable("larger than its announced size")
        return bytes(data)


async def sendable(name: str, data: bytes) -> GivenImages:
    """Prepares an image with this file name for sending. Raises UserError."""
    try:
        prepared = await image_pool.run(prepare, data, MAX_BYTES)
    except TooCostly as error:
        log.warning("cannot process an image now: %s", error)
        raise UserError("picture_too_costly") from error
    except NotAnImage as error:
        log.info("unusable image: %s", error)
        raise no_image(name, data, error) from error
    notes = [_note(name, len(data), prepared, change) for change in prepared.altered]
    return GivenImages([InputImage(prepared.media_type, prepared.data)], notes)


def no_image(name: str, data: bytes, error: NotAnImage) -> UserError:
    """The error for a file that is not a supported image."""
    if isinstance(error, TooManyPixels):
        return UserError("too_many_pixels", name=name, limit=str(MAX_PIXELS // 1_000_000))
    if isinstance(error, CutShort):
        return UserError("picture_cut_short", name=name)
    found = format_name(data)
    if found == HEIC:
        return UserError("heic", name=name)
    return UserError("other_format", name=name, format=found) if found else UserError("not_a_picture", name=name)


def _note(name: str, size: int, prepared: PreparedImage, change: Altered) -> Notice:
    values = {"name": truncate(name, MAX_NAME)}
    if change is Altered.SMALLER:
        values["before"] = f"{prepared.given_size[0]} × {prepared.given_size[1]}, {size / MEGABYTE:.1f} MB"
        values["after"] = f"{prepared.size[0]} × {prepared.size[1]}, {len(prepared.data) / MEGABYTE:.1f} MB"
    return Notice(f"card.picture_{change}", values)


async def _clip(name: str, data: bytes) -> GivenImages:
    try:
        if await image_pool.run(clip_extension, data) == "mp4":
            return GivenImages([InputImage(CLIP_TYPE, data)])
    except TooCostly as error:
        log.warning("cannot process a video now: %s", error)
        raise UserError("picture_too_costly") from error
    except NotAnImage:
        pass
    raise UserError("not_a_clip", name=name)


async def send_urls(interaction: Interaction, urls: Sequence[str]) -> None:
    """Sends the URLs of the uploaded images in a private message. A failure is logged."""
    text, files = url_lines(urls, translator_of(interaction))
    none = discord.AllowedMentions.none()
    async with best_effort(f"interaction {interaction.id}: cannot send the uploaded URLs"):
        await interaction.followup.send(text, files=files, ephemeral=True, allowed_mentions=none)


def url_lines(urls: Sequence[str], t: Translator) -> tuple[str, list[discord.File]]:
    """The URLs as message text, with a text file if they do not fit into a message.

    URLs that are not public are left out, and the message says so.
    """
    shown = [link for url in urls if (link := public_link(url, MAX_ADDRESS))]
    hidden = [t("upload.hidden", count=len(urls) - len(shown))] if len(shown) < len(urls) else []
    if not shown:
        return hidden[0], []
    lines = [f"{number}. <{link}>" for number, link in enumerate(shown, 1)]
    text = "\n".join([t("upload.done"), *lines, *hidden])
    if len(text) <= MAX_CONTENT:
        return text, []
    text = "\n".join([t("upload.done_attached"), *hidden])
    return text, [discord.File(io.BytesIO("\n".join(shown).encode()), "addresses.txt")]
