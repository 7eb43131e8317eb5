"""The health of the bot for monitoring: its connection to Discord, and whether the database is writable."""

from __future__ import annotations

import logging
from collections.abc import Callable

from storage import StorageError, Store

log = logging.getLogger(__name__)


class Health:
    """Responds to health checks and logs when the database becomes unwritable or writable again."""

    def __init__(self, store: Store, *, connected: Callable[[], bool]) -> None:
        """`connected` returns whether the bot is connected to Discord."""
        self._store = store
        self._connected = connected
        self._was_writable = True

    async def state(self) -> dict[str, bool]:
        """Returns the health of each part by name. `Store.check_writable` limits the time; concurrent checks share one
        write."""
        return {"discord": self._connected(), "store": await self._writable()}

    async def _writable(self) -> bool:
        try:
            await self._store.check_writable()
        except StorageError as error:
            if self._was_writable:
                log.warning("the database is not writable: %s", error)
            self._was_writable = False
        else:
            if not self._was_writable:
                log.warning("the database is writable again")
            self._was_writable = True
        return self._was_writable
