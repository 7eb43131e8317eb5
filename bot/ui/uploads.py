"""Pictures that people attach to a command: checked before anything is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import aiohttp
import discord

from bot.pictures import NotAPicture, inspect
from bot.tasks.answers import Refusal
from storage import Picture

# What the services take; larger pictures are refused there, minutes later and in other words.
MAX_BYTES = 10 * 1024 * 1024
DOWNLOAD_SECONDS = 45.0
MEDIA_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif")


def objection(attachments: Sequence[discord.Attachment]) -> Refusal | None:
    """What speaks against these attachments by what Discord says of them; no I/O."""
    for attachment in attachments:
        media_type = (attachment.content_type or "").partition(";")[0]
        if media_type not in MEDIA_TYPES:
            return Refusal("refused.not_a_picture", {"name": attachment.filename})
        if attachment.size > MAX_BYTES:
            limit = str(MAX_BYTES // (1024 * 1024))
            return Refusal("refused.picture_too_large", {"name": attachment.filename, "limit": limit})
    return None


async def read(attachments: Sequence[discord.Attachment]) -> list[Picture] | Refusal:
    """The pictures themselves, decoded to be sure, with the media types that they really have."""
    pictures = []
    for attachment in attachments:
        try:
            async with asyncio.timeout(DOWNLOAD_SECONDS):
                data = await attachment.read()
            facts = await asyncio.to_thread(inspect, data)
        except NotAPicture:
            return Refusal("refused.not_a_picture", {"name": attachment.filename})
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError):
            return Refusal("refused.attachment_unreadable", {"name": attachment.filename})
        pictures.append(Picture(facts.media_type, data))
    return pictures
