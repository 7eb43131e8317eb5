"""Preferences: each person's own defaults."""

from __future__ import annotations

from storage.database import Database
from storage.records import Preferences


class PreferencesOfPeople:
    """The repository of preferences. Every method raises StorageError when the store cannot answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, user_id: int) -> Preferences:
        """One person's preferences; the defaults for somebody who has set none."""
        row = await self._database.row("SELECT * FROM preferences WHERE user_id = ?", (user_id,))
        if row is None:
            return Preferences(user_id)
        return Preferences(
            user_id=row["user_id"],
            mode=row["mode"],
            bot_type=row["bot_type"],
            aspect=row["aspect"],
            suffix=row["suffix"],
            remix=bool(row["remix"]),
            direct=bool(row["direct"]),
        )

    async def save(self, chosen: Preferences) -> None:
        """Keeps one person's preferences."""
        await self._database.write(
            "INSERT OR REPLACE INTO preferences (user_id, mode, bot_type, aspect, suffix, remix, direct)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                chosen.user_id,
                chosen.mode,
                chosen.bot_type,
                chosen.aspect,
                chosen.suffix,
                chosen.remix,
                chosen.direct,
            ),
        )


class Notes:
    """Small things that the program has to remember about itself, by name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, name: str) -> str | None:
        """What was noted under a name."""
        row = await self._database.row("SELECT value FROM notes WHERE name = ?", (name,))
        return None if row is None else str(row["value"])

    async def put(self, name: str, value: str) -> None:
        """Notes a value, in place of an older one."""
        await self._database.write("INSERT OR REPLACE INTO notes (name, value) VALUES (?, ?)", (name, value))
