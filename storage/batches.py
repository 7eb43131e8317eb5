"""Batches: several pictures that one prompt stands for, while their person is asked whether to make them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass

from storage.database import Database
from storage.drafts import DraftFile
from storage.records import Request, request_of


@dataclass(frozen=True, slots=True)
class Batch:
    """What somebody typed (`request`), and the prompts that it stands for.

    `files` are the pictures that came with it, `aspect` is the shape that they chose.
    """

    interaction_id: int
    user_id: int
    request: Request
    prompts: tuple[str, ...]
    files: Sequence[DraftFile] = ()
    aspect: str | None = None


class Batches:
    """The repository of batches. Every method raises StorageError when the store cannot answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, batch: Batch, now: float) -> None:
        """Keeps a batch that is asked about."""
        await self._database.write(
            "INSERT OR IGNORE INTO batches (interaction_id, user_id, request, prompts, files, aspect, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                batch.interaction_id,
                batch.user_id,
                json.dumps(dataclasses.asdict(batch.request)),
                json.dumps(batch.prompts),
                json.dumps([dataclasses.asdict(file) for file in batch.files]),
                batch.aspect,
                now,
            ),
        )

    async def get(self, interaction_id: int) -> Batch | None:
        """The batch that this interaction asked for."""
        row = await self._database.row("SELECT * FROM batches WHERE interaction_id = ?", (interaction_id,))
        if row is None:
            return None
        return Batch(
            row["interaction_id"],
            row["user_id"],
            request_of(json.loads(row["request"])),
            tuple(json.loads(row["prompts"])),
            tuple(DraftFile(**file) for file in json.loads(row["files"])),
            row["aspect"],
        )

    async def begin(self, interaction_id: int, *, expanded: bool) -> bool:
        """A batch is started: each prompt (`expanded`), or what was typed as one. The first call decides; False for the
        other way, and for a batch that is not known."""
        touched = await self._database.write(
            "UPDATE batches SET expanded = ? WHERE interaction_id = ? AND (expanded IS NULL OR expanded = ?)",
            (int(expanded), interaction_id, int(expanded)),
        )
        return touched > 0

    async def remove_before(self, moment: float) -> int:
        """Removes those that were asked for before that moment (unix seconds); how many."""
        return await self._database.write("DELETE FROM batches WHERE created_at < ?", (moment,))
