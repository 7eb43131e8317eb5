"""Detects the profile of the image service at start and periodically, because services are updated while the bot
runs."""

from __future__ import annotations

import asyncio
import logging

from bot.engines.midjourney import MidjourneyClient

log = logging.getLogger(__name__)

FIRST_WAIT, MAX_WAIT = 5.0, 600.0
# A detection needs few requests, and updates are rare.
LOOK_AGAIN_SECONDS = 3600.0


async def keep_profile_current(
    midjourney: MidjourneyClient, *, first_wait: float = FIRST_WAIT, look_again: float = LOOK_AGAIN_SECONDS
) -> None:
    """Runs until cancelled: retries with growing pauses without an answer, then checks every `look_again` seconds.

    Until the first answer, every feature is assumed to exist.
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
