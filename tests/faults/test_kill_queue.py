"""`kill -9` while requests wait in the bot's own queue: each is sent once all the same, in the order of its person."""

from __future__ import annotations

import asyncio
import dataclasses
import random
from collections import Counter

import pytest

from bot.tasks.fair_queue import PER_PERSON
from playground.discord import Interaction, Limits
from playground.driver import Environment, Scenario
from playground.images import Pace
from tests.support.environments import MakeEnvironment
from tests.support.journal import written

AWAITING_CONFIRMATION = 10
ASKED = PER_PERSON + AWAITING_CONFIRMATION
PEOPLE = ("ada", "bob")


async def full_env(make_env: MakeEnvironment, profile: str, *, poll_interval: float = 0.2) -> Environment:
    """An environment whose image service stands still, so that what is asked piles up."""
    pace = dataclasses.replace(Pace.quick(), side=64)
    scenario = Scenario(
        profile=profile,
        pace=pace,
        limits=Limits.off(),
        poll_interval=poll_interval,
        settings={"LOST_AFTER": "5"},
    )
    env = await make_env(scenario)
    env.images.service.queue.slots, env.images.service.queue.queue_limit = 2, 1_000
    env.images.hold()
    return env


async def ask(env: Environment) -> list[Interaction]:
    """As much as that of everybody, all of it acknowledged and journalled, and every answer of the service known."""
    asked = []
    for number in range(ASKED):
        asked += [await env.slash("imagine", {"prompt": f"{name} {number}"}, by=name) for name in PEOPLE]
    await env.until(lambda: len(written(env.folder)) == len(asked))
    await env.until(lambda: not any(press.outcome == "unsettled" for press in written(env.folder).values()))
    return asked


def queued(env: Environment) -> int:
    return sum(press.outcome == "queued" for press in written(env.folder).values())


def prompts_of(env: Environment, name: str) -> list[str]:
    """What this person's requests said, in the order in which the image service got them."""
    prompts = [str(submit.body["prompt"]) for submit in env.images.submits]
    return [prompt for prompt in prompts if prompt.startswith(f"{name} ")]


# Asked once a minute, the bot learns what became of the tasks from callbacks alone, so their addresses have to work
# after the kill; newapi sends none.
@pytest.mark.parametrize(("profile", "poll_interval"), [("plus", 60.0), ("trueai", 60.0), ("newapi", 0.2)])
async def test_requests_that_wait_are_sent_once_each_in_order_after_a_kill(
    make_env: MakeEnvironment, profile: str, poll_interval: float
) -> None:
    env = await full_env(make_env, profile, poll_interval=poll_interval)
    asked = await ask(env)
    assert queued(env) == AWAITING_CONFIRMATION * len(PEOPLE)
    await env.kill_bot()
    assert len(env.images.submits) == PER_PERSON * len(PEOPLE)
    await env.start_bot()
    env.images.release()
    for interaction in asked:
        await env.result_of(interaction, 40)
    for name in PEOPLE:
        assert prompts_of(env, name) == [f"{name} {number}" for number in range(ASKED)]
    assert set(Counter(submit.state for submit in env.images.submits).values()) == {1}
    assert {press.state for press in written(env.folder).values()} == {"success"}


async def test_requests_that_wait_when_the_bot_is_stopped_are_sent_after_its_next_start(
    make_env: MakeEnvironment,
) -> None:
    env = await full_env(make_env, "plus")
    asked = await ask(env)
    assert await env.stop_bot() == 0
    env.images.release()
    sent = len(env.images.submits)
    assert sent == PER_PERSON * len(PEOPLE)
    await env.start_bot()
    for interaction in asked:
        await env.result_of(interaction, 40)
    assert set(Counter(submit.state for submit in env.images.submits).values()) == {1}


async def test_a_bot_killed_while_its_queue_moves_sends_nothing_twice(make_env: MakeEnvironment) -> None:
    env = await full_env(make_env, "plus")
    asked = await ask(env)
    chance = random.Random()  # noqa: S311 - chance, no secret
    env.images.release()
    for _ in range(3):
        await asyncio.sleep(chance.uniform(0.1, 0.8))
        await env.kill_bot()
        await env.start_bot()
    for interaction in asked:
        await env.result_of(interaction, 40)
    assert set(Counter(submit.state for submit in env.images.submits).values()) == {1}
    lost = [press for press in written(env.folder).values() if press.state == "lost"]
    received = {submit.state for submit in env.images.submits}
    assert not [press for press in lost if press.nonce in received]
    assert {press.state for press in written(env.folder).values()} <= {"success", "lost"}
