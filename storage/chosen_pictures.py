"""Chosen pictures: those that an open window asks about."""

from __future__ import annotations

import json
from dataclasses import dataclass

from storage.database import Database


@dataclass(frozen=True, slots=True)
class ChosenPicture:
    """A picture that somebody chose from a message's menu: at one of these addresses, the likeliest first.

    `spoiler`: it is hidden there.
    """

    interaction_id: int
    user_id: int
    urls: tuple[str, ...]
    spoiler: bool


class ChosenPictures:
    """The repository of chosen pictures. Every method raises StorageError when the store cannot answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, chosen: ChosenPicture, now: float) -> None:
        """Keeps what a window asks about."""
        await self._database.write(
            "INSERT OR IGNORE INTO chosen_pictures (interaction_id, user_id, urls, spoiler, created_at)"
            " VALUES (?, ?, ?, ?, ?)",
            (chosen.interaction_id, chosen.user_id, json.dumps(chosen.urls), int(chosen.spoiler), now),
        )

    async def get(self, interaction_id: int) -> ChosenPicture | None:
        """What the window that this interaction opened asks about."""
        row = await self._database.row("SELECT * FROM chosen_pictures WHERE interaction_id = ?", (interaction_id,))
        if row is None:
            return None
        return ChosenPicture(
            row["interaction_id"], row["user_id"], tuple(json.loads(row["urls"])), bool(row["spoiler"])
        )

    async def remove_before(self, moment: float) -> int:
        """Removes those of windows that were opened before that moment (unix seconds); how many."""
        return await self._database.write("DELETE FROM chosen_pictures WHERE created_at < ?", (moment,))
