"""Durations of the newest finished tasks."""

from __future__ import annotations

from typing import NamedTuple

from storage.database import Database
from storage.task_rows import MODE


class Duration(NamedTuple):
    """Seconds from the creation of a task to its end, and the kind of the task."""

    action: str
    label: str
    mode: str | None
    seconds: float


class Durations:
    """Reads durations. Raises StorageError if the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(self, limit: int) -> list[Duration]:
        """Returns the durations of at most `limit` finished tasks, newest first."""
        rows = await self._database.rows(
            f"SELECT action, json_extract(request, '$.label'), {MODE}, finished_at - created_at FROM tasks"  # noqa: S608 - a constant
            " WHERE state = 'success' AND finished_at NOTNULL ORDER BY created_at DESC LIMIT ?",
            (limit,),
        )
        return [Duration(*row) for row in rows]
