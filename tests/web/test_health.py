"""The health check tells the truth about the database, and logs each change once."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.web.health import Health
from storage import Store
from storage.sqlite.database import Database
from storage.sqlite.engine import SqliteEngine


async def test_a_database_that_cannot_be_written_is_unhealthy_until_it_can(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, logger="bot.web.health")
    path = tmp_path / "atelier.db"
    store = Store(SqliteEngine(await Database.open(path, busy_seconds=0.05)))
    health = Health(store, connected=lambda: True)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        for _ in range(3):
            assert await health.state() == {"discord": True, "store": False}
        connection.execute("ROLLBACK")
    for _ in range(3):
        assert await health.state() == {"discord": True, "store": True}
    assert [record.message.partition(":")[0] for record in caplog.records] == [
        "the database is not writable",
        "the database is writable again",
    ]
    await store.close()
