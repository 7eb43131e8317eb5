"""The way in: one store with a repository for each thing that is remembered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from storage.batches import Batches
from storage.chosen_pictures import ChosenPictures
from storage.database import Database, path_of
from storage.drafts import Drafts
from storage.durations import Durations
from storage.mask_links import MaskEditorLinks
from storage.messages import Messages
from storage.notifications import Notifications
from storage.submissions import Submissions
from storage.tasks import Tasks
from storage.thumbnails import Thumbnails
from storage.user_settings import KeyValueStore, UserSettings
from storage.write_probe import WriteProbe


class Store:
    """Everything that Atelier remembers. Made by `opened`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.tasks = Tasks(database)
        self.messages = Messages(database)
        self.submissions = Submissions(database)
        self.user_settings = UserSettings(database)
        self.key_values = KeyValueStore(database)
        self.batches = Batches(database)
        self.chosen_pictures = ChosenPictures(database)
        self.durations = Durations(database)
        self.notifications = Notifications(database)
        self.mask_editor_links = MaskEditorLinks(database)
        self.drafts = Drafts(database)
        self.thumbnails = Thumbnails(database)
        self._probe = WriteProbe(database)

    def transaction(self) -> AbstractAsyncContextManager[None]:
        """What the repositories write within is written together or not at all. Raises StorageError."""
        return self._database.transaction()

    async def check_writable(self) -> None:
        """Writes a little. Raises StorageError when that fails, or takes longer than a few seconds."""
        await self._probe.check()

    async def shrink(self) -> bool:
        """Gives some of the room that deleted rows left back to the disk; False when there is nothing to give back.

        Where the database was made by a version before 0003, the room stays in the file and is used for new rows.
        Raises StorageError.
        """
        return await self._database.shrink()

    async def close(self) -> None:
        """Ends what is under way and closes."""
        await self._probe.close()
        await self._database.close()


@asynccontextmanager
async def open_store(url: str) -> AsyncIterator[Store]:
    """The store at a database address, closed at the end.

    Raises ValueError for an address of a kind that is not known, and StorageError (see `storage.errors`).
    """
    store = Store(await Database.open(path_of(url)))
    try:
        yield store
    finally:
        await store.close()
