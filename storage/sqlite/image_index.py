"""The index of images: the text of each, its vector, and the searches in both."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence

from storage.records import Task, TaskId
from storage.search import ImageText, ImageVector, Near, SearchScope, VectorSpace
from storage.sqlite.database import Database
from storage.sqlite.image_words import ImageWords, found_by_words
from storage.sqlite.rows import task_of
from storage.sqlite.search_reader import SearchReader, parts_of
from storage.sqlite.statements import Session, marks
from storage.sqlite.vector_search import code_of, nearest

_SPACE = "SELECT id FROM vector_spaces WHERE model = ? AND length = ?"


class SqliteImageIndex:
    """`ImageIndex` in SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._words = ImageWords(database)
        self._reader = SearchReader(database.path)

    async def unread(self, limit: int) -> list[Task]:
        """Returns finished tasks that were not added yet, newest first."""
        rows = await self._database.rows(
            "SELECT * FROM tasks WHERE in_search = 0 AND state = 'success' AND deleted_at IS NULL"
            " ORDER BY created_at DESC LIMIT ?",
            (limit,),
        )
        return [task_of(row) for row in rows]

    async def add(self, texts: Sequence[ImageText], *, without_text: Sequence[TaskId] = ()) -> None:
        """Stores the texts of tasks, and that other tasks have none."""
        await self._words.indexed()
        seen = [*(each.task_id for each in texts), *without_text]

        def store(session: Session) -> None:
            session.execute_many(
                "INSERT INTO image_texts (task_id, owner_id, guild_id, text)"
                " SELECT id, owner_id, guild_id, ? FROM tasks WHERE id = ? AND deleted_at IS NULL"
                " ON CONFLICT (task_id) DO UPDATE SET text = excluded.text, space_id = NULL"
                " WHERE image_texts.text <> excluded.text",
                [(each.text, each.task_id) for each in texts],
            )
            rows = session.fetch(
                f"SELECT row_id, text FROM image_texts WHERE task_id IN ({marks(texts)})",  # noqa: S608 - marks
                [each.task_id for each in texts],
            )
            self._words.add(session, [(row["row_id"], row["text"]) for row in rows])
            session.execute_many("UPDATE tasks SET in_search = 1 WHERE id = ?", [(each,) for each in seen])

        await self._database.transaction(store)

    def remove(self, session: Session, task_id: TaskId) -> None:
        """Removes the text and the vector of a task, within a transaction. `ready` must have been called."""
        rows = session.fetch("DELETE FROM image_texts WHERE task_id = ? RETURNING row_id", (task_id,))
        for row in rows:
            self._words.remove(session, row["row_id"])

    async def ready(self) -> None:
        """Prepares the index of words."""
        await self._words.indexed()

    async def text_of(self, task_id: TaskId) -> str | None:
        """Returns the text of a task's image."""
        row = await self._database.row("SELECT text FROM image_texts WHERE task_id = ?", (task_id,))
        return None if row is None else str(row["text"])

    async def without_vector(self, space: VectorSpace, limit: int) -> list[ImageText]:
        """Returns texts without a vector of this space, first those without one of any space."""
        space_id = await self._space_id(space) or 0
        found: list[ImageText] = []
        # One query for each range of the index.
        for other, values in (("IS NULL", ()), ("< ?", (space_id,)), ("> ?", (space_id,))):
            if len(found) < limit:
                rows = await self._database.rows(
                    f"SELECT task_id, text FROM image_texts WHERE space_id {other} ORDER BY row_id DESC LIMIT ?",  # noqa: S608 - constants
                    (*values, limit - len(found)),
                )
                found += [ImageText(row["task_id"], row["text"]) for row in rows]
        return found

    async def add_vectors(self, space: VectorSpace, vectors: Sequence[ImageVector]) -> None:
        """Stores the vectors of texts, in place of older ones."""
        known = {each.task_id: each.vector for each in vectors}
        codes = await asyncio.to_thread(lambda: {name: code_of(vector) for name, vector in known.items() if vector})

        def store(session: Session) -> None:
            session.execute(
                "INSERT INTO vector_spaces (model, length) VALUES (?, ?) ON CONFLICT (model, length) DO NOTHING",
                (space.model, space.length),
            )
            ((space_id,),) = session.fetch(_SPACE, (space.model, space.length))
            rows = session.fetch(
                f"UPDATE image_texts SET space_id = ? WHERE task_id IN ({marks(list(known))})"  # noqa: S608 - marks
                " RETURNING row_id, task_id, owner_id, guild_id",
                (space_id, *known),
            )
            replaced = [(row["row_id"],) for row in rows]
            session.execute_many("DELETE FROM image_vectors WHERE row_id = ?", replaced)
            session.execute_many("DELETE FROM image_codes WHERE row_id = ?", replaced)
            with_vector = [(row, known[row["task_id"]]) for row in rows if row["task_id"] in codes]
            session.execute_many(
                "INSERT INTO image_vectors (row_id, vector) VALUES (?, ?)",
                [(row["row_id"], vector) for row, vector in with_vector],
            )
            session.execute_many(
                "INSERT INTO image_codes (row_id, space_id, owner_id, guild_id, code) VALUES (?, ?, ?, ?, ?)",
                [
                    (row["row_id"], space_id, row["owner_id"], row["guild_id"], codes[row["task_id"]])
                    for row, _ in with_vector
                ],
            )

        await self._database.transaction(store)

    async def missing(self, space: VectorSpace, scope: SearchScope) -> int:
        """Returns the number of texts in the scope without a vector of this space."""
        space_id = await self._space_id(space) or 0

        def count(connection: sqlite3.Connection) -> int:
            found = 0
            for part in parts_of(scope):
                (row,) = connection.execute(
                    f"SELECT COUNT(*) FROM image_texts WHERE {part.sql} AND (space_id IS NULL OR space_id <> ?)",  # noqa: S608 - constants
                    (*part.values, space_id),
                )
                found += row[0]
            return found

        return await self._reader.run(count)

    async def vector_of(self, task_id: TaskId, space: VectorSpace) -> bytes | None:
        """Returns the vector of a task in this space."""
        row = await self._database.row(
            "SELECT vector FROM image_texts JOIN vector_spaces ON vector_spaces.id = space_id"
            " JOIN image_vectors ON image_vectors.row_id = image_texts.row_id"
            " WHERE task_id = ? AND model = ? AND length = ?",
            (task_id, space.model, space.length),
        )
        return None if row is None else bytes(row["vector"])

    async def nearest(self, space: VectorSpace, vector: bytes, scope: SearchScope, *, limit: int) -> list[Near]:
        """Returns the tasks whose vectors of this space are nearest, nearest first."""
        space_id = await self._space_id(space)
        if space_id is None or len(vector) != 4 * space.length:
            return []

        def search(connection: sqlite3.Connection) -> list[Near]:
            found = dict(nearest(connection, space_id, vector, scope, limit))
            names = _task_ids(connection, list(found))
            return [Near(names[row_id], value) for row_id, value in found.items() if row_id in names]

        return await self._reader.run(search)

    async def with_words(self, words: str, scope: SearchScope, *, limit: int, any_word: bool = False) -> list[TaskId]:
        """Returns the tasks whose texts contain the words, best first."""
        indexed = await self._words.indexed()
        return await self._reader.run(
            lambda connection: found_by_words(connection, words, scope, limit, indexed=indexed, any_word=any_word)
        )

    async def _space_id(self, space: VectorSpace) -> int | None:
        row = await self._database.row(_SPACE, (space.model, space.length))
        return None if row is None else int(row["id"])


def _task_ids(connection: sqlite3.Connection, row_ids: Sequence[int]) -> dict[int, TaskId]:
    found: dict[int, TaskId] = {}
    for start in range(0, len(row_ids), 500):
        part = row_ids[start : start + 500]
        rows = connection.execute(
            f"SELECT row_id, task_id FROM image_texts WHERE row_id IN ({marks(part)})",  # noqa: S608 - marks
            part,
        )
        found |= {row["row_id"]: row["task_id"] for row in rows}
    return found
