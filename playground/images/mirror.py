"""What a newapi relay knows: its own copy of each task, brought up to date only now and then."""

from collections.abc import Callable

from playground.images.tasks import Json, Status, Task


class Mirror:
    """Copies by task id. `write` makes the copy of a task as it is; `fresh` the one of a task just accepted.

    A task confirmed in a window is stored a second time, but fetch answers with the first copy: it stays at
    MODAL until the second one is finished and a further round has passed (docs/image-api.md#newapi-tasks).
    """

    def __init__(self, write: Callable[[Task], Json], fresh: Callable[[Task], Json]) -> None:
        self._write = write
        self._fresh = fresh
        self._rows: dict[str, Json] = {}
        self._open: dict[str, Task] = {}
        self._ripe: set[str] = set()

    def accepted(self, task: Task) -> None:
        """A submit of this task was relayed."""
        self._rows.setdefault(task.id, self._fresh(task))
        self._open[task.id] = task

    def row(self, task: Task) -> Json:
        """The copy of a task; one that came while another service was played is copied at once."""
        if task.id not in self._rows:
            self._rows[task.id] = self._write(task)
            self._open[task.id] = task
        return self._rows[task.id]

    def sync(self) -> None:
        """One round: copy every task that is not finished."""
        for task in list(self._open.values()):
            if task.window and task.confirmed and self._rows[task.id]["status"] in ("", "MODAL"):
                self._second(task)
                continue
            self._rows[task.id] = self._write(task)
            if task.status.final:
                del self._open[task.id]

    def _second(self, task: Task) -> None:
        if not task.status.final:
            return
        if task.id not in self._ripe:
            self._ripe.add(task.id)
            return
        self._ripe.discard(task.id)
        row = self._write(task)
        self._rows[task.id] = {**row, "action": "MODAL"} if task.status is Status.SUCCESS else row
        del self._open[task.id]
