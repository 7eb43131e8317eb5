"""The cleanup job: removes what has ended from the database, while the bot runs.

- Interaction tokens that Discord takes no longer, and those of painter links that were used.
- Painter links that have ended.
- Pictures that came with tasks which failed, were cancelled or are no longer waited for, after some days.
- Batches that were asked about a day ago.
- Pictures that were chosen for a window a day ago.
- Notifications that could not be sent for a week.
- Drafts, after a day, and thumbnails, after some weeks.
- The room that all this leaves in the file, which goes back to the disk.

Ages are told by the wall clock, which may be wrong for a while. After a step of the clock nothing is removed for an
hour; pictures, which cannot be restored, stay for the first hour after a start as well, because a step before it is
not seen.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from bot.runtime.units import DAY
from bot.tasks.results import TOKEN_SECONDS
from bot.ui.workflows.drafts import DRAFT_SECONDS
from storage import StorageError, Store

log = logging.getLogger(__name__)

INTERVAL = 60.0
# What is removed in one transaction, so that nobody else waits for long: rows, and tasks with up to 50 MB of pictures.
ROWS = 500
TASKS = 1
# Seconds by which the wall clock may leave the monotonic one between two rounds; a network time daemon that slews the
# clock stays far below.
STEP_SECONDS = 5.0
TRUST_SECONDS = 3_600.0
# A result that nobody could be told of for so long is no news any more.
NOTIFICATION_DAYS = 7
THUMBNAIL_SECONDS = 30 * DAY


class Cleanup:
    """Runs the job."""

    def __init__(
        self,
        store: Store,
        *,
        input_days: float,
        interval: float = INTERVAL,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`input_days`: how long pictures of tasks that came to nothing are kept. `clock` gives unix seconds,
        `monotonic` seconds that never step."""
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
        """Cleans up until cancelled."""
        while True:
            await self.round()
            await asyncio.sleep(self._interval)

    async def round(self) -> None:
        """Cleans up once; what fails is logged once, and tried again in the next round."""
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
            await _all(lambda: self._store.thumbnails.forget(now - THUMBNAIL_SECONDS, limit=ROWS), ROWS)
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
    """Removes part by part; between two parts others use the database."""
    total = 0
    while True:
        removed = await remove()
        total += removed
        if removed < limit:
            return total
