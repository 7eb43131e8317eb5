"""The write probe tells the truth about a database that cannot be written, and costs little."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from storage import DatabaseBroken, DatabaseBusy, DatabaseFull, StorageError, open_store
from storage.sqlite.database import Database
from storage.sqlite.write_probe import WriteProbe
from tests.support.storing import engine_of


@pytest.fixture
async def database(database_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(database_path, busy_seconds=0.2)
    yield database
    await database.close()


def log_frames(path: Path) -> int:
    return path.with_name(path.name + "-wal").stat().st_size


async def test_a_database_that_can_be_written_is_written_once_for_many_who_ask(
    database: Database, database_path: Path
) -> None:
    probe = WriteProbe(database, good_seconds=60)
    await probe.check()
    size = log_frames(database_path)
    await asyncio.gather(*(probe.check() for _ in range(50)))
    assert log_frames(database_path) == size


async def test_a_database_held_by_somebody_else_cannot_be_written(database: Database, database_path: Path) -> None:
    probe = WriteProbe(database, good_seconds=0)
    with closing(sqlite3.connect(database_path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusy):
            await probe.check()
        connection.execute("ROLLBACK")
    await probe.check()


async def test_who_asks_is_answered_in_time_however_long_the_write_waits(database_path: Path) -> None:
    database = await Database.open(database_path, busy_seconds=3)
    probe = WriteProbe(database, probe_seconds=0.05, good_seconds=0)
    with closing(sqlite3.connect(database_path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        for _ in range(3):
            with pytest.raises(DatabaseBusy):
                await probe.check()
        assert time.monotonic() - began < 2
        connection.execute("ROLLBACK")
    await asyncio.wait_for(asyncio.shield(probe._writing or asyncio.sleep(0)), 10)
    await WriteProbe(database).check()
    await probe.close()
    await database.close()


async def test_a_full_database_cannot_be_written(database: Database) -> None:
    probe = WriteProbe(database, good_seconds=0)
    (pages,) = await database.rows("PRAGMA page_count")
    await database.rows(f"PRAGMA max_page_count = {pages[0]}")
    full = "x" * 100
    with pytest.raises(DatabaseFull):
        for number in range(1_000):  # what is left of the last pages
            await database.write("INSERT INTO notes VALUES (?, ?)", (f"{number}", full))
    with pytest.raises(DatabaseFull):
        await probe.check()


async def test_a_damaged_database_cannot_be_written_until_it_is_put_back(
    database: Database, database_path: Path, tmp_path: Path
) -> None:
    probe = WriteProbe(database, good_seconds=0)
    await probe.check()
    await database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    good = Path(shutil.copy(database_path, tmp_path / "good.db")).read_bytes()
    with database_path.open("r+b") as file:
        file.write(b"nonsense" * (len(good) // 8))
    await database.rows("PRAGMA shrink_memory")
    with pytest.raises(DatabaseBroken):
        await probe.check()
    database_path.write_bytes(good)
    await probe.check()


async def test_a_closed_store_cannot_be_written(database_path: Path) -> None:
    async with open_store(f"sqlite:///{database_path}") as store:
        await store.check_writable()
    with pytest.raises(StorageError):
        await asyncio.sleep(0)
        engine_of(store)._probe._written_at = None
        await store.check_writable()
