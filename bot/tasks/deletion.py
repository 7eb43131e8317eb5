"""Deletion of results in the store."""

from __future__ import annotations

from bot.tasks.actor import Actor
from bot.tasks.policy import removable
from storage import Message, Store, Task


async def mark_deleted(store: Store, actor: Actor, task: Task, now: float) -> list[Message]:
    """Marks a result as deleted. Returns the messages that now have to be removed from Discord. Raises StorageError."""
    removed = removable(actor, task, await store.messages.for_task(task.id))
    await store.tasks.delete_result(task, removed, now)
    return removed
