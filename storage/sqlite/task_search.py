"""Search for tasks, newest first, by owner, state and words. It stays fast with a million tasks.

Queries read only ids, from covering indexes (migration 0003); full rows are read for one page. Words are compared with
each prompt, which finds any part of a word in any script. That search covers only the newest tasks and runs in parts,
so that other statements can use the database in between.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from storage.operations import SEARCHED, TaskQuery
from storage.records import TaskId
from storage.sqlite.database import Database
from storage.sqlite.rows import TAKEN

# Tasks searched in one part.
PART = 10_000

_NEWEST_FIRST = "ORDER BY created_at DESC, id DESC"
_LIKE, _ESCAPED = re.compile(r"([%_\\])"), r"\\\1"


# Creation time and id: a position in the sorted list.
_Place = tuple[float, TaskId]


class TaskSearch:
    """Finds the ids of accepted tasks, newest first. Raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ids(self, wanted: TaskQuery, limit: int, offset: int) -> Sequence[TaskId]:
        """Returns at most `limit` ids after the first `offset`."""
        if wanted.words:
            return (await self._with_words(wanted, offset + limit))[offset:]
        if wanted.states:
            return await self._in_states(wanted, limit, offset)
        where, values = _of_owner(wanted)
        rows = await self._database.rows(
            f"SELECT id FROM tasks WHERE {TAKEN}{where} {_NEWEST_FIRST} LIMIT ? OFFSET ?",  # noqa: S608 - constants
            (*values, limit, offset),
        )
        return [row["id"] for row in rows]

    async def _in_states(self, wanted: TaskQuery, limit: int, offset: int) -> list[TaskId]:
        """Reads the newest tasks of each state in index order and merges them."""
        where, values = _of_owner(wanted)
        of_state = (
            f"SELECT * FROM (SELECT id, created_at FROM tasks WHERE {TAKEN} AND state = ?{where} {_NEWEST_FIRST}"  # noqa: S608 - constants
            " LIMIT ?) AS found"
        )
        rows = await self._database.rows(
            f"SELECT id FROM ({' UNION ALL '.join([of_state] * len(wanted.states))}) AS found"  # noqa: S608 - constants
            f" {_NEWEST_FIRST} LIMIT ? OFFSET ?",
            (*(value for state in wanted.states for value in (state, *values, offset + limit)), limit, offset),
        )
        return [row["id"] for row in rows]

    async def searches_all(self, wanted: TaskQuery) -> bool:
        """Whether a search for words covers all tasks of the query."""
        return await self._place_after(wanted, None, SEARCHED + 1) is None

    async def _with_words(self, wanted: TaskQuery, limit: int) -> list[TaskId]:
        found: list[TaskId] = []
        start: _Place | None = None
        for _ in range(0, SEARCHED, PART):
            end = await self._place_after(wanted, start, PART)
            found += await self._in_part(wanted, start, end, limit - len(found))
            if end is None or len(found) >= limit:
                break
            start = end
        return found

    async def _place_after(self, wanted: TaskQuery, start: _Place | None, size: int) -> _Place | None:
        """Returns the last position of the part after `start`, or None if fewer than `size` tasks follow."""
        where, values = _of_owner(wanted)
        if start:
            where, values = f"{where} AND (created_at, id) < (?, ?)", (*values, *start)
        row = await self._database.row(
            f"SELECT created_at, id FROM tasks WHERE {TAKEN}{where} {_NEWEST_FIRST} LIMIT 1 OFFSET ?",  # noqa: S608 - constants
            (*values, size - 1),
        )
        return (row["created_at"], row["id"]) if row else None

    async def _in_part(self, wanted: TaskQuery, start: _Place | None, end: _Place | None, limit: int) -> list[TaskId]:
        where, values = _of_owner(wanted)
        if start:
            where, values = f"{where} AND (created_at, id) < (?, ?)", (*values, *start)
        if end:
            where, values = f"{where} AND (created_at, id) >= (?, ?)", (*values, *end)
        if wanted.states:
            # CASE prevents SQLite from using the index by state, which does not contain the prompts.
            where = f"{where} AND CASE WHEN state IN ({', '.join('?' * len(wanted.states))}) THEN 1 ELSE 0 END = 1"
            values = (*values, *wanted.states)
        rows = await self._database.rows(
            f"SELECT id FROM tasks WHERE {TAKEN}{where}"  # noqa: S608 - constants and marks
            f" AND lower(prompt) LIKE lower(?) ESCAPE '\\' {_NEWEST_FIRST} LIMIT ?",
            (*values, f"%{_LIKE.sub(_ESCAPED, wanted.words)}%", limit),
        )
        return [row["id"] for row in rows]


def _of_owner(wanted: TaskQuery) -> tuple[str, tuple[Any, ...]]:
    return ("", ()) if wanted.owner_id is None else (" AND owner_id = ?", (wanted.owner_id,))
