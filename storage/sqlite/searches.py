"""What users searched for lately. Only the user who searched can read it."""

from __future__ import annotations

import json

from storage.search import SavedSearch
from storage.sqlite.database import Database
from storage.sqlite.statements import Session, json_text

# Searches that a user can go on with.
MOST_SEARCHES = 20


class SqliteSearches:
    """`Searches` in SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, search: SavedSearch) -> None:
        """Stores a search, replaces one with the same id, and keeps only the newest of its user."""

        def store(session: Session) -> None:
            session.execute("DELETE FROM searches WHERE id = ?", (search.id,))
            session.execute(
                "INSERT INTO searches (id, user_id, words, like_id, in_server, task_ids, by_meaning, missing,"
                " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    search.id,
                    search.user_id,
                    search.words,
                    search.like,
                    int(search.in_server),
                    json_text(search.task_ids),
                    int(search.by_meaning),
                    search.missing,
                    search.created_at,
                ),
            )
            session.execute(
                "DELETE FROM searches WHERE user_id = ? AND id NOT IN"
                " (SELECT id FROM searches WHERE user_id = ? ORDER BY created_at DESC, id LIMIT ?)",
                (search.user_id, search.user_id, MOST_SEARCHES),
            )

        await self._database.transaction(store)

    async def get(self, search_id: str, user_id: int) -> SavedSearch | None:
        """Returns the search if it belongs to this user."""
        row = await self._database.row("SELECT * FROM searches WHERE id = ? AND user_id = ?", (search_id, user_id))
        if row is None:
            return None
        return SavedSearch(
            id=row["id"],
            user_id=row["user_id"],
            words=row["words"],
            like=row["like_id"],
            in_server=bool(row["in_server"]),
            task_ids=tuple(json.loads(row["task_ids"])),
            by_meaning=bool(row["by_meaning"]),
            missing=row["missing"],
            created_at=row["created_at"],
        )

    async def forget(self, before: float, *, limit: int) -> int:
        """Deletes at most `limit` searches created before `before` (unix seconds). Returns their number."""
        return await self._database.write(
            "DELETE FROM searches WHERE id IN (SELECT id FROM searches WHERE created_at < ? LIMIT ?)", (before, limit)
        )
