"""Image uploads that return URLs. They create no task, so nothing is journaled."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from bot.engines.errors import AnswerLost, EngineError
from bot.engines.models import Feature
from bot.engines.registry import EngineRegistry, OutageLog
from bot.engines.request_bodies import data_urls
from bot.tasks.error_mapping import error_of
from bot.tasks.errors import UserError
from storage import InputImage

log = logging.getLogger(__name__)


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
