"""Tasks: what was asked for, and how far it is."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from storage.database import Database, Row
from storage.records import (
    WATCHED_STATES,
    Action,
    Change,
    Outcome,
    Request,
    Result,
    StoredButton,
    StoredVideo,
    Task,
    TaskId,
    TaskState,
)

_LIKE, _ESCAPED = re.compile(r"([%_\\])"), r"\\\1"
_WATCHED = ", ".join(f"'{state}'" for state in WATCHED_STATES)
_OPEN = ", ".join(f"'{outcome}'" for outcome in Outcome if outcome.open)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that came with a command, or the clip that a face goes into."""

    media_type: str
    data: bytes = dataclasses.field(repr=False)


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task about to be asked for. Only the hash of `callback_token` is stored."""

    id: TaskId
    parent_id: TaskId | None
    owner_id: int
    guild_id: int | None
    channel_id: int | None
    request: Request
    callback_token: str = dataclasses.field(repr=False)
    pictures: Sequence[Picture] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tasks are looked for; None and () mean any."""

    owner_id: int | None = None
    guild_id: int | None = None
    states: tuple[TaskState, ...] = ()
    words: str = ""


class Tasks:
    """The repository of tasks. Every method raises StorageError when the store cannot answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, new: NewTask, now: float) -> Task:
        """Stores a task in SUBMITTING, with its pictures."""
        async with self._database.transaction():
            await self._database.write(
                "INSERT INTO tasks (id, parent_id, owner_id, guild_id, channel_id, action, prompt, custom_id, request,"
                " state, result, buttons, callback_hash, created_at, progressed_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
                    TaskState.SUBMITTING,
                    json.dumps(dataclasses.asdict(Result())),
                    "[]",
                    _hash(new.callback_token),
                    now,
                    now,
                ),
            )
            for position, picture in enumerate(new.pictures):
                await self._database.write(
                    "INSERT INTO inputs (task_id, position, media_type, data) VALUES (?, ?, ?, ?)",
                    (new.id, position, picture.media_type, picture.data),
                )
            return await self._existing(new.id)

    async def get(self, task_id: TaskId) -> Task | None:
        """The task of that id."""
        row = await self._database.row("SELECT * FROM tasks WHERE id = ?", (task_id,))
        return None if row is None else _task(row)

    async def move(self, task_id: TaskId, change: Change, now: float) -> Task | None:
        """Applies news; the task as it is then, or None when they move it nowhere or it is unknown."""
        async with self._database.transaction():
            task = await self.get(task_id)
            moved = task.moved_by(change, now) if task else None
            if moved:
                await self._save(moved)
                if moved.state is TaskState.SUCCESS:
                    await self._database.write("DELETE FROM inputs WHERE task_id = ?", (task_id,))
            return moved

    async def watch_again(self, task_id: TaskId, now: float) -> Task | None:
        """Takes an OVERDUE task up again: the one step back, because a person asked for it."""
        async with self._database.transaction():
            task = await self.get(task_id)
            if task is None or task.state is not TaskState.OVERDUE or task.upstream_id is None:
                return None
            task = dataclasses.replace(
                task, state=TaskState.RUNNING, progressed_at=now, version=task.version + 1, fail_kind=None
            )
            await self._save(task)
            return task

    async def asked_since(self, new: NewTask, since: float, *, besides: TaskId) -> bool:
        """Has this person asked for the same since then (unix seconds), refused tries and `besides` aside?"""
        row = await self._database.row(
            "SELECT 1 FROM tasks WHERE owner_id = ? AND created_at >= ? AND request = ? AND parent_id IS ? AND id <> ?"
            " AND state <> 'refused' LIMIT 1",
            (new.owner_id, since, json.dumps(dataclasses.asdict(new.request)), new.parent_id, besides),
        )
        return row is not None

    async def keep_seed(self, task_id: TaskId, seed: str) -> None:
        """Remembers a task's seed, which people asked for later. No message has to show it, so the version stays."""
        async with self._database.transaction():
            task = await self.get(task_id)
            if task:
                await self._save(dataclasses.replace(task, result=dataclasses.replace(task.result, seed=seed)))

    async def on_their_way(self) -> list[Task]:
        """The tasks that were asked for and of which it is not known yet whether the service has them, oldest first."""
        rows = await self._database.rows(
            f"SELECT tasks.* FROM presses JOIN tasks ON tasks.id = task_id WHERE outcome IN ({_OPEN})"  # noqa: S608 - constants
            " ORDER BY presses.created_at"
        )
        return [_task(row) for row in rows]

    async def watched(self) -> list[Task]:
        """All tasks that the service is working on, oldest first."""
        return [
            _task(row)
            for row in await self._database.rows(
                f"SELECT * FROM tasks WHERE state IN ({_WATCHED}) ORDER BY created_at"  # noqa: S608 - constants
            )
        ]

    async def by_upstream(self, upstream_id: str) -> list[Task]:
        """The tasks that stand for one of the service's, oldest first."""
        rows = await self._database.rows(
            "SELECT * FROM tasks WHERE upstream_id = ? ORDER BY created_at", (upstream_id,)
        )
        return [_task(row) for row in rows]

    async def children(self, task_id: TaskId) -> list[Task]:
        """The tasks that were made from a task's buttons, oldest first."""
        rows = await self._database.rows("SELECT * FROM tasks WHERE parent_id = ? ORDER BY created_at", (task_id,))
        return [_task(row) for row in rows]

    async def search(self, wanted: Wanted, *, limit: int, offset: int = 0) -> list[Task]:
        """Tasks that were taken, newest first."""
        conditions, values = ["state NOT IN ('submitting', 'refused')"], list[Any]()
        if wanted.owner_id is not None:
            conditions.append("owner_id = ?")
            values.append(wanted.owner_id)
        if wanted.guild_id is not None:
            conditions.append("guild_id = ?")
            values.append(wanted.guild_id)
        if wanted.states:
            conditions.append(f"state IN ({', '.join('?' * len(wanted.states))})")
            values += wanted.states
        if wanted.words:
            conditions.append("prompt LIKE ? ESCAPE '\\'")
            values.append(f"%{_LIKE.sub(_ESCAPED, wanted.words)}%")
        rows = await self._database.rows(
            f"SELECT * FROM tasks WHERE {' AND '.join(conditions)} ORDER BY created_at DESC, id LIMIT ? OFFSET ?",  # noqa: S608 - constants and marks
            (*values, limit, offset),
        )
        return [_task(row) for row in rows]

    async def by_callback(self, task_id: TaskId, token: str) -> Task | None:
        """The task whose callback address holds this token; compared in constant time."""
        row = await self._database.row("SELECT * FROM tasks WHERE id = ?", (task_id,))
        known = bytes(row["callback_hash"]) if row else b"\0" * 32
        return _task(row) if hmac.compare_digest(known, _hash(token)) and row else None

    async def inputs(self, task_id: TaskId) -> list[Picture]:
        """The pictures that came with a command, in order; none once it has succeeded."""
        rows = await self._database.rows(
            "SELECT media_type, data FROM inputs WHERE task_id = ? ORDER BY position", (task_id,)
        )
        return [Picture(row["media_type"], row["data"]) for row in rows]

    async def _existing(self, task_id: TaskId) -> Task:
        task = await self.get(task_id)
        if task is None:
            raise LookupError(task_id)
        return task

    async def _save(self, task: Task) -> None:
        await self._database.write(
            "UPDATE tasks SET upstream_id = ?, state = ?, progress = ?, queue_ahead = ?, result = ?, buttons = ?,"
            " fail_kind = ?, fail_reason = ?, progressed_at = ?, finished_at = ?, version = ? WHERE id = ?",
            (
                task.upstream_id,
                task.state,
                task.progress,
                task.queue_ahead,
                json.dumps(dataclasses.asdict(task.result)),
                json.dumps([dataclasses.asdict(button) for button in task.buttons]),
                task.fail_kind,
                task.fail_reason,
                task.progressed_at,
                task.finished_at,
                task.version,
                task.id,
            ),
        )


def _hash(token: str) -> bytes:
    # A random token of full length needs no salt and no slow hash.
    return hashlib.sha256(token.encode()).digest()


def _task(row: Row) -> Task:
    return Task(
        id=row["id"],
        upstream_id=row["upstream_id"],
        parent_id=row["parent_id"],
        owner_id=row["owner_id"],
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
        request=_request(json.loads(row["request"])),
        state=TaskState(row["state"]),
        progress=row["progress"],
        queue_ahead=row["queue_ahead"],
        result=_result(json.loads(row["result"])),
        buttons=tuple(StoredButton(**button) for button in json.loads(row["buttons"])),
        fail_kind=row["fail_kind"],
        fail_reason=row["fail_reason"],
        created_at=row["created_at"],
        progressed_at=row["progressed_at"],
        finished_at=row["finished_at"],
        version=row["version"],
    )


def _request(fields: dict[str, Any]) -> Request:
    return Request(**{**fields, "action": Action(fields["action"])})


def _result(fields: dict[str, Any]) -> Result:
    return Result(
        **{
            **fields,
            "image_urls": tuple(fields["image_urls"]),
            "videos": tuple(StoredVideo(**video) for video in fields["videos"]),
            "lines": tuple(fields["lines"]),
        }
    )
