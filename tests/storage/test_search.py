"""The search finds what a person would find by reading every prompt, and reads no more than it has to."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import Action, Request, StorageError, Store, TaskQuery, TaskState, TaskUpdate, open_store
from storage.sqlite import task_search
from storage.sqlite.database import Database
from tests.support.storing import AddTask, database_of, task_adder

STATES = (
    TaskState.PENDING,
    TaskState.RUNNING,
    TaskState.SUCCESS,
    TaskState.FAILURE,
    TaskState.UNKNOWN,
    TaskState.REFUSED,
)
SIGNS = "aAbß%_\\'\"*狐山水 "


async def fill(store: Store, prompts: Sequence[tuple[str, int, TaskState]]) -> None:
    add = task_adder(store)
    for number, (prompt, owner, state) in enumerate(prompts):
        # Some of one moment, so that only the id decides.
        request = Request(Action.IMAGINE, prompt=prompt)
        await add(f"t{number:03}", now=1000.0 + number // 3, owner_id=owner, request=request)
        await store.tasks.move(f"t{number:03}", TaskUpdate(state), 5000.0)


def lower(text: str) -> str:
    """SQLite knows the two cases of ASCII."""
    return re.sub("[A-Z]", lambda match: match[0].lower(), text)


@given(
    st.lists(
        st.tuples(st.text(SIGNS, max_size=6), st.sampled_from((7, 8)), st.sampled_from(STATES)),
        min_size=1,
        max_size=25,
    ),
    st.text(SIGNS, max_size=3),
    st.sampled_from((None, 7)),
    st.sets(st.sampled_from(STATES[:-1])),
    st.integers(0, 6),
)
@settings(max_examples=40, deadline=None)
def test_a_search_finds_what_reading_every_prompt_would_find(
    prompts: list[tuple[str, int, TaskState]],
    words: str,
    owner: int | None,
    states: set[TaskState],
    offset: int,
) -> None:
    async def found() -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            async with open_store(f"sqlite:///{Path(folder) / 'atelier.db'}") as store:
                await fill(store, prompts)
                wanted = TaskQuery(owner_id=owner, states=tuple(states), words=words)
                return [task.id for task in await store.tasks.search(wanted, limit=5, offset=offset)]

    expected = [
        (number // 3, f"t{number:03}")
        for number, (prompt, asker, state) in enumerate(prompts)
        if owner in (None, asker)
        and state is not TaskState.REFUSED
        and (not states or state in states)
        and lower(words) in lower(prompt)
    ]
    assert asyncio.run(found()) == [task_id for _, task_id in sorted(expected, reverse=True)][offset : offset + 5]


@pytest.mark.parametrize("part", [1, 2, 3, 7])
async def test_parts_of_any_size_leave_nothing_out_and_find_nothing_twice(
    store: Store, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    monkeypatch.setattr(task_search, "PART", part)
    monkeypatch.setattr(task_search, "SEARCHED", 100)
    await fill(store, [("a fox" if number % 2 else "an owl", 7, TaskState.SUCCESS) for number in range(20)])
    found = await store.tasks.search(TaskQuery(words="fox"), limit=50)
    assert [task.id for task in found] == [f"t{number:03}" for number in range(19, 0, -2)]


async def test_words_are_looked_for_in_the_newest_and_it_is_known_whether_these_are_all(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task_search, "PART", 2)
    monkeypatch.setattr(task_search, "SEARCHED", 4)
    await fill(store, [("a fox", 7 if number else 8, TaskState.SUCCESS) for number in range(5)])
    everybodys, own = TaskQuery(words="fox"), TaskQuery(owner_id=7, words="fox")
    assert [task.id for task in await store.tasks.search(everybodys, limit=9)] == ["t004", "t003", "t002", "t001"]
    assert not await store.tasks.searches_all(everybodys)
    assert await store.tasks.searches_all(own)


async def test_others_use_the_store_between_two_parts(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task_search, "PART", 1)
    monkeypatch.setattr(task_search, "SEARCHED", 100)
    await fill(store, [("a fox", 7, TaskState.SUCCESS) for _ in range(20)])
    done: list[str] = []

    async def named(name: str) -> None:
        await (
            store.tasks.search(TaskQuery(words="owl"), limit=1) if name == "search" else store.key_values.put("a", "1")
        )
        done.append(name)

    await asyncio.gather(named("search"), named("write"))
    assert done == ["write", "search"]


@pytest.mark.parametrize("words", ["\ud800", "a\udfff"])
async def test_a_lone_surrogate_is_an_error_of_the_stores_own(store: Store, words: str) -> None:
    with pytest.raises(StorageError):
        await store.tasks.search(TaskQuery(words=words), limit=5)
    assert await store.tasks.search(TaskQuery(words="a"), limit=5) == []


async def test_no_question_reads_a_whole_table_or_sorts_one(
    store: Store, add_task: AddTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_task()
    asked: list[tuple[str, tuple[object, ...]]] = []
    rows = Database.rows

    async def noted(self: Database, sql: str, values: Sequence[object] = ()) -> object:
        asked.append((sql, tuple(values)))
        return await rows(self, sql, values)

    monkeypatch.setattr(Database, "rows", noted)
    kinds = ((), (TaskState.SUCCESS,), (TaskState.FAILURE, TaskState.UNKNOWN))
    for owner in (None, 7):
        for states in kinds:
            for words in ("", "fox"):
                await store.tasks.search(TaskQuery(owner, states, words), limit=9, offset=8)
        await store.tasks.searches_all(TaskQuery(owner, words="fox"))
    await store.tasks.children("t1")
    await store.tasks.by_upstream("u")
    await store.tasks.polled()
    await store.tasks.on_their_way()
    await store.submissions.used_buttons("t1")
    await store.submissions.of_task("t1")
    await store.messages.newest_in("t1", 2)
    await store.submissions.queued()
    await store.tasks.queued()
    await store.tasks.durations(9)
    await store.take_over()
    await store.messages.unfinished()
    await store.messages.by_message_id(1)
    await store.messages.for_task("t1")
    await store.tasks.requested_by(7, range(1, 9), parent_id="t1")
    monkeypatch.undo()
    for sql, values in asked:
        steps = [row["detail"] for row in await database_of(store).rows(f"EXPLAIN QUERY PLAN {sql}", values)]
        whole = [step for step in steps if re.match(r"SCAN (tasks|messages|presses)\b(?!.*USING)", step)]
        assert not whole, (sql, steps)
        if "(prompt) LIKE" in sql or "OFFSET" in sql:
            assert all("tasks" not in step or "COVERING INDEX" in step for step in steps), (sql, steps)


@pytest.mark.parametrize("parent_id", [None, "t1"])
async def test_a_double_click_is_sought_among_the_interactions_of_its_moment(
    store: Store, monkeypatch: pytest.MonkeyPatch, parent_id: str | None
) -> None:
    """And not among all presses of the person, or all tasks that were made from the parent."""
    asked: list[tuple[str, Sequence[object]]] = []
    rows = Database.rows

    async def noted(self: Database, sql: str, values: Sequence[object] = ()) -> object:
        asked.append((sql, values))
        return await rows(self, sql, values)

    monkeypatch.setattr(Database, "rows", noted)
    await store.tasks.requested_by(7, range(1, 9), parent_id=parent_id)
    monkeypatch.undo()
    ((sql, values),) = asked
    steps = await database_of(store).rows(f"EXPLAIN QUERY PLAN {sql}", values)
    assert steps[0]["detail"].startswith("SEARCH presses USING INTEGER PRIMARY KEY")
