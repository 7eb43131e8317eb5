"""Thumbnails: small JPEGs of a task's images, for lists and for showing the input images of a task."""

from __future__ import annotations

from collections.abc import Sequence

from storage.records import TaskId
from storage.sqlite.database import Database
from storage.sqlite.statements import marks
from storage.user_records import ThumbnailRole


class SqliteThumbnails:
    """`Thumbnails` in SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, task_id: TaskId, role: ThumbnailRole, pictures: Sequence[bytes], now: float) -> None:
        """Stores the thumbnails of a task, replacing those of the same role at the same positions."""
        if pictures:
            values = ", ".join(["(?, ?, ?, ?, ?)"] * len(pictures))
            await self._database.write(
                f"INSERT INTO thumbnails (task_id, role, position, data, created_at) VALUES {values}"  # noqa: S608 - marks
                " ON CONFLICT (task_id, role, position) DO UPDATE SET data = excluded.data,"
                " created_at = excluded.created_at",
                [value for row in enumerate(pictures) for value in (task_id, role, *row, now)],
            )

    async def of(self, task_id: TaskId, role: ThumbnailRole) -> list[bytes]:
        """Returns the stored images of a task with this role, in order."""
        rows = await self._database.rows(
            "SELECT data FROM thumbnails WHERE task_id = ? AND role = ? ORDER BY position", (task_id, role)
        )
        return [row["data"] for row in rows]

    async def results(self, task_ids: Sequence[TaskId]) -> dict[TaskId, bytes]:
        """Returns the stored result thumbnails of these tasks."""
        rows = await self._database.rows(
            f"SELECT task_id, data FROM thumbnails WHERE task_id IN ({marks(task_ids)})"  # noqa: S608 - marks
            " AND role = ? AND position = 0",
            (*task_ids, ThumbnailRole.RESULT),
        )
        return {row["task_id"]: row["data"] for row in rows}

    async def forget(self, before: float, *, limit: int) -> int:
        """Deletes at most `limit` thumbnails created before `before` (unix seconds). Returns their number."""
        return await self._database.write(
            "DELETE FROM thumbnails WHERE (task_id, role, position) IN"
            " (SELECT task_id, role, position FROM thumbnails WHERE created_at < ? LIMIT ?)",
            (before, limit),
        )

    async def forget_images(self, before: float, *, limit: int) -> int:
        """Deletes at most `limit` whole results created before `before` (unix seconds). Returns their number."""
        return await self._database.write(
            "DELETE FROM thumbnails WHERE (task_id, role, position) IN"
            " (SELECT task_id, role, position FROM thumbnails WHERE role = ? AND created_at < ? LIMIT ?)",
            (ThumbnailRole.IMAGE, before, limit),
        )
