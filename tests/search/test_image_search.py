"""What a person finds, in which order, and when the platform does not answer."""

from __future__ import annotations

import time

import pytest

from bot.search.embedder import QUERY_PAUSE, Embedder
from bot.search.image_search import SEARCH_SECONDS, ImageSearch
from bot.tasks.errors import UserError
from bot.tasks.policy import Access, Actor, Policy
from tests.search.conftest import ADA, CHANNEL, GUILD, Bench

BOB = 8
IN_CHANNEL = Actor(BOB, GUILD, CHANNEL)
HIDDEN = Actor(BOB, GUILD, 99, lambda channel: Access(view=channel == 99))


async def embedded(bench: Bench) -> None:
    await bench.indexer.read_new()
    while await bench.indexer._embed_some():
        pass


async def test_meaning_and_words_are_merged(bench: Bench) -> None:
    await bench.finished("exact", "sleeping cats and zebras in xylophones")
    await bench.finished("near", "a cat that sleeps")
    await bench.finished("other", "a lighthouse")
    await embedded(bench)
    search = await bench.search.find(Actor(ADA, None, None), "sleeping cats")
    assert search.task_ids[0] == "exact"
    assert set(search.task_ids) >= {"exact", "near"}
    assert (search.by_meaning, search.missing) == (True, 0)


async def test_images_without_a_vector_are_found_by_words_and_counted(bench: Bench) -> None:
    await bench.finished("old", "a paper boat")
    await embedded(bench)
    await bench.finished("new", "a paper boat of glass")
    search = await bench.search.find(Actor(ADA, None, None), "paper boat")
    assert set(search.task_ids) == {"old", "new"}
    assert (search.by_meaning, search.missing) == (True, 1)


async def test_only_what_the_policy_shows_is_found_and_shown(bench: Bench) -> None:
    for number in range(60):
        await bench.finished(f"t{number}", f"boat {number}")
    await embedded(bench)
    assert len((await bench.search.find(IN_CHANNEL, "boat")).task_ids) == 50
    assert (await bench.search.find(HIDDEN, "boat")).task_ids == ()
    found = await bench.search.find(IN_CHANNEL, "boat")
    assert await bench.search.visible(HIDDEN, found.task_ids) == []
    with pytest.raises(UserError, match="no_such_task"):
        await bench.search.like(HIDDEN, "t1")
    with pytest.raises(UserError, match="search_forgotten"):
        await bench.search.earlier(Actor(ADA, GUILD, CHANNEL), found.id)
    assert await bench.search.earlier(IN_CHANNEL, found.id) == found


async def test_few_visible_images_are_found_behind_many_hidden_ones(bench: Bench) -> None:
    """The nearest hundreds are in a channel that this person cannot read."""
    for number in range(520):
        await bench.finished(f"t{number}", "boat boat boat")
    await bench.finished("own", "boat with a zebra, a xylophone and a lighthouse", owner=BOB)
    await embedded(bench)
    assert (await bench.search.find(HIDDEN, "boat")).task_ids == ("own",)


async def test_a_failing_model_is_not_asked_again_at_once(bench: Bench) -> None:
    await bench.finished("boat", "a paper boat")
    now = 0.0
    embedder = Embedder(bench.platform, bench.store.key_values, monotonic=lambda: now)
    search = ImageSearch(bench.store, Policy(bench.store), embedder, bench.indexer)
    bench.service.broken = True
    actor = Actor(ADA, None, None)
    assert not (await search.find(actor, "boat")).by_meaning
    asked = len(bench.service.heard)
    assert asked >= 1
    assert (await search.find(actor, "boat")).task_ids == ("boat",)
    assert len(bench.service.heard) == asked
    bench.service.broken = False
    now = QUERY_PAUSE + 1
    assert (await search.find(actor, "boat")).by_meaning


async def test_a_platform_without_a_model_leaves_words_and_sends_nothing(bench: Bench) -> None:
    await bench.finished("boat", "a paper boat")
    await bench.finished("ship", "a paper ship")
    bench.service.model = "gpt-4o"
    await bench.refreshed()
    search = await bench.search.find(Actor(ADA, None, None), "boat")
    assert (search.task_ids, search.by_meaning) == (("boat",), False)
    like = await bench.search.like(Actor(ADA, None, None), "boat")
    assert like.task_ids == ("ship",)
    assert bench.service.heard == []


async def test_an_image_without_any_text_has_nothing_to_compare(bench: Bench) -> None:
    await bench.finished("silent", "")
    with pytest.raises(UserError, match="no_words_about_image"):
        await bench.search.like(Actor(ADA, None, None), "silent")


async def test_a_search_is_narrowed_under_its_id_and_ends_after_a_day(bench: Bench) -> None:
    await bench.finished("adas", "a boat")
    await bench.finished("bobs", "a boat", owner=BOB)
    found = await bench.search.find(IN_CHANNEL, "boat")
    narrowed = await bench.search.narrowed(IN_CHANNEL, found, in_server=False)
    assert (narrowed.id, narrowed.task_ids, narrowed.in_server) == (found.id, ("bobs",), False)
    later = ImageSearch(
        bench.store,
        Policy(bench.store),
        bench.embedder,
        bench.indexer,
        clock=lambda: time.time() + SEARCH_SECONDS + 1,
    )
    with pytest.raises(UserError, match="search_forgotten"):
        await later.earlier(IN_CHANNEL, found.id)
