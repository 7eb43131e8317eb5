"""What follows from the change of a task: events for listeners. With its end, a notification of its owner and a copy of
the result by direct message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

from storage import Ending, EndWishes, Message, NewMessage, Route, Task, TaskState

# Upload limit of direct messages in bytes; a server's own limit does not apply there.
DM_UPLOAD_LIMIT = 10_000_000
# Users cancel tasks themselves, and a refusal is shown directly, so neither needs a notification.
TOLD_OF = (TaskState.SUCCESS, TaskState.FAILURE)

Listener = Callable[[Task], None]


class TaskEvents:
    """Publishes every change to every listener, in order. Listeners must return quickly and do no I/O."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> None:
        """Adds a listener for all later changes."""
        self._listeners.append(listener)

    def publish(self, task: Task) -> None:
        """Passes the changed task to every listener."""
        for listener in self._listeners:
            listener(task)


class Notify(StrEnum):
    """When a user is notified that their task has ended."""

    AUTO = "auto"
    """Only if they may have missed it: the task took long, or others have posted since."""
    ALWAYS = "always"
    NEVER = "never"


def ending_of(task: Task, wishes: EndWishes, shown: Sequence[Message]) -> Ending:
    """What to store with the end of a task that these messages show."""
    copy = _copy(task, shown[0]) if task.state is TaskState.SUCCESS and wishes.direct and shown else None
    return Ending(_always(task, wishes), copy)


def _always(task: Task, wishes: EndWishes) -> bool | None:
    """Whether the owner always wants the notification: by the command's option, otherwise by their settings. None if
    there is none."""
    chosen = task.request.notify or wishes.notify or Notify.AUTO
    return None if task.state not in TOLD_OF or chosen == Notify.NEVER else chosen == Notify.ALWAYS


def _copy(task: Task, shown: Message) -> NewMessage:
    return NewMessage(
        route=Route.DIRECT,
        user_id=task.owner_id,
        application_id=shown.application_id,
        guild_id=None,
        channel_id=None,
        token=None,
        token_ends_at=0.0,
        upload_limit=DM_UPLOAD_LIMIT,
        locale=shown.locale,
    )
