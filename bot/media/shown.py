"""Images that are shown in a message: as they came where possible, so that most are never decoded."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.media import image_pool
from bot.media.fitting import preview
from bot.media.image import ImageFacts, inspect, recognized

# An image within both limits is small enough for a preview. Decoding it would cost more than sending it.
SMALL_BYTES = 512 * 1024
SMALL_EDGE = 1_024


@dataclass(frozen=True, slots=True)
class SmallImage:
    """An image for a preview, and its file extension."""

    data: bytes = field(repr=False)
    extension: str


async def facts_of(data: bytes) -> ImageFacts:
    """Returns the properties of an image, decoded in the image pool only if its structure does not show that it is
    complete. Raises NotAnImage."""
    facts = recognized(data)
    return await image_pool.run(inspect, data) if facts is None else facts


def as_it_came(data: bytes) -> SmallImage | None:
    """Returns a complete image that is small enough for a preview, without decoding. None for other images. Raises
    NotAnImage."""
    facts = recognized(data)
    if facts is None or len(data) > SMALL_BYTES or max(facts.width, facts.height) > SMALL_EDGE:
        return None
    return SmallImage(data, facts.extension)


async def reduced(data: bytes) -> SmallImage:
    """Returns a preview of an image, decoded once in the image pool. Raises NotAnImage."""
    return SmallImage(await image_pool.run(preview, data), "jpg")
