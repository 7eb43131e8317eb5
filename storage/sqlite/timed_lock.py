"""A lock that is not waited for without end."""

from __future__ import annotations

import asyncio

from storage.errors import DatabaseBusy


class TimedLock:
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
