"""Fills a database with tasks and their messages, as if the bot had run for a long time."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from storage import Action, Request, StoredButton, TaskResult, open_store

BUTTONS = [
    StoredButton(f"MJ::JOB::{action}::{number}::0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0", f"{letter}{number}")
    for action, letter in (("upsample", "U"), ("variation", "V"))
    for number in range(1, 5)
]


async def fill(path: Path, messages: int) -> None:
    """Makes a database of the newest version with this many finished tasks, each shown in a message."""
    async with open_store(f"sqlite:///{path}"):
        pass
    with sqlite3.connect(path) as connection:
        connection.executemany(
            "INSERT INTO tasks (id, upstream_id, owner_id, guild_id, channel_id, action, prompt, request, state,"
            " progress, result, buttons, callback_hash, created_at, progressed_at, finished_at, version)"
            " VALUES (?, ?, 7, 1, 2, 'imagine', 'a paper boat', ?, 'success', 100, ?, ?, x'00', ?, ?, ?, 4)",
            _tasks(messages),
        )
        connection.executemany(
            "INSERT INTO messages (task_id, route, user_id, application_id, guild_id, channel_id, message_id,"
            " token_ends_at, upload_limit, shown_version, settled, files)"
            " VALUES (?, 'original', 7, 9, 1, 2, ?, 0, 10485760, 4, 1, ?)",
            ((f"t{number:09}", 10**18 + number, json.dumps([f"atelier-{number}.png"])) for number in range(messages)),
        )
    connection.close()


def _tasks(count: int) -> Iterator[tuple[Any, ...]]:
    request = json.dumps(dataclasses.asdict(Request(Action.IMAGINE, prompt="a paper boat")))
    result = json.dumps(dataclasses.asdict(TaskResult(image_url="https://cdn.example.net/a.png")))
    buttons = json.dumps([dataclasses.asdict(button) for button in BUTTONS])
    for number in range(count):
        moment = 1_700_000_000.0 + number
        yield (f"t{number:09}", str(10**15 + number), request, result, buttons, moment, moment, moment)
