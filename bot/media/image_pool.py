"""The thread pool for decoding and encoding images: few threads, a bounded queue, and a time limit per job.

Usage: `await image_pool.run(inspect, data)`. Other work in threads (files, name lookups) never waits for images.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, NamedTuple, ParamSpec, TypeVar

from bot.media.containers.recognition import NotAnImage

log = logging.getLogger(__name__)

# A decoded image takes up to 250 MB, and the host has few processors.
WORKERS = 2
MAX_JOBS = 100
WAIT_SECONDS = 60.0
JOB_SECONDS = 20.0

P = ParamSpec("P")
T = TypeVar("T")


class TooCostly(NotAnImage):
    """The work took too long, or too much other work was waiting. The text says which."""


class PoolStatistics(NamedTuple):
    """Jobs of a pool since it was opened: those that have begun, and those that were refused because too many others
    were waiting."""

    begun: int = 0
    refused: int = 0


class ImagePool:
    """A thread pool for work on images. It is not bound to an event loop."""

    def __init__(
        self,
        *,
        workers: int = WORKERS,
        max_jobs: int = MAX_JOBS,
        wait_seconds: float = WAIT_SECONDS,
        job_seconds: float = JOB_SECONDS,
    ) -> None:
        """At most `max_jobs` jobs run or wait. A job waits for at most `wait_seconds` and then runs for at most
        `job_seconds`."""
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix="images")
        self._max_jobs = max_jobs
        self._wait_seconds = wait_seconds
        self._job_seconds = job_seconds
        self._jobs = 0
        self._begun = 0
        self._refused = 0
        self._lock = threading.Lock()

    @property
    def statistics(self) -> PoolStatistics:
        """The numbers of jobs so far."""
        with self._lock:
            return PoolStatistics(self._begun, self._refused)

    async def run(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs `work` in one of the threads and returns its result. Raises TooCostly, and the errors of `work`.

        Threads cannot be stopped: work that exceeds its time limit continues and occupies its thread until it ends.
        """
        with self._lock:
            if self._jobs >= self._max_jobs:
                self._refused += 1
                raise TooCostly("too many images are being processed")
            self._jobs += 1
        loop = asyncio.get_running_loop()
        started = asyncio.Event()

        def start() -> T:
            with self._lock:
                self._begun += 1
            with suppress(RuntimeError):  # the event loop has ended
                loop.call_soon_threadsafe(started.set)
            return work(*args, **kwargs)

        try:
            job = self._executor.submit(start)
        except RuntimeError as error:
            self._ended()
            raise TooCostly("the bot is stopping") from error
        job.add_done_callback(self._ended)
        return await self._result(job, started)

    async def _result(self, job: Future[T], started: asyncio.Event) -> T:
        try:
            async with asyncio.timeout(self._wait_seconds) as limit:
                result = asyncio.wrap_future(job)
                begun = asyncio.ensure_future(started.wait())
                try:
                    either: set[asyncio.Future[Any]] = {result, begun}
                    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
                    limit.reschedule(asyncio.get_running_loop().time() + self._job_seconds)
                    return await result
                finally:
                    begun.cancel()
                    job.cancel()  # cancels a job that has not started
        except TimeoutError as error:
            raise TooCostly(f"processing takes longer than {self._job_seconds:g} s") from error

    def _ended(self, _: Future[Any] | None = None) -> None:
        with self._lock:
            self._jobs -= 1

    def close(self) -> None:
        """Rejects new work and drops waiting work. Running work ends by itself."""
        self._executor.shutdown(wait=False, cancel_futures=True)


_pool: ImagePool | None = None


async def run(work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Runs `work` in the thread pool of this process. Raises TooCostly, and the errors of `work`."""
    global _pool  # noqa: PLW0603 - one pool bounds the work of the whole process
    if _pool is None:
        _pool = ImagePool()
    return await _pool.run(work, *args, **kwargs)


def statistics() -> PoolStatistics:
    """The numbers of jobs in the pool of this process, since it was opened."""
    return _pool.statistics if _pool else PoolStatistics()


def close() -> None:
    """Closes the pool of this process. The next call of `run` opens a new one."""
    global _pool  # noqa: PLW0603 - as above
    done = statistics()
    log.info("image jobs: %d begun, %d refused", done.begun, done.refused)
    if _pool is not None:
        _pool.close()
        _pool = None
