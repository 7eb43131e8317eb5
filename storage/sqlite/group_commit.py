"""Group commit: durable transactions that wait at the same time share one commit, so the disk is waited for once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from storage.sqlite.database import Session

T = TypeVar("T")

# A larger group would keep its first member waiting.
MOST = 100


@dataclass(slots=True, eq=False)
class _Job:
    work: Callable[[Session], Awaitable[Any]]
    done: bool = False
    result: Any = None
    error: Exception | None = None


class GroupCommit:
    """Runs jobs in transactions. The one that gets the turn to write runs the jobs of all who wait for it."""

    def __init__(
        self,
        turn: Callable[[], AbstractAsyncContextManager[None]],
        transaction: Callable[[], AbstractAsyncContextManager[Session]],
    ) -> None:
        self._turn = turn
        self._transaction = transaction
        self._waiting: list[_Job] = []

    async def run(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """Runs `work` in a transaction and returns its result. Raises StorageError; then nothing was written."""
        job = _Job(work)
        self._waiting.append(job)
        try:
            async with self._turn():
                if not job.done:
                    await _uninterrupted(self._commit(self._waiting[:MOST]))
        finally:
            self._forget(job)
        if job.error:
            raise job.error
        result: T = job.result
        return result

    async def _commit(self, jobs: list[_Job]) -> None:
        """Commits the jobs together. If that fails, each one is tried alone, so that an error stays with its cause."""
        try:
            async with self._transaction() as session:
                results = []
                for job in jobs:
                    session.is_last = job is jobs[-1]
                    results.append(await job.work(session))
        except Exception as error:  # noqa: BLE001 - the one whose job failed gets it
            if len(jobs) == 1:
                self._finish(jobs[0], error=error)
                return
            for job in jobs:
                await self._commit([job])
        else:
            for job, result in zip(jobs, results, strict=True):
                self._finish(job, result=result)

    def _finish(self, job: _Job, *, result: Any = None, error: Exception | None = None) -> None:
        job.done, job.result, job.error = True, result, error
        self._forget(job)

    def _forget(self, job: _Job) -> None:
        if job in self._waiting:
            self._waiting.remove(job)


async def _uninterrupted(work: Coroutine[Any, Any, None]) -> None:
    """Awaits work to its end, even if the caller is cancelled meanwhile: it is done for others, too."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
