"""News of tasks, from the one who writes them to whoever shows them."""

from __future__ import annotations

from collections.abc import Callable

from storage import Task

Listener = Callable[[Task], None]


class TaskEvents:
    """Tells every listener of every change, in the order of the changes; a listener only takes note and returns."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> None:
        """From now on the listener hears of every change."""
        self._listeners.append(listener)

    def publish(self, task: Task) -> None:
        """A task has changed to this."""
        for listener in self._listeners:
            listener(task)
