"""The connection: transactions, versions, one process at a time, failures in words."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from pathlib import Path

import pytest

from storage import (
    DatabaseBroken,
    DatabaseInUse,
    InputImage,
    NewerDatabase,
    NewMessage,
    Route,
    StorageError,
    Store,
    TaskState,
    TaskUpdate,
    open_store,
    path_of,
)
from storage.sqlite.database import SHRINK_PAGES, SPARE_PAGES
from storage.sqlite.migrate import migrations
from storage.sqlite.statements import Session
from tests.support.storing import AddTask, database_of

PUT = "INSERT INTO notes (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///data/atelier.db", Path("data/atelier.db")),
        ("sqlite:////var/lib/atelier.db", Path("/var/lib/atelier.db")),
        ("sqlite:///with%20blank.db", Path("with blank.db")),
    ],
)
def test_an_address_names_a_file(url: str, path: Path) -> None:
    assert path_of(url) == path


@pytest.mark.parametrize("url", ["", "atelier.db", "postgres://host/db", "sqlite://", "sqlite:///"])
def test_another_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="sqlite:///"):
        path_of(url)


async def test_a_failed_transaction_leaves_nothing_behind(store: Store) -> None:
    def write(session: Session) -> None:
        session.execute(PUT, ("a", "1"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database_of(store).transaction(write)
    assert await store.key_values.get("a") is None


async def test_nobody_reads_half_of_a_transaction(store: Store) -> None:
    written, finish = threading.Event(), threading.Event()

    def write(session: Session) -> None:
        session.execute(PUT, ("a", "half"))
        written.set()
        finish.wait(5)
        session.execute(PUT, ("a", "whole"))

    writer = asyncio.create_task(database_of(store).transaction(write))
    await asyncio.to_thread(written.wait, 5)
    reader = asyncio.create_task(store.key_values.get("a"))
    finish.set()
    assert await reader == "whole"
    await writer


async def test_a_cancelled_transaction_frees_the_store_for_the_next(store: Store) -> None:
    started, finish = threading.Event(), threading.Event()

    def fails(session: Session) -> None:
        session.execute(PUT, ("a", "1"))
        started.set()
        finish.wait(5)
        raise ZeroDivisionError

    writer = asyncio.create_task(database_of(store).transaction(fails))
    await asyncio.to_thread(started.wait, 5)
    writer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writer
    finish.set()
    await store.key_values.put("b", "2")
    assert (await store.key_values.get("a"), await store.key_values.get("b")) == (None, "2")


async def test_what_was_written_is_there_after_a_restart(database_path: Path) -> None:
    url = f"sqlite:///{database_path}"
    async with open_store(url) as store:
        await store.key_values.put("a", "1")
    async with open_store(url) as store:
        assert await store.key_values.get("a") == "1"


async def test_a_second_process_is_turned_away(store: Store, database_path: Path) -> None:
    with pytest.raises(DatabaseInUse):
        async with open_store(f"sqlite:///{database_path}"):
            pass
    assert await store.key_values.get("a") is None


async def test_a_newer_database_is_left_alone(database_path: Path) -> None:
    with sqlite3.connect(database_path) as connection:
        connection.execute(f"PRAGMA user_version = {len(migrations()) + 1}")
    connection.close()
    with pytest.raises(NewerDatabase):
        async with open_store(f"sqlite:///{database_path}"):
            pass


async def test_a_file_that_is_no_database_is_said_to_be_broken(database_path: Path) -> None:
    database_path.write_bytes(b"no database at all, only words" * 100)
    with pytest.raises(DatabaseBroken):
        async with open_store(f"sqlite:///{database_path}"):
            pass


async def test_a_folder_that_cannot_be_made_is_said_to_be_broken(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatabaseBroken):
        async with open_store(f"sqlite:///{tmp_path}/file/atelier.db"):
            pass


async def test_a_closed_store_answers_with_its_own_error(database_path: Path) -> None:
    async with open_store(f"sqlite:///{database_path}") as store:
        pass
    with pytest.raises(StorageError):
        await store.key_values.get("a")


async def test_the_write_ahead_log_and_foreign_keys_are_on(store: Store, database_path: Path) -> None:
    await store.key_values.put("a", "1")
    assert database_path.with_name(database_path.name + "-wal").exists()
    with pytest.raises(StorageError, match="FOREIGN KEY"):
        await database_of(store).write(
            "INSERT INTO inputs (task_id, position, media_type, data) VALUES ('nobody', 0, 'image/png', x'00')"
        )


async def test_room_goes_back_to_the_disk_in_few_parts(store: Store, add_task: AddTask, database_path: Path) -> None:
    await add_task(pictures=(InputImage("image/png", os.urandom(6_000_000)),))
    await store.tasks.move("t1", TaskUpdate(TaskState.REFUSED), 2000.0)
    parts = 0
    while await store.shrink():
        parts += 1
    assert 1 <= parts <= 6_000_000 / 4096 / SHRINK_PAGES + 1
    await database_of(store).rows("PRAGMA wal_checkpoint(TRUNCATE)")
    assert database_path.stat().st_size < (SPARE_PAGES + 100) * 4096


async def test_a_token_that_was_wiped_is_nowhere_in_the_files(
    store: Store, add_task: AddTask, database_path: Path
) -> None:
    await add_task()
    new = NewMessage(Route.ORIGINAL, 7, 9, 1, 2, "token-to-be-wiped", 1900.0, 1, None)
    await store.messages.add("t1", new)
    await database_of(store).rows("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"token-to-be-wiped" in database_path.read_bytes()
    await store.messages.forget_tokens(2000.0)
    await database_of(store).rows("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"token-to-be-wiped" not in database_path.read_bytes()
