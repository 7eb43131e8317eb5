"""The SQLite engine: one file, one process, which owns all tasks in it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from pathlib import Path

from storage.operations import Owned
from storage.sqlite.conversations import SqliteConversations
from storage.sqlite.database import Database
from storage.sqlite.drafts import SqliteBatches, SqliteChosenPictures, SqliteDrafts
from storage.sqlite.image_index import SqliteImageIndex
from storage.sqlite.mask_links import SqliteMaskEditorLinks
from storage.sqlite.messages import SqliteMessages, SqliteNotifications
from storage.sqlite.offered_prompts import SqliteOfferedPrompts
from storage.sqlite.searches import SqliteSearches
from storage.sqlite.submissions import SqliteSubmissions
from storage.sqlite.tasks import SqliteTasks
from storage.sqlite.thumbnails import SqliteThumbnails
from storage.sqlite.transactions import Counts
from storage.sqlite.user_settings import SqliteKeyValueStore, SqliteUserSettings
from storage.sqlite.write_probe import WriteProbe


class OneProcess:
    """`Ownership` of the only process: it holds the lock of the file, so all unfinished work is its own.

    The file has no clock; that of the machine is the same for all who can open it.
    """

    def __init__(self, tasks: SqliteTasks, submissions: SqliteSubmissions) -> None:
        self._tasks = tasks
        self._submissions = submissions
        self.owner = secrets.token_hex(8)
        self.now: Callable[[], float] = time.time

    async def take_over(self) -> Owned:
        """Returns all unfinished work."""
        return Owned(await self._tasks.owned(), await self._submissions.unsettled())


class SqliteEngine:
    """`DatabaseEngine` on one file. `counts` tells what it has done."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._probe = WriteProbe(database)
        self.image_index = SqliteImageIndex(database)
        self.searches = SqliteSearches(database)
        self.tasks = SqliteTasks(database, self.image_index)
        self.submissions = SqliteSubmissions(database)
        self.ownership = OneProcess(self.tasks, self.submissions)
        self.messages = SqliteMessages(database)
        self.notifications = SqliteNotifications(database)
        self.user_settings = SqliteUserSettings(database)
        self.key_values = SqliteKeyValueStore(database)
        self.drafts = SqliteDrafts(database)
        self.batches = SqliteBatches(database)
        self.chosen_pictures = SqliteChosenPictures(database)
        self.mask_editor_links = SqliteMaskEditorLinks(database)
        self.thumbnails = SqliteThumbnails(database)
        self.offered_prompts = SqliteOfferedPrompts(database)
        self.conversations = SqliteConversations(database)

    @classmethod
    async def open(cls, path: Path) -> SqliteEngine:
        """Opens or creates the file. Raises StorageError."""
        return cls(await Database.open(path))

    @property
    def counts(self) -> Counts:
        """The statements and commits since the file was opened."""
        return self._database.counts

    async def check_writable(self) -> None:
        """Writes one row. Raises StorageError if that fails or takes longer than a few seconds."""
        await self._probe.check()

    async def shrink(self) -> bool:
        """Returns some of the space of deleted rows to the file system. Returns False if there is none to return.

        In a database created before migration 0003, the space stays in the file and is reused for new rows.
        """
        return await self._database.shrink()

    async def close(self) -> None:
        """Cancels the write probe and closes the database."""
        await self._probe.close()
        await self._database.close()
