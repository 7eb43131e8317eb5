"""`atelier backup`: a copy on the command line."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from bot.__main__ import Exit
from playground.bot_process import ROOT
from storage import open_store


async def backup(folder: Path, target: Path) -> tuple[int, str]:
    """The exit code of the command, and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "backup",
        str(target),
        cwd=folder,
        env={
            "PYTHONPATH": str(ROOT),
            "DISCORD_TOKEN": "x",
            "MJ_API_URL": "http://127.0.0.1:9",
            "DATABASE_URL": "sqlite:///atelier.db",
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(30):
        printed, _ = await process.communicate()
    return process.returncode or 0, printed.decode()


async def test_a_copy_is_made_while_the_database_is_in_use(tmp_path: Path) -> None:
    async with open_store(f"sqlite:///{tmp_path / 'atelier.db'}") as store:
        await store.key_values.put("a", "1")
        code, printed = await backup(tmp_path, tmp_path / "copy.db")
        await store.key_values.put("a", "2")
    assert code == Exit.OK
    assert "copy.db" in printed
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT value FROM notes WHERE name = 'a'").fetchone() == ("1",)


async def test_what_is_there_already_is_left_alone_and_named(tmp_path: Path) -> None:
    async with open_store(f"sqlite:///{tmp_path / 'atelier.db'}"):
        pass
    (tmp_path / "copy.db").write_text("something of mine")
    code, printed = await backup(tmp_path, tmp_path / "copy.db")
    assert code == Exit.FAILED
    assert len(printed.splitlines()) == 1
    assert "copy.db" in printed
    assert (tmp_path / "copy.db").read_text() == "something of mine"


async def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    code, printed = await backup(tmp_path, tmp_path / "copy.db")
    assert (code, len(printed.splitlines())) == (Exit.FAILED, 1)
    assert not list(tmp_path.iterdir())
