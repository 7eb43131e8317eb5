"""The database file: one writer at a time, two degrees of durability, and a new connection after an error."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from storage.errors import DatabaseBroken, DatabaseBusy, StorageError
from storage.sqlite.connection import (
    STATEMENT_ERRORS,
    Connection,
    Counts,
    Row,
    Session,
    StuckTransaction,
    open_connection,
    translated,
)
from storage.sqlite.files import FileLock, make_folder, make_private, real_path
from storage.sqlite.group_commit import GroupCommit

log = logging.getLogger(__name__)

T = TypeVar("T")

# SQLite's busy timeout in seconds. No healthy writer (a backup, an operator's shell) locks the file for longer.
BUSY_SECONDS = 15.0
# Timeout of the internal locks in seconds. If it expires, the holder is stuck: raise DatabaseBusy.
TURN_SECONDS = 20.0

# Pages (4,096 bytes) that one transaction returns to the file system, and unused pages kept for new rows.
SHRINK_PAGES = 500
SPARE_PAGES = 500


class Transactions(ABC):
    """Transactions through two connections. A commit of the durable one, the journal's, survives a power failure.

    One lock lets one transaction write at a time, another serializes the statements of the other connection, so a
    reader never sees a partial transaction. Readers do not wait for the journal.
    """

    def __init__(self, turn_seconds: float) -> None:
        self._main: Connection | None = None
        self._durable: Connection | None = None
        self._lock = _TimedLock(turn_seconds)
        self._turn = _TimedLock(turn_seconds)
        self._journal = GroupCommit(self._turn, self._durable_connection)
        # After an error, until the connections are replaced.
        self._suspect = False
        self._closed = False
        self.counts = Counts()

    async def rows(self, sql: str, values: Iterable[Any] = ()) -> list[Row]:
        """Returns all rows of a query."""
        if self._suspect:
            async with self._turn, self._lock:
                await self._make_usable()
        async with self._lock:
            if self._closed:
                raise StorageError("the database is closed")
            return await self._run(lambda session: session.fetch(sql, values))

    async def row(self, sql: str, values: Iterable[Any] = ()) -> Row | None:
        """Returns the first row of a query."""
        found = await self.rows(sql, values)
        return found[0] if found else None

    async def write(self, sql: str, values: Iterable[Any] = ()) -> int:
        """Runs one statement as a transaction of its own. Returns the number of affected rows."""
        changed = await self._write(lambda session: session.execute(sql, values))
        self.counts.transactions += 1
        return changed

    async def write_returning(self, sql: str, values: Iterable[Any] = ()) -> list[Row]:
        """Runs one statement as a transaction of its own. Returns the rows that it returns."""
        rows = await self._write(lambda session: session.fetch(sql, values))
        self.counts.transactions += 1
        return rows

    async def transaction(self, work: Callable[[Session], T]) -> T:
        """Runs `work` in a transaction, and returns its result. Raises StorageError, or what `work` raises; then
        nothing was written.

        `work` runs in another thread, and to its end even if the caller is cancelled.
        """
        return await self._write(lambda session: session.transaction(work))

    async def journal(self, work: Callable[[Session], T]) -> T:
        """Runs `work` in a durable transaction, together with others that wait for the same.

        `work` may be run again after an error of another one, so it must have no other effects. Otherwise like
        `transaction`.
        """
        try:
            return await self._journal.run(work)
        except STATEMENT_ERRORS as error:
            raise self._failed(error) from error

    async def _write(self, work: Callable[[Session], T]) -> T:
        async with self._turn, self._lock:
            if self._closed or self._suspect:
                await self._make_usable()
            return await self._run(work)

    async def _run(self, work: Callable[[Session], T]) -> T:
        try:
            return await _opened(self._main).run(work)
        except STATEMENT_ERRORS as error:
            raise self._failed(error) from error

    async def _durable_connection(self) -> Connection:
        if self._closed or self._suspect:
            async with self._lock:
                await self._make_usable()
        return _opened(self._durable)

    @abstractmethod
    async def _make_usable(self) -> None:
        """Replaces the connections after an error. The caller holds both locks."""

    @abstractmethod
    def _failed(self, error: Exception) -> StorageError:
        """The error of a statement as the caller gets it."""


def _opened(connection: Connection | None) -> Connection:
    if connection is None:
        raise DatabaseBroken("the database is not open")
    return connection


class _TimedLock:
    """A lock, used by `async with`. Raises DatabaseBusy if it is not free within `seconds`: then its holder is stuck.

    A free lock costs no timer, and almost all are free.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = asyncio.Lock()
        self._waiting = 0

    async def __aenter__(self) -> None:
        if not self._waiting and not self._lock.locked():
            await self._lock.acquire()  # at once
            return
        self._waiting += 1
        try:
            async with asyncio.timeout(self._seconds):
                await self._lock.acquire()
        except TimeoutError as error:
            raise DatabaseBusy(f"lock not acquired within {self._seconds:g} s") from error
        finally:
            self._waiting -= 1

    async def __aexit__(self, *error: object) -> None:
        self._lock.release()


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
