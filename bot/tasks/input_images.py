"""The images that people give: their thumbnails, which a card shows after the images themselves are deleted, and their
uploads, which return URLs. Uploads create no task, so nothing is journaled."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence
from functools import partial

from bot.engines.errors import AnswerLost, EngineError
from bot.engines.models import Feature
from bot.engines.registry import EngineRegistry, OutageLog
from bot.engines.service_requests import data_urls
from bot.media import NotAnImage, TooCostly, image_pool, preview
from bot.tasks.engine_calls import error_of
from bot.tasks.errors import UserError
from storage import InputImage

log = logging.getLogger(__name__)

# The longer edge of a thumbnail in pixels; a JPEG of that size takes about 10 kB.
EDGE = 256


class ImageUploads:
    """Uploads images to the image service."""

    def __init__(self, engines: EngineRegistry, outage_log: OutageLog) -> None:
        self._engines = engines
        self._outage_log = outage_log

    async def of(self, pictures: Sequence[InputImage]) -> Sequence[str]:
        """Uploads the images and returns their URLs in the same order. Raises UserError."""
        engine = self._engines.with_feature(Feature.UPLOAD)
        if engine is None:
            raise UserError("command_not_available", command="upload")
        urls = await data_urls(pictures)
        try:
            uploaded = await engine.upload(urls)
        except AnswerLost as error:
            log.info("the answer to an upload was lost: %s", error)
            raise UserError("upload_lost") from error
        except EngineError as error:
            self._outage_log.seen(error, engine.service)
            raise error_of(error) from error
        self._outage_log.over(engine.service)
        return uploaded.urls


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
