"""Opens the store of a database URL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from storage.sqlite.database import path_of
from storage.sqlite.engine import SqliteEngine
from storage.store import Store


@asynccontextmanager
async def open_store(url: str) -> AsyncIterator[Store]:
    """Opens the store of a database URL, takes over what is unfinished in it, and closes it at the end.

    Raises ValueError for an unsupported URL, and StorageError (see `storage.errors`).
    """
    store = Store(await SqliteEngine.open(path_of(url)))
    try:
        await store.take_over()
        yield store
    finally:
        await store.close()
