"""User settings and small values of the program."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from storage.sqlite.database import Database
from storage.sqlite.statements import Row
from storage.user_records import UserDefaults

_COLUMNS = tuple(each.name for each in dataclasses.fields(UserDefaults))
_PUT = "INSERT INTO notes (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


class SqliteUserSettings:
    """`UserSettings` in SQLite."""

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
        changed = dataclasses.replace(UserDefaults(user_id), **chosen)  # type: ignore[arg-type] # checked by name
        rows = await self._database.write_returning(f"{_upsert(chosen)} RETURNING *", _values(changed))
        return _user_defaults(rows[0])

    async def remix_users(self, limit: int) -> frozenset[int]:
        """Returns at most `limit` users with remix mode on."""
        rows = await self._database.rows("SELECT user_id FROM preferences WHERE remix <> 0 LIMIT ?", (limit,))
        return frozenset(row["user_id"] for row in rows)

    async def save(self, chosen: UserDefaults) -> None:
        """Stores the settings of one user."""
        await self._database.write(_upsert(_COLUMNS[1:]), _values(chosen))


class SqliteKeyValueStore:
    """`KeyValueStore` in SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, name: str) -> str | None:
        """Returns the value of a name."""
        row = await self._database.row("SELECT value FROM notes WHERE name = ?", (name,))
        return None if row is None else str(row["value"])

    async def put(self, name: str, value: str) -> None:
        """Stores a value and replaces an older one."""
        await self._database.write(_PUT, (name, value))


def _upsert(names: Iterable[str]) -> str:
    """Stores a user's settings, or changes those with these names."""
    changes = ", ".join(f"{name} = excluded.{name}" for name in names) or "user_id = excluded.user_id"
    marks = ", ".join("?" * len(_COLUMNS))
    return (
        f"INSERT INTO preferences ({', '.join(_COLUMNS)}) VALUES ({marks})"  # noqa: S608 - names of columns
        f" ON CONFLICT (user_id) DO UPDATE SET {changes}"
    )


def _values(chosen: UserDefaults) -> tuple[Any, ...]:
    return tuple(int(value) if isinstance(value, bool) else value for value in dataclasses.astuple(chosen))


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
        engine=row["engine"],
    )
