"""The submissions that this process is sending, or whose answer it is saving."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from bot.runtime.supervisor import TaskSupervisor
from bot.tasks.errors import UserError
from bot.tasks.journal import JournaledSubmission
from storage import StorageError, Submission

log = logging.getLogger(__name__)

# Delays between attempts to save an answer; the last value repeats.
RECORD_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0)

T = TypeVar("T")
Record = Callable[[], Awaitable[T]]


class SubmissionsInFlight:
    """Counts the work on each submission, and saves answers that could not be saved at once."""

    def __init__(self, background: TaskSupervisor) -> None:
        self._background = background
        self._counts: Counter[int] = Counter()

    def __contains__(self, press: Submission) -> bool:
        return press.interaction_id in self._counts

    @contextmanager
    def sending(self, interaction_id: int) -> Iterator[None]:
        """While the block runs, the submission of this interaction is in flight."""
        self._counts[interaction_id] += 1
        try:
            yield
        finally:
            self._ended(interaction_id)

    async def recorded(self, asked: JournaledSubmission, record: Record[T], meanwhile: T) -> T:
        """Saves a request's outcome with `record` and returns it. If the store fails, returns `meanwhile` and keeps
        trying in the background. Raises UserError."""
        try:
            return await record()
        except StorageError as error:
            log.error("task %s: cannot save the image service's answer yet: %s", asked.task.id, error)  # noqa: TRY400 - expected
        self._counts[asked.press.interaction_id] += 1
        self._background.start(self._record_later(asked, record), f"record-{asked.task.id}")
        return meanwhile

    async def _record_later(self, asked: JournaledSubmission, record: Record[T]) -> None:
        try:
            for wait in itertools.chain(RECORD_SECONDS, itertools.repeat(RECORD_SECONDS[-1])):
                await asyncio.sleep(wait)
                try:
                    with suppress(UserError):  # already recorded
                        await record()
                except StorageError as error:
                    log.debug("task %s: cannot save the answer yet: %s", asked.task.id, error)
                else:
                    log.info("task %s: the image service's answer is saved now", asked.task.id)
                    return
        finally:
            self._ended(asked.press.interaction_id)

    def _ended(self, interaction_id: int) -> None:
        self._counts[interaction_id] -= 1
        if not self._counts[interaction_id]:
            del self._counts[interaction_id]
