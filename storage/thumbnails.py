"""Thumbnails: small JPEGs of a task's images, for lists and for showing the input images of a task."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum

from storage.database import Database
from storage.records import TaskId


class Role(StrEnum):
    """Which image of a task a thumbnail shows."""

    SOURCE = "source"
    RESULT = "result"


class Thumbnails:
    """Repository of thumbnails. Every method raises StorageError if the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, task_id: TaskId, role: Role, pictures: Sequence[bytes], now: float) -> None:
        """Stores the thumbnails of a task, replacing those of the same role."""
        async with self._database.transaction():
            await self._database.write("DELETE FROM thumbnails WHERE task_id = ? AND role = ?", (task_id, role))
            await self._database.write_many(
                "INSERT INTO thumbnails (task_id, role, position, data, created_at) VALUES (?, ?, ?, ?, ?)",
                [(task_id, role, position, data, now) for position, data in enumerate(pictures)],
            )

    async def sources(self, task_id: TaskId) -> list[bytes]:
        """Returns the thumbnails of a task's input images, in order; empty if none are stored."""
        rows = await self._database.rows(
            "SELECT data FROM thumbnails WHERE task_id = ? AND role = ? ORDER BY position", (task_id, Role.SOURCE)
        )
        return [row["data"] for row in rows]

    async def results(self, task_ids: Sequence[TaskId]) -> dict[TaskId, bytes]:
        """Returns the stored result thumbnails of these tasks."""
        rows = await self._database.rows(
            "SELECT task_id, data FROM thumbnails WHERE task_id IN (SELECT value FROM json_each(?))"
            " AND role = ? AND position = 0",
            (json.dumps(list(task_ids)), Role.RESULT),
        )
        return {row["task_id"]: row["data"] for row in rows}

    async def forget(self, before: float, *, limit: int) -> int:
        """Deletes at most `limit` thumbnails created before `before` (unix seconds). Returns their number."""
        return await self._database.write(
            "DELETE FROM thumbnails WHERE rowid IN (SELECT rowid FROM thumbnails WHERE created_at < ? LIMIT ?)",
            (before, limit),
        )
