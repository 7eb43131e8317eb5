"""Submissions: the journal of all requests to the image service."""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from storage.database import Database, Row
from storage.records import Request, Submission, TaskId, request_of
from storage.states import OPEN, POLLED, SubmissionOutcome, predecessors, sql_list
from storage.task_rows import params_of, params_text

log = logging.getLogger(__name__)

# Compare-and-set: only an allowed transition replaces an outcome.
_SET_OUTCOME = {
    outcome: "UPDATE presses SET outcome = ?, reason = COALESCE(?, reason), settled_at = ?"  # noqa: S608 - constants
    f" WHERE interaction_id = ? AND outcome IN ({sql_list(sorted(predecessors(outcome)))})"
    for outcome in SubmissionOutcome
}
_REFUSE = (
    "UPDATE presses SET outcome = ?, error_code = ?, error_params = ?, settled_at = ?"  # noqa: S608 - constants
    f" WHERE interaction_id = ? AND outcome IN ({sql_list(sorted(predecessors(SubmissionOutcome.REFUSED)))})"
)


@dataclass(frozen=True, slots=True)
class NewSubmission:
    """An interaction that sends a request to the image service."""

    interaction_id: int
    user_id: int
    task_id: TaskId
    source_task_id: TaskId | None
    custom_id: str | None
    nonce: str


class Submissions:
    """Repository of submissions. Every method raises StorageError if the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def insert(
        self, new: NewSubmission, now: float, outcome: SubmissionOutcome = SubmissionOutcome.OUTCOME_UNKNOWN
    ) -> Submission:
        """Journals a submission as OUTCOME_UNKNOWN or QUEUED. The interaction must not be journaled yet (see `get`)."""
        async with self._database.transaction():
            await self._database.write(
                "INSERT INTO presses (interaction_id, user_id, task_id, pressed_id, custom_id, nonce, outcome,"
                " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (*dataclasses.astuple(new), outcome, now),
            )
        return Submission(**dataclasses.asdict(new), outcome=outcome, reason=None, created_at=now)

    async def get(self, interaction_id: int) -> Submission | None:
        """Returns the submission of an interaction, if it was journaled."""
        row = await self._database.row("SELECT * FROM presses WHERE interaction_id = ?", (interaction_id,))
        return None if row is None else _submission(row)

    async def same_button(self, user_id: int, source_task_id: TaskId, custom_id: str, ids: range) -> Submission | None:
        """Returns the user's newest submission of the same button that was not refused, among these interaction ids.

        Discord's ids contain Discord's time, so changes of the host's clock have no effect.
        """
        row = await self._database.row(
            "SELECT * FROM presses WHERE interaction_id BETWEEN ? AND ? AND pressed_id = ? AND custom_id = ?"
            " AND user_id = ? AND outcome <> 'refused' ORDER BY interaction_id DESC LIMIT 1",
            (ids.start, ids.stop - 1, source_task_id, custom_id, user_id),
        )
        return None if row is None else _submission(row)

    async def set_outcome(
        self, interaction_id: int, outcome: SubmissionOutcome, now: float, reason: str | None = None
    ) -> bool:
        """Records the outcome of a submission if the transition is allowed. Returns whether it was recorded.

        Without a `reason`, the stored reason is kept.
        """
        changed = await self._database.write(
            _SET_OUTCOME[outcome],
            (outcome, reason, None if outcome.open or outcome is SubmissionOutcome.QUEUED else now, interaction_id),
        )
        if not changed:
            log.warning("submission of interaction %d: ignored the outcome %s", interaction_id, outcome)
        return bool(changed)

    async def refuse(self, interaction_id: int, error_code: str, error_params: Mapping[str, str], now: float) -> bool:
        """Records a refusal and its error unless the submission was accepted before. Returns whether it was
        recorded."""
        outcome = SubmissionOutcome.REFUSED
        changed = await self._database.write(
            _REFUSE,
            (outcome, error_code, params_text(error_params), now, interaction_id),
        )
        if not changed:
            log.warning("submission of interaction %d: ignored the refusal %s", interaction_id, error_code)
        return bool(changed)

    async def by_nonce(self, nonce: str) -> Submission | None:
        """Returns the submission that sent this nonce as its `state`."""
        row = await self._database.row("SELECT * FROM presses WHERE nonce = ?", (nonce,))
        return None if row is None else _submission(row)

    async def of_task(self, task_id: TaskId) -> Submission | None:
        """Returns the submission that created a task."""
        row = await self._database.row(
            "SELECT * FROM presses WHERE task_id = ? ORDER BY created_at LIMIT 1", (task_id,)
        )
        return None if row is None else _submission(row)

    async def open(self) -> list[Submission]:
        """Returns the submissions with an open outcome, oldest first."""
        rows = await self._database.rows(
            f"SELECT * FROM presses WHERE outcome IN ({OPEN}) ORDER BY created_at"  # noqa: S608 - constants
        )
        return [_submission(row) for row in rows]

    async def drawing(self, since: float) -> list[tuple[Submission, Request]]:
        """Returns accepted prompts that may expand to several tasks (they contain braces or `--r`) and whose own task
        is polled or was created after `since` (unix seconds)."""
        rows = await self._database.rows(
            "SELECT presses.*, request FROM presses JOIN tasks ON tasks.id = task_id WHERE task_id IN"  # noqa: S608 - constants
            f" (SELECT id FROM tasks WHERE state IN ({POLLED}) UNION SELECT id FROM tasks"
            " WHERE created_at > ? AND state NOT IN ('submitting', 'refused'))"
            " AND outcome = 'taken' AND action = 'imagine'"
            " AND (tasks.prompt LIKE '%{%,%}%' OR tasks.prompt LIKE '%--r%') ORDER BY presses.created_at",
            (since,),
        )
        return [(_submission(row), request_of(json.loads(row["request"]))) for row in rows]

    async def queued(self) -> list[Submission]:
        """Returns the submissions in the bot's own queue, in the order in which Discord sent the interactions."""
        rows = await self._database.rows("SELECT * FROM presses WHERE outcome = 'queued' ORDER BY interaction_id")
        return [_submission(row) for row in rows]

    async def used_buttons(self, task_id: TaskId) -> frozenset[str]:
        """Returns the customIds of a task's buttons whose submission was accepted or is queued."""
        rows = await self._database.rows(
            "SELECT DISTINCT custom_id FROM presses WHERE pressed_id = ? AND outcome IN ('taken', 'queued')"
            " AND custom_id NOTNULL",
            (task_id,),
        )
        return frozenset(row["custom_id"] for row in rows)


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
