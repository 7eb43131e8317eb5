"""Background tasks have an owner: none outlives it, none is lost, and how each ended is known."""

from __future__ import annotations

import asyncio
import logging

import pytest

from bot.runtime.supervisor import TaskSupervisor


async def test_leaving_cancels_what_runs() -> None:
    began = asyncio.Event()

    async def forever() -> None:
        began.set()
        await asyncio.Event().wait()

    async with TaskSupervisor("test") as background:
        task = background.start(forever(), "forever")
        await began.wait()
    assert task.cancelled()
    assert len(background) == 0


async def test_leaving_waits_for_what_ends_in_time_and_for_what_that_starts() -> None:
    done: list[str] = []

    async def second() -> None:
        await asyncio.sleep(0.01)
        done.append("second")

    async with TaskSupervisor("test", grace_seconds=5.0) as background:

        async def first() -> None:
            await asyncio.sleep(0.01)
            background.start(second(), "second")
            done.append("first")

        background.start(first(), "first")
    assert done == ["first", "second"]


async def test_the_grace_period_has_an_end() -> None:
    async with TaskSupervisor("test", grace_seconds=0.01) as background:
        task = background.start(asyncio.Event().wait(), "forever")
    assert task.cancelled()


async def test_nothing_starts_after_the_end_and_nothing_is_left_over() -> None:
    background = TaskSupervisor("test")

    async def restless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            background.start(asyncio.Event().wait(), "another")

    async with background:
        background.start(restless(), "restless")
        await asyncio.sleep(0)
    assert len(background) == 0
    late = background.start(asyncio.Event().wait(), "late")
    await asyncio.wait({late})
    assert late.cancelled()


async def test_a_failure_that_nobody_awaits_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def broken() -> None:
        raise ValueError("odd")

    async with TaskSupervisor("test") as background:
        background.start(broken(), "broken")
        await background.drain(5.0)
    failed = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.getMessage() for record in failed] == ["test:broken failed"]


async def test_a_task_of_somebody_elses_is_owned_while_within() -> None:
    within, heard = asyncio.Event(), asyncio.Event()
    said: list[str] = []

    async def handler(background: TaskSupervisor) -> None:
        with background.adopting(), background.adopting():
            within.set()
            try:
                await heard.wait()
            except asyncio.CancelledError:
                said.append("restarting")
                raise
        said.append("answered")

    async with TaskSupervisor("test", grace_seconds=5.0) as background:
        answered = asyncio.create_task(handler(background), name="answered")
        await within.wait()
        assert len(background) == 1
        asyncio.get_running_loop().call_later(0.01, heard.set)
    assert said == ["answered"]
    await answered

    within.clear()
    heard.clear()
    async with TaskSupervisor("hasty") as background:
        cut_off = asyncio.create_task(handler(background), name="cut off")
        await within.wait()
    assert said == ["answered", "restarting"]
    assert cut_off.cancelled()

    late = asyncio.create_task(handler(background), name="late")
    await asyncio.wait({late})
    assert late.cancelled()
