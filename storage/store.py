"""The store: one repository for each kind of record."""

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
    """All repositories on one database. Created by `open_store`."""

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
        """Commits all writes of the block or none. Raises StorageError."""
        return self._database.transaction()

    async def check_writable(self) -> None:
        """Writes one row. Raises StorageError if that fails or takes longer than a few seconds."""
        await self._probe.check()

    async def shrink(self) -> bool:
        """Returns some of the space of deleted rows to the file system. Returns False if there is none to return.

        In a database created before migration 0003, the space stays in the file and is reused for new rows. Raises
        StorageError.
        """
        return await self._database.shrink()

    async def close(self) -> None:
        """Cancels the write probe and closes the database."""
        await self._probe.close()
        await self._database.close()


@asynccontextmanager
async def open_store(url: str) -> AsyncIterator[Store]:
    """Opens the store of a database URL and closes it at the end.

    Raises ValueError for an unsupported URL, and StorageError (see `storage.errors`).
    """
    store = Store(await Database.open(path_of(url)))
    try:
        yield store
    finally:
        await store.close()
