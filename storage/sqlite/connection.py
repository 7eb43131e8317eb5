"""One connection to the database file: its settings, the work that runs in its thread, and the errors of SQLite.

Each way to the thread and back is two switches between threads, which take longer than most statements. Therefore all
statements of a transaction go there together, as a function.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

import aiosqlite

from storage.errors import DatabaseBroken, DatabaseBusy, DatabaseFull, StorageError
from storage.sqlite import migrate

Row = sqlite3.Row
T = TypeVar("T")

# Every statement, without its values, at the level DEBUG.
statements_log = logging.getLogger("storage.statements")

# Maximum size of the write-ahead log after a full checkpoint. SQLite's automatic checkpoints keep it smaller.
LOG_BYTES = 8 * 1024 * 1024

# Errors of a statement. The last two are raised for values that no column can store: integers beyond 64 bits, lone
# surrogates.
STATEMENT_ERRORS = (sqlite3.Error, OverflowError, UnicodeEncodeError)

LOCAL_DISK = "the database does not work on a network share (NFS, SMB): keep it on a local disk"

# SQLite's errors on file systems without file locks or memory mapping (sqlite.org/rescode.html).
_NEEDS_LOCAL_DISK = (
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_IOERR_SHMLOCK,
    sqlite3.SQLITE_IOERR_SHMMAP,
    sqlite3.SQLITE_IOERR_LOCK,
    sqlite3.SQLITE_IOERR_RDLOCK,
    sqlite3.SQLITE_PROTOCOL,
)

_BY_CODE: dict[int, type[StorageError]] = {
    sqlite3.SQLITE_BUSY: DatabaseBusy,
    sqlite3.SQLITE_LOCKED: DatabaseBusy,
    sqlite3.SQLITE_FULL: DatabaseFull,
    sqlite3.SQLITE_CORRUPT: DatabaseBroken,
    sqlite3.SQLITE_NOTADB: DatabaseBroken,
    sqlite3.SQLITE_CANTOPEN: DatabaseBroken,
    sqlite3.SQLITE_IOERR: DatabaseBroken,
    sqlite3.SQLITE_READONLY: DatabaseBroken,
}


@dataclass(slots=True)
class Counts:
    """What a database has done since it was opened.

    `transactions` that changed something, of which `full_commits` waited until the disk had them.
    """

    statements: int = 0
    transactions: int = 0
    full_commits: int = 0


class StuckTransaction(sqlite3.OperationalError):
    """A transaction could not be undone. Its connection cannot be used any more."""


class Session:
    """Runs the statements of some work, in the thread of a connection. Raises what sqlite3 raises.

    `raw` is the connection itself. `statements` and `transactions` count what was run and committed.
    """

    def __init__(self, raw: sqlite3.Connection, *, durable: bool) -> None:
        self.raw = raw
        self._cursor = raw.cursor()
        self._remark = " (durable)" if durable else ""
        self._logs = statements_log.isEnabledFor(logging.DEBUG)
        self.statements = 0
        self.transactions = 0

    def execute(self, sql: str, values: Iterable[Any] = ()) -> int:
        """Runs one statement. Returns the number of affected rows."""
        self._count(sql)
        return self._cursor.execute(sql, cleaned(values)).rowcount

    def execute_many(self, sql: str, rows: Iterable[Iterable[Any]]) -> None:
        """Runs one statement once per row of values."""
        values = [cleaned(row) for row in rows]
        self._count(sql, len(values))
        self._cursor.executemany(sql, values)

    def fetch(self, sql: str, values: Iterable[Any] = ()) -> list[Row]:
        """Runs one statement. Returns its rows."""
        self._count(sql)
        return self._cursor.execute(sql, cleaned(values)).fetchall()

    def run_script(self, sql: str) -> None:
        """Runs several statements, or all steps of one that returns no rows."""
        self._count(sql)
        self._cursor.executescript(sql)

    def transaction(self, work: Callable[[Session], T]) -> T:
        """Runs some work in a transaction: an error undoes all of it."""
        try:
            self.execute("BEGIN IMMEDIATE")
            result = work(self)
            self.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise
        self.transactions += 1
        return result

    def _roll_back(self) -> None:
        try:
            self.raw.rollback()
        except sqlite3.Error as error:
            raise StuckTransaction(str(error)) from error

    def _count(self, sql: str, times: int = 1) -> None:
        self.statements += times
        if self._logs:
            for _ in range(times):
                statements_log.debug("%s%s", sql, self._remark)


class Connection:
    """Runs work in the thread of the connection, in the order of the calls. Raises what sqlite3 raises.

    `durable`: a commit waits until the disk has it, so it survives a power failure. Without it, a commit survives the
    end of the process at any moment, but a power failure may undo the last ones.
    """

    def __init__(self, raw: aiosqlite.Connection, counts: Counts, *, durable: bool) -> None:
        self._raw = raw
        self._counts = counts
        self.durable = durable

    async def run(self, work: Callable[[Session], T]) -> T:
        """Runs some work in the connection's thread, to its end, even if the caller is cancelled meanwhile."""
        job = _Job(work, durable=self.durable)
        try:
            await self._raw.execute_fetchall(_WORK, job)
        finally:
            job.add_to(self._counts)
        return job.result

    async def close(self) -> None:
        """Closes the connection, as far as that is possible."""
        with suppress(ValueError, sqlite3.Error):  # closing a broken connection, or one that was never opened, may fail
            await self._raw.close()


def translated(error: Exception) -> StorageError:
    """Maps an SQLite error to a StorageError."""
    extended = getattr(error, "sqlite_errorcode", 0)
    if extended in _NEEDS_LOCAL_DISK:
        return DatabaseBroken(f"{error}: {LOCAL_DISK}")
    # The low byte of an extended result code is the primary code (sqlite.org/rescode.html, section 2).
    code = extended & 0xFF
    return _BY_CODE.get(code, StorageError)(str(error))


def cleaned(values: Iterable[Any]) -> tuple[Any, ...]:
    """The values without U+0000 in texts: not every database engine can store it."""
    found = tuple(values)
    for value in found:
        if type(value) is str and "\0" in value:
            return tuple(each.replace("\0", "") if type(each) is str else each for each in found)
    return found


# The SQL that stands for a job.
_WORK = "-- work"


class _Job(Generic[T]):
    """Some work, and its result once it has been run."""

    result: T

    def __init__(self, work: Callable[[Session], T], *, durable: bool) -> None:
        self._work = work
        self._durable = durable
        self._session: Session | None = None

    def run(self, raw: sqlite3.Connection) -> None:
        """Runs the work. Called in the connection's thread."""
        self._session = Session(raw, durable=self._durable)
        self.result = self._work(self._session)

    def fetchall(self) -> list[Row]:
        """No rows: the result is kept here."""
        return []

    def add_to(self, counts: Counts) -> None:
        """Counts what the work has done so far."""
        if self._session:
            counts.statements += self._session.statements
            counts.transactions += self._session.transactions
            counts.full_commits += self._session.transactions if self._durable else 0


class _WorkConnection(sqlite3.Connection):
    """A connection whose `execute` also takes a job. aiosqlite calls it in the connection's thread."""

    def execute(self, sql: str, parameters: Any = (), /) -> Any:
        """Runs one statement, or a job."""
        if not isinstance(parameters, _Job):
            return super().execute(sql, parameters)
        parameters.run(self)
        return parameters


async def open_connection(
    path: Path, busy_seconds: float, counts: Counts, *, durable: bool, must_hold_tables: bool = False
) -> Connection:
    """Opens the file and migrates it. Raises StorageError.

    `must_hold_tables`: an empty file is refused. An operator may be about to restore a copy there, and new rows
    would be mixed with it.
    """
    raw = aiosqlite.connect(path, isolation_level=None, factory=_WorkConnection)
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
