"""Thumbnails of a task's input images, which its card shows after the images themselves are deleted."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence
from functools import partial

from bot.media import NotAnImage, TooCostly, image_pool, preview
from storage import InputImage

log = logging.getLogger(__name__)

# The longer edge in pixels; a JPEG of that size takes about 10 kB.
EDGE = 256


async def with_thumbnails(pictures: Sequence[InputImage]) -> list[InputImage]:
    """The same images, each with a thumbnail if one can be made."""
    return [await _with_thumbnail(picture) for picture in pictures]


async def _with_thumbnail(picture: InputImage) -> InputImage:
    if not picture.media_type.startswith("image/"):
        return picture  # a video
    try:
        return dataclasses.replace(picture, thumbnail=await image_pool.run(partial(preview, edge=EDGE), picture.data))
    except (NotAnImage, TooCostly) as error:
        log.info("a source image will not be shown: %s", error)
        return picture
