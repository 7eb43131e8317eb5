"""The account of the image service that is named in requests which require one."""

from __future__ import annotations

import logging

from bot.engines.base import ImageEngine
from bot.engines.errors import EngineError
from storage import Store, TaskQuery, TaskState

log = logging.getLogger(__name__)


async def account_of_ours(store: Store, engine: ImageEngine) -> str | None:
    """The account that generated the newest finished task. None without such a task, or if the service does not name
    the account.

    Raises StorageError.
    """
    newest = await store.tasks.search(TaskQuery(states=(TaskState.SUCCESS,)), limit=1)
    upstream_id = newest[0].upstream_id if newest else None
    if upstream_id is None:
        return None
    try:
        return (await engine.fetch(upstream_id)).account
    except EngineError as error:
        log.info("the image service did not name the account of task %s: %s", newest[0].id, error)
        return None
