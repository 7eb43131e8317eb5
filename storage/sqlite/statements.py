"""Statements: running them in the thread of a connection, and the values of tasks and messages in them."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from storage.operations import Move, NewMessage
from storage.records import Message, NewTask, Route, TaskId, hash_of
from storage.sqlite.error_codes import StuckTransaction
from storage.task_contents import TaskResult

T = TypeVar("T")

Row = sqlite3.Row

# Every statement, without its values, at the level DEBUG.
statements_log = logging.getLogger("storage.statements")

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


class Session:
    """Runs the statements of some work, in the thread of a connection. Raises what sqlite3 raises.

    `raw` is the connection itself. `statements` and `transactions` count what was run and committed.
    """

    def __init__(self, raw: sqlite3.Connection, *, durable: bool) -> None:
        self.raw = raw
        self._cursor = raw.cursor()
        self._remark = " (durable)" if durable else ""
        self._logs = statements_log.isEnabledFor(logging.DEBUG)
        self.statements = 0
        self.transactions = 0

    def execute(self, sql: str, values: Iterable[Any] = ()) -> int:
        """Runs one statement. Returns the number of affected rows."""
        self._count(sql)
        return self._cursor.execute(sql, cleaned(values)).rowcount

    def execute_many(self, sql: str, rows: Iterable[Iterable[Any]]) -> None:
        """Runs one statement once per row of values."""
        values = [cleaned(row) for row in rows]
        self._count(sql, len(values))
        self._cursor.executemany(sql, values)

    def fetch(self, sql: str, values: Iterable[Any] = ()) -> list[Row]:
        """Runs one statement. Returns its rows."""
        self._count(sql)
        return self._cursor.execute(sql, cleaned(values)).fetchall()

    def run_script(self, sql: str) -> None:
        """Runs several statements, or all steps of one that returns no rows."""
        self._count(sql)
        self._cursor.executescript(sql)

    def transaction(self, work: Callable[[Session], T]) -> T:
        """Runs some work in a transaction: an error undoes all of it."""
        try:
            self.execute("BEGIN IMMEDIATE")
            result = work(self)
            self.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise
        self.transactions += 1
        return result

    def _roll_back(self) -> None:
        try:
            self.raw.rollback()
        except sqlite3.Error as error:
            raise StuckTransaction(str(error)) from error

    def _count(self, sql: str, times: int = 1) -> None:
        self.statements += times
        if self._logs:
            for _ in range(times):
                statements_log.debug("%s%s", sql, self._remark)


def cleaned(values: Iterable[Any]) -> tuple[Any, ...]:
    """The values without U+0000 in texts: not every database engine can store it."""
    found = tuple(values)
    for value in found:
        if type(value) is str and "\0" in value:
            return tuple(each.replace("\0", "") if type(each) is str else each for each in found)
    return found


def marks(values: Sequence[Any]) -> str:
    """The placeholders for an `IN (...)` with these values."""
    return ", ".join("?" * len(values))


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


def params_text(params: Mapping[str, str]) -> str:
    """Serializes error parameters as JSON, '' for none."""
    return json_text(dict(params)) if params else ""


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
