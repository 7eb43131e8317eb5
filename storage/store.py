"""The store: what the bot uses. The owner's memory is in front of the engine where it saves statements."""

from __future__ import annotations

from storage.changes import Submissions
from storage.live_records import LiveRecords
from storage.messages import Messages, Notifications
from storage.ports import DatabaseEngine
from storage.tasks import Tasks

# How long after their creation prompts may still turn out to have several tasks, in seconds, counted at the start.
DRAWING_SECONDS = 60.0


class Store:
    """All records of one database. `take_over` must be called before the first use."""

    def __init__(self, engine: DatabaseEngine, live: LiveRecords | None = None) -> None:
        live = self._live = live or LiveRecords()
        self._engine = engine
        self.ownership = engine.ownership
        self.messages = Messages(engine.messages, live)
        self.tasks = Tasks(engine.tasks, self.messages, live)
        self.submissions = Submissions(engine.submissions, self.tasks, live)
        self.notifications = Notifications(engine.notifications, live)
        self.user_settings = engine.user_settings
        self.key_values = engine.key_values
        self.batches = engine.batches
        self.chosen_pictures = engine.chosen_pictures
        self.mask_editor_links = engine.mask_editor_links
        self.drafts = engine.drafts
        self.thumbnails = engine.thumbnails
        self.offered_prompts = engine.offered_prompts
        self.conversations = engine.conversations
        self.image_index = engine.image_index
        self.searches = engine.searches

    async def take_over(self) -> None:
        """Takes over the unfinished work of processes that have ended, and what this process does not know of: a
        journal entry whose commit was reported as failed, or a copy that an operator has put back. Raises StorageError.
        """
        owned = await self._engine.ownership.take_over()
        self._live.follow(owned.tasks)
        await self.submissions.take_over(owned.submissions, self.ownership.now() - DRAWING_SECONDS)

    async def check_writable(self) -> None:
        """Writes one row. Raises StorageError if that fails or takes longer than a few seconds."""
        await self._engine.check_writable()

    async def shrink(self) -> bool:
        """Returns some of the space of deleted rows to the file system. Returns False if there is none to return.

        Raises StorageError.
        """
        return await self._engine.shrink()

    async def close(self) -> None:
        """Ends all work and closes the database."""
        await self._engine.close()
