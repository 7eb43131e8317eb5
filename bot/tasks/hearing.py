"""Callbacks: news that the image service sends by itself."""

from __future__ import annotations

import logging

from bot.midjourney import MidjourneyClient, RemoteStatus, RemoteTask
from bot.tasks.service import TaskService
from storage import Store, Task

log = logging.getLogger(__name__)

_ENDED = (RemoteStatus.SUCCESS, RemoteStatus.FAILURE, RemoteStatus.CANCELLED)


class Hearing:
    """Takes callbacks. Their order means nothing and any of them may be missing (image API reference, 10)."""

    def __init__(self, store: Store, midjourney: MidjourneyClient, service: TaskService) -> None:
        self._store = store
        self._midjourney = midjourney
        self._service = service

    async def hear(self, task: Task, remote: RemoteTask) -> None:
        """Applies a callback to the task whose address it came to. Raises MidjourneyError, StorageError."""
        if task.upstream_id is None:
            await self._found(task, remote)
        elif task.upstream_id != remote.id:
            log.warning("task %s: a callback spoke of another task and was left aside", task.id)
        else:
            # Whoever knows the address could have made it up, so an end is believed when the service itself says so.
            confirmed = await self._midjourney.fetch(remote.id) if remote.status in _ENDED else remote
            await self._service.learn_of(task, confirmed)

    async def _found(self, task: Task, remote: RemoteTask) -> None:
        press = await self._store.presses.of_task(task.id)
        if press is None or self._service.in_flight(press) or press.nonce != remote.state:
            return  # its answer is on the way and says the same
        await self._service.adopt(press, await self._midjourney.fetch(remote.id))
