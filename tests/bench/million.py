"""A database of a million tasks, each with its press and its message."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from storage import Action, Request, TaskResult, TaskState, open_store
from storage.sqlite.migrate import migrations
from tests.bench.filling import BUTTONS
from tests.bench.tables import Table

# Removed by `make clean`.
FOLDER = Path(__file__).resolve().parent.parent.parent / "build" / "bench"
TASKS = 1_000_000
RUNNING = 300
# One person who has asked for a twentieth of all, and one picture that everybody reworks with one button.
HEAVY, POPULAR, CHILDREN, CUSTOM_ID = 7, 500_000, 5_000, "MJ::JOB::variation::1::uuid"
LOST_EVERY, FAILED_EVERY = 200, 30
WORDS = ["fox", "boat", "owl", "lantern", "harbour", "paper", "brass", "city", "rain", "gold", "狐", "山水", "雨夜"]
PICTURE = "https://cdn.example.net/attachments/1300000000000000000/1300000000000000001/a.png"
# The version before the indexes: so that bringing a database of this size to the newest one is measured, too.
OLD_VERSION = 2


def database() -> Path:
    """The file. It is kept, and made again when this module or a migration has changed."""
    written = (Path(__file__).read_bytes(), *(script.encode() for _, script in migrations()))
    return FOLDER / f"tasks-{hashlib.sha256(b''.join(written)).hexdigest()[:12]}.db"


async def make(path: Path) -> Table:
    """Makes it, and measures its migration."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in path.parent.glob("tasks-*"):
        old.unlink()
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    fill(part, TASKS)
    before, began, cpu = part.stat().st_size, time.perf_counter(), time.process_time()
    async with open_store(f"sqlite:///{part}"):
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
    sizes = [f"{size / 1e6:,.0f} MB" for size in (before, part.stat().st_size)]
    part.rename(path)
    heads = [f"{TASKS:,} tasks, from version {OLD_VERSION}", "CPU", "before", "after"]
    return Table("migration", heads, [[f"{took:.1f} s", f"{cpu:.1f} s", *sizes]])


def task_id(number: int) -> str:
    """The id of a task: as random as real ones, and each number's own."""
    return f"{number * 0x9E3779B97F % (1 << 40):010x}"


def upstream_id(number: int) -> str:
    """The service's id of a task."""
    return str(10**15 + number)


def snowflake(number: int) -> int:
    """Discord's id of a task's interaction, and of its message."""
    return int(upstream_id(number)) * 1_000


def moment_of(number: int) -> float:
    """When a task was asked for."""
    return 1_600_000_000.0 + number * 10


def fill(path: Path, count: int) -> None:
    """Makes a database of an earlier version with this many tasks, each with its press and its message."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in ("synchronous = OFF", "journal_mode = OFF", "cache_size = -1000000", "foreign_keys = OFF"):
            connection.execute(f"PRAGMA {pragma}")
        for _, script in migrations()[:OLD_VERSION]:
            connection.executescript(script)
        connection.execute(f"PRAGMA user_version = {OLD_VERSION}")
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO tasks (id, upstream_id, parent_id, owner_id, guild_id, channel_id, action, prompt, request,"
            " state, result, buttons, callback_hash, created_at, progressed_at, version)"
            " VALUES (?, ?, ?, ?, 1, 2, 'imagine', ?, ?, ?, ?, ?, x'00', ?, ?, 4)",
            _tasks(count),
        )
        connection.execute(
            "INSERT INTO messages (task_id, route, user_id, application_id, guild_id, channel_id, message_id,"
            " token_ends_at, upload_limit, shown_version, settled, files) SELECT id, 'original', owner_id, 9, 1, 2,"
            " CAST(upstream_id AS INTEGER) * 1000, 0, 10485760, 4,"
            " state IN ('success', 'failure', 'refused'), '[\"a.png\"]' FROM tasks"
        )
        connection.execute(
            "INSERT INTO presses (interaction_id, user_id, task_id, pressed_id, custom_id, nonce, outcome, created_at)"
            " SELECT CAST(upstream_id AS INTEGER) * 1000, owner_id, id,"
            " parent_id, CASE WHEN parent_id IS NULL THEN NULL ELSE ? END, id,"
            " CASE state WHEN 'refused' THEN 'refused' ELSE 'taken' END, created_at FROM tasks",
            (CUSTOM_ID,),
        )
        connection.execute("COMMIT")


def _tasks(count: int) -> Iterator[tuple[Any, ...]]:
    empty, shown = (json.dumps(dataclasses.asdict(TaskResult(image_url=url))) for url in (None, PICTURE))
    buttons = json.dumps([dataclasses.asdict(button) for button in BUTTONS])
    chance = random.Random(1)  # noqa: S311 - the same tasks each time
    # In the order of the ids, because that is how the table is stored.
    for number in sorted(range(count), key=task_id):
        state = _state(number, count)
        prompt = " ".join(chance.choices(WORDS, k=14)) + f" --ar 16:9 --seed {number}"
        request = json.dumps(dataclasses.asdict(Request(Action.IMAGINE, prompt=prompt)))
        moment, owner = moment_of(number), HEAVY if number % 20 == 0 else 1_000 + number % 9_973
        parent = task_id(POPULAR) if POPULAR < number <= POPULAR + CHILDREN else None
        ended = state == TaskState.SUCCESS
        yield (
            *(task_id(number), upstream_id(number), parent, owner, prompt, request, state),
            *((shown, buttons) if ended else (empty, "[]")),
            *(moment, moment),
        )


def _state(number: int, count: int) -> TaskState:
    if number >= count - RUNNING:
        return TaskState.RUNNING
    if number % LOST_EVERY == 0:
        return TaskState.UNKNOWN
    if number % FAILED_EVERY == 0:
        return TaskState.FAILURE
    return TaskState.REFUSED if number % FAILED_EVERY == 1 else TaskState.SUCCESS
