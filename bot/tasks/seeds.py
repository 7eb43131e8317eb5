"""Seeds: asked of the service once, slowly, and remembered with the task."""

from __future__ import annotations

import asyncio
import logging
from weakref import WeakValueDictionary

from bot.midjourney import (
    AuthFailed,
    Feature,
    MidjourneyClient,
    MidjourneyError,
    NotOffered,
    RateLimited,
    ServiceRefused,
    Unavailable,
    UnknownTask,
)
from bot.tasks.actor import Actor
from bot.tasks.error_mapping import refusal_of
from bot.tasks.policy import Policy
from bot.tasks.results import Refusal
from storage import Store, Task, TaskId, TaskState

log = logging.getLogger(__name__)


class Seeds:
    """Finds out the seeds of our own tasks. However many people ask at once, the service is asked once."""

    def __init__(self, store: Store, midjourney: MidjourneyClient, policy: Policy) -> None:
        self._store = store
        self._policy = policy
        self._midjourney = midjourney
        self._locks: WeakValueDictionary[TaskId, asyncio.Lock] = WeakValueDictionary()

    async def of(self, actor: Actor, task_id: TaskId) -> str | Refusal:
        """A task's seed; may take over a minute (docs/image-api.md#image-seed). Raises StorageError."""
        lock = self._locks.setdefault(task_id, asyncio.Lock())
        async with lock:
            task = await self._policy.seen(actor, task_id)
            if isinstance(task, Refusal):
                return task
            if task.result.seed:
                return task.result.seed
            if task.state is not TaskState.SUCCESS or task.upstream_id is None:
                return Refusal("refused.no_seed_yet")
            return await self._asked(task, task.upstream_id)

    async def _asked(self, task: Task, upstream_id: str) -> str | Refusal:
        if not self._midjourney.capabilities.has(Feature.SEED):
            return Refusal("refused.no_seeds")
        try:
            seed = await self._midjourney.seed(upstream_id)
        except MidjourneyError as error:
            log.info("task %s: cannot get the seed: %r", task.id, error)
            return _refusal(error)
        await self._store.tasks.keep_seed(task.id, seed)
        return seed


def _refusal(error: MidjourneyError) -> Refusal:
    match error:
        case NotOffered():
            return Refusal("refused.no_seeds")
        case UnknownTask() | AuthFailed() | RateLimited():
            return refusal_of(error)
        case ServiceRefused():
            return Refusal("refused.seed_refused")
        case Unavailable():
            return Refusal("refused.seed_late")
    return refusal_of(error)
