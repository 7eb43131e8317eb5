"""Transactions: two connections with a thread each, one writer at a time, and one commit for all who wait for the disk.

Each way to the thread of a connection and back is two switches between threads, which take longer than most statements.
Therefore all statements of a transaction go there together, as a function. Group commit: durable transactions that wait
at the same time share one commit, so the disk is waited for once.
"""

from __future__ import annotations

import asyncio
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

import aiosqlite

from storage.errors import DatabaseBroken, DatabaseBusy, StorageError
from storage.sqlite.error_codes import STATEMENT_ERRORS
from storage.sqlite.statements import Row, Session

T = TypeVar("T")

# The SQL that stands for a job.
_WORK = "-- work"

# A larger group would keep its first member waiting.
MOST = 100


@dataclass(slots=True)
class Counts:
    """What a database has done since it was opened.

    `transactions` that changed something, of which `full_commits` waited until the disk had them.
    """

    statements: int = 0
    transactions: int = 0
    full_commits: int = 0


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


class WorkConnection(sqlite3.Connection):
    """A connection whose `execute` also takes a job. aiosqlite calls it in the connection's thread."""

    def execute(self, sql: str, parameters: Any = (), /) -> Any:
        """Runs one statement, or a job."""
        if not isinstance(parameters, _Job):
            return super().execute(sql, parameters)
        parameters.run(self)
        return parameters


class GroupCommit:
    """Runs work in transactions. The caller that gets the turn to write runs the work of all who wait for it."""

    def __init__(
        self, turn: AbstractAsyncContextManager[None], connection: Callable[[], Awaitable[Connection]]
    ) -> None:
        """`connection` returns the durable connection to the caller that has the turn."""
        self._turn = turn
        self._connection = connection
        self._waiting: list[_Member] = []

    async def run(self, work: Callable[[Session], T]) -> T:
        """Runs `work` in a transaction and returns its result. Raises what it raises; then nothing was written."""
        member = _Member(work)
        self._waiting.append(member)
        try:
            async with self._turn:
                connection = await self._connection()
                if not member.taken:
                    await connection.run(partial(_commit, self._take()))
                elif not member.done:
                    # The caller that took it was cancelled. The connection's thread runs it before anything else.
                    await connection.run(_nothing)
        finally:
            if not member.taken:
                self._waiting.remove(member)
        if member.error:
            raise member.error
        if not member.done:
            raise StorageError("the connection was closed")
        result: T = member.result
        return result

    def _take(self) -> Sequence[_Member]:
        group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        for member in group:
            member.taken = True
        return group


@dataclass(slots=True, eq=False)
class _Member:
    work: Callable[[Session], Any]
    taken: bool = False
    done: bool = False
    result: Any = None
    error: Exception | None = None


def _commit(group: Sequence[_Member], session: Session) -> None:
    """Commits the work together. If that fails, each one's is tried alone, so that an error stays with its cause."""
    try:
        results = session.transaction(lambda session: [member.work(session) for member in group])
    except Exception as error:  # noqa: BLE001 - the one whose work failed gets it
        if len(group) == 1:
            group[0].error, group[0].done = error, True
            return
        for member in group:
            _commit([member], session)
    else:
        for member, result in zip(group, results, strict=True):
            member.result, member.done = result, True


def _nothing(_session: Session) -> None:
    """Waits for what the thread does before."""


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
