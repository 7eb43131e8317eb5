"""Tasks: requests, their state and their results."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from storage.database import Database
from storage.records import (
    Request,
    StoredButton,
    Task,
    TaskId,
    TaskResult,
    TaskUpdate,
    request_of,
)
from storage.states import OPEN, POLLED, TASK_STATES, TaskState, sql_list
from storage.task_rows import MODE, SAVE, saved, task_of
from storage.task_search import TaskQuery, TaskSearch
from storage.thumbnails import Role, Thumbnails

# Tasks that succeeded or were refused: their input files are no longer needed.
WITHOUT_INPUTS = tuple(state for state, rules in TASK_STATES.items() if not rules.keeps_inputs)
# Tasks that users can retry with their input files for some days.
_RETRYABLE = sql_list(state for state, rules in TASK_STATES.items() if rules.retryable and rules.keeps_inputs)
# A popular task may have thousands of derived tasks. One panel reads at most this many.
MAX_CHILDREN = 100
_SHOW_AGAIN = "UPDATE messages SET settled = 0 WHERE task_id = ? AND settled = 1 AND gone = 0"


@dataclass(frozen=True, slots=True)
class InputImage:
    """An image attached to a command, or the video for a face swap. `thumbnail` is a small JPEG of it."""

    media_type: str
    data: bytes = dataclasses.field(repr=False)
    thumbnail: bytes | None = dataclasses.field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to be created. Only the hash of `callback_token` is stored.

    `queue_ahead` is the number of the user's requests before it in the bot's own queue; None for a task that is sent at
    once.
    """

    id: TaskId
    parent_id: TaskId | None
    owner_id: int
    guild_id: int | None
    channel_id: int | None
    request: Request
    callback_token: str = dataclasses.field(repr=False)
    pictures: Sequence[InputImage] = ()
    queue_ahead: int | None = None


class PolledTaskRow(NamedTuple):
    """A polled task: its ID at the service, the time of its last progress (unix seconds), and its mode."""

    id: TaskId
    upstream_id: str | None
    progressed_at: float
    mode: str | None


class QueuedTaskRow(NamedTuple):
    """A task in the service's queue: its ID at the service, and the last reported number of tasks before it."""

    id: TaskId
    upstream_id: str | None
    queue_ahead: int | None


class Tasks:
    """Repository of tasks. Every method raises StorageError if the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._search = TaskSearch(database)
        self._thumbnails = Thumbnails(database)

    async def add(self, new: NewTask, now: float) -> Task:
        """Stores a task in SUBMITTING or QUEUED, with its input images."""
        async with self._database.transaction():
            await self._database.write(
                "INSERT INTO tasks (id, parent_id, owner_id, guild_id, channel_id, action, prompt, custom_id, request,"
                " state, queue_ahead, result, buttons, callback_hash, created_at, progressed_at, input_count)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    new.id,
                    new.parent_id,
                    new.owner_id,
                    new.guild_id,
                    new.channel_id,
                    new.request.action,
                    new.request.prompt,
                    new.request.custom_id,
                    json.dumps(dataclasses.asdict(new.request)),
                    TaskState.SUBMITTING if new.queue_ahead is None else TaskState.QUEUED,
                    new.queue_ahead,
                    json.dumps(dataclasses.asdict(TaskResult())),
                    "[]",
                    _hash(new.callback_token),
                    now,
                    now,
                    len(new.pictures),
                ),
            )
            for position, picture in enumerate(new.pictures):
                await self._database.write(
                    "INSERT INTO inputs (task_id, position, media_type, data) VALUES (?, ?, ?, ?)",
                    (new.id, position, picture.media_type, picture.data),
                )
            small = [picture.thumbnail for picture in new.pictures if picture.thumbnail]
            if small:
                await self._thumbnails.put(new.id, Role.SOURCE, small, now)
            return await self._existing(new.id)

    async def get(self, task_id: TaskId) -> Task | None:
        """Returns the task with this id."""
        row = await self._database.row("SELECT * FROM tasks WHERE id = ?", (task_id,))
        return None if row is None else task_of(row)

    async def move(self, task_id: TaskId, change: TaskUpdate, now: float) -> Task | None:
        """Applies an update. Returns the changed task, or None if it did not change or is unknown."""
        return next(iter(await self.move_all({task_id: change}, now)), None)

    async def move_all(self, changes: Mapping[TaskId, TaskUpdate], now: float) -> list[Task]:
        """Applies updates of many tasks in one transaction, at a tenth of the cost of single calls. Returns the changed
        tasks."""
        async with self._database.transaction():
            marks = ", ".join("?" * len(changes))
            rows = await self._database.rows(f"SELECT * FROM tasks WHERE id IN ({marks})", changes)  # noqa: S608 - marks
            tasks = [task_of(row) for row in rows]
            moved = [(after, task) for task in tasks if (after := task.apply(changes[task.id], now))]
            await self._save(moved)
            done = [(after.id,) for after, _ in moved if after.state in WITHOUT_INPUTS]
            if done:
                await self._database.write_many("DELETE FROM inputs WHERE task_id = ?", done)
            return [after for after, _ in moved]

    async def watch_again(self, task_id: TaskId, now: float) -> Task | None:
        """Moves a STALLED task back to RUNNING, so that it is polled again. Returns None if it is not stalled or has no
        ID at the service."""
        async with self._database.transaction():
            task = await self.get(task_id)
            if task is None or task.state is not TaskState.STALLED or task.upstream_id is None:
                return None
            running = dataclasses.replace(
                task,
                state=TaskState.RUNNING,
                progressed_at=now,
                version=task.version + 1,
                error_code=None,
                error_params={},
            )
            await self._save([(running, task)])
            return running

    async def queue_again(self, task_id: TaskId, error_code: str, now: float) -> Task | None:
        """Moves a task that the service certainly did not accept back to the bot's queue and stores the error. Returns
        the task, or None if it was accepted or has ended."""
        async with self._database.transaction():
            task = await self.get(task_id)
            if task is None or task.state not in (TaskState.QUEUED, TaskState.SUBMITTING):
                return None
            queued = dataclasses.replace(task, state=TaskState.QUEUED, queue_ahead=0, error_code=error_code)
            if queued == task:
                return task
            queued = dataclasses.replace(queued, progressed_at=now, version=task.version + 1)
            await self._save([(queued, task)])
            return queued

    async def requested_by(self, user_id: int, ids: range, *, parent_id: TaskId | None) -> list[tuple[TaskId, Request]]:
        """Returns the user's requests from these interaction ids with this parent, without refused tasks."""
        rows = await self._database.rows(
            "SELECT tasks.id, request FROM presses JOIN tasks ON tasks.id = task_id"
            " WHERE interaction_id BETWEEN ? AND ? AND user_id = ? AND parent_id IS ? AND state <> 'refused'"
            " ORDER BY interaction_id LIMIT 100",
            (ids.start, ids.stop - 1, user_id, parent_id),
        )
        return [(row["id"], request_of(json.loads(row["request"]))) for row in rows]

    async def mark_deleted(self, task_id: TaskId, now: float) -> None:
        """Marks the result of a task as deleted. Messages show the same as before, so the version stays."""
        await self._database.write(
            "UPDATE tasks SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL", (now, task_id)
        )

    async def renew_callback(self, task_id: TaskId, token: str) -> None:
        """Replaces the secret in a task's callback URL."""
        await self._database.write("UPDATE tasks SET callback_hash = ? WHERE id = ?", (_hash(token), task_id))

    async def rewrite(self, task_id: TaskId, request: Request) -> Task:
        """Replaces the stored request of a task and marks its messages for an update. Returns the changed task.

        Raises LookupError for an unknown task.
        """
        async with self._database.transaction():
            await self._database.write(
                "UPDATE tasks SET prompt = ?, request = ?, version = version + 1 WHERE id = ?",
                (request.prompt, json.dumps(dataclasses.asdict(request)), task_id),
            )
            await self._database.write_many(_SHOW_AGAIN, [(task_id,)])
            return await self._existing(task_id)

    async def keep_seed(self, task_id: TaskId, seed: str) -> None:
        """Stores a seed that was requested after the end of a task. No message shows it, so the version stays."""
        async with self._database.transaction():
            task = await self.get(task_id)
            if task:
                told = dataclasses.replace(task, result=dataclasses.replace(task.result, seed=seed))
                await self._save([(told, task)])

    async def keep_pictures(self, task_id: TaskId, found: TaskResult, buttons: Sequence[StoredButton]) -> Task | None:
        """Replaces the result of a finished task with the service's current one, and adds its buttons if the task has
        none. Returns the changed task, or None if nothing changed."""
        async with self._database.transaction():
            task = await self.get(task_id)
            if task is None or task.state is not TaskState.SUCCESS:
                return None
            known = task.result
            prompt, seed = found.final_prompt or known.final_prompt, found.seed or known.seed
            result = dataclasses.replace(found, final_prompt=prompt, seed=seed)
            told = dataclasses.replace(task, result=result, buttons=task.buttons or tuple(buttons))
            if told == task:
                return None
            told = dataclasses.replace(told, version=task.version + 1)
            await self._save([(told, task)])
            return told

    async def on_their_way(self) -> list[Task]:
        """Returns the tasks whose submission has an open outcome, oldest first."""
        rows = await self._database.rows(
            f"SELECT tasks.* FROM presses JOIN tasks ON tasks.id = task_id WHERE outcome IN ({OPEN})"  # noqa: S608 - constants
            " ORDER BY presses.created_at"
        )
        return [task_of(row) for row in rows]

    async def queued(self) -> list[Task]:
        """Returns the tasks in the bot's own queue, in the order in which Discord sent their interactions."""
        rows = await self._database.rows(
            "SELECT tasks.* FROM presses JOIN tasks ON tasks.id = task_id WHERE outcome = 'queued'"
            " ORDER BY interaction_id"
        )
        return [task_of(row) for row in rows]

    async def polled(self) -> list[Task]:
        """Returns all polled tasks, oldest first."""
        return [
            task_of(row)
            for row in await self._database.rows(
                f"SELECT * FROM tasks WHERE state IN ({POLLED}) ORDER BY created_at"  # noqa: S608 - constants
            )
        ]

    async def polled_briefly(self) -> list[PolledTaskRow]:
        """Returns the polled tasks with only the fields needed for polling: reading 5,000 complete tasks takes 0.2
        s."""
        rows = await self._database.rows(
            f"SELECT id, upstream_id, progressed_at, {MODE} FROM tasks"  # noqa: S608 - constants
            f" WHERE state IN ({POLLED}) ORDER BY created_at"
        )
        return [PolledTaskRow(*row) for row in rows]

    async def waiting(self) -> list[QueuedTaskRow]:
        """Returns the tasks in the service's queue."""
        rows = await self._database.rows(
            "SELECT id, upstream_id, queue_ahead FROM tasks WHERE state = ?", (TaskState.PENDING,)
        )
        return [QueuedTaskRow(*row) for row in rows]

    async def by_upstream(self, upstream_id: str) -> list[Task]:
        """Returns the tasks with this ID at the service, oldest first."""
        rows = await self._database.rows(
            "SELECT * FROM tasks WHERE upstream_id = ? ORDER BY created_at", (upstream_id,)
        )
        return [task_of(row) for row in rows]

    async def children(self, task_id: TaskId, *, limit: int = MAX_CHILDREN) -> list[Task]:
        """Returns the first tasks derived from a task's buttons, oldest first, without refused ones."""
        rows = await self._database.rows(
            "SELECT * FROM tasks WHERE parent_id = ? AND state <> 'refused' ORDER BY created_at, id LIMIT ?",
            (task_id, limit),
        )
        return [task_of(row) for row in rows]

    async def search(self, wanted: TaskQuery, *, limit: int, offset: int = 0) -> list[Task]:
        """Returns accepted tasks, newest first. Words match any part of a prompt, case-insensitively, and only in the
        newest `SEARCHED` tasks."""
        ids = await self._search.ids(wanted, limit, offset)
        if not ids:
            return []
        rows = await self._database.rows(
            f"SELECT * FROM tasks WHERE id IN ({', '.join('?' * len(ids))}) ORDER BY created_at DESC, id DESC",  # noqa: S608 - marks
            ids,
        )
        return [task_of(row) for row in rows]

    async def count(self, wanted: TaskQuery, *, limit: int) -> int:
        """Returns the number of tasks that a search finds, at most `limit`."""
        return len(await self._search.ids(wanted, limit, 0))

    async def searches_all(self, wanted: TaskQuery) -> bool:
        """Whether a search for words covers all tasks of the owner (or of all users)."""
        return await self._search.searches_all(wanted)

    async def by_callback(self, task_id: TaskId, token: str) -> Task | None:
        """Returns the task whose callback URL contains this token. The comparison takes constant time."""
        row = await self._database.row("SELECT * FROM tasks WHERE id = ?", (task_id,))
        known = bytes(row["callback_hash"]) if row else b"\0" * 32
        return task_of(row) if hmac.compare_digest(known, _hash(token)) and row else None

    async def input_bytes(self, task_id: TaskId) -> int:
        """Returns the total size of a task's input images in bytes."""
        row = await self._database.row(
            "SELECT COALESCE(SUM(LENGTH(data)), 0) AS size FROM inputs WHERE task_id = ?", (task_id,)
        )
        return int(row["size"]) if row else 0

    async def inputs(self, task_id: TaskId) -> list[InputImage]:
        """Returns the input images of a task, in order; none after they were removed (see `Task.input_count`)."""
        rows = await self._database.rows(
            "SELECT media_type, inputs.data, thumbnails.data AS small FROM inputs LEFT JOIN thumbnails"
            " ON thumbnails.task_id = inputs.task_id AND thumbnails.position = inputs.position AND role = ?"
            " WHERE inputs.task_id = ? ORDER BY inputs.position",
            (Role.SOURCE, task_id),
        )
        return [InputImage(row["media_type"], row["data"], row["small"]) for row in rows]

    async def remove_inputs(self, before: float, *, limit: int) -> int:
        """Deletes the input images of at most `limit` tasks that are retryable and made no progress since `before`
        (unix seconds). Returns the number of tasks."""
        async with self._database.transaction():
            rows = await self._database.rows(
                "SELECT DISTINCT task_id FROM inputs WHERE EXISTS (SELECT 1 FROM tasks"  # noqa: S608 - constants
                f" WHERE id = task_id AND state IN ({_RETRYABLE}) AND progressed_at < ?) LIMIT ?",
                (before, limit),
            )
            for row in rows:
                await self._database.write("DELETE FROM inputs WHERE task_id = ?", (row["task_id"],))
            return len(rows)

    async def _existing(self, task_id: TaskId) -> Task:
        task = await self.get(task_id)
        if task is None:
            raise LookupError(task_id)
        return task

    async def _save(self, moved: Sequence[tuple[Task, Task]]) -> None:
        """Stores changed tasks; each pair is the new task and the previous one."""
        again = [(task.id,) for task, before in moved if before.state.settled and task.version != before.version]
        if again:
            # Their messages were settled. Now they need an update.
            await self._database.write_many(_SHOW_AGAIN, again)
        if moved:
            await self._database.write_many(SAVE, (saved(task, before) for task, before in moved))


def _hash(token: str) -> bytes:
    # A random token of full length needs neither a salt nor a slow hash.
    return hashlib.sha256(token.encode()).digest()
