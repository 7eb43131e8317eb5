"""`back_up`: a copy of one moment, while the store is in use."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from storage import StorageError, Store, back_up, open_store
from storage.sqlite.statements import Session
from tests.support.storing import database_of


async def test_a_copy_holds_what_was_committed_while_work_goes_on(
    store: Store, database_path: Path, tmp_path: Path
) -> None:
    await store.key_values.put("a", "1")
    copy = tmp_path / "copy.db"

    def write(session: Session) -> int:
        session.execute("UPDATE notes SET value = 'half' WHERE name = 'a'")
        size = back_up(f"sqlite:///{database_path}", copy)
        session.execute("INSERT INTO notes (name, value) VALUES ('b', 'whole')")
        return size

    size = await database_of(store).transaction(write)
    assert copy.stat().st_size == size
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.glob("copy*")] == ["copy.db"]
    async with open_store(f"sqlite:///{copy}") as copied:
        assert (await copied.key_values.get("a"), await copied.key_values.get("b")) == ("1", None)


async def test_a_file_that_is_there_is_left_alone(store: Store, database_path: Path, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("dear")
    with pytest.raises(StorageError, match="already exists"):
        back_up(f"sqlite:///{database_path}", letter)
    with pytest.raises(StorageError, match="already exists"):
        back_up(f"sqlite:///{database_path}", database_path)
    assert letter.read_text() == "dear"
    assert await store.key_values.get("a") is None


@pytest.mark.parametrize("content", [None, b"no database at all, only words" * 300])
def test_what_cannot_be_copied_leaves_no_file_behind(tmp_path: Path, content: bytes | None) -> None:
    if content:
        (tmp_path / "atelier.db").write_bytes(content)
    with pytest.raises(StorageError):
        back_up(f"sqlite:///{tmp_path}/atelier.db", tmp_path / "copy.db")
    assert not list(tmp_path.glob("copy*"))


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="nowhere"):
        back_up(f"sqlite:///{tmp_path}/atelier.db", tmp_path / "nowhere" / "copy.db")
