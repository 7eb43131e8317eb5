"""Callbacks: news that the image service sends by itself."""

from __future__ import annotations

import logging
from collections.abc import Callable

from bot.midjourney import MidjourneyClient, RemoteTask
from bot.tasks.batch import nonce_of
from bot.tasks.service import TaskService
from storage import Store, Task, TaskId

log = logging.getLogger(__name__)


def _ignore(_: TaskId) -> None:
    """Whoever does not care that a task was heard of."""


class CallbackHandler:
    """Takes callbacks. Their order means nothing and any of them may be missing (docs/image-api.md#callbacks)."""

    def __init__(
        self,
        store: Store,
        midjourney: MidjourneyClient,
        service: TaskService,
        *,
        heard: Callable[[TaskId], None] = _ignore,
    ) -> None:
        """`heard` is told of every running task that a callback spoke of."""
        self._store = store
        self._midjourney = midjourney
        self._service = service
        self._heard = heard
        self._confirming: set[TaskId] = set()

    async def handle(self, task: Task, remote: RemoteTask) -> None:
        """Applies a callback to the task whose address it came to. Raises MidjourneyError, StorageError."""
        remote = self._midjourney.reachable(remote)
        if task.upstream_id not in (None, remote.id):
            await self._beside(task, remote)
        elif task.state.final:
            return  # nothing changes it any more, so nothing has to be confirmed
        elif task.upstream_id is None:
            await self._found(task, remote)
        elif remote.status.final:
            await self._confirm(task, remote)
        else:
            self._heard(task.id)
            await self._service.apply_remote_to(task, remote)

    async def _confirm(self, task: Task, remote: RemoteTask) -> None:
        """Whoever knows the address could have made it up, so an end is believed when the service itself says so."""
        if task.id in self._confirming:
            return
        self._confirming.add(task.id)
        try:
            await self._service.apply_remote_to(task, await self._midjourney.fetch(remote.id))
        finally:
            self._confirming.discard(task.id)

    async def _found(self, task: Task, remote: RemoteTask) -> None:
        press = await self._store.submissions.of_task(task.id)
        # Some services say their `state` late (docs/image-api.md#task-fields); the address was this task's own anyway.
        if press is None or self._service.in_flight(press) or nonce_of(remote.state) not in ("", press.nonce):
            return  # where it is in flight, its answer is on the way and says the same
        fetched = await self._midjourney.fetch(remote.id)
        if nonce_of(fetched.state) in ("", press.nonce):
            await self._service.adopt(press, fetched)

    async def _beside(self, task: Task, remote: RemoteTask) -> None:
        """Another task of the service's calls back here: where one request made several, they share its address."""
        press = await self._store.submissions.of_task(task.id)
        if press is None or nonce_of(remote.state) != press.nonce:
            log.warning("task %s: ignored a callback about another task", task.id)
        elif not self._service.in_flight(press) and not await self._store.tasks.by_upstream(remote.id):
            fetched = await self._midjourney.fetch(remote.id)
            if nonce_of(fetched.state) == press.nonce:
                await self._service.join(press, [fetched])
