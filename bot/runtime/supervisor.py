"""Background tasks with a name, an owner, a strong reference and a logged failure; work that is moved to a thread only
if it is large, because for small work the way to the thread and back costs more."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import TracebackType
from typing import Any, Self, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")

# Encoding or parsing that many bytes takes a few tenths of a millisecond.
IN_LINE_BYTES = 64 * 1024


class TaskSupervisor:
    """Owns the tasks started through it. Exiting waits for them within a time limit, then cancels the rest."""

    def __init__(self, name: str, *, grace_seconds: float = 0.0) -> None:
        """`grace_seconds`: seconds that running tasks get to finish before they are cancelled."""
        self._name = name
        self._grace_seconds = grace_seconds
        self._closed = False
        self._tasks: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, work: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
        """Starts a task; its exception is logged when it occurs. After the supervisor has closed, the returned task is
        cancelled at once."""
        task = asyncio.get_running_loop().create_task(work, name=f"{self._name}:{name}")
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        if self._closed:
            task.cancel()
        return task

    def adopting(self) -> AbstractContextManager[None]:
        """Owns the current task within the context, as if it had been started here. A drain that begins meanwhile waits
        until the task ends, not only until it leaves the context."""
        task = asyncio.current_task()
        if task is None or task in self._tasks:
            return nullcontext()
        return self._adopted(task)

    @contextmanager
    def _adopted(self, task: asyncio.Task[Any]) -> Iterator[None]:
        self._tasks.add(task)
        if self._closed:
            task.cancel()
        try:
            yield
        finally:
            self._tasks.discard(task)

    async def drain(self, seconds: float) -> None:
        """Waits until no task runs, including tasks started meanwhile, for at most `seconds`."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while self._tasks and loop.time() < until:
            await asyncio.wait(self._tasks, timeout=until - loop.time(), return_when=asyncio.FIRST_COMPLETED)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            log.debug("%s was canceled", task.get_name())
        elif error := task.exception():
            log.error("%s failed", task.get_name(), exc_info=error)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self.drain(self._grace_seconds)
        finally:
            self._closed = True
            # A cancelled task may start another one, which is then cancelled as well.
            while self._tasks:
                for task in self._tasks:
                    task.cancel()
                await asyncio.wait(self._tasks)


async def in_thread_if_large(size: int, work: Callable[[], T]) -> T:
    """Runs `work`, in a thread if it processes more than `IN_LINE_BYTES` bytes. Returns its result and raises its
    errors."""
    return work() if size <= IN_LINE_BYTES else await asyncio.to_thread(work)
