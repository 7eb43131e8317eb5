"""Submissions: the journal of all requests to the image service."""

from __future__ import annotations

import json
from typing import Any

from storage.new_records import hash_of
from storage.operations import NewOutcome, Opened, Opening, OutcomeResult, Repeats
from storage.records import Request, Submission, TaskId, request_of
from storage.sqlite.connection import Row, Session
from storage.sqlite.rows import (
    INSERT_MESSAGE,
    INSERT_TASK,
    TAKEN,
    inserted_message,
    inserted_task,
    marks,
    params_of,
    params_text,
)
from storage.sqlite.task_writes import Table, insert_further, insert_inputs, save
from storage.states import OPEN, OPEN_OUTCOMES, POLLED, PREDECESSORS, SubmissionOutcome

_INSERT = (
    "INSERT INTO presses (interaction_id, user_id, task_id, pressed_id, custom_id, nonce, outcome, created_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
# The new message, and the parent's newest message in the same channel, to which the new one replies.
_INSERT_MESSAGE = (
    f"{INSERT_MESSAGE} RETURNING id, (SELECT shown.message_id FROM messages AS shown WHERE shown.task_id = ?"  # noqa: S608 - constants
    " AND shown.channel_id = ? AND shown.gone = 0 AND shown.message_id IS NOT NULL ORDER BY shown.id DESC LIMIT 1)"
    " AS reply_to"
)
_SAME_BUTTON = (
    "SELECT 1 FROM presses WHERE interaction_id BETWEEN ? AND ? AND pressed_id = ? AND custom_id = ? AND user_id = ?"
    " AND outcome <> 'refused'"
)
# Compare-and-set: only an allowed transition replaces an outcome. Followed by the marks of these outcomes.
_SET_OUTCOME = (
    "UPDATE presses SET outcome = ?, reason = COALESCE(?, reason), error_code = COALESCE(?, error_code),"
    " error_params = CASE WHEN ? = '' THEN error_params ELSE ? END, settled_at = ?"
    " WHERE interaction_id = ? AND outcome IN "
)


class JournaledSubmissions(Table):
    """Submissions: how they are journaled, and their outcomes."""

    async def open(self, opening: Opening) -> Opened | None:
        """Journals a submission with its task and its message; None if it is a repetition."""
        return await self._database.journal(lambda session: _open(session, opening))

    async def set_outcome(self, new: NewOutcome) -> OutcomeResult:
        """Records the outcome of a submission and the change of its task, both or neither."""
        try:
            if new.durable:
                return await self._database.journal(lambda session: _set_outcome(session, new))
            return await self._database.transaction(lambda session: _set_outcome(session, new))
        except _NotSetError as error:
            return error.why


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


class _NotSetError(Exception):
    """Undoes the transaction: the outcome may not be recorded."""

    def __init__(self, why: OutcomeResult) -> None:
        super().__init__(why)
        self.why = why


def _open(session: Session, opening: Opening) -> Opened | None:
    submission, task = opening.submission, opening.task
    condition, values = _unless_repeated(opening)
    if not session.execute(f"{INSERT_TASK} WHERE {condition}", (*inserted_task(task, opening.now), *values)):
        return None
    insert_inputs(session, task, opening.now)
    session.execute(
        _INSERT,
        (
            submission.interaction_id,
            submission.user_id,
            submission.task_id,
            submission.source_task_id,
            submission.custom_id,
            submission.nonce,
            opening.outcome,
            opening.now,
        ),
    )
    message = inserted_message(task.id, opening.message)
    (row,) = session.fetch(_INSERT_MESSAGE, (*message, task.parent_id, opening.message.channel_id))
    return Opened(row["id"], row["reply_to"])


def _unless_repeated(opening: Opening) -> tuple[str, tuple[Any, ...]]:
    """The condition under which a submission is no repetition, and its values."""
    submission, repeats = opening.submission, opening.repeats
    condition = "NOT EXISTS (SELECT 1 FROM presses WHERE interaction_id = ?)"
    if repeats is None:
        return condition, (submission.interaction_id,)
    earlier, values = _earlier(submission.user_id, repeats)
    return f"{condition} AND NOT EXISTS ({earlier})", (submission.interaction_id, *values)


def _earlier(user_id: int, repeats: Repeats) -> tuple[str, tuple[Any, ...]]:
    window = (repeats.ids.start, repeats.ids.stop - 1)
    if repeats.custom_id is not None:
        return _SAME_BUTTON, (*window, repeats.parent_id, repeats.custom_id, user_id)
    of_parent, parent = (
        ("made.parent_id IS NULL", ()) if repeats.parent_id is None else ("made.parent_id = ?", (repeats.parent_id,))
    )
    sql = (
        # A CROSS JOIN reads the few interactions first, and not all tasks with this parent.
        "SELECT 1 FROM presses CROSS JOIN tasks AS made"  # noqa: S608 - constants and marks
        f" WHERE made.id = presses.task_id AND interaction_id BETWEEN ? AND ? AND user_id = ? AND {of_parent}"
        f" AND made.state <> 'refused' AND made.id NOT IN ({marks(repeats.different)})"
    )
    return sql, (*window, user_id, *parent, *repeats.different)


def _set_outcome(session: Session, new: NewOutcome) -> OutcomeResult:
    outcome = new.outcome
    allowed = sorted(PREDECESSORS[outcome] if new.only_from is None else new.only_from)
    params = params_text(new.error_params)
    ended = not (outcome in OPEN_OUTCOMES or outcome is SubmissionOutcome.QUEUED)
    changed = session.execute(
        f"{_SET_OUTCOME} ({marks(allowed)})",
        (
            outcome,
            new.reason,
            new.error_code,
            params,
            params,
            new.now if ended else None,
            new.interaction_id,
            *allowed,
        ),
    )
    if not changed:
        raise _NotSetError(OutcomeResult.OUTCOME_CHANGED)
    move = new.move
    if move and not save(session, move, new.now, None):
        raise _NotSetError(OutcomeResult.TASK_CHANGED)
    if move and new.callback_token:
        session.execute("UPDATE tasks SET callback_hash = ? WHERE id = ?", (hash_of(new.callback_token), move.after.id))
    if new.drop_unshown:
        session.execute(
            "UPDATE messages SET gone = 1, token = NULL WHERE shown_version = 0 AND task_id ="
            " (SELECT task_id FROM presses WHERE interaction_id = ?)",
            (new.interaction_id,),
        )
    insert_further(session, new.further)
    return OutcomeResult.DONE


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
