"""A database of an earlier version: the running bot takes it up, and its buttons still work."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from playground.driver import Environment
from storage.sqlite.migrate import migrations

# The version of 0.1.0.
EARLIEST = 2
TABLES = ("tasks", "messages", "presses", "preferences")


def columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def downgrade(path: Path, version: int) -> None:
    """Replaces the database by one of this version, with what that version stored of the same tasks and messages."""
    earlier = path.with_name("earlier.db")
    with closing(sqlite3.connect(path)) as now, closing(sqlite3.connect(earlier)) as before, before:
        for _, script in migrations()[:version]:
            before.executescript(script)
        before.execute(f"PRAGMA user_version = {version}")
        for table in TABLES:
            shared = [name for name in columns(before, table) if name in columns(now, table)]
            names, marks = ", ".join(shared), ", ".join("?" * len(shared))
            for row in now.execute(f"SELECT {names} FROM {table}"):  # noqa: S608 - names of columns
                values = [_as_before(name, value) for name, value in zip(shared, row, strict=True)]
                before.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)  # noqa: S608 - names of columns
    for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        file.unlink(missing_ok=True)
    earlier.rename(path)


def _as_before(column: str, value: object) -> object:
    """JSON of that time had fewer fields."""
    if column == "result" and isinstance(value, str):
        return json.dumps(
            {name: each for name, each in json.loads(value).items() if name not in ("acknowledged", "missing")}
        )
    if column == "request" and isinstance(value, str):
        return json.dumps({name: each for name, each in json.loads(value).items() if name != "notify"})
    return value


@pytest.mark.parametrize("label", ["U2", "V3"])
async def test_a_button_of_the_first_version_is_pressed_after_the_upgrade(env: Environment, label: str) -> None:
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a paper boat"}))
    await env.result_of(await env.press(grid, "U1"))
    await env.stop_bot()
    downgrade(env.folder / "atelier.db", EARLIEST)
    await env.start_bot()
    result = await env.result_of(await env.press(grid, label))
    assert "a paper boat" in result.text
    assert result.attachments
    await env.until(lambda: {"✓ U1", f"✓ {label}"} <= {button.get("label") for button in grid.buttons})
    assert [submit.endpoint for submit in env.images.submits] == ["submit/imagine", "submit/action", "submit/action"]
