"""Seeds: requested from the service once, which is slow, and stored with the task."""

from __future__ import annotations

import asyncio
import logging
from weakref import WeakValueDictionary

from bot.engines.errors import (
    AuthFailed,
    EngineError,
    NotOffered,
    RateLimited,
    ServiceRefused,
    Unavailable,
    UnknownTask,
)
from bot.engines.models import Feature
from bot.engines.registry import EngineMissing, EngineRegistry
from bot.tasks.engine_calls import error_of
from bot.tasks.errors import UserError
from bot.tasks.policy import Actor, Operation, Policy
from storage import Store, Task, TaskId

log = logging.getLogger(__name__)


class Seeds:
    """Gets the seeds of the bot's tasks. Concurrent calls for one task send a single request."""

    def __init__(self, store: Store, engines: EngineRegistry, policy: Policy) -> None:
        self._store = store
        self._policy = policy
        self._engines = engines
        self._locks: WeakValueDictionary[TaskId, asyncio.Lock] = WeakValueDictionary()

    async def of(self, actor: Actor, task_id: TaskId) -> str:
        """A task's seed; may take over a minute (docs/image-api.md#image-seed). Raises UserError, StorageError."""
        lock = self._locks.setdefault(task_id, asyncio.Lock())
        async with lock:
            task = await self._policy.task_for(actor, Operation.SEED, task_id)
            return task.result.seed or await self._asked(task)

    async def _asked(self, task: Task) -> str:
        try:
            engine = self._engines.of(task)
        except EngineMissing as error:
            raise UserError("no_seeds") from error
        if not engine.capabilities.has(Feature.SEED):
            raise UserError("no_seeds")
        try:
            seed = await engine.seed(task.upstream_id or "")
        except EngineError as error:
            log.info("task %s: cannot get the seed: %r", task.id, error)
            raise _error_of(error) from error
        await self._store.tasks.keep_seed(task.id, seed)
        return seed


def _error_of(error: EngineError) -> UserError:
    match error:
        case NotOffered():
            return UserError("no_seeds")
        case UnknownTask() | AuthFailed() | RateLimited():
            return error_of(error)
        case ServiceRefused():
            return UserError("seed_refused")
        case Unavailable():
            return UserError("seed_late")
    return error_of(error)
