"""Notifications: who is still to be told that a task has ended."""

from __future__ import annotations

from dataclasses import dataclass

from storage.database import Database, Row
from storage.records import TaskId


@dataclass(frozen=True, slots=True)
class Notification:
    """A person who is to be told that their task has ended.

    `always`: they want to be told in any case. `begun`: it may have been sent already, by an earlier try.
    """

    task_id: TaskId
    user_id: int
    always: bool
    begun: bool


class Notifications:
    """The repository of notifications. Every method raises StorageError when the store cannot answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, task_id: TaskId, user_id: int, *, always: bool, now: float) -> None:
        """This person is to be told of a task's end; once, however often it is asked for."""
        await self._database.write(
            "INSERT OR IGNORE INTO notifications (task_id, user_id, always, created_at) VALUES (?, ?, ?, ?)",
            (task_id, user_id, int(always), now),
        )

    async def of(self, task_id: TaskId) -> Notification | None:
        """Who is still to be told of a task's end."""
        row = await self._database.row("SELECT * FROM notifications WHERE task_id = ?", (task_id,))
        return None if row is None else _notification(row)

    async def waiting(self, limit: int) -> list[TaskId]:
        """The tasks of whose end people are still to be told; at most so many, newest first."""
        rows = await self._database.rows("SELECT task_id FROM notifications ORDER BY created_at DESC LIMIT ?", (limit,))
        return [row["task_id"] for row in rows]

    async def begin(self, task_id: TaskId) -> None:
        """From now on it may have been sent."""
        await self._database.write("UPDATE notifications SET begun = 1 WHERE task_id = ?", (task_id,))

    async def remove(self, task_id: TaskId) -> None:
        """It was sent, or there is nothing to send."""
        await self._database.write("DELETE FROM notifications WHERE task_id = ?", (task_id,))

    async def remove_before(self, moment: float) -> int:
        """Removes those of tasks that ended before that moment (unix seconds); how many."""
        return await self._database.write("DELETE FROM notifications WHERE created_at < ?", (moment,))


def _notification(row: Row) -> Notification:
    return Notification(row["task_id"], row["user_id"], bool(row["always"]), bool(row["begun"]))
