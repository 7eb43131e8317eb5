"""The health check: true, shared by all who ask, and answered even while the database hangs."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.background import Background
from bot.web import health
from bot.web.health import FRESH_SECONDS, Health
from storage import Store, opened
from storage.database import Database


async def test_many_who_ask_share_one_check(tmp_path: Path) -> None:
    now = 0.0
    async with opened(f"sqlite:///{tmp_path / 'atelier.db'}") as store, Background("test") as background:
        checked = Health(store, background, connected=lambda: True, clock=lambda: now)
        assert {tuple((await checked.state()).items())} == {(("discord", True), ("store", True))}
        written = await _note(store)
        states = await asyncio.gather(*(checked.state() for _ in range(200)))
        assert all(all(state.values()) for state in states)
        assert await _note(store) == written
        now = FRESH_SECONDS
        await checked.state()
        assert await _note(store) != written


async def test_a_database_that_hangs_is_told_of_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "CHECK_SECONDS", 0.1)
    path = tmp_path / "atelier.db"
    database = await Database.open(path, busy_seconds=0.5)
    async with Background("test", patience=5.0) as background:
        checked = Health(Store(database), background, connected=lambda: False)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            async with asyncio.timeout(5):
                assert await checked.state() == {"discord": False, "store": False}
            assert len(background) == 1  # it goes on, and others wait for it no longer
            assert await checked.state() == {"discord": False, "store": False}
            assert len(background) == 1
    await database.close()


async def _note(store: Store) -> str | None:
    return await store.notes.get("write check")
