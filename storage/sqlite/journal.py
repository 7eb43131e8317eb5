"""The journal: submissions with their tasks and messages, and their outcomes.

Each write is one transaction. The functions that take a `Session` run within the transaction of their caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from storage.operations import (
    Decide,
    EndWishes,
    FurtherTask,
    Move,
    NewMessage,
    NewOutcome,
    Opened,
    Opening,
    OutcomeResult,
    Repeats,
)
from storage.records import KEEPS_INPUTS, TASK_STATES, Message, NewTask, Task, TaskId, TaskState, hash_of
from storage.sqlite.statements import (
    INSERT_MESSAGE,
    INSERT_TASK,
    Session,
    inserted_message,
    inserted_task,
    json_text,
    marks,
    message_of,
    params_text,
    saving,
)
from storage.sqlite.transactions import Transactions
from storage.submission_records import OPEN_OUTCOMES, PREDECESSORS, SubmissionOutcome
from storage.user_records import ThumbnailRole

_INSERT_SUBMISSION = (
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
_INSERT_INPUT = "INSERT INTO inputs (task_id, position, media_type, data, url) VALUES (?, ?, ?, ?, ?)"
_INSERT_THUMBNAIL = "INSERT INTO thumbnails (task_id, role, position, data, created_at) VALUES (?, ?, ?, ?, ?)"
_UNKNOWN_UPSTREAM = " WHERE NOT EXISTS (SELECT 1 FROM tasks WHERE upstream_id = ?)"

# For the statement that stores the end of a task: what its owner wants then.
_WISHES = (
    " RETURNING (SELECT notify FROM preferences WHERE user_id = owner_id) AS notify,"
    " (SELECT direct FROM preferences WHERE user_id = owner_id) AS direct"
)
_SHOW_AGAIN = "UPDATE messages SET settled = 0 WHERE task_id = ? AND settled = 1 AND gone = 0"


class Table:
    """A table of the database. Each write is one transaction."""

    def __init__(self, database: Transactions) -> None:
        self._database = database


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
        _INSERT_SUBMISSION,
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


def insert_inputs(session: Session, new: NewTask, now: float) -> None:
    """Stores the input images of a task and their thumbnails."""
    if not new.pictures:
        return
    pictures = [(new.id, position, each.media_type, each.data, each.url) for position, each in enumerate(new.pictures)]
    small = [each.thumbnail for each in new.pictures if each.thumbnail]
    thumbnails = [(new.id, ThumbnailRole.SOURCE, position, data, now) for position, data in enumerate(small)]
    session.execute_many(_INSERT_INPUT, pictures)
    session.execute_many(_INSERT_THUMBNAIL, thumbnails)


def insert_message(session: Session, task_id: TaskId, new: NewMessage) -> None:
    """Stores a message before it is sent."""
    session.execute(INSERT_MESSAGE, inserted_message(task_id, new))


def insert_further(session: Session, further: Sequence[FurtherTask]) -> list[TaskId]:
    """Stores further tasks of one request. Returns the ids of the stored ones."""
    stored = []
    for added in further:
        new = added.task
        sql, values = INSERT_TASK, inserted_task(new, added.now)
        if added.once:
            sql, values = sql + _UNKNOWN_UPSTREAM, (*values, new.upstream_id)
        if session.execute(sql, values):
            insert_inputs(session, new, added.now)
            if added.message:
                insert_message(session, new.id, added.message)
            stored.append(new.id)
    return stored


class JournaledTasks(Table):
    """Tasks: their changes."""

    async def save(self, moves: Sequence[Move], now: float, decide: Decide | None = None) -> frozenset[TaskId]:
        """Stores changes of tasks. Returns the tasks that have another version."""
        if len(moves) == 1 and is_alone(moves[0], decide):
            (move,) = moves
            done = await self._database.write(*saving(move))
            return frozenset() if done else frozenset({move.after.id})
        stale = await self._database.transaction(
            lambda session: [move.after.id for move in moves if not save(session, move, now, decide)]
        )
        return frozenset(stale)


def is_alone(move: Move, decide: Decide | None) -> bool:
    """Whether one statement stores the change."""
    after = move.after
    ends = decide is not None and after.state.final and not move.before.state.final
    return not (ends or _loses_inputs(after) or _shows_again(move))


def save(session: Session, move: Move, now: float, decide: Decide | None) -> bool:
    """Stores the change of a task and what belongs to it. Returns False if the task has another version."""
    before, after = move.before, move.after
    sql, values = saving(move)
    if decide and after.state.final and not before.state.final:
        rows = session.fetch(sql + _WISHES, values)
        if not rows:
            return False
        _end(session, after, EndWishes(rows[0]["notify"], bool(rows[0]["direct"])), now, decide)
    elif not session.execute(sql, values):
        return False
    if _loses_inputs(after):
        session.execute("DELETE FROM inputs WHERE task_id = ?", (after.id,))
    if _shows_again(move):
        session.execute(_SHOW_AGAIN, (after.id,))
    return True


def _end(session: Session, task: Task, wishes: EndWishes, now: float, decide: Decide) -> None:
    ending = decide(task, wishes)
    if ending.always is not None:
        session.execute(
            "INSERT INTO notifications (task_id, user_id, always, created_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (task_id) DO NOTHING",
            (task.id, task.owner_id, int(ending.always), now),
        )
    if ending.copy:
        insert_message(session, task.id, ending.copy)


def _loses_inputs(task: Task) -> bool:
    if task.state is TaskState.SUCCESS and task.request.option(KEEPS_INPUTS):
        return False
    return task.input_count > 0 and not TASK_STATES[task.state].keeps_inputs


def _shows_again(move: Move) -> bool:
    """Whether the messages of the task were settled and now need an update."""
    rewritten = move.before.request != move.after.request
    return (move.before.state.settled or rewritten) and move.after.version != move.before.version


class JournaledMessages(Table):
    """Messages: which one shows which task, and the token of the newest press of it."""

    async def with_used_buttons(self, row_id: int) -> tuple[Message, frozenset[str]] | None:
        """Returns the message of this row, and the buttons of its task that were used."""
        rows = await self._database.rows(
            "SELECT messages.*, presses.custom_id AS used FROM messages LEFT JOIN presses"
            " ON presses.pressed_id = messages.task_id AND presses.outcome IN ('taken', 'queued')"
            " AND presses.custom_id IS NOT NULL WHERE messages.id = ?",
            (row_id,),
        )
        return (message_of(rows[0]), frozenset(row["used"] for row in rows if row["used"])) if rows else None

    async def record_shown(
        self,
        row_id: int,
        *,
        message_id: int,
        channel_id: int,
        version: int,
        settled: bool,
        files: Sequence[str],
        keep_token: bool = True,
    ) -> None:
        """Records where the message is, and the version and the files that it shows."""
        # Even a value that stays the same would be written to the index of tokens again.
        token = "" if keep_token else ", token = NULL, token_ends_at = 0"
        await self._database.write(
            "UPDATE messages SET message_id = ?, channel_id = ?, shown_version = ?, files = ?,"  # noqa: S608 - constants
            f" settled = CASE WHEN ? >= (SELECT version FROM tasks WHERE id = task_id) THEN ? ELSE 0 END{token}"
            " WHERE id = ?",
            (message_id, channel_id, version, json_text(list(files)), version, int(settled), row_id),
        )

    async def mark_pressed(self, task_id: TaskId, message_id: int, token: str, token_ends_at: float) -> list[Message]:
        """Stores the token of a newer interaction on the pressed message. Returns all messages of the task."""
        rows = await self._database.write_returning(
            "UPDATE messages SET token = CASE WHEN message_id = ? AND token_ends_at < ? THEN ? ELSE token END,"
            " token_ends_at = CASE WHEN message_id = ? AND token_ends_at < ? THEN ? ELSE token_ends_at END"
            " WHERE task_id = ? AND gone = 0 RETURNING *",
            (message_id, token_ends_at, token, message_id, token_ends_at, token_ends_at, task_id),
        )
        return sorted(map(message_of, rows), key=lambda message: message.id)


class JournaledNotifications(Table):
    """Notifications: their removal after they were sent."""

    async def remove(self, task_ids: Sequence[TaskId]) -> None:
        """Deletes notifications that were sent or are not needed, all or none."""
        await self._database.write(f"DELETE FROM notifications WHERE task_id IN ({marks(task_ids)})", task_ids)  # noqa: S608 - marks
