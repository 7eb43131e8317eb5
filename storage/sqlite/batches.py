"""Batches: several tasks from one prompt, stored until the user confirms them."""

from __future__ import annotations

import dataclasses
import json

from storage.records import request_of
from storage.sqlite.database import Database
from storage.sqlite.rows import json_text
from storage.user_records import Batch, DraftFile


class SqliteBatches:
    """`Batches` in SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, batch: Batch, now: float) -> None:
        """Stores a batch that awaits confirmation."""
        await self._database.write(
            "INSERT INTO batches (interaction_id, user_id, request, prompts, files, aspect, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (interaction_id) DO NOTHING",
            (
                batch.interaction_id,
                batch.user_id,
                json_text(dataclasses.asdict(batch.request)),
                json_text(batch.prompts),
                json_text([dataclasses.asdict(file) for file in batch.files]),
                batch.aspect,
                now,
            ),
        )

    async def get(self, interaction_id: int) -> Batch | None:
        """Returns the batch of this interaction."""
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
        """Records how a batch is started: one task per prompt (`expanded`), or the typed text as a single prompt. The
        first call decides. Returns False if the other way was chosen before, and for an unknown batch."""
        touched = await self._database.write(
            "UPDATE batches SET expanded = ? WHERE interaction_id = ? AND (expanded IS NULL OR expanded = ?)",
            (int(expanded), interaction_id, int(expanded)),
        )
        return touched > 0

    async def remove_before(self, moment: float) -> int:
        """Deletes the batches created before `moment` (unix seconds). Returns their number."""
        return await self._database.write("DELETE FROM batches WHERE created_at < ?", (moment,))
