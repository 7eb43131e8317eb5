"""The connection: one at a time, write-ahead log, foreign keys on, transactions that begin as writers."""

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
# What a statement fails with; the last two for a value that no column takes: a number beyond 64 bits, a lone surrogate.
UNTAKEN = (sqlite3.Error, OverflowError, UnicodeEncodeError)

# Seconds: longer than any healthy writer (a backup, an administrator) holds the file.
BUSY_SECONDS = 15.0
# Seconds to wait for one's turn; longer means that somebody before is stuck, and whoever asked is to hear of it.
TURN_SECONDS = 20.0

# How large the write-ahead log stays when all of it has gone into the database; SQLite's own checkpoints are smaller.
LOG_BYTES = 8 * 1024 * 1024
# Pages (of 4,096 bytes) that are given back to the disk in one transaction, and unused ones that are kept for new rows.
SHRINK_PAGES = 500
SPARE_PAGES = 500


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

    All statements take one lock, so a reader never sees half of somebody's transaction. A connection that has met a
    damaged or unreadable file is replaced before the next statement, so that work goes on once the file is in order.
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
        """Opens the file, makes it if needed, and brings it to the newest version.

        `busy_seconds`: how long a statement waits for somebody else who holds the file; `turn_seconds`: for others of
        this process. Raises DatabaseInUse when another process has it, NewerDatabase, DatabaseBroken, DatabaseFull,
        DatabaseBusy.
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
        """Waits for the statement that runs, then closes. Further calls do nothing."""
        async with self._lock:
            if self._closed:
                return
            self._closed = True
            await self._disconnect()
            self._file_lock.release()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Everything within is written or nothing is; one inside another joins it.

        Raises StorageError, after which nothing of it was written.
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
                # Even a BEGIN that nobody waits for any more comes about in the connection's thread.
                await asyncio.shield(self._roll_back())
                raise

    async def write(self, sql: str, values: Iterable[Any] = ()) -> int:
        """Runs one statement in a transaction; the number of rows it touched."""
        async with self.transaction():
            return (await self._run(sql, values)).rowcount

    async def write_many(self, sql: str, rows: Iterable[Iterable[Any]]) -> None:
        """Runs one statement in a transaction for each of these rows of values."""
        async with self.transaction():
            try:
                await self._open_connection().executemany(sql, [tuple(row) for row in rows])
            except sqlite3.Error as error:
                raise self._failed(error) from error

    async def rows(self, sql: str, values: Iterable[Any] = ()) -> list[Row]:
        """All rows of a query."""
        async with self._held():
            try:
                return list(await self._open_connection().execute_fetchall(sql, tuple(values)))
            except UNTAKEN as error:
                raise self._failed(error) from error

    async def row(self, sql: str, values: Iterable[Any] = ()) -> Row | None:
        """The first row of a query."""
        found = await self.rows(sql, values)
        return found[0] if found else None

    async def shrink(self) -> bool:
        """Gives back at most `SHRINK_PAGES` unused pages at the end of the file; False when too few are unused."""
        (free,) = await self.rows("PRAGMA freelist_count")
        (mode,) = await self.rows("PRAGMA auto_vacuum")
        if mode[0] == 0 or free[0] <= SPARE_PAGES:
            return False
        async with self._held():
            try:
                # As a script, because a single statement without rows takes one step, which gives back one page.
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
            # Made anew it would be empty, and what is remembered would seem to be lost.
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
            with suppress(ValueError, sqlite3.Error):  # what is broken need not close well
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
        # Only a database without tables takes this: what is deleted later can be given back to the disk (`shrink`).
        await connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        await connection.execute("PRAGMA journal_mode = WAL")
        # A log that a large picture has blown up is cut again when it is used the next time.
        await connection.execute(f"PRAGMA journal_size_limit = {LOG_BYTES}")
        # FULL: a press that was journalled has to survive the loss of power, not only of the process.
        await connection.execute("PRAGMA synchronous = FULL")
        await connection.execute("PRAGMA foreign_keys = ON")
        # What is wiped is overwritten, tokens above all. Pages that fall free as a whole are not: for a picture of ten
        # megabytes that would be ten megabytes to write, and the room goes back to the disk soon (`shrink`).
        await connection.execute("PRAGMA secure_delete = FAST")
        await migrate.migrate(connection)
    except BaseException as error:
        with suppress(ValueError, sqlite3.Error):  # never opened: nothing to close
            await connection.close()
        if isinstance(error, sqlite3.Error):
            raise translated(error) from error
        raise
    return connection


async def _check_for_tables(connection: aiosqlite.Connection, path: Path) -> None:
    """Raises DatabaseBroken for an empty file: somebody is about to put a copy there, and what is written meanwhile
    would be mixed with it."""
    if await migrate.version_of(connection) == 0:
        raise DatabaseBroken(f"{path} is empty")
