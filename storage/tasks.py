"""Tasks: what was asked for, and how far it is."""

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
from storage.task_rows import SAVE, saved, task_of
from storage.task_search import TaskQuery, TaskSearch
from storage.thumbnails import Role, Thumbnails

# Tasks that have ended well, or were never made: what came with them is not needed any more.
WITHOUT_INPUTS = tuple(state for state, rules in TASK_STATES.items() if not rules.keeps_inputs)
# Tasks that can be tried again with what came with them, for some days.
_RETRYABLE = sql_list(state for state, rules in TASK_STATES.items() if rules.retryable and rules.keeps_inputs)
# A picture that everybody reworks may have thousands; so many are read for one panel.
MAX_CHILDREN = 100
_SHOW_AGAIN = "UPDATE messages SET settled = 0 WHERE task_id = ? AND settled = 1 AND gone = 0"


@dataclass(frozen=True, slots=True)
class InputImage:
    """A picture that came with a command, or the clip that a face goes into; `thumbnail` is a small JPEG of it."""

    media_type: str
    data: bytes = dataclasses.field(repr=False)
    thumbnail: bytes | None = dataclasses.field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task about to be asked for. Only the hash of `callback_token` is stored.

    `queue_ahead`: how many requests of the same person wait before it in the bot's own queue; None for a task that is
    sent at once.
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
    """A task that the service is working on: its id there, when it went on last (unix seconds), and its mode."""

    id: TaskId
    upstream_id: str | None
    progressed_at: float
    mode: str | None


class QueuedTaskRow(NamedTuple):
    """A task that waits at the service: its id there, and how many were before it when that was said last."""

    id: TaskId
    upstream_id: str | None
    queue_ahead: int | None


class Tasks:
    """The repository of tasks. Every method raises StorageError when the store cannot answer."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._search = TaskSearch(database)
        self._thumbnails = Thumbnails(database)

    async def add(self, new: NewTask, now: float) -> Task:
        """Stores a task in SUBMITTING or QUEUED, with its pictures."""
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
        """The task of that id."""
        row = await self._database.row("SELECT * FROM tasks WHERE id = ?", (task_id,))
        return None if row is None else task_of(row)

    async def move(self, task_id: TaskId, change: TaskUpdate, now: float) -> Task | None:
        """Applies news; the task as it is then, or None when they move it nowhere or it is unknown."""
        return next(iter(await self.move_all({task_id: change}, now)), None)

    async def move_all(self, changes: Mapping[TaskId, TaskUpdate], now: float) -> list[Task]:
        """Applies news of many tasks at once, which costs a tenth of doing it one by one; those that it has moved."""
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
        """Takes an OVERDUE task up again: the one step back, because a person asked for it."""
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
        """Puts a task that the service surely did not take back into the bot's queue, and says why; the task as it
        is then, or None when it was taken or has ended."""
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
        """What this person requested by interactions of these ids, under one parent; refused tries are left out."""
        rows = await self._database.rows(
            "SELECT tasks.id, request FROM presses JOIN tasks ON tasks.id = task_id"
            " WHERE interaction_id BETWEEN ? AND ? AND user_id = ? AND parent_id IS ? AND state <> 'refused'"
            " ORDER BY interaction_id LIMIT 100",
            (ids.start, ids.stop - 1, user_id, parent_id),
        )
        return [(row["id"], request_of(json.loads(row["request"]))) for row in rows]

    async def mark_deleted(self, task_id: TaskId, now: float) -> None:
        """The result of a task is deleted; what its messages show does not change, so the version stays."""
        await self._database.write(
            "UPDATE tasks SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL", (now, task_id)
        )

    async def renew_callback(self, task_id: TaskId, token: str) -> None:
        """Gives a task's callback address another secret part."""
        await self._database.write("UPDATE tasks SET callback_hash = ? WHERE id = ?", (_hash(token), task_id))

    async def rewrite(self, task_id: TaskId, request: Request) -> Task:
        """Puts a request in the place of the one that the task was stored with; the task as it is then, to be shown
        again.

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
        """Remembers a task's seed, which people asked for later. No message has to show it, so the version stays."""
        async with self._database.transaction():
            task = await self.get(task_id)
            if task:
                told = dataclasses.replace(task, result=dataclasses.replace(task.result, seed=seed))
                await self._save([(told, task)])

    async def keep_pictures(self, task_id: TaskId, found: TaskResult, buttons: Sequence[StoredButton]) -> Task | None:
        """Takes over what the service shows of a finished task now, and its buttons if it has none; the task as it is
        then, or None when that is no news."""
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
        """The tasks that were asked for and of which it is not known yet whether the service has them, oldest first."""
        rows = await self._database.rows(
            f"SELECT tasks.* FROM presses JOIN tasks ON tasks.id = task_id WHERE outcome IN ({OPEN})"  # noqa: S608 - constants
            " ORDER BY presses.created_at"
        )
        return [task_of(row) for row in rows]

    async def queued(self) -> list[Task]:
        """The tasks that wait in the bot's own queue, in the order in which Discord sent their interactions."""
        rows = await self._database.rows(
            "SELECT tasks.* FROM presses JOIN tasks ON tasks.id = task_id WHERE outcome = 'queued'"
            " ORDER BY interaction_id"
        )
        return [task_of(row) for row in rows]

    async def polled(self) -> list[Task]:
        """All tasks that the service is working on, oldest first."""
        return [
            task_of(row)
            for row in await self._database.rows(
                f"SELECT * FROM tasks WHERE state IN ({POLLED}) ORDER BY created_at"  # noqa: S608 - constants
            )
        ]

    async def polled_briefly(self) -> list[PolledTaskRow]:
        """The same tasks, with the little that is needed to ask about them: reading all of 5,000 tasks takes 0.2 s."""
        rows = await self._database.rows(
            "SELECT id, upstream_id, progressed_at, json_extract(request, '$.mode') FROM tasks"  # noqa: S608 - constants
            f" WHERE state IN ({POLLED}) ORDER BY created_at"
        )
        return [PolledTaskRow(*row) for row in rows]

    async def waiting(self) -> list[QueuedTaskRow]:
        """The tasks that wait at the service to be drawn."""
        rows = await self._database.rows(
            "SELECT id, upstream_id, queue_ahead FROM tasks WHERE state = ?", (TaskState.PENDING,)
        )
        return [QueuedTaskRow(*row) for row in rows]

    async def by_upstream(self, upstream_id: str) -> list[Task]:
        """The tasks that stand for one of the service's, oldest first."""
        rows = await self._database.rows(
            "SELECT * FROM tasks WHERE upstream_id = ? ORDER BY created_at", (upstream_id,)
        )
        return [task_of(row) for row in rows]

    async def children(self, task_id: TaskId, *, limit: int = MAX_CHILDREN) -> list[Task]:
        """The first tasks that were made from a task's buttons, oldest first; what the service refused made none."""
        rows = await self._database.rows(
            "SELECT * FROM tasks WHERE parent_id = ? AND state <> 'refused' ORDER BY created_at, id LIMIT ?",
            (task_id, limit),
        )
        return [task_of(row) for row in rows]

    async def search(self, wanted: TaskQuery, *, limit: int, offset: int = 0) -> list[Task]:
        """Tasks that were taken, newest first. Words are found anywhere in a prompt, in either case, and in the newest
        `SEARCHED` tasks only."""
        ids = await self._search.ids(wanted, limit, offset)
        if not ids:
            return []
        rows = await self._database.rows(
            f"SELECT * FROM tasks WHERE id IN ({', '.join('?' * len(ids))}) ORDER BY created_at DESC, id DESC",  # noqa: S608 - marks
            ids,
        )
        return [task_of(row) for row in rows]

    async def count(self, wanted: TaskQuery, *, limit: int) -> int:
        """How many tasks a search finds; no more than `limit` are counted."""
        return len(await self._search.ids(wanted, limit, 0))

    async def searches_all(self, wanted: TaskQuery) -> bool:
        """Does a search for words look at all tasks there are of this owner (of everybody)?"""
        return await self._search.searches_all(wanted)

    async def by_callback(self, task_id: TaskId, token: str) -> Task | None:
        """The task whose callback address holds this token; compared in constant time."""
        row = await self._database.row("SELECT * FROM tasks WHERE id = ?", (task_id,))
        known = bytes(row["callback_hash"]) if row else b"\0" * 32
        return task_of(row) if hmac.compare_digest(known, _hash(token)) and row else None

    async def input_bytes(self, task_id: TaskId) -> int:
        """How large the pictures that came with a command are, together."""
        row = await self._database.row(
            "SELECT COALESCE(SUM(LENGTH(data)), 0) AS size FROM inputs WHERE task_id = ?", (task_id,)
        )
        return int(row["size"]) if row else 0

    async def inputs(self, task_id: TaskId) -> list[InputImage]:
        """The pictures that came with a command, in order; none once they were removed (`Task.input_count` tells)."""
        rows = await self._database.rows(
            "SELECT media_type, inputs.data, thumbnails.data AS small FROM inputs LEFT JOIN thumbnails"
            " ON thumbnails.task_id = inputs.task_id AND thumbnails.position = inputs.position AND role = ?"
            " WHERE inputs.task_id = ? ORDER BY inputs.position",
            (Role.SOURCE, task_id),
        )
        return [InputImage(row["media_type"], row["data"], row["small"]) for row in rows]

    async def remove_inputs(self, before: float, *, limit: int) -> int:
        """Removes what came with tasks that failed, were cancelled or are no longer waited for, and stand so since
        before that moment (unix seconds); of how many tasks, at most `limit`."""
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
        """Stores tasks as they are now; each with the same one as it was before."""
        again = [(task.id,) for task, before in moved if before.state.settled and task.version != before.version]
        if again:
            # Their messages counted as finished; now there is something to show in them again.
            await self._database.write_many(_SHOW_AGAIN, again)
        if moved:
            await self._database.write_many(SAVE, (saved(task, before) for task, before in moved))


def _hash(token: str) -> bytes:
    # A random token of full length needs no salt and no slow hash.
    return hashlib.sha256(token.encode()).digest()
