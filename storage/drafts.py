"""Drafts: refused requests, stored so that users need not retype a prompt. Only the author can read a draft."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from storage.database import Database, Row
from storage.records import Request, TaskId, request_of

# Drafts kept per user. A Discord select holds at most 25 options.
MAX_DRAFTS = 25


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A file attached to a command, as described by Discord. `size` is in bytes."""

    id: str
    filename: str
    url: str = field(repr=False)
    size: int
    content_type: str | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A refused request as its user typed it. `created_at` is in unix seconds.

    `aspect` is the chosen aspect ratio. `modal` is the custom_id of the button's modal in which the request was typed,
    and `areas` are the areas of the image selected there. A draft with only a `task_id` is another prompt for that
    task.
    """

    id: str
    user_id: int
    request: Request
    created_at: float
    aspect: str | None = None
    files: Sequence[DraftFile] = ()
    task_id: TaskId | None = None
    modal: str | None = None
    areas: tuple[str, ...] = ()

    @property
    def prompt(self) -> str:
        """The typed prompt."""
        return self.request.prompt


class Drafts:
    """Repository of drafts. Every method raises StorageError if the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, draft: Draft) -> None:
        """Stores a draft, replaces one with the same id, and keeps only the newest `MAX_DRAFTS` of its author."""
        async with self._database.transaction():
            await self._database.write(
                "INSERT OR REPLACE INTO drafts (id, user_id, request, aspect, files, task_id, window, areas,"
                " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    draft.id,
                    draft.user_id,
                    json.dumps(dataclasses.asdict(draft.request)),
                    draft.aspect,
                    json.dumps([dataclasses.asdict(file) for file in draft.files]),
                    draft.task_id,
                    draft.modal,
                    json.dumps(draft.areas),
                    draft.created_at,
                ),
            )
            await self._database.write(
                "DELETE FROM drafts WHERE user_id = ? AND id NOT IN"
                " (SELECT id FROM drafts WHERE user_id = ? ORDER BY created_at DESC LIMIT ?)",
                (draft.user_id, draft.user_id, MAX_DRAFTS),
            )

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
