"""Change events of tasks, from the task service to its listeners."""

from __future__ import annotations

from collections.abc import Callable

from storage import Task

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
