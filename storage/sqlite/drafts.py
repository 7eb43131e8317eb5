"""What users have not sent yet: drafts, which only their author can read, batches of prompts, and the images that an
open modal refers to."""

from __future__ import annotations

import dataclasses
import json

from storage.sqlite.database import Database
from storage.sqlite.rows import request_of
from storage.sqlite.statements import Row, Session, json_text
from storage.user_records import MAX_DRAFTS, Batch, ChosenPicture, Draft, DraftFile


class SqliteDrafts:
    """`Drafts` in SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, draft: Draft) -> None:
        """Stores a draft, replaces one with the same id, and keeps only the newest `MAX_DRAFTS` of its author."""

        def store(session: Session) -> None:
            session.execute(
                "INSERT INTO drafts (id, user_id, request, aspect, files, task_id, window, areas, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id,"
                " request = excluded.request, aspect = excluded.aspect, files = excluded.files,"
                " task_id = excluded.task_id, window = excluded.window, areas = excluded.areas,"
                " created_at = excluded.created_at",
                (
                    draft.id,
                    draft.user_id,
                    json_text(dataclasses.asdict(draft.request)),
                    draft.aspect,
                    json_text([dataclasses.asdict(file) for file in draft.files]),
                    draft.task_id,
                    draft.modal,
                    json_text(draft.areas),
                    draft.created_at,
                ),
            )
            session.execute(
                "DELETE FROM drafts WHERE user_id = ? AND id NOT IN"
                " (SELECT id FROM drafts WHERE user_id = ? ORDER BY created_at DESC LIMIT ?)",
                (draft.user_id, draft.user_id, MAX_DRAFTS),
            )

        await self._database.transaction(store)

    async def get(self, draft_id: str, user_id: int) -> Draft | None:
        """Returns the draft if it belongs to this user."""
        row = await self._database.row("SELECT * FROM drafts WHERE id = ? AND user_id = ?", (draft_id, user_id))
        return None if row is None else _draft(row)

    async def of(self, user_id: int, since: float) -> list[Draft]:
        """Returns the drafts of one user since `since` (unix seconds), newest first."""
        rows = await self._database.rows(
            "SELECT * FROM drafts WHERE user_id = ? AND created_at >= ? ORDER BY created_at DESC LIMIT ?",
            (user_id, since, MAX_DRAFTS),
        )
        return [_draft(row) for row in rows]

    async def remove(self, draft_id: str) -> None:
        """Deletes a draft that was sent."""
        await self._database.write("DELETE FROM drafts WHERE id = ?", (draft_id,))

    async def forget(self, before: float, *, limit: int) -> int:
        """Deletes at most `limit` drafts created before `before` (unix seconds). Returns their number."""
        return await self._database.write(
            "DELETE FROM drafts WHERE id IN (SELECT id FROM drafts WHERE created_at < ? LIMIT ?)", (before, limit)
        )


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


def _draft(row: Row) -> Draft:
    return Draft(
        id=row["id"],
        user_id=row["user_id"],
        request=request_of(json.loads(row["request"])),
        created_at=row["created_at"],
        aspect=row["aspect"],
        files=tuple(DraftFile(**file) for file in json.loads(row["files"])),
        task_id=row["task_id"],
        modal=row["window"],
        areas=tuple(json.loads(row["areas"])),
    )
