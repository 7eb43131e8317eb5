"""The database's files belong to one user and to one process, whatever they are called."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from playground.bot_process import ROOT
from storage import DatabaseBroken, DatabaseInUse, Store, open_store
from tests.support.storing import database_of

IN_USE, FREE = 14, 0
TRY_TO_OPEN = """
import asyncio, sys
from storage import DatabaseInUse, open_store
async def main():
    try:
        async with open_store(sys.argv[1]):
            return 0
    except DatabaseInUse:
        return 14
sys.exit(asyncio.run(main()))
"""


async def another_process_opens(path: Path) -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", TRY_TO_OPEN, f"sqlite:///{path}", env={"PYTHONPATH": str(ROOT)}
    )
    async with asyncio.timeout(30):
        return await process.wait()


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {each.name: each.stat().st_mode & 0o777 for each in folder.iterdir()}


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o277])
async def test_new_files_and_folders_are_for_one_user_alone(tmp_path: Path, mask: int) -> None:
    path = tmp_path / "new" / "folder" / "atelier.db"
    with umask(mask):
        async with open_store(f"sqlite:///{path}") as store:
            await store.key_values.put("a", "1")
            names = ("", "-wal", "-shm", ".lock")
            assert modes(path.parent) == dict.fromkeys((f"atelier.db{end}" for end in names), 0o600)
    assert {each.stat().st_mode & 0o777 for each in (path.parent, path.parent.parent)} == {0o700}


async def test_files_that_stood_open_to_others_are_closed_to_them(database_path: Path) -> None:
    url = f"sqlite:///{database_path}"
    async with open_store(url) as store:
        await store.key_values.put("a", "1")
        for name in modes(database_path.parent):  # as a killed bot of an earlier version leaves them
            shutil.copy(database_path.with_name(name), database_path.with_name("copy-" + name))
    for copy in database_path.parent.glob("copy-*"):
        place = copy.with_name(copy.name.removeprefix("copy-"))
        copy.rename(place)
        place.chmod(0o666)
    async with open_store(url) as store:
        assert await store.key_values.get("a") == "1"
        assert set(modes(database_path.parent).values()) == {0o600}


async def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    folder.chmod(0o755)
    async with open_store(f"sqlite:///{folder}/atelier.db"):
        assert folder.stat().st_mode & 0o777 == 0o755


def symlink(path: Path) -> Path:
    other = path.with_name("other.db")
    other.symlink_to(path)
    return other


def symlink_to_folder(path: Path) -> Path:
    (path.parent / "sub").symlink_to(path.parent)
    return path.parent / "sub" / path.name


def spelling(path: Path) -> Path:
    return path.parent / "." / "sub" / ".." / path.name


def hard_link(path: Path) -> Path:
    folder = path.parent / "elsewhere"
    folder.mkdir()
    (folder / "b.db").hardlink_to(path)
    return folder / "b.db"


@pytest.mark.parametrize("other_name", [symlink, symlink_to_folder, spelling, hard_link])
async def test_a_second_process_is_turned_away_by_every_name(
    store: Store, database_path: Path, other_name: Callable[[Path], Path]
) -> None:
    await store.key_values.put("a", "1")
    other = other_name(database_path)
    assert await another_process_opens(other) == IN_USE
    await store.key_values.put("a", "2")
    assert await store.key_values.get("a") == "2"


async def test_a_lock_ends_with_the_process_that_holds_it(tmp_path: Path, database_path: Path) -> None:
    async with open_store(f"sqlite:///{database_path}"):
        assert await another_process_opens(database_path) == IN_USE
    assert await another_process_opens(symlink(database_path)) == FREE


async def sqlite_alone_opens(path: Path) -> None:
    """An administrator's sqlite3 opens the file in a process of its own and closes it, as the last one if it can."""
    code = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM notes'); c.close()"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, str(path))
    async with asyncio.timeout(30):
        assert await process.wait() == 0


async def test_in_one_process_the_second_is_turned_away_before_it_touches_the_file(
    store: Store, database_path: Path
) -> None:
    """A process that closes the file loses SQLite's locks on it, and the next visitor takes the log away."""
    await store.key_values.put("a", "1")
    with pytest.raises(DatabaseInUse):
        async with open_store(f"sqlite:///{symlink(database_path)}"):
            pass
    await sqlite_alone_opens(database_path)
    assert database_path.with_name(database_path.name + "-wal").exists()


async def test_a_file_that_was_put_back_is_locked_like_the_one_before(store: Store, database_path: Path) -> None:
    copy = database_path.with_name("copy.db")
    with closing(sqlite3.connect(database_path)) as connection, closing(sqlite3.connect(copy)) as into:
        connection.backup(into)
    copy.rename(database_path)
    database_of(store)._suspect = True
    await store.key_values.put("a", "1")
    database_path.with_name(database_path.name + ".lock").unlink()  # what is left is the lock on the database
    assert await another_process_opens(database_path) == IN_USE


async def test_links_that_go_in_a_circle_are_said_to_be_broken(tmp_path: Path) -> None:
    (tmp_path / "a.db").symlink_to(tmp_path / "b.db")
    (tmp_path / "b.db").symlink_to(tmp_path / "a.db")
    with pytest.raises(DatabaseBroken):
        async with open_store(f"sqlite:///{tmp_path / 'a.db'}"):
            pass
