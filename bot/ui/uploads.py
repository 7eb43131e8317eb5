"""Pictures that people attach to a command: checked before anything is sent; and where uploaded ones are."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Sequence

import aiohttp
import discord

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
# In characters: a text to open holds longer addresses than a card, and prompts take them.
MAX_ADDRESS = 2_000
MEDIA_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif")
CLIP_TYPE = "video/mp4"
TOO_COSTLY = "refused.picture_too_costly"


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


async def read(attachments: Sequence[discord.Attachment]) -> list[Picture] | Refusal:
    """The pictures themselves, decoded to be sure, with the media types that they really have; a clip as it is."""
    pictures = []
    for attachment in attachments:
        try:
            async with asyncio.timeout(DOWNLOAD_SECONDS):
                data = await attachment.read()
            media_type = await _checked(attachment, data)
        except TooCostly as error:
            log.warning("an attached picture is not checked: %s", error)
            return Refusal(TOO_COSTLY)
        except NotAPicture:
            wrong = "refused.not_a_clip" if is_clip(attachment) else "refused.not_a_picture"
            return Refusal(wrong, {"name": attachment.filename})
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError):
            return Refusal("refused.attachment_unreadable", {"name": attachment.filename})
        pictures.append(Picture(media_type, data))
    return pictures


def _media_type(attachment: discord.Attachment) -> str:
    return (attachment.content_type or "").partition(";")[0]


async def _checked(attachment: discord.Attachment, data: bytes) -> str:
    """What an attachment really is. Raises NotAPicture when it is not what Discord says of it."""
    if not is_clip(attachment):
        return (await image_pool.run(inspect, data)).media_type
    if await image_pool.run(clip_extension, data) != "mp4":
        raise NotAPicture
    return CLIP_TYPE


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
