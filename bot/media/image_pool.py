"""The threads in which pictures are decoded and encoded: few, with a bounded queue and a time limit for each job.

`await image_pool.run(inspect, data)`. Other work in threads (files, name lookups) never waits behind pictures.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, ParamSpec, TypeVar

from bot.media.containers.headers import NotAnImage

# A decoded picture takes up to a quarter of a gigabyte, and there are not many processors to decode with.
WORKERS = 2
MAX_JOBS = 100
WAIT_SECONDS = 60.0
JOB_SECONDS = 20.0

P = ParamSpec("P")
T = TypeVar("T")


class TooCostly(NotAnImage):
    """The work took too long, or too much other work was waiting; the text says which."""


class ImagePool:
    """A pool of threads for work on pictures. It belongs to no event loop."""

    def __init__(
        self,
        *,
        workers: int = WORKERS,
        max_jobs: int = MAX_JOBS,
        wait_seconds: float = WAIT_SECONDS,
        job_seconds: float = JOB_SECONDS,
    ) -> None:
        """`max_jobs` run or wait at once; a job waits `wait_seconds` at most and then runs `job_seconds` at most."""
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix="images")
        self._max_jobs = max_jobs
        self._wait_seconds = wait_seconds
        self._job_seconds = job_seconds
        self._jobs = 0
        self._lock = threading.Lock()

    async def run(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """What `work` returns, done in one of the threads. Raises TooCostly, and what `work` raises.

        A thread cannot be stopped: work that takes too long goes on and keeps its thread until it ends.
        """
        with self._lock:
            if self._jobs >= self._max_jobs:
                raise TooCostly("too many images are being processed")
            self._jobs += 1
        loop = asyncio.get_running_loop()
        started = asyncio.Event()

        def start() -> T:
            with suppress(RuntimeError):  # that loop has ended
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
                    job.cancel()  # what has not begun never does
        except TimeoutError as error:
            raise TooCostly(f"processing takes longer than {self._job_seconds:g} s") from error

    def _ended(self, _: Future[Any] | None = None) -> None:
        with self._lock:
            self._jobs -= 1

    def close(self) -> None:
        """Takes no more work and forgets what waits; what runs ends by itself."""
        self._executor.shutdown(wait=False, cancel_futures=True)


_pool: ImagePool | None = None


async def run(work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """What `work` returns, done in this process's pool of threads for pictures. Raises TooCostly, and what `work`
    raises."""
    global _pool  # noqa: PLW0603 - one pool bounds the work of the whole process
    if _pool is None:
        _pool = ImagePool()
    return await _pool.run(work, *args, **kwargs)


def close() -> None:
    """Closes this process's pool; the next work opens a new one."""
    global _pool  # noqa: PLW0603 - as above
    if _pool is not None:
        _pool.close()
        _pool = None
