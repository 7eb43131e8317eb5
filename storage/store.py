"""The way in: one store with a repository for each thing that is remembered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from storage.database import Database, path_of
from storage.messages import Messages
from storage.painter_links import PainterLinks
from storage.preferences import Notes, PreferencesOfPeople
from storage.presses import Presses
from storage.tasks import Tasks


class Store:
    """Everything that Atelier remembers. Made by `opened`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.tasks = Tasks(database)
        self.messages = Messages(database)
        self.presses = Presses(database)
        self.preferences = PreferencesOfPeople(database)
        self.notes = Notes(database)
        self.painter_links = PainterLinks(database)

    def transaction(self) -> AbstractAsyncContextManager[None]:
        """What the repositories write within is written together or not at all. Raises StorageError."""
        return self._database.transaction()

    async def check_writable(self) -> None:
        """Writes something small to the disk. Raises StorageError when that cannot be done."""
        await self._database.check_writable()


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    """The store at a database address, closed at the end.

    Raises ValueError for an address of a kind that is not known, and StorageError (see `storage.errors`).
    """
    database = await Database.open(path_of(url))
    try:
        yield Store(database)
    finally:
        await database.close()
