"""Thumbnails: small JPEGs of a task's pictures, for lists and for showing what a task was made from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum

from storage.database import Database
from storage.records import TaskId


class Role(StrEnum):
    """Which picture of a task a thumbnail shows."""

    SOURCE = "source"
    RESULT = "result"


class Thumbnails:
    """The repository of thumbnails. Every method raises StorageError when the store cannot answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, task_id: TaskId, role: Role, pictures: Sequence[bytes], now: float) -> None:
        """Keeps these thumbnails of a task, in place of others of the same role."""
        async with self._database.transaction():
            await self._database.write("DELETE FROM thumbnails WHERE task_id = ? AND role = ?", (task_id, role))
            await self._database.write_many(
                "INSERT INTO thumbnails (task_id, role, position, data, created_at) VALUES (?, ?, ?, ?, ?)",
                [(task_id, role, position, data, now) for position, data in enumerate(pictures)],
            )

    async def sources(self, task_id: TaskId) -> list[bytes]:
        """What a task was made from, in order; none where that is not kept (any more)."""
        rows = await self._database.rows(
            "SELECT data FROM thumbnails WHERE task_id = ? AND role = ? ORDER BY position", (task_id, Role.SOURCE)
        )
        return [row["data"] for row in rows]

    async def results(self, task_ids: Sequence[TaskId]) -> dict[TaskId, bytes]:
        """The results of these tasks, as far as they are kept."""
        rows = await self._database.rows(
            "SELECT task_id, data FROM thumbnails WHERE task_id IN (SELECT value FROM json_each(?))"
            " AND role = ? AND position = 0",
            (json.dumps(list(task_ids)), Role.RESULT),
        )
        return {row["task_id"]: row["data"] for row in rows}

    async def forget(self, before: float, *, limit: int) -> int:
        """Removes thumbnails from before that moment (unix seconds), at most so many; how many."""
        return await self._database.write(
            "DELETE FROM thumbnails WHERE rowid IN (SELECT rowid FROM thumbnails WHERE created_at < ? LIMIT ?)",
            (before, limit),
        )
