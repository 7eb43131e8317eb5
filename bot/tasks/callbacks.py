"""Callbacks: task updates that the image service sends by itself."""

from __future__ import annotations

import logging
from collections.abc import Callable

from bot.engines.models import RemoteTask
from bot.engines.registry import EngineRegistry
from bot.tasks.batch import nonce_of
from bot.tasks.service import TaskService
from storage import Store, Task, TaskId

log = logging.getLogger(__name__)


def _ignore(_: TaskId) -> None:
    """The default for `heard`: does nothing."""


class CallbackHandler:
    """Handles callbacks. They may arrive in any order, and any of them may be missing (docs/image-api.md#callbacks)."""

    def __init__(
        self,
        store: Store,
        engines: EngineRegistry,
        service: TaskService,
        *,
        heard: Callable[[TaskId], None] = _ignore,
    ) -> None:
        """`heard` is called with the id of each running task for which a callback arrives."""
        self._store = store
        self._engines = engines
        self._service = service
        self._heard = heard
        self._confirming: set[TaskId] = set()

    def read(self, task: Task, body: bytes | bytearray) -> RemoteTask:
        """Reads the body of a callback of `task`; CPU-bound. Raises EngineError, EngineMissing, ValueError,
        RecursionError."""
        return self._engines.of(task).read_callback(body)

    async def handle(self, task: Task, remote: RemoteTask) -> None:
        """Applies a callback that arrived at the callback URL of `task`. Raises EngineError, StorageError."""
        # The answer of its submission may have arrived while the callback was read.
        task = await self._store.tasks.get(task.id) or task
        if task.upstream_id not in (None, remote.id):
            await self._beside(task, remote)
        elif task.state.final:
            return  # a final state does not change, so there is nothing to confirm
        elif task.upstream_id is None:
            await self._found(task, remote)
        elif remote.status.final:
            await self._confirm(task, remote)
        else:
            self._heard(task.id)
            await self._service.updates.apply_remote_to(task, remote)

    async def _confirm(self, task: Task, remote: RemoteTask) -> None:
        """Fetches the task before applying a final status: anyone who knows the URL could have forged the callback."""
        if task.id in self._confirming:
            return
        self._confirming.add(task.id)
        try:
            await self._service.updates.apply_remote_to(task, await self._engines.of(task).fetch(remote.id))
        finally:
            self._confirming.discard(task.id)

    async def _found(self, task: Task, remote: RemoteTask) -> None:
        press = await self._store.submissions.of_task(task.id)
        # Some services set `state` late (docs/image-api.md#task-fields). The callback URL belongs to this task in any
        # case.
        if (
            press is None
            or self._service.submissions.in_flight(press)
            or nonce_of(remote.state) not in ("", press.nonce)
        ):
            return  # a submission in flight gets the same information from its answer
        fetched = await self._engines.of(task).fetch(remote.id)
        if nonce_of(fetched.state) in ("", press.nonce):
            await self._service.recovery.adopt(press, fetched)

    async def _beside(self, task: Task, remote: RemoteTask) -> None:
        """Handles a callback about another remote task: several tasks from one request share its callback URL."""
        press = await self._store.submissions.of_task(task.id)
        if press is None or nonce_of(remote.state) != press.nonce:
            log.warning("task %s: ignored a callback about another task", task.id)
        elif not self._service.submissions.in_flight(press) and not await self._store.tasks.by_upstream(remote.id):
            fetched = await self._engines.of(task).fetch(remote.id)
            if nonce_of(fetched.state) == press.nonce:
                await self._service.recovery.join(press, [fetched])
