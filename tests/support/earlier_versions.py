"""Databases as earlier versions of the program have left them."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from storage import Action, Request, TaskResult, TaskState
from storage.sqlite.migrate import migrations


@dataclass(frozen=True)
class EarlierTask:
    """A task with one message; `pictures` came with it, and the message shows version `shown`. `fail_kind` and
    `fail_reason` are what versions up to 7 stored of a failure or a refusal, `press_reason` what they stored with a
    press."""

    id: str
    state: TaskState
    pictures: int = 0
    version: int = 2
    shown: int = 2
    owner: int = 7
    fail_kind: str | None = None
    fail_reason: str = ""
    press_reason: str | None = None


def database_of_version(version: int, path: Path, tasks: Sequence[EarlierTask]) -> None:
    """Makes the file of a database of this version that holds these tasks, oldest first."""
    with closing(sqlite3.connect(path)) as connection:
        for _, script in migrations()[:version]:
            connection.executescript(script)
        connection.execute(f"PRAGMA user_version = {version}")
        for number, task in enumerate(tasks):
            _add(connection, number, task)
        connection.commit()


def _add(connection: sqlite3.Connection, number: int, task: EarlierTask) -> None:
    request = json.dumps(dataclasses.asdict(Request(Action.IMAGINE, prompt="a fox")))
    result = {name: value for name, value in dataclasses.asdict(TaskResult()).items() if name != "acknowledged"}
    connection.execute(
        "INSERT INTO tasks (id, owner_id, action, prompt, request, state, result, buttons, callback_hash, created_at,"
        " progressed_at, version, fail_kind, fail_reason)"
        " VALUES (?, ?, 'imagine', 'a fox', ?, ?, ?, '[]', x'00', ?, 1, ?, ?, ?)",
        (
            task.id,
            task.owner,
            request,
            task.state,
            json.dumps(result),
            1000.0 + number,
            task.version,
            task.fail_kind,
            task.fail_reason,
        ),
    )
    for position in range(task.pictures):
        connection.execute("INSERT INTO inputs VALUES (?, ?, 'image/png', x'00')", (task.id, position))
    connection.execute(
        "INSERT INTO messages (task_id, route, user_id, application_id, token_ends_at, upload_limit, shown_version,"
        " settled) VALUES (?, 'original', 7, 9, 0, 1, ?, ?)",
        (task.id, task.shown, task.state.final),
    )
    connection.execute(
        "INSERT INTO presses (interaction_id, user_id, task_id, nonce, outcome, reason, created_at)"
        " VALUES (?, 7, ?, ?, 'refused', ?, 1000)",
        (number + 1, task.id, task.id, task.press_reason),
    )
