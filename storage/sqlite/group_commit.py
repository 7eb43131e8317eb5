"""Group commit: durable transactions that wait at the same time share one commit, so the disk is waited for once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from storage.errors import StorageError
from storage.sqlite.connection import Connection, Session

T = TypeVar("T")

# A larger group would keep its first member waiting.
MOST = 100


@dataclass(slots=True, eq=False)
class _Member:
    work: Callable[[Session], Any]
    taken: bool = False
    done: bool = False
    result: Any = None
    error: Exception | None = None


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
