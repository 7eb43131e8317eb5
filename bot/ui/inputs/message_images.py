"""Images in a message chosen by a user: in attachments, forwarded messages, components, embeds, stickers, or links in
its text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import discord

from bot.media import ImageDownloader, ImageError, ImageTooLarge, NotAnImage
from bot.runtime.units import MEGABYTE
from bot.tasks.errors import UserError
from bot.tasks.prompt import links_in
from bot.ui.inputs import image_attachments

# Maximum number of links in a message that are tried. Most links lead to web pages.
MAX_LINKS = 3
_HIDDEN = re.compile(r"\|\|.+?\|\|", re.DOTALL)
# Other types that Discord declares reliably, whether or not the attachment has a width and a height.
_OTHER_TYPES = ("video/", "audio/", "text/", "application/pdf", "application/zip")

# A message, or a message that it forwards.
Source = discord.Message | discord.MessageSnapshot


class MessageImage(NamedTuple):
    """An image in a message: an attachment, or one of these URLs, the most likely first. `spoiler`: it is hidden."""

    attachment: discord.Attachment | None = None
    urls: tuple[str, ...] = ()
    spoiler: bool = False


def find_image(message: discord.Message) -> MessageImage | None:
    """The first image of a message. Displayed images come before linked ones."""
    sources: list[Source] = [message, *message.message_snapshots]
    for source in sources:
        # An image in a component may also be among the attachments, but only the component tells whether it is hidden.
        for url, spoiler in (each for component in source.components for each in _shown(component)):
            return MessageImage(urls=(url,), spoiler=spoiler)
        if attachment := _attached(source):
            return MessageImage(attachment, spoiler=attachment.is_spoiler())
        for url in _displayed(source):
            return MessageImage(urls=(url,), spoiler=_is_hidden(source.content))
    for source in sources:
        if urls := _linked(source.content):
            return MessageImage(urls=urls, spoiler=_is_hidden(source.content))
    return None


async def download_image(fetcher: ImageDownloader, urls: tuple[str, ...]) -> image_attachments.GivenImages:
    """Downloads the first image found at these URLs and prepares it for sending. Raises UserError."""
    refusal = UserError("picture_unreachable")
    for url in urls:
        try:
            picture = await fetcher.fetch(url, limit=image_attachments.MAX_GIVEN)
        except ImageTooLarge:
            refusal = UserError(
                "picture_too_large", name=_name(url), limit=str(image_attachments.MAX_GIVEN // MEGABYTE)
            )
            continue
        except ImageError as error:
            if isinstance(error.__cause__, NotAnImage):
                refusal = UserError("no_picture_there")
            continue
        return await image_attachments.sendable(_name(url), picture.data)
    raise refusal


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


def _attached(source: Source) -> discord.Attachment | None:
    """The first attachment declared as an image, or else the first one of an unknown type."""
    declared = [each for each in source.attachments if (each.content_type or "").startswith("image/")]
    others = [each for each in source.attachments if not (each.content_type or "").startswith(_OTHER_TYPES)]
    return next(iter((*declared, *others)), None)


def _displayed(source: Source) -> Iterator[str]:
    """The URLs of images in a message's embeds and stickers."""
    for embed in source.embeds:
        for media in (embed.image, embed.thumbnail):
            # Discord's own copy first: it exists as long as the message does.
            if url := media.proxy_url or media.url:
                yield url
    yield from (each.url for each in source.stickers if each.format is not discord.StickerFormatType.lottie)


def _linked(content: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(links_in(content)))[:MAX_LINKS]


def _is_hidden(content: str) -> bool:
    """Whether a text hidden as a spoiler contains a link."""
    return any(links_in(hidden[0]) for hidden in _HIDDEN.finditer(content))


def _shown(component: discord.Component) -> Iterator[tuple[str, bool]]:
    match component:
        case discord.MediaGalleryComponent():
            yield from ((item.media.url, item.spoiler) for item in component.items if item.media.url[:4] == "http")
        case discord.ThumbnailComponent():
            yield component.media.url, component.spoiler
        case discord.FileComponent() if (component.media.content_type or "").startswith("image/"):
            yield component.media.url, component.spoiler
        case discord.Container():
            found = [each for child in component.children for each in _shown(child)]
            yield from ((url, spoiler or component.spoiler) for url, spoiler in found)
        case discord.SectionComponent():
            yield from _shown(component.accessory)
