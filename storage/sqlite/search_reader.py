"""Reads for searches: on a connection and in a thread of their own, so that no other statement waits for them."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import quote

from storage.errors import DatabaseBusy
from storage.search import SearchScope
from storage.sqlite.error_codes import translated

T = TypeVar("T")

# Searches at the same time. Each one keeps a processor busy.
MOST_SEARCHES = 2
# Seconds that a search may take, and wait for others.
SEARCH_SECONDS = 20.0
# SQLite instructions between two looks at the time.
_STEPS = 100_000


class SearchReader:
    """Runs functions on a connection that can only read. It sees what is committed when the function begins."""

    def __init__(self, path: Path) -> None:
        self._url = f"file:{quote(str(path))}?mode=ro"
        self._turn = asyncio.Semaphore(MOST_SEARCHES)

    async def run(self, search: Callable[[sqlite3.Connection], T]) -> T:
        """Returns what `search` returns. Raises StorageError."""
        loop = asyncio.get_running_loop()
        end = loop.time() + SEARCH_SECONDS
        try:
            async with asyncio.timeout_at(end):
                await self._turn.acquire()
        except TimeoutError as error:
            raise DatabaseBusy("too many searches at the same time") from error
        work = asyncio.ensure_future(asyncio.to_thread(self._run, search, SEARCH_SECONDS))
        # A thread cannot be canceled: it counts until it has ended.
        work.add_done_callback(self._ended)
        return await asyncio.shield(work)

    def _ended(self, work: asyncio.Future[T]) -> None:
        self._turn.release()
        if not work.cancelled():
            work.exception()

    def _run(self, search: Callable[[sqlite3.Connection], T], seconds: float) -> T:
        end = time.monotonic() + seconds
        try:
            with closing(sqlite3.connect(self._url, uri=True)) as connection:
                connection.row_factory = sqlite3.Row
                connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
                return search(connection)
        except sqlite3.Error as error:
            raise translated(error) from error


class Condition(NamedTuple):
    """SQL, and the values of its placeholders."""

    sql: str
    values: tuple[int, ...]


def parts_of(scope: SearchScope) -> Sequence[Condition]:
    """Conditions for which an index is used. Each row of the scope meets exactly one of them."""
    if scope.guild_id is None:
        return [Condition("owner_id = ?", (scope.owner_id,))]
    return [
        Condition("guild_id = ?", (scope.guild_id,)),
        Condition("owner_id = ? AND (guild_id IS NULL OR guild_id <> ?)", (scope.owner_id, scope.guild_id)),
    ]


def filter_of(scope: SearchScope) -> Condition:
    """A condition for rows that another index finds. The signs keep SQLite from using one for the scope."""
    if scope.guild_id is None:
        return Condition("+owner_id = ?", (scope.owner_id,))
    return Condition("(+owner_id = ? OR +guild_id = ?)", (scope.owner_id, scope.guild_id))
