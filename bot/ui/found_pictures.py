"""The picture in a message that somebody points at: attached, shown by address, or in an embed."""

from __future__ import annotations

from collections.abc import Iterator

import discord

from bot.pictures import PictureError, PictureFetcher, PictureTooLarge
from bot.tasks.answers import Refusal
from bot.ui import uploads
from storage import Picture


def attached_picture(message: discord.Message) -> discord.Attachment | None:
    """The first attachment that says it is a picture."""
    return next((each for each in message.attachments if (each.content_type or "").startswith("image/")), None)


def linked_picture(message: discord.Message) -> str | None:
    """The first address of a picture that the message shows."""
    return next(_links(message), None)


async def fetched(fetcher: PictureFetcher, url: str) -> Picture | Refusal:
    """The picture at an address, as large as a command takes it at most."""
    try:
        picture = await fetcher.fetch(url, limit=uploads.MAX_BYTES)
    except PictureTooLarge:
        return Refusal("refused.picture_too_large", {"name": "…", "limit": str(uploads.MAX_BYTES // (1024 * 1024))})
    except PictureError:
        return Refusal("refused.picture_unreachable")
    return Picture(picture.facts.media_type, picture.data)


def _links(message: discord.Message) -> Iterator[str]:
    for embed in message.embeds:
        for media in (embed.image, embed.thumbnail):
            # Discord's own copy first: it is there for as long as the message is.
            if url := media.proxy_url or media.url:
                yield url
    for component in message.components:
        yield from _shown(component)


def _shown(component: discord.Component) -> Iterator[str]:
    match component:
        case discord.MediaGalleryComponent():
            yield from (item.media.url for item in component.items if item.media.url.startswith("http"))
        case discord.ThumbnailComponent():
            yield component.media.url
        case discord.Container():
            for child in component.children:
                yield from _shown(child)
        case discord.SectionComponent():
            yield from _shown(component.accessory)
