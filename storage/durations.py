"""Durations: how long the newest finished tasks took."""

from __future__ import annotations

from typing import NamedTuple

from storage.database import Database


class Duration(NamedTuple):
    """How many seconds a finished task took since it was asked for, and what kind of task it was."""

    action: str
    custom_id: str | None
    mode: str | None
    seconds: float


class Durations:
    """Reads them. Raises StorageError when the store cannot answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(self, limit: int) -> list[Duration]:
        """Those of the newest finished tasks, at most so many, newest first."""
        rows = await self._database.rows(
            "SELECT action, custom_id, json_extract(request, '$.mode'), finished_at - created_at FROM tasks"
            " WHERE state = 'success' AND finished_at NOTNULL ORDER BY created_at DESC LIMIT ?",
            (limit,),
        )
        return [Duration(*row) for row in rows]
