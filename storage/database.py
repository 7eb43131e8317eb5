"""The connection: one at a time, write-ahead log, foreign keys on, transactions that begin as writers."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import aiosqlite

from storage import migrate
from storage.errors import DatabaseBroken, DatabaseInUse, StorageError, translated

log = logging.getLogger(__name__)

Row = sqlite3.Row

# Longer than any healthy writer (a backup, an administrator) holds the file.
BUSY_WAIT_MS = 15_000


def path_of(url: str) -> Path:
    """The file that a `sqlite:///` address names: three slashes relative, four absolute (as SQLAlchemy writes them).

    Raises ValueError for any other address.
    """
    parts = urlsplit(url)
    if parts.scheme != "sqlite" or parts.netloc or len(parts.path) < 2:
        raise ValueError("expected sqlite:///relative/path or sqlite:////absolute/path")
    return Path(unquote(parts.path[1:]))


class Database:
    """SQLite through aiosqlite: every statement runs in the connection's own thread.

    All statements take one lock, so a reader never sees half of somebody's transaction.
    """

    def __init__(self, connection: aiosqlite.Connection, lock_file: int | None) -> None:
        self._connection = connection
        self._lock_file = lock_file
        self._lock = asyncio.Lock()
        self._owner: asyncio.Task[Any] | None = None
        self._closed = False

    @classmethod
    async def open(cls, path: Path) -> Database:
        """Opens the file, makes it if needed, and brings it to the newest version.

        Raises DatabaseInUse when another process has it, NewerDatabase, DatabaseBroken, DatabaseFull, DatabaseBusy.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock_file = _lock(path.with_name(path.name + ".lock"))
        except OSError as error:
            raise DatabaseBroken(f"{path.parent}: {error.strerror}") from error
        try:
            return cls(await cls._connect(path), lock_file)
        except BaseException:
            os.close(lock_file)
            raise

    @staticmethod
    async def _connect(path: Path) -> aiosqlite.Connection:
        connection = aiosqlite.connect(path, isolation_level=None)
        try:
            await connection
            connection.row_factory = sqlite3.Row
            await connection.execute(f"PRAGMA busy_timeout = {BUSY_WAIT_MS}")
            await connection.execute("PRAGMA journal_mode = WAL")
            # FULL: a press that was journalled has to survive the loss of power, not only of the process.
            await connection.execute("PRAGMA synchronous = FULL")
            await connection.execute("PRAGMA foreign_keys = ON")
            await migrate.to_newest(connection)
        except BaseException as error:
            with suppress(ValueError, sqlite3.Error):  # never opened: nothing to close
                await connection.close()
            if isinstance(error, sqlite3.Error):
                raise translated(error) from error
            raise
        return connection

    async def close(self) -> None:
        """Waits for the statement that runs, then closes. Further calls do nothing."""
        async with self._lock:
            if self._closed:
                return
            self._closed = True
            await self._connection.close()
            if self._lock_file is not None:
                os.close(self._lock_file)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Everything within is written or nothing is; one inside another joins it.

        Raises StorageError, after which nothing of it was written.
        """
        if self._owner is asyncio.current_task():
            yield
            return
        async with self._held():
            await self._run("BEGIN IMMEDIATE")
            try:
                yield
                await self._run("COMMIT")
            finally:
                if self._connection.in_transaction:
                    await asyncio.shield(self._roll_back())

    async def write(self, sql: str, values: Iterable[Any] = ()) -> int:
        """Runs one statement in a transaction; the number of rows it touched."""
        async with self.transaction():
            cursor = await self._run(sql, values)
            return cursor.rowcount

    async def rows(self, sql: str, values: Iterable[Any] = ()) -> list[Row]:
        """All rows of a query."""
        async with self._held():
            cursor = await self._run(sql, values)
            return [row async for row in cursor]

    async def row(self, sql: str, values: Iterable[Any] = ()) -> Row | None:
        """The first row of a query."""
        found = await self.rows(sql, values)
        return found[0] if found else None

    async def copy_to(self, path: Path) -> None:
        """A consistent copy of everything, while work goes on."""
        async with self._held():
            try:
                async with aiosqlite.connect(path) as target:
                    await self._connection.backup(target)
            except sqlite3.Error as error:
                raise translated(error) from error

    @asynccontextmanager
    async def _held(self) -> AsyncIterator[None]:
        current = asyncio.current_task()
        if self._owner is current:
            yield
            return
        async with self._lock:
            if self._closed:
                raise StorageError("the database is closed")
            self._owner = current
            try:
                yield
            finally:
                self._owner = None

    async def _run(self, sql: str, values: Iterable[Any] = ()) -> aiosqlite.Cursor:
        try:
            return await self._connection.execute(sql, tuple(values))
        except sqlite3.Error as error:
            raise translated(error) from error

    async def _roll_back(self) -> None:
        try:
            await self._connection.rollback()
        except sqlite3.Error:
            log.exception("a transaction could not be rolled back")


def _lock(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise DatabaseInUse(f"{path} is held by another process") from error
    return handle
