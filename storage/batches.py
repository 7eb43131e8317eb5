"""Batches: several pictures that one prompt stands for, while their person is asked whether to make them."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass

from storage.database import Database
from storage.records import Action, Request


@dataclass(frozen=True, slots=True)
class Batch:
    """What somebody typed (`request`), and the prompts that it stands for.

    `urls` are of the pictures that came with it, `aspect` is the shape that they chose.
    """

    interaction_id: int
    user_id: int
    request: Request
    prompts: tuple[str, ...]
    urls: tuple[str, ...] = ()
    aspect: str | None = None


class Batches:
    """The repository of batches. Every method raises StorageError when the store cannot answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, batch: Batch, now: float) -> None:
        """Keeps a batch that is asked about."""
        await self._database.write(
            "INSERT OR IGNORE INTO batches (interaction_id, user_id, request, prompts, urls, aspect, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                batch.interaction_id,
                batch.user_id,
                json.dumps(dataclasses.asdict(batch.request)),
                json.dumps(batch.prompts),
                json.dumps(batch.urls),
                batch.aspect,
                now,
            ),
        )

    async def get(self, interaction_id: int) -> Batch | None:
        """The batch that this interaction asked for."""
        row = await self._database.row("SELECT * FROM batches WHERE interaction_id = ?", (interaction_id,))
        if row is None:
            return None
        fields = json.loads(row["request"])
        return Batch(
            row["interaction_id"],
            row["user_id"],
            Request(**{**fields, "action": Action(fields["action"])}),
            tuple(json.loads(row["prompts"])),
            tuple(json.loads(row["urls"])),
            row["aspect"],
        )

    async def remove_before(self, moment: float) -> int:
        """Removes those that were asked for before that moment (unix seconds); how many."""
        return await self._database.write("DELETE FROM batches WHERE created_at < ?", (moment,))
