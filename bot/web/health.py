"""The health of the bot, as monitoring is told: connected to Discord, and able to write to the database."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from bot.background import Background
from storage import StorageError, Store

log = logging.getLogger(__name__)

# A check writes to the disk, and anybody may ask: the result of one serves for so many seconds.
FRESH_SECONDS = 2.0
# A check that takes longer than this has failed for those who ask; it goes on, and they are told once it has ended.
CHECK_SECONDS = 5.0


class Health:
    """Checks at most one thing at a time, however many ask."""

    def __init__(
        self,
        store: Store,
        background: Background,
        *,
        connected: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`connected` tells whether the bot is connected to Discord; `clock` gives seconds and never goes back."""
        self._store = store
        self._background = background
        self._connected = connected
        self._clock = clock
        self._check: asyncio.Task[bool] | None = None
        self._checked_at = 0.0
        self._was_writable = True

    async def state(self) -> dict[str, bool]:
        """What is well and what is not, by name. Answers within `CHECK_SECONDS`."""
        return {"discord": self._connected(), "store": await self._writable()}

    async def _writable(self) -> bool:
        age = self._clock() - self._checked_at
        if self._check is None or (self._check.done() and age >= FRESH_SECONDS):
            self._check, self._checked_at, age = self._background.start(self._write(), "health"), self._clock(), 0.0
        check = self._check
        await asyncio.wait({check}, timeout=max(0.0, CHECK_SECONDS - age))
        return check.done() and not check.cancelled() and check.result()

    async def _write(self) -> bool:
        try:
            await self._store.check_writable()
        except StorageError as error:
            if self._was_writable:
                log.warning("the database cannot be written: %s", error)
            self._was_writable = False
        else:
            if not self._was_writable:
                log.warning("the database can be written again")
            self._was_writable = True
        return self._was_writable
