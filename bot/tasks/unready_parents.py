"""Presses that arrive before the image service itself considers the parent task finished.

Some gateways report the end of a task seconds before the service behind them accepts presses for it. The refusal is
certain, so such a submission is sent again automatically for a limited time. Between attempts the journal records it as
waiting in the bot's own queue, so a stop of the program neither loses nor duplicates it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from bot.engines.errors import EngineError, RefusalKind, ServiceRefused
from bot.tasks.fair_queue import FairQueue, QueuedRequest
from bot.tasks.journal import JournaledSubmission
from bot.tasks.outcome_journal import OutcomeJournal
from bot.tasks.results import Queued
from bot.tasks.task_updates import TaskEvents
from storage import Action, StorageError, Task, TaskId, TaskState

log = logging.getLogger(__name__)

# Seconds before each further attempt; after the last one the refusal is final.
PAUSES = (1.0, 2.0, 3.0, 4.0, 5.0, 5.0, 5.0, 5.0)


class UnreadyParents:
    """Queues such submissions again. Only the number of attempts is kept in memory; it restarts with the process."""

    def __init__(
        self, journal: OutcomeJournal, queue: FairQueue, events: TaskEvents, *, pauses: Sequence[float] = PAUSES
    ) -> None:
        self._journal = journal
        self._queue = queue
        self._events = events
        self._pauses = pauses
        self._tries: dict[TaskId, int] = {}
        self._timers: dict[TaskId, asyncio.TimerHandle] = {}
        self._subscribed = False

    async def wait(self, asked: JournaledSubmission, error: EngineError) -> Queued | None:
        """Returns a refused submission to the bot's queue; None if the refusal is final."""
        tried = self._tries.get(asked.task.id, 0)
        if not _is_unready(asked, error) or tried >= len(self._pauses):
            self._forget(asked.task.id)
            return None
        try:
            task = await self._journal.put_back(asked)
        except StorageError as store_error:
            log.warning("task %s: cannot save that it waits for its parent: %s", asked.task.id, store_error)
            return None
        if task is None:
            return None
        if not self._subscribed:
            self._subscribed = True  # from the first wait on: hardly any request has to wait
            self._events.subscribe(self._task_changed)
        pause = self._pauses[tried]
        log.info("task %s: the parent is not finished at the image service yet; retrying in %g s", task.id, pause)
        self._tries[task.id] = tried + 1
        waiting = QueuedRequest(asked.press.interaction_id, asked.press.user_id, task.id)
        self._timers[task.id] = asyncio.get_running_loop().call_later(pause, self._queue.add, waiting)
        self._queue.forget(task.id)
        if task.version != asked.task.version:
            self._events.publish(task)
        return Queued(task)

    def close(self) -> None:
        """Stops all further attempts of this process."""
        for timer in self._timers.values():
            timer.cancel()

    def _task_changed(self, task: Task) -> None:
        if task.state is not TaskState.QUEUED:
            self._forget(task.id)

    def _forget(self, task_id: TaskId) -> None:
        self._tries.pop(task_id, None)
        if timer := self._timers.pop(task_id, None):
            timer.cancel()


def _is_unready(asked: JournaledSubmission, error: EngineError) -> bool:
    pressed = asked.task.request.action is Action.BUTTON
    return pressed and isinstance(error, ServiceRefused) and error.kind is RefusalKind.WRONG_STATE
