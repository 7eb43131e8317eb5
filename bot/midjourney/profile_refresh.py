"""Finds out which dialect the image service speaks, and again from time to time: services are updated while we run."""

from __future__ import annotations

import asyncio
import logging

from bot.midjourney import MidjourneyClient

log = logging.getLogger(__name__)

FIRST_WAIT, MAX_WAIT = 5.0, 600.0
# The questions are few, and an update is rare.
LOOK_AGAIN_SECONDS = 3600.0


async def keep_profile_current(
    midjourney: MidjourneyClient, *, first_wait: float = FIRST_WAIT, look_again: float = LOOK_AGAIN_SECONDS
) -> None:
    """Asks until cancelled: ever less often while there is no answer, then every `look_again` seconds.

    Until the first answer everything is assumed to be there.
    """
    wait, known = first_wait, ""
    while True:
        found = await midjourney.detect()
        if found is None:
            await asyncio.sleep(wait)
            wait = min(wait * 2, MAX_WAIT)
            continue
        if found.name != known:
            log.info("the image service uses the profile %s", found.name)
        wait, known = first_wait, found.name
        await asyncio.sleep(look_again)
