"""Work on pictures has threads of its own, a bounded queue and a time limit."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from bot.media import TooCostly, image_pool
from bot.media.image_pool import ImagePool


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What work waits for."""
    gate = threading.Event()
    yield gate
    gate.set()


async def test_work_that_takes_too_long_is_given_up_and_the_next_goes_on(gate: threading.Event) -> None:
    pool = ImagePool(workers=1, job_seconds=0.05)
    with pytest.raises(TooCostly, match="longer"):
        await pool.run(gate.wait)
    gate.set()
    assert await pool.run(lambda: 7) == 7
    pool.close()


async def test_waiting_does_not_count_for_the_time_of_the_work(gate: threading.Event) -> None:
    pool = ImagePool(workers=1, job_seconds=0.2)
    first = asyncio.create_task(pool.run(gate.wait))
    second = asyncio.create_task(pool.run(lambda: 7))
    with pytest.raises(TooCostly):
        await first
    gate.set()
    assert await second == 7
    pool.close()


async def test_what_waits_too_long_is_given_up_and_never_begun(gate: threading.Event) -> None:
    begun = threading.Event()
    pool = ImagePool(workers=1, wait_seconds=0.05)
    blocking = asyncio.create_task(pool.run(gate.wait))
    await asyncio.sleep(0)
    with pytest.raises(TooCostly):
        await pool.run(begun.set)
    gate.set()
    await blocking
    await pool.run(lambda: None)
    assert not begun.is_set()
    pool.close()


async def test_more_work_than_the_queue_holds_is_refused_at_once_and_taken_again_later(gate: threading.Event) -> None:
    pool = ImagePool(workers=1, max_jobs=3)
    waiting = [asyncio.create_task(pool.run(gate.wait)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(TooCostly, match="too many"):
        await pool.run(gate.wait)
    gate.set()
    assert await asyncio.gather(*waiting) == [True] * 3
    assert await pool.run(lambda: 7) == 7
    pool.close()


async def test_who_stops_waiting_leaves_no_work_behind(gate: threading.Event) -> None:
    begun = threading.Event()
    pool = ImagePool(workers=1, max_jobs=2)
    running = asyncio.create_task(pool.run(gate.wait))
    cancelled = asyncio.create_task(pool.run(begun.set))
    await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.gather(cancelled, return_exceptions=True)
    gate.set()
    await running
    assert await pool.run(lambda: 7) == 7
    assert not begun.is_set()
    pool.close()


async def test_what_work_raises_is_raised() -> None:
    def fails() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await image_pool.run(fails)


async def test_the_pool_of_the_process_can_be_closed_and_is_opened_by_the_next_work(gate: threading.Event) -> None:
    assert await image_pool.run(lambda: threading.current_thread().name.startswith("images"))
    image_pool.close()
    image_pool.close()
    assert await image_pool.run(lambda: 7) == 7


async def test_other_threads_are_free_while_pictures_are_worked_on(gate: threading.Event) -> None:
    waiting = [asyncio.create_task(image_pool.run(gate.wait)) for _ in range(30)]
    await asyncio.sleep(0)
    assert await asyncio.to_thread(lambda: 7) == 7
    gate.set()
    await asyncio.gather(*waiting)
