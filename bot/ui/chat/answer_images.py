"""The images of an answer: downloaded at once, because their URLs expire, and small enough to be attached."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.media import CannotFit, ImageDownloader, ImageError, NotAnImage, fit, image_pool
from bot.media.download import MAX_BYTES, facts_of
from bot.media.image import from_data_url
from bot.platform.image_collector import FoundImage

log = logging.getLogger(__name__)

# A message has ten files, one of which may be the text.
MOST_IMAGES = 9
# Images that are in memory in full size at the same time.
_AT_ONCE = 2
# Seconds for all images of an answer.
LOAD_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class AnswerImage:
    """An image to attach."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class LoadedImages:
    """The images that could be loaded, and how many could not."""

    images: Sequence[AnswerImage] = ()
    missing: int = 0


class AnswerImages:
    """Loads the images of answers. Nothing but complete images is returned, and no private address is asked
    (`bot.media.download`)."""

    def __init__(self, fetcher: ImageDownloader) -> None:
        self._fetcher = fetcher
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def load(self, found: Sequence[FoundImage], limit: int) -> LoadedImages:
        """The images, each in at most `limit` bytes, in order."""
        if not found:
            return LoadedImages()
        loads = (self._one(image, number, limit) for number, image in enumerate(found[:MOST_IMAGES], 1))
        loaded = [image for image in await asyncio.gather(*loads) if image]
        return LoadedImages(loaded, len(found) - len(loaded))

    async def _one(self, found: FoundImage, number: int, limit: int) -> AnswerImage | None:
        try:
            async with asyncio.timeout(LOAD_SECONDS), self._room:
                data, extension = await self._read(found)
                if len(data) > limit:
                    data, extension = await image_pool.run(fit, data, limit)
        except (ImageError, CannotFit, NotAnImage, TimeoutError) as error:
            log.info("cannot load an image of an answer: %s", type(error).__name__)
            return None
        return AnswerImage(f"answer-{number}.{extension}", data)

    async def _read(self, found: FoundImage) -> tuple[bytes, str]:
        if found.data_url:
            data, facts = await image_pool.run(from_data_url, found.data_url, MAX_BYTES)
            return data, facts.extension
        image = await self._fetcher.fetch_recognized(found.url)
        return image.data, (await facts_of(image.data)).extension
