"""The content of task lists, limited to what the user may see: the image service reports the tasks of all users."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence

from bot.engines.base import ImageEngine
from bot.engines.errors import EngineError
from bot.engines.models import Feature
from bot.tasks.policy import Actor, check_list, counts_in_queue
from bot.ui.components.custom_ids import ListId, ListScope, TaskFilter
from bot.ui.panels.queue import Queue
from bot.ui.panels.task_list import MAX_PAGES, PAGE, STATES, TaskPage
from bot.ui.panels.thumbnails import jump_link
from bot.ui.services import Services
from bot.ui.workflows.drafts import DRAFT_SECONDS
from storage import Draft, Store, TaskId, TaskQuery

log = logging.getLogger(__name__)

# Seconds. After that, the positions reported at the submission are used.
QUEUE_SECONDS = 8.0


async def task_page(services: Services, actor: Actor, key: ListId) -> TaskPage:
    """A page of the user's own tasks, or of everyone's for the bot's owner. Raises UserError, StorageError."""
    store, everybodys = services.store, key.scope is ListScope.EVERYBODYS
    check_list(actor, everybodys=everybodys)
    owner = None if everybodys else actor.user_id
    wanted = TaskQuery(owner_id=owner, states=STATES[key.kind], words=key.words)
    pages = max(1, -(-await store.tasks.count(wanted, limit=MAX_PAGES * PAGE) // PAGE))
    found = await store.tasks.search(wanted, limit=PAGE, offset=min(key.page, pages - 1) * PAGE)
    ids = [task.id for task in found]
    drafts: Sequence[Draft] = ()
    if key.scope is ListScope.OWN and key.kind in (TaskFilter.ANY, TaskFilter.FAILED) and key.page == 0:
        drafts = await store.drafts.of(actor.user_id, time.time() - DRAFT_SECONDS)
    return TaskPage(
        found,
        pages,
        searched_all=not key.words or await store.tasks.searches_all(wanted),
        links=await links_to(store, ids),
        thumbnails=await services.thumbnails.of(found),
        drafts=drafts,
    )


async def links_to(store: Store, task_ids: Sequence[TaskId]) -> dict[TaskId, str]:
    """The URLs of the newest messages of these tasks. Raises StorageError."""
    newest = await store.messages.newest(task_ids)
    return {task_id: jump_link(message) for task_id, message in newest.items()}


async def queue_page(services: Services, actor: Actor) -> Queue:
    """The queue as this user may see it. Raises StorageError.

    It contains the user's own tasks and those of the current server or group; tasks that the user may not see are only
    counted. The bot's owner sees everyone's tasks.
    """
    # Read in the order of a task's states: a task that moves meanwhile is read twice instead of never.
    queued = [task for task in await services.store.tasks.queued() if counts_in_queue(actor, task)]
    on_their_way = [task for task in await services.store.tasks.on_their_way() if counts_in_queue(actor, task)]
    working = [task for task in await services.store.tasks.polled() if counts_in_queue(actor, task)]
    known = {task.id for task in working}
    unsettled = [task for task in on_their_way if task.id not in known]
    known |= {task.id for task in unsettled}
    queued = [task for task in queued if task.id not in known]
    counted = [*working, *unsettled, *queued]
    visible = {task.id for task in await services.service.policy.visible(actor, counted)}
    hidden = frozenset(task.id for task in counted) - visible
    links = await links_to(services.store, sorted(visible))
    return Queue(working, unsettled, await _order(services.engines.with_feature(Feature.QUEUE)), hidden, queued, links)


async def _order(engine: ImageEngine | None) -> list[str] | None:
    if engine is None:
        return None
    try:
        async with asyncio.timeout(QUEUE_SECONDS):
            return [remote.id for remote in await engine.queue()]
    except (EngineError, TimeoutError) as error:
        log.info("cannot read the image service's queue: %r", error)
        return None
