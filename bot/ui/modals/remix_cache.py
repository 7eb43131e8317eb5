"""Which users have remix mode on: cached, because a modal has to be the first answer to a button, before any I/O."""

from __future__ import annotations

import asyncio
import logging

from storage import StorageError, Store

log = logging.getLogger(__name__)

# Maximum number of ids in memory: about 60 bytes each, so a few megabytes. For users beyond it, variations start
# without a prompt.
MOST = 50_000
# Seconds. Another process on the same database may change a user's settings.
REFRESH_SECONDS = 60.0


class RemixUsers:
    """The users with remix mode on, as of the last read."""

    def __init__(self, store: Store, *, most: int = MOST) -> None:
        self._store = store
        self._most = most
        self._ids: frozenset[int] = frozenset()
        self._changed: dict[int, bool] = {}

    def __contains__(self, user_id: int) -> bool:
        return self._changed.get(user_id, user_id in self._ids)

    def changed(self, user_id: int, on: bool) -> None:
        """Records a change of the setting. It applies at once, and until a read finds it in the database."""
        self._changed[user_id] = on

    async def read(self) -> None:
        """Reads the users with remix mode on. Raises StorageError."""
        known = dict(self._changed)
        self._ids = await self._store.user_settings.remix_users(self._most)
        for user_id, on in known.items():
            if self._changed.get(user_id) is on:
                del self._changed[user_id]

    async def keep_reading(self) -> None:
        """Reads repeatedly until canceled."""
        while True:
            try:
                await self.read()
            except StorageError as error:
                log.warning("cannot read who uses remix mode: %r", error)
            await asyncio.sleep(REFRESH_SECONDS)
