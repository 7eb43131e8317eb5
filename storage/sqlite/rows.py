"""Mapping between records and database rows: tasks, messages, and JSON in text columns."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from storage.new_records import NewMessage, NewTask, hash_of
from storage.operations import Move
from storage.records import Message, Route, StoredButton, StoredVideo, Task, TaskId, TaskResult, request_of
from storage.sqlite.connection import Row
from storage.states import TaskState

# The condition of the indexes by state. A query uses one only if it contains the condition as well.
TAKEN = "state NOT IN ('submitting', 'refused')"
# Followed by ` WHERE condition` or by nothing.
INSERT_TASK = (
    "INSERT INTO tasks (id, parent_id, owner_id, guild_id, channel_id, action, prompt, custom_id, request, state,"
    " queue_ahead, result, buttons, callback_hash, created_at, progressed_at, input_count, upstream_id, engine)"
    " SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
)
INSERT_MESSAGE = (
    "INSERT INTO messages (task_id, route, user_id, application_id, guild_id, channel_id, message_id, token,"
    " token_ends_at, upload_limit, locale) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def json_text(value: Any) -> str:
    """Serializes a value as JSON. Records (dataclasses) become objects.

    The text is without U+0000: not every database engine can store it, and some refuse it in JSON, too.
    """
    text = _encode(value)
    return _encode(_without_zeros(json.loads(text))) if "\\u0000" in text else text


def _fields(record: Any) -> dict[str, Any]:
    # `dataclasses.asdict` would copy every value within the record.
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def _without_zeros(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, dict):
        return {_without_zeros(name): _without_zeros(each) for name, each in value.items()}
    return [_without_zeros(each) for each in value] if isinstance(value, list) else value


_encode = json.JSONEncoder(default=_fields).encode
_NO_RESULT = json_text(TaskResult())


def inserted_task(new: NewTask, now: float) -> tuple[Any, ...]:
    """Returns the values for `INSERT_TASK`."""
    return (
        new.id,
        new.parent_id,
        new.owner_id,
        new.guild_id,
        new.channel_id,
        new.request.action,
        new.request.prompt,
        new.request.custom_id,
        json_text(new.request),
        new.state,
        new.queue_ahead,
        _NO_RESULT,
        "[]",
        hash_of(new.callback_token),
        now,
        now,
        len(new.pictures),
        new.upstream_id,
        new.request.engine,
    )


def saving(move: Move) -> tuple[str, tuple[Any, ...]]:
    """Returns the statement that stores the change of a task, and its values.

    Compare-and-set: it changes a row only if its version is that of `move.before`. What the search knows of the task
    may be outdated afterwards.
    """
    before, task = move.before, move.after
    columns: dict[str, Any] = {
        "state": task.state,
        "progress": task.progress,
        "queue_ahead": task.queue_ahead,
        "error_code": task.error_code,
        "error_params": params_text(task.error_params),
        "progressed_at": task.progressed_at,
        "finished_at": task.finished_at,
        "version": task.version,
    }
    # The larger columns, and those in indexes, are written only if they change. With a step, `before` is newer than the
    # row, but not in its request and its ID at the service (`Task.apply`).
    if task.upstream_id != before.upstream_id:
        columns["upstream_id"] = task.upstream_id
    if task.request is not before.request:
        columns["prompt"], columns["request"] = task.request.prompt, json_text(task.request)
    if task.result is not before.result or before.step:
        columns["result"] = json_text(task.result)
    if task.buttons is not before.buttons or before.step:
        columns["buttons"] = json_text(task.buttons)
    sql = f"UPDATE tasks SET {' = ?, '.join(columns)} = ?, in_search = 0 WHERE id = ? AND version = ?"  # noqa: S608 - constants
    return sql, (*columns.values(), task.id, before.version)


def task_of(row: Row) -> Task:
    """Builds a task from a row of `tasks`."""
    return Task(
        id=row["id"],
        upstream_id=row["upstream_id"],
        parent_id=row["parent_id"],
        owner_id=row["owner_id"],
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
        request=request_of(json.loads(row["request"])),
        state=TaskState(row["state"]),
        progress=row["progress"],
        queue_ahead=row["queue_ahead"],
        result=_result(json.loads(row["result"])),
        buttons=tuple(StoredButton(**button) for button in json.loads(row["buttons"])),
        error_code=row["error_code"],
        error_params=params_of(row["error_params"]),
        created_at=row["created_at"],
        progressed_at=row["progressed_at"],
        finished_at=row["finished_at"],
        version=row["version"],
        input_count=row["input_count"],
        deleted_at=row["deleted_at"],
    )


def inserted_message(task_id: TaskId, new: NewMessage) -> tuple[Any, ...]:
    """Returns the values for `INSERT_MESSAGE`."""
    return (
        task_id,
        new.route,
        new.user_id,
        new.application_id,
        new.guild_id,
        new.channel_id,
        new.message_id,
        new.token,
        new.token_ends_at,
        new.upload_limit,
        new.locale,
    )


def message_of(row: Row) -> Message:
    """Builds a message from a row of `messages`."""
    return Message(
        id=row["id"],
        task_id=row["task_id"],
        route=Route(row["route"]),
        user_id=row["user_id"],
        application_id=row["application_id"],
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
        message_id=row["message_id"],
        token=row["token"],
        token_ends_at=row["token_ends_at"],
        upload_limit=row["upload_limit"],
        page=row["page"],
        shown_version=row["shown_version"],
        files=tuple(json.loads(row["files"])),
        unreachable=bool(row["gone"]),
        locale=row["locale"],
        settled=bool(row["settled"]),
    )


def params_text(params: Mapping[str, str]) -> str:
    """Serializes error parameters as JSON, '' for none."""
    return json_text(dict(params)) if params else ""


def params_of(text: str) -> Mapping[str, str]:
    """Parses stored error parameters."""
    return json.loads(text) if text else {}


def marks(values: Sequence[Any]) -> str:
    """The placeholders for an `IN (...)` with these values."""
    return ", ".join("?" * len(values))


def _result(fields: dict[str, Any]) -> TaskResult:
    return TaskResult(
        **{
            **fields,
            "image_urls": tuple(fields["image_urls"]),
            "videos": tuple(StoredVideo(**video) for video in fields["videos"]),
            "lines": tuple(fields["lines"]),
            "alts": tuple(fields.get("alts", ())),
        }
    )
