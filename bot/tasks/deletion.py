"""Deletion of results: what the store then says."""

from __future__ import annotations

from bot.tasks.actor import Actor
from bot.tasks.policy import removable
from storage import Message, Store, Task


async def mark_deleted(store: Store, actor: Actor, task: Task, now: float) -> list[Message]:
    """Notes that a result is deleted; its messages that have to be removed from Discord now. Raises StorageError."""
    async with store.transaction():
        removed = removable(actor, task, await store.messages.for_task(task.id))
        await store.tasks.mark_deleted(task.id, now)
        await store.notifications.remove(task.id)
        for each in removed:
            await store.messages.begin_removal(each.id)
    return removed
