"""Who works in remix mode: known without I/O, because a window can only be the first answer to a press."""

from __future__ import annotations

import asyncio
import logging

from storage import StorageError, Store

log = logging.getLogger(__name__)

# Ids in memory; at some 60 bytes each a few megabytes. Beyond that, people's variations are just made as they are.
MOST = 50_000
# Another process on the same store may have changed somebody's settings.
REFRESH_SECONDS = 60.0


class RemixUsers:
    """The people who have remix on, as far as was read last."""

    def __init__(self, store: Store, *, most: int = MOST) -> None:
        self._store = store
        self._most = most
        self._ids: frozenset[int] = frozenset()
        self._changed: dict[int, bool] = {}

    def __contains__(self, user_id: int) -> bool:
        return self._changed.get(user_id, user_id in self._ids)

    def changed(self, user_id: int, on: bool) -> None:
        """Somebody has just set it so; known at once, until the next reading finds it in the store."""
        self._changed[user_id] = on

    async def read(self) -> None:
        """Reads who has remix on. Raises StorageError."""
        known = dict(self._changed)
        self._ids = await self._store.user_settings.remix_users(self._most)
        for user_id, on in known.items():
            if self._changed.get(user_id) is on:
                del self._changed[user_id]

    async def keep_reading(self) -> None:
        """Reads again and again until cancelled."""
        while True:
            try:
                await self.read()
            except StorageError as error:
                log.warning("cannot read who uses remix mode: %r", error)
            await asyncio.sleep(REFRESH_SECONDS)
