"""User settings and small values of the program."""

from __future__ import annotations

import dataclasses

from storage.database import Database, Row
from storage.records import UserDefaults


class UserSettings:
    """Repository of user settings. Every method raises StorageError if the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, user_id: int) -> UserDefaults:
        """Returns the settings of one user; default values if none are stored."""
        row = await self._database.row("SELECT * FROM preferences WHERE user_id = ?", (user_id,))
        return UserDefaults(user_id) if row is None else _user_defaults(row)

    async def change(self, user_id: int, **chosen: str | bool | None) -> UserDefaults:
        """Changes some settings of one user and returns all of them.

        Raises TypeError for an unknown setting.
        """
        async with self._database.transaction():
            changed = dataclasses.replace(await self.of(user_id), **chosen)  # type: ignore[arg-type] # checked by name
            await self.save(changed)
            return changed

    async def remix_users(self, limit: int) -> frozenset[int]:
        """Returns at most `limit` users with remix mode on."""
        rows = await self._database.rows("SELECT user_id FROM preferences WHERE remix <> 0 LIMIT ?", (limit,))
        return frozenset(row["user_id"] for row in rows)

    async def save(self, chosen: UserDefaults) -> None:
        """Stores the settings of one user."""
        await self._database.write(
            "INSERT OR REPLACE INTO preferences (user_id, mode, bot_type, aspect, suffix, remix, direct, notify)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                chosen.user_id,
                chosen.mode,
                chosen.bot_type,
                chosen.aspect,
                chosen.suffix,
                chosen.remix,
                chosen.direct,
                chosen.notify,
            ),
        )


class KeyValueStore:
    """Small values of the program, by name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, name: str) -> str | None:
        """Returns the value of a name."""
        row = await self._database.row("SELECT value FROM notes WHERE name = ?", (name,))
        return None if row is None else str(row["value"])

    async def put(self, name: str, value: str) -> None:
        """Stores a value and replaces an older one."""
        await self._database.write("INSERT OR REPLACE INTO notes (name, value) VALUES (?, ?)", (name, value))


def _user_defaults(row: Row) -> UserDefaults:
    return UserDefaults(
        user_id=row["user_id"],
        mode=row["mode"],
        bot_type=row["bot_type"],
        aspect=row["aspect"],
        suffix=row["suffix"],
        remix=bool(row["remix"]),
        direct=bool(row["direct"]),
        notify=row["notify"],
    )
