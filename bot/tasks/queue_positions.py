"""Positions in the image service's queue: updated on the cards of waiting tasks if the service lists its queue."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from bot.engines.base import ImageEngine
from bot.engines.errors import EngineError
from bot.engines.models import Feature
from bot.tasks.held_requests import COUNTED_AT_ONCE
from storage import StorageError, Store, TaskId, TaskState, TaskUpdate

log = logging.getLogger(__name__)

# Seconds between two requests for the queue, and the time limit of one.
INTERVAL = 4.0
READ_SECONDS = 8.0

# Applies updates to many tasks, and publishes the changes.
MoveAll = Callable[[Mapping[TaskId, TaskUpdate]], Awaitable[None]]


class QueuePositions:
    """Requests the service's queue while tasks of the bot wait in it."""

    def __init__(self, store: Store, engine: ImageEngine, move_all: MoveAll, *, interval: float = INTERVAL) -> None:
        self._store = store
        self._engine = engine
        self._move_all = move_all
        self._interval = interval
        self._last: TaskId = ""

    async def run(self) -> None:
        """Updates positions until cancelled."""
        while True:
            await asyncio.sleep(self._interval)
            try:
                await self.round()
            except (EngineError, StorageError, TimeoutError) as error:
                log.info("cannot update positions in the image service's queue now: %r", error)
            except Exception:
                log.exception("updating positions in the image service's queue failed")

    async def round(self) -> None:
        """Updates positions once. Raises EngineError, StorageError, TimeoutError."""
        if not self._engine.capabilities.has(Feature.QUEUE):
            return
        waiting = self._store.tasks.waiting()
        if not waiting:
            return
        async with asyncio.timeout(READ_SECONDS):
            order = [remote.id for remote in await self._engine.queue()]
        places = {upstream_id: place for place, upstream_id in enumerate(order)}
        changed = {
            task.id: TaskUpdate(TaskState.PENDING, queue_ahead=places[task.upstream_id])
            for task in waiting
            if task.upstream_id in places and places[task.upstream_id] != task.queue_ahead
        }
        counted = self._in_turn(sorted(changed))
        if counted:
            await self._move_all({task_id: changed[task_id] for task_id in counted})

    def _in_turn(self, task_ids: Sequence[TaskId]) -> list[TaskId]:
        """At most `COUNTED_AT_ONCE` of the ids, starting after the last one of the previous round."""
        later = [task_id for task_id in task_ids if task_id > self._last]
        counted = [*later, *(task_id for task_id in task_ids if task_id <= self._last)][:COUNTED_AT_ONCE]
        self._last = counted[-1] if counted else ""
        return counted
