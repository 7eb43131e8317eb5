"""The write probe: checks whether the database can be written."""

from __future__ import annotations

import asyncio
import logging
import time

from storage.errors import DatabaseBusy, StorageError
from storage.sqlite.database import Database

log = logging.getLogger(__name__)

# The time limit of a check in seconds.
PROBE_SECONDS = 3.0
# How long a success is reused, in seconds, so that frequent checks cause few writes.
GOOD_SECONDS = 1.0
_PUT = (
    "INSERT INTO notes (name, value) VALUES ('write_probe', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)


class WriteProbe:
    """Writes one row on demand. At most one write runs at a time, however many callers wait."""

    def __init__(
        self, database: Database, *, probe_seconds: float = PROBE_SECONDS, good_seconds: float = GOOD_SECONDS
    ) -> None:
        self._database = database
        self._probe_seconds = probe_seconds
        self._good_seconds = good_seconds
        self._written_at: float | None = None
        self._writing: asyncio.Task[None] | None = None

    async def check(self) -> None:
        """Raises StorageError if the database cannot be written within the time limit."""
        if self._written_at is not None and time.monotonic() - self._written_at < self._good_seconds:
            return
        if self._writing is None:
            self._writing = asyncio.create_task(self._write(), name="write-probe")
            self._writing.add_done_callback(self._written)
        writing = self._writing
        await asyncio.wait({writing}, timeout=self._probe_seconds)
        if not writing.done():
            raise DatabaseBusy(f"a write took longer than {self._probe_seconds:g} s")
        if writing.cancelled():
            raise StorageError("the database is closed")
        writing.result()

    async def close(self) -> None:
        """Cancels the current write."""
        if self._writing:
            self._writing.cancel()
            await asyncio.wait({self._writing})

    async def _write(self) -> None:
        await self._database.write(_PUT, (str(time.time()),))
        self._written_at = time.monotonic()

    def _written(self, writing: asyncio.Task[None]) -> None:
        self._writing = None
        if not writing.cancelled() and (error := writing.exception()):
            log.debug("the write probe failed: %r", error)  # callers that still wait get the error, too
