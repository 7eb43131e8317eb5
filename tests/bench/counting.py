"""Counts what a press costs inside a process: SQL statements, transactions, synchronized commits, thread hops.

The counters sit in `sqlite3`, in `concurrent.futures` and in asyncio's event loop, so they count whatever storage
package runs above them.
"""

from __future__ import annotations

import asyncio
import functools
import re
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

_SYNCHRONOUS = re.compile(r"\s*PRAGMA\s+(?:\w+\.)?synchronous\s*[=(]\s*'?(\w+)", re.IGNORECASE)
# In WAL mode these levels call fsync at every commit; NORMAL only at checkpoints, OFF never.
_FULL = {"2", "FULL", "3", "EXTRA"}
_ROLLBACK = re.compile(r"\s*ROLLBACK\b(?!.*\bTO\b)", re.IGNORECASE | re.DOTALL)


@dataclass
class Counts:
    """Since the process started.

    `statements`: all SQL statements, BEGIN and COMMIT among them. `transactions`: committed ones that changed a row.
    `full_commits`: those of them that waited for fsync. `thread_hops`: how often another thread woke the event loop
    up, which every answer of a database thread or a thread pool does. `pool_jobs`: calls that thread pools took.
    """

    statements: int = 0
    transactions: int = 0
    full_commits: int = 0
    thread_hops: int = 0
    pool_jobs: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def add(self, *names: str) -> None:
        """Counts one more of each; from any thread."""
        with self._lock:
            for name in names:
                setattr(self, name, getattr(self, name) + 1)

    def as_dict(self) -> dict[str, int]:
        """The numbers by their names."""
        names = ("statements", "transactions", "full_commits", "thread_hops", "pool_jobs")
        return {name: getattr(self, name) for name in names}


class ConnectionCounter:
    """Counts the statements of one SQLite connection. A commit is noticed at the statement after it."""

    def __init__(self, connection: sqlite3.Connection, counts: Counts) -> None:
        self._connection = connection
        self._counts = counts
        self._full = True  # SQLite's default
        self._changes = 0
        self._rolled_back = False

    def trace(self, sql: str) -> None:
        """Called by SQLite before each statement."""
        self._note_commit()
        self._counts.add("statements")
        if level := _SYNCHRONOUS.match(sql):
            self._full = level[1].upper() in _FULL
        self._rolled_back = _ROLLBACK.match(sql) is not None

    def _note_commit(self) -> None:
        if self._connection.in_transaction:
            return
        changes = self._connection.total_changes
        if changes != self._changes and not self._rolled_back:
            self._counts.add("transactions", *(("full_commits",) if self._full else ()))
        self._changes = changes


@contextmanager
def counting() -> Iterator[Counts]:
    """Counts inside this process until the block ends. Connections that are open already are not counted."""
    counts = Counts()
    with ExitStack() as stack:
        connect = _counted_connect(sqlite3.connect, counts)
        stack.enter_context(mock.patch.object(sqlite3, "connect", connect))
        stack.enter_context(mock.patch.object(sqlite3.dbapi2, "connect", connect))
        submit = _counted_submit(ThreadPoolExecutor.submit, counts)
        stack.enter_context(mock.patch.object(ThreadPoolExecutor, "submit", submit))
        wake = _counted_wake_up(asyncio.BaseEventLoop.call_soon_threadsafe, counts)
        stack.enter_context(mock.patch.object(asyncio.BaseEventLoop, "call_soon_threadsafe", wake))
        yield counts


def _counted_connect(connect: Any, counts: Counts) -> Any:
    @functools.wraps(connect)
    def counted(*args: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*args, **options)
        connection.set_trace_callback(ConnectionCounter(connection, counts).trace)
        return connection

    return counted


def _counted_submit(submit: Any, counts: Counts) -> Any:
    @functools.wraps(submit)
    def counted(self: ThreadPoolExecutor, *args: Any, **options: Any) -> Any:
        counts.add("pool_jobs")
        return submit(self, *args, **options)

    return counted


def _counted_wake_up(call_soon_threadsafe: Any, counts: Counts) -> Any:
    @functools.wraps(call_soon_threadsafe)
    def counted(self: asyncio.BaseEventLoop, *args: Any, **options: Any) -> Any:
        # The loop runs in the main thread; what it calls for itself is no hop.
        if threading.current_thread() is not threading.main_thread():
            counts.add("thread_hops")
        return call_soon_threadsafe(self, *args, **options)

    return counted
