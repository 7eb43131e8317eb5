"""A database of an earlier version opens, and what it holds means the same."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from storage import Action, Request, Store, TaskQuery, TaskResult, TaskState, open_store
from storage.migrate import migrations

# id, state, pictures that came with it, version, version that its message shows
Row = tuple[str, TaskState, int, int, int]
ROWS: Sequence[Row] = (
    ("failed", TaskState.FAILURE, 2, 3, 3),
    ("refused", TaskState.REFUSED, 1, 2, 2),
    ("lost", TaskState.UNKNOWN, 1, 2, 2),
    ("behind", TaskState.STALLED, 0, 5, 4),
    ("success", TaskState.SUCCESS, 0, 4, 4),
)


def database_of_version(version: int, path: Path) -> None:
    request = json.dumps(dataclasses.asdict(Request(Action.IMAGINE, prompt="a fox")))
    result = json.dumps(dataclasses.asdict(TaskResult()))
    with closing(sqlite3.connect(path)) as connection:
        for _, script in migrations()[:version]:
            connection.executescript(script)
        connection.execute(f"PRAGMA user_version = {version}")
        for number, (task_id, state, pictures, task_version, shown) in enumerate(ROWS):
            connection.execute(
                "INSERT INTO tasks (id, owner_id, action, prompt, request, state, result, buttons, callback_hash,"
                " created_at, progressed_at, version) VALUES (?, 7, 'imagine', 'a fox', ?, ?, ?, '[]', x'00', ?, 1, ?)",
                (task_id, request, state, result, 1000.0 + number, task_version),
            )
            for position in range(pictures):
                connection.execute("INSERT INTO inputs VALUES (?, ?, 'image/png', x'00')", (task_id, position))
            connection.execute(
                "INSERT INTO messages (task_id, route, user_id, application_id, token_ends_at, upload_limit,"
                " shown_version, settled) VALUES (?, 'original', 7, 9, 0, 1, ?, ?)",
                (task_id, shown, state.final),
            )
        connection.commit()


@pytest.fixture
def earlier(database_path: Path) -> str:
    database_of_version(2, database_path)
    return f"sqlite:///{database_path}"


async def stored_inputs(store: Store) -> dict[str, tuple[int, int]]:
    tasks = [await store.tasks.get(row[0]) for row in ROWS]
    return {task.id: (task.input_count, len(await store.tasks.inputs(task.id))) for task in tasks if task}


async def test_what_came_with_tasks_is_counted_and_that_of_refused_ones_removed(earlier: str) -> None:
    for _ in range(2):
        async with open_store(earlier) as store:
            assert await stored_inputs(store) == {
                "failed": (2, 2),
                "refused": (1, 0),
                "lost": (1, 1),
                "behind": (0, 0),
                "success": (0, 0),
            }


async def test_only_messages_that_are_behind_are_unfinished(earlier: str) -> None:
    async with open_store(earlier) as store:
        assert [message.task_id for message in await store.messages.unfinished()] == ["behind"]


async def test_its_tasks_are_found(earlier: str) -> None:
    async with open_store(earlier) as store:
        found = await store.tasks.search(TaskQuery(owner_id=7, words="fox"), limit=9)
        assert [task.id for task in found] == ["success", "behind", "lost", "failed"]


async def test_signed_links_end_and_the_secret_goes(tmp_path: Path) -> None:
    path = tmp_path / "signed.db"
    database_of_version(6, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO notes VALUES ('what the links of the painter are signed with', 'c0ffee')")
        connection.execute("INSERT INTO notes VALUES ('another', 'stays')")
        connection.execute(
            "INSERT INTO painter_links (id, task_id, digest, interaction_id, application_id, user_id, token,"
            " created_at, upload_limit, locale, expires_at)"
            " VALUES ('as it was signed', 'success', 'digest', 1, 9, 7, 'token', 1000, 1, 'en', 1e12)"
        )
    async with open_store(f"sqlite:///{path}") as store:
        assert await store.mask_editor_links.get("as it was signed") is None
        notes = await store._database.rows("SELECT name, value FROM notes")
        assert [tuple(row) for row in notes] == [("another", "stays")]


async def test_the_log_says_that_an_earlier_database_is_changed_and_nothing_of_a_new_one(
    earlier: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "storage.migrate")
    async with open_store(f"sqlite:///{tmp_path / 'new.db'}"):
        assert caplog.messages == []
    async with open_store(earlier):
        assert "from version 2" in caplog.messages[0]


async def test_every_version_leads_to_the_same_tables(tmp_path: Path) -> None:
    schemas = []
    for version in range(len(migrations()) + 1):
        path = tmp_path / f"{version}.db"
        with closing(sqlite3.connect(path)) as connection:
            for _, script in migrations()[:version]:
                connection.executescript(script)
            connection.execute(f"PRAGMA user_version = {version}")
        async with open_store(f"sqlite:///{path}") as store:
            rows = await store._database.rows("SELECT name, sql FROM sqlite_master ORDER BY name")
            schemas.append([tuple(row) for row in rows])
    assert all(schema == schemas[0] for schema in schemas)
