"""Whether the asker of a task is to be told of its end: what they chose with the command, else in their settings."""

from __future__ import annotations

from enum import StrEnum

from storage import Store, Task, TaskState

# What a person waits for. They stopped a cancelled task themselves, and a refusal is an answer of its own.
TOLD_OF = (TaskState.SUCCESS, TaskState.FAILURE)


class Notify(StrEnum):
    """When a person is told that their task has ended."""

    AUTO = "auto"
    """Where they may not have seen it: it took long, or others have written since."""
    ALWAYS = "always"
    NEVER = "never"


async def add_notification(store: Store, task: Task, now: float) -> None:
    """Notes that a task's asker is to be told of its end. Raises StorageError.

    To be called within the transaction that ends the task, so that it is noted exactly once.
    """
    if task.state not in TOLD_OF:
        return
    chosen = task.request.notify or (await store.user_settings.of(task.owner_id)).notify or Notify.AUTO
    if chosen != Notify.NEVER:
        await store.notifications.add(task.id, task.owner_id, always=chosen == Notify.ALWAYS, now=now)
