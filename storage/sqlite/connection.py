"""One connection to the database file: its settings, and its statements, each of which runs in a thread of its own."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiosqlite

from storage.errors import DatabaseBroken
from storage.sqlite import migrate
from storage.sqlite.errors import translated
from storage.sqlite.statement_list import STATEMENT_LIST, ListConnection, Statement, StatementList

Row = sqlite3.Row

# Every statement, without its values, at the level DEBUG.
statements_log = logging.getLogger("storage.statements")

# Maximum size of the write-ahead log after a full checkpoint. SQLite's automatic checkpoints keep it smaller.
LOG_BYTES = 8 * 1024 * 1024


@dataclass(slots=True)
class Counts:
    """What a database has done since it was opened.

    `transactions` that changed something, of which `full_commits` waited until the disk had them.
    """

    statements: int = 0
    transactions: int = 0
    full_commits: int = 0


class Connection:
    """Runs statements. Raises what sqlite3 raises.

    `durable`: a commit waits until the disk has it, so it survives a power failure. Without it, a commit survives the
    end of the process at any moment, but a power failure may undo the last ones. On a durable connection, the first
    INSERT or UPDATE begins a transaction by itself, which saves a way to its thread before a request is sent.
    """

    def __init__(self, raw: aiosqlite.Connection, counts: Counts, *, durable: bool) -> None:
        self._raw = raw
        self._counts = counts
        self.durable = durable

    @classmethod
    async def open(
        cls, path: Path, busy_seconds: float, counts: Counts, *, durable: bool, must_hold_tables: bool = False
    ) -> Connection:
        """Opens the file and migrates it. Raises StorageError.

        `must_hold_tables`: an empty file is refused. An operator may be about to restore a copy there, and new rows
        would be mixed with it.
        """
        raw = aiosqlite.connect(path, isolation_level="IMMEDIATE" if durable else None, factory=ListConnection)
        connection = cls(raw, counts, durable=durable)
        try:
            await raw
            raw.row_factory = sqlite3.Row
            await raw.execute(f"PRAGMA busy_timeout = {round(busy_seconds * 1000)}")
            if must_hold_tables:
                await _check_for_tables(raw, path)
            await connection._set_up()
        except BaseException as error:
            await connection.close()
            if isinstance(error, sqlite3.Error):
                raise translated(error) from error
            raise
        return connection

    async def _set_up(self) -> None:
        level = "FULL" if self.durable else "NORMAL"
        await self._raw.executescript(
            # This takes effect only in a database without tables. It lets `Database.shrink` return deleted pages to the
            # file system.
            "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;"
            # A log that grew because of a large image is truncated the next time it is used.
            f" PRAGMA journal_size_limit = {LOG_BYTES}; PRAGMA synchronous = {level}; PRAGMA foreign_keys = ON;"
            # Deleted data, tokens above all, is overwritten. Pages that become free as a whole are not: for an image of
            # 10 MB that would mean writing 10 MB, and `shrink` soon returns these pages to the file system.
            " PRAGMA secure_delete = FAST"
        )
        await migrate.migrate(self._raw)

    async def execute(self, sql: str, values: Iterable[Any] = ()) -> int:
        """Runs one statement. Returns the number of affected rows."""
        self._count(sql)
        return (await self._raw.execute(sql, cleaned(values))).rowcount

    async def execute_many(self, sql: str, rows: Iterable[Iterable[Any]]) -> None:
        """Runs one statement once per row of values."""
        values = [cleaned(row) for row in rows]
        self._count(sql, len(values))
        await self._raw.executemany(sql, values)

    async def fetch(self, sql: str, values: Iterable[Any] = ()) -> list[Row]:
        """Runs one statement. Returns its rows."""
        self._count(sql)
        return list(await self._raw.execute_fetchall(sql, cleaned(values)))

    async def run_list(self, statements: Sequence[Statement], *, commit: bool) -> list[Row]:
        """Runs statements until one changes nothing, then commits if `commit`. Returns the rows of the last one run."""
        clean = [
            Statement(each.sql, cleaned(each.values), each.rows and [cleaned(row) for row in each.rows])
            for each in statements
        ]
        for each in clean:
            self._count(each.sql, 1 if each.rows is None else len(each.rows))
        if commit:
            self._count("COMMIT")
        return list(await self._raw.execute_fetchall(STATEMENT_LIST, StatementList(clean, commit)))

    async def run_script(self, sql: str) -> None:
        """Runs several statements, or all steps of one that returns no rows."""
        self._count(sql)
        await self._raw.executescript(sql)

    async def begin(self) -> None:
        """Begins a transaction, on a durable connection with its next statement, which must be an INSERT or UPDATE."""
        self._count("BEGIN IMMEDIATE")
        if not self.durable:
            await self._raw.execute("BEGIN IMMEDIATE")

    async def commit(self) -> None:
        """Commits the current transaction."""
        self._count("COMMIT")
        await self._raw.commit()

    async def roll_back(self) -> None:
        """Undoes the current transaction, if there is one."""
        await self._raw.rollback()

    async def close(self) -> None:
        """Closes the connection, as far as that is possible."""
        with suppress(ValueError, sqlite3.Error):  # closing a broken connection, or one that was never opened, may fail
            await self._raw.close()

    def _count(self, sql: str, times: int = 1) -> None:
        self._counts.statements += times
        if statements_log.isEnabledFor(logging.DEBUG):
            for _ in range(times):
                statements_log.debug("%s%s", sql, " (durable)" if self.durable else "")


async def _check_for_tables(raw: aiosqlite.Connection, path: Path) -> None:
    if await migrate.version_of(raw) == 0:
        raise DatabaseBroken(f"{path} is empty")


def cleaned(values: Iterable[Any]) -> tuple[Any, ...]:
    """The values without U+0000 in texts: not every database engine can store it."""
    return tuple(value.replace("\0", "") if type(value) is str and "\0" in value else value for value in values)
