"""Removal of messages: tried again with bounded delays, and given up only where Discord means it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.discord_api.message_sender import RecentPosts
from bot.ui.delivery.removals import Removals, Removed
from playground.discord import Message
from tests.support.stage import Stage, open_stage

DELAYS = (0.01,) * 3


@pytest.fixture
async def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path, monkeypatch) as stage:
        yield stage


async def location(stage: Stage) -> Message:
    """A message that is to be removed and still stands."""
    task = await stage.task()
    message = await stage.shown(task)
    (row,) = await stage.store.messages.for_task(task.id)
    await stage.store.tasks.delete_result(task, [row], 2000.0)
    return message


async def removed(stage: Stage, removals: Removals) -> list[Removed]:
    return [await removals.remove(each) for each in await stage.store.messages.to_remove()]


async def test_a_message_that_is_removed_no_longer_counts_as_written(stage: Stage) -> None:
    message = await location(stage)
    posts = RecentPosts()
    posts.add(message.channel_id, message.id, message.author.id)
    await removed(stage, Removals(stage.store, stage.client, stage.background, removing=posts.forget))
    assert not posts.has_of_others(message.channel_id, message.author.id + 1, after=0)


def deletes(stage: Stage) -> int:
    return stage.asked("DELETE", "/messages/")


@pytest.mark.parametrize(("status", "code"), [(408, 0), (404, 0), (403, 0), (400, 130000)])
async def test_an_outage_is_outlasted_however_many_times_it_is_met(stage: Stage, status: int, code: int) -> None:
    message = await location(stage)
    times = 4 * len(DELAYS)
    for _ in range(times):
        stage.local.fail_next("DELETE", "/messages/", status=status, code=code)
    removals = Removals(stage.store, stage.client, stage.background, patience=DELAYS)
    assert await removed(stage, removals) == [Removed.NOT_YET]
    await stage.done()
    assert message.deleted
    assert deletes(stage) == times + 1
    assert await stage.store.messages.to_remove() == []


async def test_what_is_refused_for_no_known_reason_is_given_up_until_the_next_start(stage: Stage) -> None:
    message = await location(stage)
    for _ in range(len(DELAYS) + 1):
        stage.local.fail_next("DELETE", "/messages/", status=400, code=0)
    removals = Removals(stage.store, stage.client, stage.background, patience=DELAYS)
    assert await removed(stage, removals) == [Removed.NOT_YET]
    await stage.done()
    assert not message.deleted
    assert deletes(stage) == len(DELAYS) + 1
    await Removals(stage.store, stage.client, stage.background, patience=DELAYS).resume()
    assert message.deleted


async def test_what_discord_does_not_allow_is_not_tried_again(stage: Stage) -> None:
    message = await location(stage)
    stage.local.fail_next("DELETE", "/messages/", status=403, code=50013)
    removals = Removals(stage.store, stage.client, stage.background, patience=DELAYS)
    assert await removed(stage, removals) == [Removed.NOT_ALLOWED]
    await stage.done()
    assert not message.deleted
    assert deletes(stage) == 1
    assert await stage.store.messages.to_remove() == []


async def test_one_message_is_retried_by_one_task_only(stage: Stage) -> None:
    message = await location(stage)
    for _ in range(2):
        stage.local.fail_next("DELETE", "/messages/", status=400, code=0)
    removals = Removals(stage.store, stage.client, stage.background, patience=DELAYS)
    await removals.resume()
    await removals.resume()
    assert len(stage.background) == 1
    await stage.done()
    assert message.deleted
    assert deletes(stage) == 3
