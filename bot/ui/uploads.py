"""Pictures that people attach to a command: checked before anything is sent; and where uploaded ones are.

Together they may be large, so that they are read within a budget of bytes that people share (`bot.byte_budget`).
"""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import discord

from bot.byte_budget import ByteBudget
from bot.pictures import NotAPicture, TooCostly, clip_extension, image_pool, inspect
from bot.pictures.links import public_link
from bot.tasks.answers import Refusal
from bot.texts import say
from bot.ui.guard import Interaction, as_far_as_possible
from bot.ui.messages import MAX_CONTENT
from storage import Picture

log = logging.getLogger(__name__)

# What the services take; larger pictures are refused there, minutes later and in other words.
MAX_BYTES = 10 * 1024 * 1024
DOWNLOAD_SECONDS = 45.0
# Seconds to wait for bytes of the budget; after 15 minutes the interaction could not be answered any more.
BUSY_SECONDS = 600.0
# In characters: a text to open holds longer addresses than a card, and prompts take them.
MAX_ADDRESS = 2_000
MEDIA_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif")
CLIP_TYPE = "video/mp4"
TOO_COSTLY = "refused.picture_too_costly"
_CHUNK = 64 * 1024


def is_clip(attachment: discord.Attachment) -> bool:
    """Does Discord say that this is a clip that can be used?"""
    return _media_type(attachment) == CLIP_TYPE


def objection(attachments: Sequence[discord.Attachment], *, with_clip: bool = False) -> Refusal | None:
    """What speaks against these attachments by what Discord says of them; no I/O. `with_clip`: the last may be one."""
    for attachment in attachments:
        clip = with_clip and attachment is attachments[-1] and is_clip(attachment)
        if not clip and _media_type(attachment) not in MEDIA_TYPES:
            return Refusal("refused.not_a_picture", {"name": attachment.filename})
        if attachment.size > MAX_BYTES:
            limit = str(MAX_BYTES // (1024 * 1024))
            return Refusal("refused.picture_too_large", {"name": attachment.filename, "limit": limit})
    return None


class _Unreadable(Exception):
    """Discord does not hand an attachment out as it has announced it."""


def attachment_session() -> aiohttp.ClientSession:
    """A session for reading attachments: no cookies, and nothing packed that could be larger than it is said to be."""
    return aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=DOWNLOAD_SECONDS),
        headers={"Accept-Encoding": "identity"},
    )


class Attachments:
    """Reads what people attach, and holds it in memory for no longer than it is worked on."""

    def __init__(
        self, session: aiohttp.ClientSession, budget: ByteBudget, *, busy_seconds: float = BUSY_SECONDS
    ) -> None:
        """`session` is `attachment_session`'s and stays the caller's to close."""
        self._session = session
        self._budget = budget
        self._busy_seconds = busy_seconds
        # A picture that is decoded takes many times the memory of its file.
        self._decoder = asyncio.Semaphore(1)

    @asynccontextmanager
    async def room(self, person: int, size: int) -> AsyncIterator[Refusal | None]:
        """So many bytes of the budget for a person, while within; a refusal when there are none in time."""
        async with AsyncExitStack() as stack:
            refusal = None
            try:
                async with asyncio.timeout(self._busy_seconds):
                    await stack.enter_async_context(self._budget.hold(person, size))
            except TimeoutError:
                refusal = Refusal("refused.attachments_busy")
            yield refusal

    @asynccontextmanager
    async def read(
        self, person: int, attachments: Sequence[discord.Attachment]
    ) -> AsyncIterator[list[Picture] | Refusal]:
        """The pictures themselves, decoded to be sure, with the media types that they really have; a clip as it is.

        They count as held while within. What is larger than Discord says is not read to its end.
        """
        async with self.room(person, sum(attachment.size for attachment in attachments)) as refusal:
            yield refusal or await self._read(attachments)

    async def _read(self, attachments: Sequence[discord.Attachment]) -> list[Picture] | Refusal:
        pictures = []
        for attachment in attachments:
            try:
                data = await self._downloaded(attachment)
                media_type = await self._checked(attachment, data)
            except TooCostly as error:
                log.warning("an attached picture is not checked: %s", error)
                return Refusal(TOO_COSTLY)
            except NotAPicture:
                wrong = "refused.not_a_clip" if is_clip(attachment) else "refused.not_a_picture"
                return Refusal(wrong, {"name": attachment.filename})
            except (_Unreadable, aiohttp.ClientError, OSError, ValueError, TimeoutError):
                return Refusal("refused.attachment_unreadable", {"name": attachment.filename})
            pictures.append(Picture(media_type, data))
        return pictures

    async def _downloaded(self, attachment: discord.Attachment) -> bytes:
        data = bytearray()
        async with self._session.get(attachment.url) as response:
            if response.status != 200:
                raise _Unreadable(f"it answered {response.status}")
            async for chunk in response.content.iter_chunked(_CHUNK):
                data += chunk
                if len(data) > attachment.size:
                    raise _Unreadable("it is larger than announced")
        return bytes(data)

    async def _checked(self, attachment: discord.Attachment, data: bytes) -> str:
        """What an attachment really is. Raises NotAPicture when it is not what Discord says of it, TooCostly."""
        async with self._decoder:
            if not is_clip(attachment):
                return (await image_pool.run(inspect, data)).media_type
            if await image_pool.run(clip_extension, data) != "mp4":
                raise NotAPicture
            return CLIP_TYPE


def _media_type(attachment: discord.Attachment) -> str:
    return (attachment.content_type or "").partition(";")[0]


async def tell_addresses(interaction: Interaction, urls: Sequence[str]) -> None:
    """Tells this person alone where the pictures are; what cannot be told any more is logged."""
    text, files = addresses(urls, str(interaction.locale))
    none = discord.AllowedMentions.none()
    async with as_far_as_possible(f"interaction {interaction.id} is not told where its pictures are"):
        await interaction.followup.send(text, files=files, ephemeral=True, allowed_mentions=none)


def addresses(urls: Sequence[str], locale: str) -> tuple[str, list[discord.File]]:
    """Where pictures are, as a message; with a text to open where a message cannot hold it all.

    Addresses that are not for people are left out, and said to be.
    """
    shown = [link for url in urls if (link := public_link(url, MAX_ADDRESS))]
    hidden = [say("upload.hidden", locale, count=len(urls) - len(shown))] if len(shown) < len(urls) else []
    if not shown:
        return hidden[0], []
    lines = [f"{number}. <{link}>" for number, link in enumerate(shown, 1)]
    text = "\n".join([say("upload.done", locale), *lines, *hidden])
    if len(text) <= MAX_CONTENT:
        return text, []
    text = "\n".join([say("upload.done_attached", locale), *hidden])
    return text, [discord.File(io.BytesIO("\n".join(shown).encode()), "addresses.txt")]
