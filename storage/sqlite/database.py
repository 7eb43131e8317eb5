"""The database file: opening it with two degrees of durability, a new connection after an error, and its size."""

from __future__ import annotations

import logging
import sqlite3
from functools import partial
from pathlib import Path

import aiosqlite

from storage.errors import DatabaseBroken, StorageError
from storage.sqlite import migrate
from storage.sqlite.error_codes import StuckTransaction, translated
from storage.sqlite.files import FileLock, make_folder, make_private, real_path
from storage.sqlite.statements import Session
from storage.sqlite.transactions import Connection, Counts, Transactions, WorkConnection

log = logging.getLogger(__name__)

# SQLite's busy timeout in seconds. No healthy writer (a backup, an operator's shell) locks the file for longer.
BUSY_SECONDS = 15.0
# Timeout of the internal locks in seconds. If it expires, the holder is stuck: raise DatabaseBusy.
TURN_SECONDS = 20.0

# Pages (4,096 bytes) that one transaction returns to the file system, and unused pages kept for new rows.
SHRINK_PAGES = 500
SPARE_PAGES = 500

# Maximum size of the write-ahead log after a full checkpoint. SQLite's automatic checkpoints keep it smaller.
LOG_BYTES = 8 * 1024 * 1024


class Database(Transactions):
    """One file in SQLite.

    After an error that means a damaged or unreadable file, the connections are replaced before the next statement. Work
    continues once the file is usable again.
    """

    def __init__(self, path: Path, file_lock: FileLock, busy_seconds: float, turn_seconds: float) -> None:
        super().__init__(turn_seconds)
        self.path = path
        self._file_lock = file_lock
        self._busy_seconds = busy_seconds

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
            database = cls(path, file_lock, busy_seconds, turn_seconds)
            await database._connect()
        except BaseException:
            file_lock.release()
            raise
        return database

    async def close(self) -> None:
        """Waits for the current statements, then closes. Further calls do nothing."""
        async with self._turn, self._lock:
            if self._closed:
                return
            self._closed = True
            await self._disconnect()
            self._file_lock.release()

    async def shrink(self) -> bool:
        """Returns at most `SHRINK_PAGES` unused pages at the end of the file to the file system. Returns False if too
        few pages are unused."""
        (free,) = await self.rows("PRAGMA freelist_count")
        (mode,) = await self.rows("PRAGMA auto_vacuum")
        if mode[0] == 0 or free[0] <= SPARE_PAGES:
            return False
        # Use a script: a single statement without rows executes one step, which frees only one page.
        pages = min(SHRINK_PAGES, free[0] - SPARE_PAGES)
        await self._write(lambda session: session.run_script(f"PRAGMA incremental_vacuum({pages})"))
        return True

    async def _make_usable(self) -> None:
        """Replaces the connections after an error. The caller holds both locks."""
        if self._closed:
            raise StorageError("the database is closed")
        if self._suspect:
            await self._renew()

    async def _connect(self, *, must_hold_tables: bool = False) -> None:
        async def open_one(*, durable: bool) -> Connection:
            return await open_connection(
                self.path, self._busy_seconds, self.counts, durable=durable, must_hold_tables=must_hold_tables
            )

        self._main = await open_one(durable=False)
        try:
            self._durable = await open_one(durable=True)
        except BaseException:
            await self._disconnect()
            raise

    async def _renew(self) -> None:
        await self._disconnect()
        if not self.path.exists():
            # SQLite would create an empty database here, and all stored data would appear to be lost.
            raise DatabaseBroken(f"{self.path} was removed")
        try:
            self._file_lock.renew()
        except OSError as error:
            raise DatabaseBroken(f"{self.path}: {error.strerror}") from error
        make_private(self.path)
        await self._connect(must_hold_tables=True)
        self._suspect = False
        log.warning("reopened the database")

    async def _disconnect(self) -> None:
        connections, self._main, self._durable = (self._main, self._durable), None, None
        for connection in filter(None, connections):
            await connection.close()

    def _failed(self, error: Exception) -> StorageError:
        failure = translated(error)
        if isinstance(failure, DatabaseBroken) or isinstance(error, StuckTransaction):
            if not self._suspect:
                log.error("the database cannot be used: %s", failure)
            self._suspect = True
        return failure


async def open_connection(
    path: Path, busy_seconds: float, counts: Counts, *, durable: bool, must_hold_tables: bool = False
) -> Connection:
    """Opens the file and migrates it. Raises StorageError.

    `must_hold_tables`: an empty file is refused. An operator may be about to restore a copy there, and new rows
    would be mixed with it.
    """
    raw = aiosqlite.connect(path, isolation_level=None, factory=WorkConnection)
    connection = Connection(raw, counts, durable=durable)
    try:
        await raw
        raw.row_factory = sqlite3.Row
        needed = path if must_hold_tables else None
        await connection.run(partial(_set_up, busy_seconds=busy_seconds, durable=durable, must_hold_tables=needed))
    except BaseException as error:
        await connection.close()
        if isinstance(error, sqlite3.Error):
            raise translated(error) from error
        raise
    return connection


def _set_up(session: Session, *, busy_seconds: float, durable: bool, must_hold_tables: Path | None) -> None:
    session.execute(f"PRAGMA busy_timeout = {round(busy_seconds * 1000)}")
    if must_hold_tables and migrate.version_of(session.raw) == 0:
        raise DatabaseBroken(f"{must_hold_tables} is empty")
    session.run_script(
        # This takes effect only in a database without tables. It lets `Database.shrink` return deleted pages to the
        # file system.
        "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;"
        # A log that grew because of a large image is truncated the next time it is used.
        f" PRAGMA journal_size_limit = {LOG_BYTES}; PRAGMA synchronous = {'FULL' if durable else 'NORMAL'};"
        # Deleted data, tokens above all, is overwritten. Pages that become free as a whole are not: for an image of
        # 10 MB that would mean writing 10 MB, and `shrink` soon returns these pages to the file system.
        " PRAGMA foreign_keys = ON; PRAGMA secure_delete = FAST"
    )
    migrate.migrate(session.raw)
