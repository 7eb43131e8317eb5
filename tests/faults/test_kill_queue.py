"""`kill -9` while requests wait in the bot's own queue: each is sent once all the same, in the order of its person."""

from __future__ import annotations

import asyncio
import dataclasses
import random
from collections import Counter

import pytest

from bot.tasks.fair_queue import PER_PERSON
from playground.discord import Interaction, Limits
from playground.driver import Scene, World
from playground.images.pace import Pace
from tests.support.journal import written
from tests.support.worlds import MakeWorld

WAITING = 10
ASKED = PER_PERSON + WAITING
PEOPLE = ("ada", "bob")


async def full_world(make_world: MakeWorld, profile: str, *, poll_interval: float = 0.2) -> World:
    """A world whose image service stands still, so that what is asked piles up."""
    pace = dataclasses.replace(Pace.quick(), side=64)
    scene = Scene(
        profile=profile,
        pace=pace,
        limits=Limits.off(),
        poll_interval=poll_interval,
        settings={"LOST_AFTER": "5"},
    )
    world = await make_world(scene)
    world.images.service.queue.slots, world.images.service.queue.queue_limit = 2, 1_000
    world.images.hold()
    return world


async def ask(world: World) -> list[Interaction]:
    """As much as that of everybody, all of it acknowledged and journalled, and every answer of the service known."""
    asked = []
    for number in range(ASKED):
        asked += [await world.slash("imagine", {"prompt": f"{name} {number}"}, by=name) for name in PEOPLE]
    await world.until(lambda: len(written(world.folder)) == len(asked))
    await world.until(lambda: not any(press.outcome == "unsettled" for press in written(world.folder).values()))
    return asked


def queued(world: World) -> int:
    return sum(press.outcome == "queued" for press in written(world.folder).values())


def prompts_of(world: World, name: str) -> list[str]:
    """What this person's requests said, in the order in which the image service got them."""
    prompts = [str(submit.body["prompt"]) for submit in world.images.submits]
    return [prompt for prompt in prompts if prompt.startswith(f"{name} ")]


# Asked once a minute, the bot learns what became of the tasks from callbacks alone, so their addresses have to work
# after the kill; newapi sends none.
@pytest.mark.parametrize(("profile", "poll_interval"), [("plus", 60.0), ("trueai", 60.0), ("newapi", 0.2)])
async def test_requests_that_wait_are_sent_once_each_in_order_after_a_kill(
    make_world: MakeWorld, profile: str, poll_interval: float
) -> None:
    world = await full_world(make_world, profile, poll_interval=poll_interval)
    asked = await ask(world)
    assert queued(world) == WAITING * len(PEOPLE)
    await world.kill_bot()
    assert len(world.images.submits) == PER_PERSON * len(PEOPLE)
    await world.start_bot()
    world.images.release()
    for interaction in asked:
        await world.result_of(interaction, 40)
    for name in PEOPLE:
        assert prompts_of(world, name) == [f"{name} {number}" for number in range(ASKED)]
    assert set(Counter(submit.state for submit in world.images.submits).values()) == {1}
    assert {press.state for press in written(world.folder).values()} == {"success"}


async def test_requests_that_wait_when_the_bot_is_stopped_are_sent_after_its_next_start(make_world: MakeWorld) -> None:
    world = await full_world(make_world, "plus")
    asked = await ask(world)
    assert await world.stop_bot() == 0
    world.images.release()
    sent = len(world.images.submits)
    assert sent == PER_PERSON * len(PEOPLE)
    await world.start_bot()
    for interaction in asked:
        await world.result_of(interaction, 40)
    assert set(Counter(submit.state for submit in world.images.submits).values()) == {1}


async def test_a_bot_killed_while_its_queue_moves_sends_nothing_twice(make_world: MakeWorld) -> None:
    world = await full_world(make_world, "plus")
    asked = await ask(world)
    chance = random.Random()  # noqa: S311 - chance, no secret
    world.images.release()
    for _ in range(3):
        await asyncio.sleep(chance.uniform(0.1, 0.8))
        await world.kill_bot()
        await world.start_bot()
    for interaction in asked:
        await world.result_of(interaction, 40)
    assert set(Counter(submit.state for submit in world.images.submits).values()) == {1}
    lost = [press for press in written(world.folder).values() if press.state == "lost"]
    received = {submit.state for submit in world.images.submits}
    assert not [press for press in lost if press.nonce in received]
    assert {press.state for press in written(world.folder).values()} <= {"success", "lost"}
