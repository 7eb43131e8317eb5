"""Batches: what is asked about comes back as it was, and only one of its two buttons starts it."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sqlite3
from contextlib import closing
from pathlib import Path

from storage import Action, Batch, DraftFile, Request, Store, open_store
from storage.sqlite.migrate import migrations

FILE = DraftFile("1", "a.png", "https://files.example.org/a.png", 10, "image/png")
BATCH = Batch(
    5, 7, Request(Action.IMAGINE, prompt="a {red, blue} fox", notify="never"), ("a red fox", "a blue fox"), (FILE,)
)


async def test_a_batch_comes_back_as_it_was(store: Store) -> None:
    await store.batches.add(BATCH, 1000.0)
    assert await store.batches.get(5) == BATCH
    assert await store.batches.get(6) is None


async def test_of_both_ways_only_the_first_begins_a_batch_however_often(store: Store) -> None:
    await store.batches.add(BATCH, 1000.0)
    await store.batches.add(dataclasses.replace(BATCH, interaction_id=6), 1000.0)
    ways = [number % 2 == 0 for number in range(20)]
    began = await asyncio.gather(*(store.batches.begin(5, expanded=expanded) for expanded in ways))
    assert {expanded for expanded, yes in zip(ways, began, strict=True) if yes} == {ways[began.index(True)]}
    assert sum(began) == 10
    assert await store.batches.begin(6, expanded=False)
    assert not await store.batches.begin(6, expanded=True)
    assert not await store.batches.begin(99, expanded=True)


async def test_a_question_of_an_earlier_version_keeps_its_pictures(tmp_path: Path) -> None:
    path = tmp_path / "earlier.db"
    with closing(sqlite3.connect(path)) as connection:
        for _, script in migrations()[:6]:
            connection.executescript(script)
        connection.execute("PRAGMA user_version = 6")
        connection.execute(
            'INSERT INTO batches VALUES (5, 7, ?, \'["a", "b"]\', \'["https://a.example/1.png"]\', NULL, 1000.0)',
            (json.dumps(dataclasses.asdict(BATCH.request)),),
        )
        connection.commit()
    async with open_store(f"sqlite:///{path}") as store:
        batch = await store.batches.get(5)
        assert batch is not None
        assert [file.url for file in batch.files] == ["https://a.example/1.png"]
        assert await store.batches.begin(5, expanded=True)
