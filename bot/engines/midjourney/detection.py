"""Detects the profile of a service with requests that change nothing (docs/image-api.md#detecting-the-dialect): at
start, and periodically, because services are updated while the bot runs.

The requests: a task that cannot exist, the queue, a page of an empty query, and an action without a customId, which
every service with actions rejects. If the answers are ambiguous, the profile is UNKNOWN, which assumes every feature.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from bot.engines.errors import NOT_ROUTED, AnswerLost, NotSent
from bot.engines.midjourney.http_answers import AnswerForm, HttpAnswer
from bot.engines.midjourney.profiles import NEWAPI, NOVICEZK, PLUS, TRUEAI, TRUEAI_9, UNKNOWN, Profile
from bot.engines.midjourney.transport import Transport
from bot.net.untrusted_data import mapping

log = logging.getLogger(__name__)

NOBODYS_TASK = "0"
FIRST_WAIT, MAX_WAIT = 5.0, 600.0
# A detection needs few requests, and updates are rare.
LOOK_AGAIN_SECONDS = 3600.0


class DetectsProfile(Protocol):
    """A client whose service is described by a profile."""

    async def detect(self) -> Profile | None:
        """Detects the profile and uses it from then on. Returns None if the service does not answer."""
        ...


async def detect(transport: Transport, *, seconds: float) -> Profile | None:
    """Returns the profile that matches the service's answers, UNKNOWN if they are ambiguous.

    Returns None if the service did not answer. `seconds` bounds each request.
    """
    try:
        answer = await transport.send("GET", f"/mj/task/{NOBODYS_TASK}/fetch", seconds=seconds)
        if answer.status == 204:
            queue = await transport.send("GET", "/mj/task/queue", seconds=seconds)
            return TRUEAI if queue.status in NOT_ROUTED else TRUEAI_9
        if _is_newapi(answer):
            return NEWAPI
        if answer.status != 200 or answer.form is not AnswerForm.EMPTY:
            return UNKNOWN
        query = await transport.send("POST", "/mj/task/query", body=b'{"pageSize": 1}', seconds=seconds)
        if query.status not in NOT_ROUTED and query.form is AnswerForm.JSON:
            return PLUS
        # A wrong choice would remove every button, so the page of a proxy whose service is down, or that has received
        # too many requests, does not count.
        action = await transport.send("POST", "/mj/submit/action", body=b"{}", seconds=seconds)
    except (NotSent, AnswerLost) as error:
        log.warning("cannot detect the image service's profile: %s", error)
        return None
    missing = action.status in NOT_ROUTED or (action.status == 200 and action.form is not AnswerForm.JSON)
    return NOVICEZK if missing else UNKNOWN


def _is_newapi(answer: HttpAnswer) -> bool:
    fields = mapping(answer.body)
    return answer.status == 400 and fields.get("type") == "upstream_error"


async def keep_profile_current(
    service: DetectsProfile, *, first_wait: float = FIRST_WAIT, look_again: float = LOOK_AGAIN_SECONDS
) -> None:
    """Runs until cancelled: retries with growing pauses without an answer, then checks every `look_again` seconds.

    Until the first answer, every feature is assumed to exist.
    """
    wait, known = first_wait, ""
    while True:
        found = await service.detect()
        if found is None:
            await asyncio.sleep(wait)
            wait = min(wait * 2, MAX_WAIT)
            continue
        if found.name != known:
            log.info("the image service uses the profile %s", found.name)
        wait, known = first_wait, found.name
        await asyncio.sleep(look_again)
