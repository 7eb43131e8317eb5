"""Offered prompts in SQLite."""

from __future__ import annotations

import dataclasses
import json

from storage.offered_prompts import OfferedPrompts, PromptSource
from storage.sqlite.database import Database
from storage.sqlite.rows import request_of
from storage.sqlite.statements import Row, json_text
from storage.user_records import DraftFile


class SqliteOfferedPrompts:
    """`OfferedPromptsTable` in SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, offered: OfferedPrompts) -> None:
        """Stores prompts, and replaces those with the same id."""
        await self._database.write(
            "INSERT INTO offered_prompts (id, user_id, source, request, prompts, aspect, files, inputs, english,"
            " task_id, created_at, application_id, token, locale)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " user_id = excluded.user_id, source = excluded.source, request = excluded.request,"
            " prompts = excluded.prompts, aspect = excluded.aspect, files = excluded.files, inputs = excluded.inputs,"
            " english = excluded.english, task_id = excluded.task_id, created_at = excluded.created_at,"
            " application_id = excluded.application_id, token = excluded.token, locale = excluded.locale",
            (
                offered.id,
                offered.user_id,
                offered.source,
                json_text(dataclasses.asdict(offered.request)),
                json_text(offered.prompts),
                offered.aspect,
                json_text([dataclasses.asdict(file) for file in offered.files]),
                json_text([dataclasses.asdict(file) for file in offered.inputs]),
                int(offered.english),
                offered.task_id,
                offered.created_at,
                offered.application_id,
                offered.token,
                offered.locale,
            ),
        )

    async def get(self, offer_id: str, user_id: int) -> OfferedPrompts | None:
        """Returns the prompts if they belong to this user."""
        row = await self._database.row(
            "SELECT * FROM offered_prompts WHERE id = ? AND user_id = ?", (offer_id, user_id)
        )
        return None if row is None else _offered(row)

    async def on_their_way(self) -> list[OfferedPrompts]:
        """Returns the prompts that a model was asked for without an answer so far."""
        rows = await self._database.rows("SELECT * FROM offered_prompts WHERE token IS NOT NULL ORDER BY created_at")
        return [_offered(row) for row in rows]

    async def forget(self, before: float, *, limit: int) -> int:
        """Deletes at most `limit` rows created before `before` (unix seconds). Returns their number."""
        return await self._database.write(
            "DELETE FROM offered_prompts WHERE id IN (SELECT id FROM offered_prompts WHERE created_at < ? LIMIT ?)",
            (before, limit),
        )


def _offered(row: Row) -> OfferedPrompts:
    return OfferedPrompts(
        id=row["id"],
        user_id=row["user_id"],
        source=PromptSource(row["source"]),
        request=request_of(json.loads(row["request"])),
        prompts=tuple(json.loads(row["prompts"])),
        created_at=row["created_at"],
        aspect=row["aspect"],
        files=_files(row["files"]),
        inputs=_files(row["inputs"]),
        english=bool(row["english"]),
        task_id=row["task_id"],
        application_id=row["application_id"],
        token=row["token"],
        locale=row["locale"],
    )


def _files(stored: str) -> tuple[DraftFile, ...]:
    return tuple(DraftFile(**file) for file in json.loads(stored))
