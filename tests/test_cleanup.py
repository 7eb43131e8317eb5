"""The cleanup job removes what has ended while the bot runs, and nothing because a clock is wrong for a while."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.cleanup import TRUST_SECONDS, Cleanup
from bot.runtime.supervisor import TaskSupervisor
from bot.runtime.units import DAY
from storage import (
    Action,
    Draft,
    InputImage,
    MaskEditorLink,
    NewMessage,
    Request,
    Route,
    SavedSearch,
    Store,
    TaskState,
    TaskUpdate,
    ThumbnailRole,
    open_store,
)
from tests.support.storing import an_opening, database_of, opened, task_adder

NOW = 1_800_000_000.0
YEAR = 365 * DAY
MEGABYTE = 1_000_000
PICTURE = InputImage("image/png", b"picture")


@dataclass
class Clocks:
    """The wall clock, which may step, and the monotonic one."""

    wall: float = NOW
    running: float = 100.0

    def pass_by(self, seconds: float) -> None:
        self.wall += seconds
        self.running += seconds

    def step(self, seconds: float) -> None:
        self.wall += seconds


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "atelier.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[Store]:
    async with open_store(f"sqlite:///{path}") as store:
        yield store


@pytest.fixture
def cleanup(store: Store, clocks: Clocks) -> Cleanup:
    return job(store, clocks)


def job(store: Store, clocks: Clocks, interval: float = 60) -> Cleanup:
    return Cleanup(store, input_days=3, interval=interval, clock=lambda: clocks.wall, monotonic=lambda: clocks.running)


async def ended(store: Store, task_id: str, state: TaskState, at: float) -> None:
    """A task that came with a picture and stands so since then."""
    await task_adder(store)(task_id, now=at, pictures=(PICTURE,))
    if state is not TaskState.SUBMITTING:
        await store.tasks.move(task_id, TaskUpdate(state, upstream_id=f"u-{task_id}"), at)


async def kept(store: Store, *task_ids: str) -> list[str]:
    return [task_id for task_id in task_ids if await store.tasks.inputs(task_id)]


async def message(store: Store, token_ends_at: float) -> int:
    new = NewMessage(Route.ORIGINAL, 7, 9, 1, 2, "token", token_ends_at, 10_000_000, None)
    return await store.messages.add("t1", new)


async def has_no_token(store: Store, row_id: int) -> bool:
    found = await store.messages.get(row_id)
    return found is not None and found.token is None


async def link_has_no_token(store: Store, name: str) -> bool:
    found = await store.mask_editor_links.get(name)
    return found is not None and not found.token


async def is_gone(store: Store, name: str) -> bool:
    return await store.mask_editor_links.get(name) is None


async def until(so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not await so():  # noqa: ASYNC110 - the job has nothing that could be waited for
            await asyncio.sleep(0.01)


def link(name: str, *, interaction_id: int, created_at: float = NOW, expires_at: float = NOW + 1800) -> MaskEditorLink:
    return MaskEditorLink(
        id=name,
        task_id="t1",
        digest="d",
        interaction_id=interaction_id,
        application_id=9,
        user_id=7,
        guild_id=1,
        channel_id=2,
        token="token",
        created_at=created_at,
        upload_limit=1,
        notice_id=None,
        locale="en-US",
        attached_url=None,
        expires_at=expires_at,
    )


async def test_pictures_of_tasks_that_came_to_nothing_go_after_some_days(
    store: Store, cleanup: Cleanup, clocks: Clocks
) -> None:
    nothing = (TaskState.FAILURE, TaskState.CANCELLED, TaskState.UNKNOWN, TaskState.STALLED)
    going_on = (TaskState.SUBMITTING, TaskState.AWAITING_CONFIRMATION, TaskState.PENDING, TaskState.RUNNING)
    for state in (*nothing, *going_on):
        await ended(store, f"old-{state}", state, NOW - 4 * DAY)
        await ended(store, f"new-{state}", state, NOW - 2 * DAY)
    clocks.pass_by(TRUST_SECONDS)
    await cleanup.round()
    old = [f"old-{state}" for state in (*nothing, *going_on)]
    assert await kept(store, *old) == [f"old-{state}" for state in going_on]
    new = [f"new-{state}" for state in (*nothing, *going_on)]
    assert await kept(store, *new) == new


@pytest.mark.parametrize("state", [TaskState.REFUSED, TaskState.SUCCESS])
async def test_pictures_of_refused_and_finished_tasks_go_at_once(store: Store, state: TaskState) -> None:
    await ended(store, "t1", TaskState.AWAITING_CONFIRMATION, NOW)
    assert await kept(store, "t1")
    task = await store.tasks.move("t1", TaskUpdate(state), NOW)
    assert not await kept(store, "t1")
    assert task is not None
    assert task.input_count == 1


async def test_tokens_and_links_that_have_ended_go_while_the_bot_runs(store: Store, clocks: Clocks) -> None:
    await task_adder(store)("t1")
    short, long = await message(store, NOW + 100), await message(store, NOW + 800)
    await store.mask_editor_links.add(link("ended", interaction_id=1, expires_at=NOW + 100), NOW)
    await store.mask_editor_links.add(link("good", interaction_id=2), NOW)
    async with TaskSupervisor("test") as background:
        background.start(job(store, clocks, interval=0.01).run(), "cleanup")
        clocks.pass_by(200)
        await until(lambda: has_no_token(store, short))
        await until(lambda: is_gone(store, "ended"))
        assert not await has_no_token(store, long)
        assert not await link_has_no_token(store, "good")
        clocks.pass_by(800)  # its interaction's token has ended; the link itself has not
        await until(lambda: has_no_token(store, long))
        await until(lambda: link_has_no_token(store, "good"))


async def test_the_token_of_a_used_link_goes_and_the_link_stays_to_say_that_it_was_used(
    store: Store, cleanup: Cleanup
) -> None:
    await opened(store, an_opening(1, now=NOW))
    for name, interaction_id in (("used", 1), ("unused", 2)):
        await store.mask_editor_links.add(link(name, interaction_id=interaction_id), NOW)
    await cleanup.round()
    used, unused = [await store.mask_editor_links.get(name) for name in ("used", "unused")]
    assert used is not None
    assert unused is not None
    assert (used.token, unused.token) == ("", "token")


@pytest.mark.parametrize("ahead", [YEAR, 5 * DAY, -YEAR])
async def test_a_clock_that_steps_and_comes_back_costs_nothing(
    store: Store, cleanup: Cleanup, clocks: Clocks, ahead: float
) -> None:
    await ended(store, "t1", TaskState.FAILURE, NOW)
    row_id = await message(store, NOW + 2 * TRUST_SECONDS)
    await store.mask_editor_links.add(link("good", interaction_id=2, expires_at=NOW + 2 * TRUST_SECONDS), NOW)
    clocks.pass_by(TRUST_SECONDS)
    await cleanup.round()
    clocks.step(ahead)
    for _ in range(5):
        await cleanup.round()
        clocks.pass_by(60)
    clocks.step(-ahead)
    for _ in range(5):
        await cleanup.round()
        clocks.pass_by(60)
    assert await kept(store, "t1")
    assert not await has_no_token(store, row_id)
    assert await store.mask_editor_links.get("good")


async def test_a_clock_that_was_wrong_at_the_start_costs_no_pictures(store: Store, clocks: Clocks) -> None:
    await ended(store, "t1", TaskState.UNKNOWN, NOW)
    clocks.step(YEAR)
    cleanup = job(store, clocks)
    await cleanup.round()
    clocks.pass_by(60)
    clocks.step(-YEAR)
    await cleanup.round()
    clocks.pass_by(2 * TRUST_SECONDS)
    await cleanup.round()
    assert await kept(store, "t1")


async def test_a_clock_that_stays_where_it_stepped_to_is_believed_after_an_hour(
    store: Store, cleanup: Cleanup, clocks: Clocks
) -> None:
    await ended(store, "t1", TaskState.FAILURE, NOW)
    clocks.pass_by(TRUST_SECONDS)
    clocks.step(4 * DAY)
    await cleanup.round()
    assert await kept(store, "t1")
    clocks.pass_by(TRUST_SECONDS)
    await cleanup.round()
    assert not await kept(store, "t1")


async def test_the_disk_gets_back_what_large_pictures_took(store: Store, cleanup: Cleanup, path: Path) -> None:
    large = InputImage("image/png", os.urandom(2 * MEGABYTE))
    for number in range(5):
        await task_adder(store)(f"t{number}", pictures=(large,) * 4)
        await store.tasks.move(f"t{number}", TaskUpdate(TaskState.REFUSED), NOW)
    assert path.stat().st_size < 12 * MEGABYTE  # the room of one was used for the next
    await cleanup.round()
    await database_of(store).rows("PRAGMA wal_checkpoint(TRUNCATE)")
    assert path.stat().st_size < 3 * MEGABYTE


async def test_what_fails_is_logged_once_and_tried_again(
    store: Store, path: Path, clocks: Clocks, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.cleanup")
    await task_adder(store)("t1")
    row_id = await message(store, NOW - 1)
    await database_of(store).rows("PRAGMA busy_timeout = 1")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        cleanup = job(store, clocks)
        for _ in range(3):
            await cleanup.round()
        connection.execute("ROLLBACK")
    assert len(caplog.records) == 1
    await cleanup.round()
    assert await has_no_token(store, row_id)
    assert len(caplog.records) == 2


async def test_drafts_go_after_a_day_and_thumbnails_after_some_weeks(
    store: Store, cleanup: Cleanup, clocks: Clocks
) -> None:
    await store.drafts.save(Draft("d1", 7, Request(Action.IMAGINE, prompt="a fox"), NOW))
    await task_adder(store)("t1")
    await store.thumbnails.put("t1", ThumbnailRole.RESULT, [b"small"], NOW)
    clocks.pass_by(DAY - 60)
    await cleanup.round()
    assert await store.drafts.get("d1", 7)
    clocks.pass_by(120)
    await cleanup.round()
    assert await store.drafts.get("d1", 7) is None
    assert await store.thumbnails.results(["t1"])
    clocks.pass_by(30 * DAY)
    await cleanup.round()
    assert await store.thumbnails.results(["t1"]) == {}


async def test_searches_go_after_a_day(store: Store, cleanup: Cleanup, clocks: Clocks) -> None:
    await store.searches.save(SavedSearch("s1", 7, "a fox", None, False, (), False, 0, NOW))
    clocks.pass_by(DAY - 60)
    await cleanup.round()
    assert await store.searches.get("s1", 7)
    clocks.pass_by(120)
    await cleanup.round()
    assert await store.searches.get("s1", 7) is None


async def test_a_step_of_the_clock_costs_nobody_a_draft(store: Store, cleanup: Cleanup, clocks: Clocks) -> None:
    await store.drafts.save(Draft("d1", 7, Request(Action.IMAGINE, prompt="a fox"), NOW))
    await cleanup.round()
    clocks.step(YEAR)
    await cleanup.round()
    assert await store.drafts.get("d1", 7)
