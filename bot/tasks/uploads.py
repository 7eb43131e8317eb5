"""Pictures that are left with the service, for their addresses: no task comes of it, so nothing is journalled."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from bot.midjourney import AnswerLost, MidjourneyClient, MidjourneyError
from bot.tasks.answers import Refusal
from bot.tasks.asking import data_url
from bot.tasks.refusals import refusal_of
from bot.tasks.troubles import Troubles
from storage import Picture

log = logging.getLogger(__name__)


class Uploads:
    """Leaves pictures with the service."""

    def __init__(self, midjourney: MidjourneyClient, troubles: Troubles) -> None:
        self._midjourney = midjourney
        self._troubles = troubles

    async def of(self, pictures: Sequence[Picture]) -> Sequence[str] | Refusal:
        """Where the pictures are from now on, in the order given."""
        urls = await asyncio.to_thread(lambda: [data_url(picture) for picture in pictures])
        try:
            uploaded = await self._midjourney.upload(urls)
        except AnswerLost as error:
            log.info("the addresses of an upload were lost: %s", error)
            return Refusal("refused.upload_lost")
        except MidjourneyError as error:
            self._troubles.seen(error)
            return refusal_of(error)
        self._troubles.over()
        return uploaded.urls
