"""Commits: which of them wait for the disk, and which share one."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiosqlite
import pytest

import storage.sqlite
from storage import NewOutcome, StorageError, Store, SubmissionOutcome, TaskState, TaskUpdate
from storage.sqlite.database import Database
from storage.sqlite.statements import Session
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


def put(name: str) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        session.execute(PUT, (name, "1"))
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
    def level(session: Session) -> int:
        (row,) = session.fetch("PRAGMA synchronous")
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


async def test_the_others_of_a_cancelled_caller_are_stored_once(database: Database) -> None:
    """The caller that took the work of all is cancelled while the thread runs it."""
    began, finish = threading.Event(), threading.Event()
    runs: list[str] = []

    def slow(name: str) -> Callable[[Session], str]:
        def work(session: Session) -> str:
            began.set()
            finish.wait(5)
            runs.append(name)
            return put(name)(session)

        return work

    waiting = [asyncio.create_task(database.journal(slow(name))) for name in ("a", "b", "c")]
    await asyncio.to_thread(began.wait, 5)
    waiting[0].cancel()
    waiting.append(asyncio.create_task(database.journal(put("d"))))
    await asyncio.sleep(0)
    finish.set()
    first, *others = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(first, asyncio.CancelledError)
    assert others == ["b", "c", "d"]
    assert runs == ["a", "b", "c"]
    assert await names(database) == ["a", "b", "c", "d"]


async def test_a_reader_does_not_wait_for_the_journal(database: Database) -> None:
    """A query is answered while a transaction of the journal is under way."""
    began, finish = threading.Event(), threading.Event()

    def slow(session: Session) -> None:
        session.execute(PUT, ("slow", "1"))
        began.set()
        finish.wait(5)

    journalling = asyncio.create_task(database.journal(slow))
    await asyncio.to_thread(began.wait, 5)
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
OWN = {"database.py", "migrate.py", "opening.py", "image_words.py"}


@pytest.mark.parametrize(
    "module", [path for path in sorted(Path(storage.sqlite.__path__[0]).glob("*.py")) if path.name not in OWN]
)
def test_statements_are_written_in_the_sql_that_other_engines_share(module: Path) -> None:
    statements = re.findall(r'"[^"\n]*"', module.read_text(encoding="utf-8"))
    texts = [text for text in statements if re.search(r"SELECT|INSERT|UPDATE|DELETE|WHERE|AND|LIMIT", text)]
    assert [text for text in texts if FOREIGN.search(text)] == []


def listed(*names: str, again: str = "") -> Callable[[Session], list[str]]:
    """Work of several statements; it stops before the second one if `again` is there already."""

    def work(session: Session) -> list[str]:
        unless = "INSERT INTO notes (name, value) SELECT ?, '1' WHERE NOT EXISTS (SELECT 1 FROM notes WHERE name = ?)"
        first, *others = names
        if not session.execute(unless, (first, again)):
            return []
        session.execute_many(PUT, [(name, "1") for name in others])
        rows = session.fetch("UPDATE notes SET value = '2' WHERE name = ? RETURNING name", (first,))
        return [row["name"] for row in rows]

    return work


async def test_several_statements_are_committed_with_their_rows_read(database: Database, database_path: Path) -> None:
    assert await database.journal(listed("a", "b", "c")) == ["a"]
    assert database.counts.full_commits == 1
    other = await aiosqlite.connect(f"file:{database_path}?mode=ro", uri=True)
    try:
        found = list(await other.execute_fetchall(NAMES))
    finally:
        await other.close()
    assert [name for (name,) in found] == ["a", "b", "c"]


async def test_work_may_end_with_a_statement_that_changes_nothing(database: Database) -> None:
    await database.journal(put("a"))
    assert await database.journal(listed("b", "c", again="a")) == []
    assert await names(database) == ["a"]
    assert await database.journal(listed("d", "e")) == ["d"]


async def test_work_of_several_statements_shares_a_commit_and_fails_alone(database: Database) -> None:
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
