"""Commits: which of them wait for the disk, and which share one."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiosqlite
import pytest

import storage.sqlite
from storage import NewOutcome, StorageError, Store, SubmissionOutcome, TaskState, TaskUpdate
from storage.sqlite.database import Database, Session
from storage.sqlite.statement_list import Statement
from tests.support.storing import an_opening, database_of, opened, settled

PUT = "INSERT INTO notes (name, value) VALUES (?, ?)"
NAMES = "SELECT name FROM notes ORDER BY name"


@pytest.fixture
async def database(database_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(database_path)
    yield database
    await database.close()


async def names(database: Database) -> list[str]:
    return [row["name"] for row in await database.rows(NAMES)]


def put(name: str) -> Callable[[Session], Awaitable[str]]:
    async def work(session: Session) -> str:
        await session.execute(PUT, (name, "1"))
        return name

    return work


async def test_only_what_precedes_a_send_waits_for_the_disk(store: Store) -> None:
    counts = database_of(store).counts
    press = await opened(store, an_opening())
    assert (counts.transactions, counts.full_commits) == (1, 1)
    await settled(store, press, SubmissionOutcome.MODAL)
    assert (counts.transactions, counts.full_commits) == (2, 1)
    confirming = NewOutcome(11, SubmissionOutcome.CONFIRMING, 1001.0, durable=True)
    await store.submissions.set_outcome(press, confirming)
    assert (counts.transactions, counts.full_commits) == (3, 2)
    await settled(store, press, SubmissionOutcome.ACCEPTED)
    await store.tasks.move("t1", TaskUpdate(TaskState.SUCCESS), 1002.0)
    await store.key_values.put("a", "1")
    assert (counts.transactions, counts.full_commits) == (6, 2)


async def test_the_connections_are_set_to_their_degree_of_durability(database: Database) -> None:
    async def level(session: Session) -> int:
        (row,) = await session.fetch("PRAGMA synchronous")
        return int(row[0])

    assert await database.journal(level) == 2  # FULL
    (row,) = await database.rows("PRAGMA synchronous")
    assert row[0] == 1  # NORMAL


async def test_callers_that_wait_at_the_same_time_share_a_commit(database: Database) -> None:
    done = await asyncio.gather(*(database.journal(put(f"n{number:02}")) for number in range(50)))
    assert done == [f"n{number:02}" for number in range(50)]
    assert await names(database) == done
    assert database.counts.full_commits <= 5
    assert database.counts.full_commits == database.counts.transactions


async def test_a_single_caller_has_a_commit_of_its_own(database: Database) -> None:
    for number in range(3):
        await database.journal(put(f"n{number}"))
    assert database.counts.full_commits == 3


@pytest.mark.parametrize("wrong", [0, 3, 9])
async def test_an_error_stays_with_its_cause(database: Database, wrong: int) -> None:
    """One of many cannot be stored; the others are, each once."""
    await database.write(PUT, ("taken", "1"))
    wanted = ["taken" if number == wrong else f"n{number}" for number in range(10)]
    results = await asyncio.gather(*(database.journal(put(name)) for name in wanted), return_exceptions=True)
    assert [isinstance(result, StorageError) for result in results] == [number == wrong for number in range(10)]
    assert await names(database) == sorted({*wanted})


async def test_a_cancelled_caller_does_not_affect_the_others(database: Database) -> None:
    waiting = [asyncio.create_task(database.journal(put(f"n{number}"))) for number in range(8)]
    await asyncio.sleep(0)
    for number in (0, 1, 5):
        waiting[number].cancel()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    stored = set(await names(database))
    for number, result in enumerate(results):
        if number in (0, 1, 5):
            assert isinstance(result, asyncio.CancelledError)
        else:
            assert f"n{number}" in stored
    await database.journal(put("later"))


async def test_a_reader_does_not_wait_for_the_journal(database: Database) -> None:
    """A query is answered while a transaction of the journal is under way."""
    began, finish = asyncio.Event(), asyncio.Event()

    async def slow(session: Session) -> None:
        await session.execute(PUT, ("slow", "1"))
        began.set()
        await finish.wait()

    journalling = asyncio.create_task(database.journal(slow))
    await began.wait()
    assert await names(database) == []
    finish.set()
    await journalling
    assert await names(database) == ["slow"]


# What SQLite has and PostgreSQL has not. The connection itself, the migrations and the full-text index are each
# engine's own.
FOREIGN = re.compile(
    r"INSERT OR|NOTNULL|\bISNULL\b|json_|\browid\b|last_insert|strftime|GLOB|\bIS \?|IFNULL|LIMIT -1|PRAGMA",
    re.IGNORECASE,
)
OWN = {"connection.py", "database.py", "migrate.py", "backup.py", "image_words.py"}


@pytest.mark.parametrize(
    "module", [path for path in sorted(Path(storage.sqlite.__path__[0]).glob("*.py")) if path.name not in OWN]
)
def test_statements_are_written_in_the_sql_that_other_engines_share(module: Path) -> None:
    statements = re.findall(r'"[^"\n]*"', module.read_text(encoding="utf-8"))
    texts = [text for text in statements if re.search(r"SELECT|INSERT|UPDATE|DELETE|WHERE|AND|LIMIT", text)]
    assert [text for text in texts if FOREIGN.search(text)] == []


def listed(*names: str, again: str = "") -> Callable[[Session], Awaitable[list[str]]]:
    """Work that ends with a list of statements; it stops before the second one if `again` is there already."""

    async def work(session: Session) -> list[str]:
        unless = "INSERT INTO notes (name, value) SELECT ?, '1' WHERE NOT EXISTS (SELECT 1 FROM notes WHERE name = ?)"
        first, *others = names
        rows = await session.finish(
            [
                Statement(unless, (first, again)),
                Statement(PUT, rows=[(name, "1") for name in others]),
                Statement("UPDATE notes SET value = '2' WHERE name = ? RETURNING name", (first,)),
            ]
        )
        return [row["name"] for row in rows]

    return work


async def test_a_list_of_statements_is_committed_with_its_rows_read(database: Database, database_path: Path) -> None:
    assert await database.journal(listed("a", "b", "c")) == ["a"]
    assert database.counts.full_commits == 1
    other = await aiosqlite.connect(f"file:{database_path}?mode=ro", uri=True)
    try:
        found = list(await other.execute_fetchall(NAMES))
    finally:
        await other.close()
    assert [name for (name,) in found] == ["a", "b", "c"]


async def test_a_list_ends_with_the_first_statement_that_changes_nothing(database: Database) -> None:
    await database.journal(put("a"))
    assert await database.journal(listed("b", "c", again="a")) == []
    assert await names(database) == ["a"]
    assert await database.journal(listed("d", "e")) == ["d"]


async def test_lists_share_a_commit_and_one_that_fails_fails_alone(database: Database) -> None:
    await database.journal(put("taken"))
    work = [put("a"), listed("b", "c"), listed("d", "taken"), listed("e", "f", again="a"), put("g"), listed("h", "i")]
    done = await asyncio.gather(*map(database.journal, work), return_exceptions=True)
    assert [type(each) if isinstance(each, Exception) else each for each in done] == [
        "a",
        ["b"],
        StorageError,
        [],
        "g",
        ["h"],
    ]
    assert await names(database) == ["a", "b", "c", "g", "h", "i", "taken"]
    before = database.counts.full_commits
    done = await asyncio.gather(*(database.journal(listed(f"x{n}", f"y{n}")) for n in range(20)))
    assert done == [[f"x{n}"] for n in range(20)]
    assert database.counts.full_commits - before <= 3
