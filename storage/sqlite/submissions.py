"""Submissions: reading what the journal holds, and the modal that a gateway hid."""

from __future__ import annotations

import json

from storage.records import Request, TaskId
from storage.sqlite.journal import JournaledSubmissions
from storage.sqlite.rows import OPEN, POLLED, TAKEN, params_of, request_of
from storage.sqlite.statements import Row
from storage.submission_records import Submission, SubmissionOutcome


class SqliteSubmissions(JournaledSubmissions):
    """`SubmissionTable` in SQLite."""

    async def expect_modal(self, task_id: TaskId, unless_reason: str) -> Submission | None:
        """Sets the accepted submission of a task to MODAL, unless it has this reason."""
        rows = await self._database.write_returning(
            "UPDATE presses SET outcome = 'window', settled_at = NULL WHERE task_id = ? AND outcome = 'taken'"
            " AND COALESCE(reason, '') <> ? RETURNING *",
            (task_id, unless_reason),
        )
        return _submission(rows[0]) if rows else None

    async def get(self, interaction_id: int) -> Submission | None:
        """Returns the submission of an interaction, if it was journaled."""
        return await self._one("SELECT * FROM presses WHERE interaction_id = ?", interaction_id)

    async def of_task(self, task_id: TaskId) -> Submission | None:
        """Returns the submission that created a task."""
        return await self._one("SELECT * FROM presses WHERE task_id = ? ORDER BY created_at LIMIT 1", task_id)

    async def unsettled(self) -> list[Submission]:
        """Returns the submissions with an open outcome, oldest first."""
        rows = await self._database.rows(
            f"SELECT * FROM presses WHERE outcome IN ({OPEN}) ORDER BY created_at"  # noqa: S608 - constants
        )
        return [_submission(row) for row in rows]

    async def drawing(self, since: float) -> list[tuple[Submission, Request]]:
        """Returns accepted prompts that may expand to several tasks."""
        rows = await self._database.rows(
            "SELECT presses.*, request FROM presses JOIN tasks ON tasks.id = task_id WHERE task_id IN"  # noqa: S608 - constants
            f" (SELECT id FROM tasks WHERE {TAKEN} AND state IN ({POLLED}) UNION SELECT id FROM tasks"
            f" WHERE {TAKEN} AND created_at > ?)"
            " AND outcome = 'taken' AND action = 'imagine'"
            " AND (tasks.prompt LIKE '%{%,%}%' OR tasks.prompt LIKE '%--r%') ORDER BY presses.created_at",
            (since,),
        )
        return [(_submission(row), request_of(json.loads(row["request"]))) for row in rows]

    async def queued(self) -> list[Submission]:
        """Returns the submissions in the bot's own queue, in the order of their interactions."""
        rows = await self._database.rows("SELECT * FROM presses WHERE outcome = 'queued' ORDER BY interaction_id")
        return [_submission(row) for row in rows]

    async def used_buttons(self, task_id: TaskId) -> frozenset[str]:
        """Returns the customIds of a task's buttons whose submission was accepted or is queued."""
        rows = await self._database.rows(
            "SELECT DISTINCT custom_id FROM presses WHERE pressed_id = ? AND outcome IN ('taken', 'queued')"
            " AND custom_id IS NOT NULL",
            (task_id,),
        )
        return frozenset(row["custom_id"] for row in rows)

    async def _one(self, sql: str, value: object) -> Submission | None:
        row = await self._database.row(sql, (value,))
        return None if row is None else _submission(row)


def _submission(row: Row) -> Submission:
    return Submission(
        interaction_id=row["interaction_id"],
        user_id=row["user_id"],
        task_id=row["task_id"],
        source_task_id=row["pressed_id"],
        custom_id=row["custom_id"],
        nonce=row["nonce"],
        outcome=SubmissionOutcome(row["outcome"]),
        reason=row["reason"],
        created_at=row["created_at"],
        error_code=row["error_code"],
        error_params=params_of(row["error_params"]),
    )
