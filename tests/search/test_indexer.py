"""The index of images is completed in the background, whatever happens in between."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest

from bot.tasks.task_updates import TaskEvents
from storage import SearchScope, TaskState, VectorSpace
from tests.search.conftest import ADA, Bench, made

OWN = SearchScope(ADA)
SMALL = VectorSpace("text-embedding-3-small", 64)
SECONDS = 10.0


@asynccontextmanager
async def running(bench: Bench) -> AsyncIterator[None]:
    work = asyncio.create_task(bench.indexer.run())
    yield
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work


async def until(so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(SECONDS):
        while not await so():  # noqa: ASYNC110 - the index tells no event
            await asyncio.sleep(0.01)


async def complete(bench: Bench, space: VectorSpace = SMALL) -> None:
    """Waits until every text has a vector of this space."""
    index = bench.store.image_index

    async def so() -> bool:
        return not await index.unread(1) and not await index.without_vector(space, 1)

    await until(so)


async def heard(bench: Bench, count: int) -> None:
    """Waits until the service has got this number of requests."""

    async def so() -> bool:
        return len(bench.service.heard) >= count

    await until(so)


async def logged(caplog: pytest.LogCaptureFixture, words: str) -> None:
    async def so() -> bool:
        return words in caplog.text

    await until(so)


async def fill(bench: Bench, count: int, *, start: int = 0) -> None:
    for number in range(start, start + count):
        await bench.finished(f"t{number}", f"boat number {number}")


async def test_texts_are_embedded_in_small_parts_and_each_once(bench: Bench) -> None:
    await fill(bench, 9)
    async with running(bench):
        await complete(bench)
        await bench.finished("late", "a late boat")
        bench.ended.set()
        await complete(bench)
    assert max(map(len, bench.service.heard)) == 4
    heard = [text for texts in bench.service.heard for text in texts]
    assert sorted(heard) == sorted([*(f"boat number {number}" for number in range(9)), "a late boat"])


async def test_work_goes_on_where_it_was_after_a_restart(bench: Bench, session: aiohttp.ClientSession) -> None:
    await fill(bench, 6)
    async with running(bench):
        await complete(bench)
    calls = len(bench.service.heard)
    await fill(bench, 2, start=6)
    again = await made(bench.store, bench.service, session)
    async with running(again):
        await complete(again)
    assert [text for texts in bench.service.heard[calls:] for text in texts] == ["boat number 7", "boat number 6"]


async def test_another_model_or_length_replaces_every_vector(bench: Bench, session: aiohttp.ClientSession) -> None:
    await fill(bench, 6)
    async with running(bench):
        await complete(bench)
    bench.service.model, bench.service.length = "text-embedding-3-large", 96
    again = await made(bench.store, bench.service, session)
    large = VectorSpace("text-embedding-3-large", 96)
    async with running(again):
        await complete(again, large)
    assert await again.store.image_index.missing(SMALL, OWN) == 6
    query = await again.embedder.embed_query("boat number 3")
    assert query.space == large
    found = await again.store.image_index.nearest(large, query.vectors[0], OWN, limit=10)
    assert found[0].task_id == "t3"
    assert len(found) == 6


async def test_the_same_name_with_another_answering_model_is_another_space(
    bench: Bench, session: aiohttp.ClientSession
) -> None:
    await fill(bench, 3)
    async with running(bench):
        await complete(bench)
    bench.service.answers_as = ["text-embedding-9"]
    again = await made(bench.store, bench.service, session)
    await again.finished("new", "a new boat")
    async with running(again):
        await complete(again, VectorSpace("text-embedding-3-small (text-embedding-9)", 64))
    assert await again.store.image_index.missing(SMALL, OWN) == 4


async def test_a_platform_that_alternates_between_models_does_not_cause_endless_work(bench: Bench) -> None:
    await fill(bench, 12)
    bench.service.answers_as = ["one", "two"]
    one, two = (VectorSpace(f"{SMALL.model} ({name})", 64) for name in ("one", "two"))
    async with running(bench):
        await heard(bench, 1)

        async def settled() -> bool:
            space = await bench.embedder.space()
            return space is not None and await bench.store.image_index.missing(space, OWN) == 0

        await until(settled)
    # The first answer and one change are believed, so at most two rounds of three requests count, and as many do not.
    assert len(bench.service.heard) <= 12
    assert sorted([await bench.store.image_index.missing(space, OWN) for space in (one, two)]) == [0, 12]


async def test_a_text_that_is_refused_delays_no_other(bench: Bench) -> None:
    bench.service.forbidden = "number 5"
    await fill(bench, 11)
    async with running(bench):
        await complete(bench)
    nearest = await bench.store.image_index.nearest(
        SMALL, (await bench.embedder.embed_query("boat")).vectors[0], OWN, limit=20
    )
    assert {found.task_id for found in nearest} == {f"t{number}" for number in range(11) if number != 5}
    assert await bench.store.image_index.with_words("5", OWN, limit=5) == ["t5"]


async def test_a_platform_that_refuses_everything_makes_no_text_unusable(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.service.forbidden = "a"
    await fill(bench, 2)
    async with running(bench):
        await logged(caplog, "cannot add to the index of images")
        bench.service.forbidden = ""
        await complete(bench)
    query = await bench.embedder.embed_query("boat")
    assert len(await bench.store.image_index.nearest(SMALL, query.vectors[0], OWN, limit=5)) == 2


async def test_an_outage_is_logged_once_and_the_work_goes_on_after_it(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    bench.service.broken = True
    await fill(bench, 2)
    async with running(bench):
        await heard(bench, 8)
        bench.service.broken = False
        await complete(bench)
        await logged(caplog, "works again")
    assert caplog.text.count("cannot add to the index of images") == 1


async def test_a_result_without_a_prompt_has_the_text_of_its_parent(bench: Bench) -> None:
    await bench.finished("grid", "a brass owl --ar 3:2")
    await bench.finished("single", "", parent="grid")
    await bench.finished("nothing", "")
    await bench.indexer.read_new()
    assert await bench.store.image_index.text_of("single") == "a brass owl"
    assert await bench.store.image_index.text_of("nothing") is None
    assert await bench.store.image_index.unread(5) == []


async def test_the_index_hears_of_results_and_of_no_other_change(bench: Bench) -> None:
    events, ended = TaskEvents(), asyncio.Event()
    events.on_result(ended.set)
    task = await bench.finished("boat", "a boat")
    events.publish(dataclasses.replace(task, state=TaskState.RUNNING))
    assert not ended.is_set()
    events.publish(task)
    assert ended.is_set()
