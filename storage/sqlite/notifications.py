"""Notifications: users still to be notified of the end of a task."""

from __future__ import annotations

from collections.abc import Sequence

from storage.records import TaskId
from storage.sqlite.connection import Row
from storage.sqlite.database import Database
from storage.sqlite.rows import marks
from storage.user_records import Notification


class SqliteNotifications:
    """`NotificationTable` in SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, task_id: TaskId) -> Notification | None:
        """Returns the pending notification of a task."""
        row = await self._database.row("SELECT * FROM notifications WHERE task_id = ?", (task_id,))
        return None if row is None else _notification(row)

    async def waiting(self, limit: int) -> list[TaskId]:
        """Returns at most `limit` tasks with a pending notification, newest first."""
        rows = await self._database.rows("SELECT task_id FROM notifications ORDER BY created_at DESC LIMIT ?", (limit,))
        return [row["task_id"] for row in rows]

    async def begin(self, task_ids: Sequence[TaskId]) -> None:
        """Records that these notifications may have been sent from now on, all or none."""
        await self._database.write(
            f"UPDATE notifications SET begun = 1 WHERE task_id IN ({marks(task_ids)})",  # noqa: S608 - marks
            task_ids,
        )

    async def remove(self, task_ids: Sequence[TaskId]) -> None:
        """Deletes notifications that were sent or are not needed, all or none."""
        await self._database.write(f"DELETE FROM notifications WHERE task_id IN ({marks(task_ids)})", task_ids)  # noqa: S608 - marks

    async def remove_before(self, moment: float) -> int:
        """Deletes the notifications created before `moment` (unix seconds). Returns their number."""
        return await self._database.write("DELETE FROM notifications WHERE created_at < ?", (moment,))


def _notification(row: Row) -> Notification:
    return Notification(row["task_id"], row["user_id"], bool(row["always"]), bool(row["begun"]))
