"""Whether a task's owner is notified of its end: by the command's option, otherwise by the user's settings."""

from __future__ import annotations

from enum import StrEnum

from storage import Store, Task, TaskState

# Users cancel tasks themselves, and a refusal is shown directly, so neither needs a notification.
TOLD_OF = (TaskState.SUCCESS, TaskState.FAILURE)


class Notify(StrEnum):
    """When a user is notified that their task has ended."""

    AUTO = "auto"
    """Only if they may have missed it: the task took long, or others have posted since."""
    ALWAYS = "always"
    NEVER = "never"


async def add_notification(store: Store, task: Task, now: float) -> None:
    """Stores a notification for a task's owner about its end. Raises StorageError.

    Must be called within the transaction that ends the task, so that it is stored exactly once.
    """
    if task.state not in TOLD_OF:
        return
    chosen = task.request.notify or (await store.user_settings.of(task.owner_id)).notify or Notify.AUTO
    if chosen != Notify.NEVER:
        await store.notifications.add(task.id, task.owner_id, always=chosen == Notify.ALWAYS, now=now)
