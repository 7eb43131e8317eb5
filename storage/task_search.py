"""The search in tasks: newest first, by owner, state and words. It costs little among a million tasks, too.

Only ids are looked for, each in an index that holds all that the question needs (migration 0003); the tasks themselves
are read for one page. Words are compared with one prompt after the other, which finds every part of every word in every
script; for that they are looked for in the newest tasks only, and in parts, between which others use the database.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from storage.database import Database
from storage.records import TaskId
from storage.states import TaskState

# So many tasks are searched for words, the newest of the owner's or of everybody's, and so many at once.
SEARCHED = 50_000
PART = 10_000

_TAKEN = "state NOT IN ('submitting', 'refused')"
_NEWEST_FIRST = "ORDER BY created_at DESC, id DESC"
_LIKE, _ESCAPED = re.compile(r"([%_\\])"), r"\\\1"


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """Which tasks are looked for; None and () mean any. `states` are some that a task has once it was taken."""

    owner_id: int | None = None
    states: tuple[TaskState, ...] = ()
    words: str = ""


# A moment and an id: a place in the order of a list.
_Place = tuple[float, TaskId]


class TaskSearch:
    """Finds the ids of tasks that were taken, newest first. Raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ids(self, wanted: TaskQuery, limit: int, offset: int) -> Sequence[TaskId]:
        """At most `limit` ids, after the first `offset`."""
        if wanted.words:
            return (await self._with_words(wanted, offset + limit))[offset:]
        if wanted.states:
            return await self._in_states(wanted, limit, offset)
        where, values = _of_owner(wanted)
        rows = await self._database.rows(
            f"SELECT id FROM tasks WHERE {_TAKEN}{where} {_NEWEST_FIRST} LIMIT ? OFFSET ?",  # noqa: S608 - constants
            (*values, limit, offset),
        )
        return [row["id"] for row in rows]

    async def _in_states(self, wanted: TaskQuery, limit: int, offset: int) -> list[TaskId]:
        """Each state's newest come in order from an index; these few are put in order together."""
        where, values = _of_owner(wanted)
        of_state = (
            f"SELECT * FROM (SELECT id, created_at FROM tasks WHERE state = ?{where} {_NEWEST_FIRST} LIMIT ?) AS found"  # noqa: S608 - constants
        )
        rows = await self._database.rows(
            f"SELECT id FROM ({' UNION ALL '.join([of_state] * len(wanted.states))}) AS found"  # noqa: S608 - constants
            f" {_NEWEST_FIRST} LIMIT ? OFFSET ?",
            (*(value for state in wanted.states for value in (state, *values, offset + limit)), limit, offset),
        )
        return [row["id"] for row in rows]

    async def searches_all(self, wanted: TaskQuery) -> bool:
        """Are there few enough tasks for all of them to be searched for words?"""
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
        """The last place of the part that begins after `start`; None when the list ends before."""
        where, values = _of_owner(wanted)
        if start:
            where, values = f"{where} AND (created_at, id) < (?, ?)", (*values, *start)
        row = await self._database.row(
            f"SELECT created_at, id FROM tasks WHERE {_TAKEN}{where} {_NEWEST_FIRST} LIMIT 1 OFFSET ?",  # noqa: S608 - constants
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
            # Within CASE, because otherwise the index by state is taken, which does not hold the prompts.
            where = f"{where} AND CASE WHEN state IN ({', '.join('?' * len(wanted.states))}) THEN 1 ELSE 0 END = 1"
            values = (*values, *wanted.states)
        rows = await self._database.rows(
            f"SELECT id FROM tasks WHERE {_TAKEN}{where} AND prompt LIKE ? ESCAPE '\\' {_NEWEST_FIRST} LIMIT ?",  # noqa: S608 - constants and marks
            (*values, f"%{_LIKE.sub(_ESCAPED, wanted.words)}%", limit),
        )
        return [row["id"] for row in rows]


def _of_owner(wanted: TaskQuery) -> tuple[str, tuple[Any, ...]]:
    return ("", ()) if wanted.owner_id is None else (" AND owner_id = ?", (wanted.owner_id,))
