"""The cleanup job: deletes expired data from the database while the bot runs.

- Interaction tokens that Discord no longer accepts, and tokens of used mask editor links.
- Expired mask editor links.
- Input images of failed, canceled and stalled tasks, after some days.
- Batches that were offered more than a day ago.
- Images that were chosen for a modal more than a day ago.
- Notifications that could not be sent for a week.
- Drafts and searches, after a day, offered prompts, after a week, thumbnails, after some weeks, conversations, after
  some months.
- Free pages of the database file, which are returned to the file system.

Ages are measured by the wall clock, which may be temporarily wrong. After a step of the clock nothing is deleted by age
for an hour. Images cannot be restored, so they are also kept for the first hour after a start, because a step before
the start is not detected.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from bot.runtime.units import DAY
from bot.search.image_search import SEARCH_SECONDS
from bot.tasks.policy import TOKEN_SECONDS
from bot.ui.cards.inline_images import IMAGE_SECONDS
from bot.ui.cards.result_thumbnails import THUMBNAIL_SECONDS
from bot.ui.language.offers import OFFER_SECONDS
from bot.ui.workflows.drafts import DRAFT_SECONDS
from storage import StorageError, Store

log = logging.getLogger(__name__)

INTERVAL = 60.0
# Limits per transaction, so that other transactions do not wait for long: rows, and tasks with up to 50 MB of images.
ROWS = 500
TASKS = 1
CONVERSATIONS = 10
IMAGES = 10
# Seconds by which the wall clock may deviate from the monotonic clock between two rounds. An NTP daemon that slews the
# clock stays far below.
STEP_SECONDS = 5.0
TRUST_SECONDS = 3_600.0
# A conversation that was not used for this long is deleted.
CONVERSATION_SECONDS = 90 * DAY
# A notification that could not be sent for this long is outdated.
NOTIFICATION_DAYS = 7


class Cleanup:
    """Runs the cleanup job."""

    def __init__(
        self,
        store: Store,
        *,
        input_days: float,
        interval: float = INTERVAL,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`input_days`: how long input images of tasks without a result are kept. `clock` returns unix seconds,
        `monotonic` monotonic seconds."""
        self._store = store
        self._input_seconds = input_days * DAY
        self._interval = interval
        self._clock = clock
        self._monotonic = monotonic
        self._offset = clock() - monotonic()
        self._started_at = monotonic()
        self._stepped_at: float | None = None
        self._failing = False

    async def run(self) -> None:
        """Cleans up periodically until cancelled."""
        while True:
            await self.round()
            await asyncio.sleep(self._interval)

    async def round(self) -> None:
        """Cleans up once. Failures are logged once and retried in the next round."""
        try:
            await self._clean()
        except StorageError as error:
            if not self._failing:
                log.warning("database cleanup failed, will retry: %s", error)
            self._failing = True
        except Exception:
            if not self._failing:
                log.exception("database cleanup failed")
            self._failing = True
        else:
            if self._failing:
                log.info("database cleanup works again")
            self._failing = False

    async def _clean(self) -> None:
        self._look_at_the_clock()
        now, links = self._clock(), self._store.mask_editor_links
        await links.forget_used_tokens()
        if self._steady_since(self._stepped_at):
            await _all(lambda: self._store.messages.forget_tokens(now, limit=ROWS), ROWS)
            await links.forget_ended_tokens(now - TOKEN_SECONDS)
            await links.forget_ended(now)
            await _all(lambda: self._store.drafts.forget(now - DRAFT_SECONDS, limit=ROWS), ROWS)
            await _all(lambda: self._store.offered_prompts.forget(now - OFFER_SECONDS, limit=ROWS), ROWS)
            await _all(lambda: self._store.searches.forget(now - SEARCH_SECONDS, limit=ROWS), ROWS)
            await _all(lambda: self._store.thumbnails.forget(now - THUMBNAIL_SECONDS, limit=ROWS), ROWS)
            await _all(lambda: self._store.thumbnails.forget_images(now - IMAGE_SECONDS, limit=IMAGES), IMAGES)
            await self._store.conversations.forget_tokens(now)
            await _all(
                lambda: self._store.conversations.forget(now - CONVERSATION_SECONDS, limit=CONVERSATIONS), CONVERSATIONS
            )
        if self._steady_since(self._stepped_at) and self._steady_since(self._started_at):
            before = now - self._input_seconds
            removed = await _all(lambda: self._store.tasks.remove_inputs(before, limit=TASKS), TASKS)
            if removed:
                log.info("removed the attached images of %d old tasks", removed)
            await self._store.batches.remove_before(now - DAY)
            await self._store.chosen_pictures.remove_before(now - DAY)
            await self._store.notifications.remove_before(now - NOTIFICATION_DAYS * DAY)
        while await self._store.shrink():
            pass

    def _look_at_the_clock(self) -> None:
        offset = self._clock() - self._monotonic()
        step, self._offset = offset - self._offset, offset
        if abs(step) > STEP_SECONDS:
            log.warning("the clock jumped by %+.0f s; nothing is removed by age for an hour", step)
            self._stepped_at = self._monotonic()

    def _steady_since(self, moment: float | None) -> bool:
        return moment is None or self._monotonic() - moment >= TRUST_SECONDS


async def _all(remove: Callable[[], Awaitable[int]], limit: int) -> int:
    """Deletes in batches; other transactions can run between two batches."""
    total = 0
    while True:
        removed = await remove()
        total += removed
        if removed < limit:
            return total
