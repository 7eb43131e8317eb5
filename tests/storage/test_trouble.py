"""Trouble with the file while the store is open: told in words, survived, and over once the file is in order."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from storage import DatabaseBroken, DatabaseBusy, DatabaseFull, StorageError
from storage.sqlite.database import Database
from storage.sqlite.statements import Session

PUT = "INSERT INTO notes (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
GET = "SELECT value FROM notes WHERE name = ?"


@pytest.fixture
async def database(database_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(database_path, busy_seconds=0.2)
    yield database
    await database.close()


@contextmanager
def held_by_somebody_else(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


async def test_a_file_held_by_somebody_else_is_busy_and_free_again(database: Database, database_path: Path) -> None:
    with held_by_somebody_else(database_path):
        with pytest.raises(DatabaseBusy):
            await database.write(PUT, ("a", "1"))
        assert await database.rows(GET, ("a",)) == []
    await database.write(PUT, ("a", "2"))
    assert [row["value"] for row in await database.rows(GET, ("a",))] == ["2"]


async def test_a_write_given_up_while_it_waits_leaves_no_transaction_behind(
    database: Database, database_path: Path
) -> None:
    with held_by_somebody_else(database_path):
        writing = asyncio.create_task(database.write(PUT, ("a", "1")))
        await asyncio.sleep(0)
        for _ in range(3):
            await asyncio.sleep(0.02)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
    await database.write(PUT, ("b", "2"))
    # The statement that was given up runs to its end, all of it, before the next one.
    assert [row["value"] for row in await database.rows("SELECT value FROM notes ORDER BY name")] == ["1", "2"]
    with held_by_somebody_else(database_path):
        pass


async def test_a_transaction_given_up_while_it_waits_is_written_as_a_whole(
    database: Database, database_path: Path
) -> None:
    def write(session: Session) -> None:
        session.execute(PUT, ("a", "1"))
        session.execute(PUT, ("a", "2"))

    with held_by_somebody_else(database_path):
        writing = asyncio.create_task(database.transaction(write))
        for _ in range(3):
            await asyncio.sleep(0.02)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
    await database.write(PUT, ("b", "3"))
    assert [row["value"] for row in await database.rows("SELECT value FROM notes ORDER BY name")] == ["2", "3"]


async def test_a_transaction_given_up_while_it_runs_runs_to_its_end(database: Database) -> None:
    """All of it is stored, before the next one; nothing stays open."""
    began, finish = threading.Event(), threading.Event()

    def write(session: Session) -> None:
        session.execute(PUT, ("a", "1"))
        began.set()
        finish.wait(5)
        session.execute(PUT, ("b", "1"))

    for run in (database.transaction, database.journal):
        began.clear()
        finish.clear()
        await database.write("DELETE FROM notes")
        writing = asyncio.create_task(run(write))
        await asyncio.to_thread(began.wait, 5)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
        finish.set()
        await database.write(PUT, ("b", "2"))
        rows = await database.rows("SELECT value FROM notes ORDER BY name")
        assert [row["value"] for row in rows] == ["1", "2"]


async def test_nobody_waits_for_ever_behind_somebody_who_is_stuck(database_path: Path) -> None:
    database = await Database.open(database_path, turn_seconds=0.1)
    started, finish = threading.Event(), threading.Event()

    def stuck(_session: Session) -> None:
        started.set()
        finish.wait(5)

    holding = asyncio.create_task(database.transaction(stuck))
    await asyncio.to_thread(started.wait, 5)
    with pytest.raises(DatabaseBusy):
        await database.rows(GET, ("a",))
    finish.set()
    await holding
    assert await database.rows(GET, ("a",)) == []
    await database.close()


async def test_a_full_disk_is_said_to_be_full_and_loses_nothing(database: Database) -> None:
    await database.write(PUT, ("a", "1"))
    (pages,) = await database.rows("PRAGMA page_count")
    await database.rows(f"PRAGMA max_page_count = {pages[0]}")
    with pytest.raises(DatabaseFull):
        await database.write(PUT, ("b", "x" * 100_000))
    assert [row["value"] for row in await database.rows(GET, ("a",))] == ["1"]
    await database.rows("PRAGMA max_page_count = 1000000")
    await database.write(PUT, ("b", "2"))


async def test_a_damaged_file_is_said_to_be_broken_and_used_again_once_it_is_put_back(
    database: Database, database_path: Path, tmp_path: Path
) -> None:
    await database.write(PUT, ("a", "1"))
    await database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    good = shutil.copy(database_path, tmp_path / "good.db")
    size = database_path.stat().st_size
    with database_path.open("r+b") as file:
        file.write(b"nonsense" * (size // 8))
    await database.rows("PRAGMA shrink_memory")  # what was read before the damage is not to hide it
    for _ in range(3):
        with pytest.raises(DatabaseBroken):
            await database.rows(GET, ("a",))
    with pytest.raises(DatabaseBroken):
        await database.write(PUT, ("b", "2"))
    database_path.write_bytes(Path(good).read_bytes())
    await database.write(PUT, ("b", "3"))
    assert [row["value"] for row in await database.rows("SELECT value FROM notes ORDER BY name")] == ["1", "3"]


async def test_a_file_that_is_gone_is_not_made_anew(database: Database, database_path: Path) -> None:
    database._suspect = True
    for left in database_path.parent.glob("atelier.db*"):
        left.rename(left.with_name("away-" + left.name))
    with pytest.raises(DatabaseBroken, match="was removed"):
        await database.rows(GET, ("a",))
    assert not database_path.exists()
    for left in database_path.parent.glob("away-*"):
        left.rename(left.with_name(left.name.removeprefix("away-")))
    assert await database.rows(GET, ("a",)) == []


async def test_a_file_that_is_empty_for_a_moment_is_not_made_anew(database: Database, database_path: Path) -> None:
    """Putting a copy back empties the file first; what was remembered would be mixed with a new database."""
    await database.write(PUT, ("a", "1"))
    await database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    good = database_path.read_bytes()
    database._suspect = True
    database_path.write_bytes(b"")
    database_path.with_name(database_path.name + "-wal").write_bytes(b"")
    for _ in range(3):
        with pytest.raises(DatabaseBroken, match="empty"):
            await database.rows(GET, ("a",))
    assert database_path.stat().st_size == 0
    database_path.write_bytes(good)
    assert [row["value"] for row in await database.rows(GET, ("a",))] == ["1"]


async def test_a_failing_statement_inside_a_transaction_takes_all_of_it_back(database: Database) -> None:
    def write(session: Session) -> None:
        session.execute(PUT, ("a", "1"))
        session.execute("INSERT INTO nowhere VALUES (1)")

    with pytest.raises(StorageError):
        await database.transaction(write)
    assert await database.rows(GET, ("a",)) == []
