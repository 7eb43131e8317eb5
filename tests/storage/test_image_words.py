"""The index of words where SQLite has no FTS5, and a database that is used with and without it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage import Action, ImageText, NewTask, Request, SearchScope, Store, TaskState, TaskUpdate, open_store
from storage.sqlite import image_words

OWN = SearchScope(7)


async def indexed(store: Store, **texts: str) -> None:
    for task_id, text in texts.items():
        await store.tasks.add(NewTask(task_id, None, 7, 1, 2, Request(Action.IMAGINE, prompt=text), "secret"), 1.0)
        await store.tasks.move(task_id, TaskUpdate(TaskState.SUCCESS), 2.0)
    await store.image_index.add([ImageText(*each) for each in texts.items()])


async def found(store: Store, words: str) -> list[str]:
    return sorted(await store.image_index.with_words(words, OWN, limit=10))


@pytest.fixture
def without_fts5(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_words, "MODULE", "a module that SQLite does not have")


@pytest.mark.usefixtures("without_fts5")
async def test_without_fts5_every_text_is_compared(database_path: Path) -> None:
    async with open_store(f"sqlite:///{database_path}") as store:
        await indexed(store, a="a paper BOAT", b="Éclair on a plate", c="東京の夜")
        assert await found(store, "boat paper") == ["a"]
        assert await found(store, "éclair") == ["b"]
        assert await found(store, "夜") == ["c"]
        assert await found(store, "boat xylophone") == ["a"]
        assert await found(store, "%") == []
    with closing(sqlite3.connect(database_path)) as connection:
        assert connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'image_words'").fetchone() is None


async def test_an_index_that_was_not_kept_up_is_made_again(
    database_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{database_path}"
    async with open_store(url) as store:
        await indexed(store, a="a paper boat", b="a red boat")
    with monkeypatch.context() as patch:
        patch.setattr(image_words, "MODULE", "none")
        async with open_store(url) as store:
            await indexed(store, c="a blue boat")
            gone = await store.tasks.get("a")
            assert gone
            await store.tasks.delete_result(gone, [], 3.0)
            assert await found(store, "boat") == ["b", "c"]
    async with open_store(url) as store:
        assert await found(store, "boat") == ["b", "c"]
        assert await found(store, "paper") == []
    with closing(sqlite3.connect(database_path)) as connection:
        assert connection.execute("SELECT 1 FROM notes WHERE name LIKE 'image words%'").fetchone() is None
        assert connection.execute("SELECT COUNT(*) FROM image_words").fetchone() == (2,)
