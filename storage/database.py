"""The database connection: one at a time, write-ahead log, foreign keys, transactions that begin as writers."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import aiosqlite

from storage import migrate
from storage.errors import DatabaseBroken, DatabaseBusy, StorageError, translated
from storage.files import FileLock, make_folder, make_private, real_path

log = logging.getLogger(__name__)

Row = sqlite3.Row
# Errors of a statement. The last two are raised for values that no column can store: integers beyond 64 bits, lone
# surrogates.
UNTAKEN = (sqlite3.Error, OverflowError, UnicodeEncodeError)

# SQLite's busy timeout in seconds. No healthy writer (a backup, an operator's shell) locks the file for longer.
BUSY_SECONDS = 15.0
# Timeout of the internal lock in seconds. If it expires, the holder is stuck: raise DatabaseBusy.
TURN_SECONDS = 20.0

# Maximum size of the write-ahead log after a full checkpoint. SQLite's automatic checkpoints keep it smaller.
LOG_BYTES = 8 * 1024 * 1024
# Pages (4,096 bytes) that one transaction returns to the file system, and unused pages kept for new rows.
SHRINK_PAGES = 500
SPARE_PAGES = 500


def path_of(url: str) -> Path:
    """Returns the file of a `sqlite:///` URL: three slashes for a relative path, four for an absolute one (as in
    SQLAlchemy).

    Raises ValueError for any other URL.
    """
    parts = urlsplit(url)
    if parts.scheme != "sqlite" or parts.netloc or len(parts.path) < 2:
        raise ValueError("expected sqlite:///relative/path or sqlite:////absolute/path")
    return Path(unquote(parts.path[1:]))


class Database:
    """SQLite through aiosqlite: every statement runs in the connection's own thread.

    One lock serializes all statements, so a reader never sees a partial transaction. After an error that means a
    damaged or unreadable file, the connection is replaced before the next statement. Work continues once the file is
    usable again.
    """

    def __init__(
        self,
        path: Path,
        connection: aiosqlite.Connection,
        file_lock: FileLock,
        busy_seconds: float,
        turn_seconds: float,
    ) -> None:
        self._path = path
        self._connection: aiosqlite.Connection | None = connection
        self._file_lock = file_lock
        self._busy_seconds = busy_seconds
        self._turn_seconds = turn_seconds
        self._lock = asyncio.Lock()
        self._owner: asyncio.Task[Any] | None = None
        self._suspect = False
        self._closed = False

    @classmethod
    async def open(
        cls, path: Path, *, busy_seconds: float = BUSY_SECONDS, turn_seconds: float = TURN_SECONDS
    ) -> Database:
        """Opens the file, creates it if needed, and migrates it to the newest version.

        `busy_seconds` limits the wait for other users of the file, `turn_seconds` the wait for other statements of this
        process. Raises DatabaseInUse if another process holds the database, NewerDatabase, DatabaseBroken,
        DatabaseFull, DatabaseBusy.
        """
        path = real_path(path)
        try:
            make_folder(path.parent)
            file_lock = FileLock(path)
        except OSError as error:
            raise DatabaseBroken(f"{error.filename or path}: {error.strerror}") from error
        try:
            make_private(path)
            return cls(path, await _connected(path, busy_seconds), file_lock, busy_seconds, turn_seconds)
        except BaseException:
            file_lock.release()
            raise

    async def close(self) -> None:
        """Waits for the current statement, then closes. Further calls do nothing."""
        async with self._lock:
            if self._closed:
                return
            self._closed = True
            await self._disconnect()
            self._file_lock.release()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Commits all statements of the block or none. A nested transaction joins the outer one.

        Raises StorageError; then nothing was written.
        """
        if self._owner is asyncio.current_task():
            yield
            return
        async with self._held():
            try:
                await self._run("BEGIN IMMEDIATE")
                yield
                await self._run("COMMIT")
            except BaseException:
                # A BEGIN whose caller was cancelled still runs in the connection's thread.
                await asyncio.shield(self._roll_back())
                raise

    async def write(self, sql: str, values: Iterable[Any] = ()) -> int:
        """Runs one statement in a transaction. Returns the number of affected rows."""
        async with self.transaction():
            return (await self._run(sql, values)).rowcount

    async def write_many(self, sql: str, rows: Iterable[Iterable[Any]]) -> None:
        """Runs one statement in a transaction, once per row of values."""
        async with self.transaction():
            try:
                await self._open_connection().executemany(sql, [tuple(row) for row in rows])
            except sqlite3.Error as error:
                raise self._failed(error) from error

    async def rows(self, sql: str, values: Iterable[Any] = ()) -> list[Row]:
        """Returns all rows of a query."""
        async with self._held():
            try:
                return list(await self._open_connection().execute_fetchall(sql, tuple(values)))
            except UNTAKEN as error:
                raise self._failed(error) from error

    async def row(self, sql: str, values: Iterable[Any] = ()) -> Row | None:
        """Returns the first row of a query."""
        found = await self.rows(sql, values)
        return found[0] if found else None

    async def shrink(self) -> bool:
        """Returns at most `SHRINK_PAGES` unused pages at the end of the file to the file system. Returns False if too
        few pages are unused."""
        (free,) = await self.rows("PRAGMA freelist_count")
        (mode,) = await self.rows("PRAGMA auto_vacuum")
        if mode[0] == 0 or free[0] <= SPARE_PAGES:
            return False
        async with self._held():
            try:
                # Use a script: a single statement without rows executes one step, which frees only one page.
                pages = min(SHRINK_PAGES, free[0] - SPARE_PAGES)
                await self._open_connection().executescript(f"PRAGMA incremental_vacuum({pages})")
            except sqlite3.Error as error:
                raise self._failed(error) from error
        return True

    @asynccontextmanager
    async def _held(self) -> AsyncIterator[None]:
        current = asyncio.current_task()
        if self._owner is current:
            yield
            return
        await self._acquire_lock()
        try:
            if self._closed:
                raise StorageError("the database is closed")
            if self._suspect:
                await self._renew()
            self._owner = current
            yield
        finally:
            self._owner = None
            self._lock.release()

    async def _acquire_lock(self) -> None:
        try:
            async with asyncio.timeout(self._turn_seconds):
                await self._lock.acquire()
        except TimeoutError as error:
            raise DatabaseBusy(f"lock not acquired within {self._turn_seconds:g} s") from error

    async def _renew(self) -> None:
        await self._disconnect()
        if not self._path.exists():
            # SQLite would create an empty database here, and all stored data would appear to be lost.
            raise DatabaseBroken(f"{self._path} was removed")
        try:
            self._file_lock.renew()
        except OSError as error:
            raise DatabaseBroken(f"{self._path}: {error.strerror}") from error
        make_private(self._path)
        self._connection = await _connected(self._path, self._busy_seconds, must_hold_tables=True)
        self._suspect = False
        log.warning("reopened the database")

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            with suppress(ValueError, sqlite3.Error):  # closing a broken connection may fail
                await connection.close()

    def _open_connection(self) -> aiosqlite.Connection:
        if self._connection is None:
            raise DatabaseBroken("the database is not open")
        return self._connection

    def _failed(self, error: Exception) -> StorageError:
        failure = translated(error)
        if isinstance(failure, DatabaseBroken) and not self._suspect:
            self._suspect = True
            log.error("the database cannot be used: %s", failure)
        return failure

    async def _run(self, sql: str, values: Iterable[Any] = ()) -> aiosqlite.Cursor:
        try:
            return await self._open_connection().execute(sql, tuple(values))
        except UNTAKEN as error:
            raise self._failed(error) from error

    async def _roll_back(self) -> None:
        try:
            if self._connection:
                await self._connection.rollback()
        except sqlite3.Error as error:
            self._failed(error)
            self._suspect = True


async def _connected(path: Path, busy_seconds: float, *, must_hold_tables: bool = False) -> aiosqlite.Connection:
    connection = aiosqlite.connect(path, isolation_level=None)
    try:
        await connection
        connection.row_factory = sqlite3.Row
        await connection.execute(f"PRAGMA busy_timeout = {round(busy_seconds * 1000)}")
        if must_hold_tables:
            await _check_for_tables(connection, path)
        # This takes effect only in a database without tables. It lets `shrink` return deleted pages to the file system.
        await connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        await connection.execute("PRAGMA journal_mode = WAL")
        # A log that grew because of a large image is truncated the next time it is used.
        await connection.execute(f"PRAGMA journal_size_limit = {LOG_BYTES}")
        # FULL: a journaled submission must survive a power failure, not only the end of the process.
        await connection.execute("PRAGMA synchronous = FULL")
        await connection.execute("PRAGMA foreign_keys = ON")
        # Deleted data, tokens above all, is overwritten. Pages that become free as a whole are not: for an image of 10
        # MB that would mean writing 10 MB, and `shrink` soon returns these pages to the file system.
        await connection.execute("PRAGMA secure_delete = FAST")
        await migrate.migrate(connection)
    except BaseException as error:
        with suppress(ValueError, sqlite3.Error):  # if never opened, there is nothing to close
            await connection.close()
        if isinstance(error, sqlite3.Error):
            raise translated(error) from error
        raise
    return connection


async def _check_for_tables(connection: aiosqlite.Connection, path: Path) -> None:
    """Raises DatabaseBroken for an empty file. An operator may be about to restore a copy there, and new rows would be
    mixed with it."""
    if await migrate.version_of(connection) == 0:
        raise DatabaseBroken(f"{path} is empty")
