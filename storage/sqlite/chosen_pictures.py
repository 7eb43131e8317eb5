"""Chosen images: the images that an open modal refers to."""

from __future__ import annotations

import json

from storage.sqlite.database import Database
from storage.sqlite.rows import json_text
from storage.user_records import ChosenPicture


class SqliteChosenPictures:
    """`ChosenPictures` in SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, chosen: ChosenPicture, now: float) -> None:
        """Stores the image that a modal refers to."""
        await self._database.write(
            "INSERT INTO chosen_pictures (interaction_id, user_id, urls, spoiler, created_at)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (interaction_id) DO NOTHING",
            (chosen.interaction_id, chosen.user_id, json_text(chosen.urls), int(chosen.spoiler), now),
        )

    async def get(self, interaction_id: int) -> ChosenPicture | None:
        """Returns the image of the modal that this interaction opened."""
        row = await self._database.row("SELECT * FROM chosen_pictures WHERE interaction_id = ?", (interaction_id,))
        if row is None:
            return None
        return ChosenPicture(
            row["interaction_id"], row["user_id"], tuple(json.loads(row["urls"])), bool(row["spoiler"])
        )

    async def remove_before(self, moment: float) -> int:
        """Deletes the images of modals opened before `moment` (unix seconds). Returns their number."""
        return await self._database.write("DELETE FROM chosen_pictures WHERE created_at < ?", (moment,))
