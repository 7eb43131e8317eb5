"""The statements that create and change tasks, within the transaction of their caller."""

from __future__ import annotations

from collections.abc import Sequence

from storage.new_records import NewMessage, NewTask
from storage.operations import Decide, EndWishes, FurtherTask, Move
from storage.records import KEEPS_INPUTS, Task, TaskId
from storage.sqlite.connection import Session
from storage.sqlite.database import Transactions
from storage.sqlite.rows import INSERT_MESSAGE, INSERT_TASK, inserted_message, inserted_task, saving
from storage.states import TASK_STATES, TaskState
from storage.user_records import Role

# For the statement that stores the end of a task: what its owner wants then.
_WISHES = (
    " RETURNING (SELECT notify FROM preferences WHERE user_id = owner_id) AS notify,"
    " (SELECT direct FROM preferences WHERE user_id = owner_id) AS direct"
)
_SHOW_AGAIN = "UPDATE messages SET settled = 0 WHERE task_id = ? AND settled = 1 AND gone = 0"
_INSERT_INPUT = "INSERT INTO inputs (task_id, position, media_type, data, url) VALUES (?, ?, ?, ?, ?)"
_INSERT_THUMBNAIL = "INSERT INTO thumbnails (task_id, role, position, data, created_at) VALUES (?, ?, ?, ?, ?)"
_UNKNOWN_UPSTREAM = " WHERE NOT EXISTS (SELECT 1 FROM tasks WHERE upstream_id = ?)"


class Table:
    """A table of the database. Each write is one transaction."""

    def __init__(self, database: Transactions) -> None:
        self._database = database


def insert_inputs(session: Session, new: NewTask, now: float) -> None:
    """Stores the input images of a task and their thumbnails."""
    if not new.pictures:
        return
    pictures = [(new.id, position, each.media_type, each.data, each.url) for position, each in enumerate(new.pictures)]
    small = [each.thumbnail for each in new.pictures if each.thumbnail]
    thumbnails = [(new.id, Role.SOURCE, position, data, now) for position, data in enumerate(small)]
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
