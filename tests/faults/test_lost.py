"""An answer that never came: said at once, looked for, found again or given up in words, and never sent again."""

from __future__ import annotations

import dataclasses

from playground.discord import Message
from playground.driver import Environment, Scenario
from playground.images import Pace
from tests.support.environments import MakeEnvironment, captions

LOOKED_FOR = "is looking for the task"
NOBODY_KNOWS = "couldn't confirm"


async def grid_in(env: Environment) -> Message:
    return await env.result_of(await env.slash("imagine", {"prompt": "a paper boat"}))


def scenario(profile: str, lost_after: float) -> Scenario:
    return Scenario(
        profile=profile,
        pace=dataclasses.replace(Pace.quick(), side=64),
        callbacks=False,
        settings={"LOST_AFTER": str(lost_after)},
    )


async def test_a_lost_answer_is_said_at_once_and_again_at_once_after_a_restart(make_env: MakeEnvironment) -> None:
    env = await make_env(scenario("newapi", 60))
    grid = await grid_in(env)
    env.images.fail_next("submit/action", "drop", accepted=True)
    dropped = await env.press(grid, "U1")
    await env.until(lambda: dropped.messages and LOOKED_FOR in dropped.messages[0].text, timeout=2)
    with env.images.hold_requests("submit/"):
        cut_off = await env.press(grid, "U2")
        await env.until(lambda: len(env.images.submits) == 3)
        await env.kill_bot()
    assert not cut_off.messages
    await env.start_bot()
    await env.until(lambda: cut_off.messages and LOOKED_FOR in cut_off.messages[0].text, timeout=3)
    assert LOOKED_FOR in dropped.messages[0].text
    assert len(env.images.submits) == 3


async def test_where_it_cannot_be_found_the_message_says_so_and_another_try_is_a_new_task(
    make_env: MakeEnvironment,
) -> None:
    env = await make_env(scenario("newapi", 0.5))
    grid = await grid_in(env)
    env.images.fail_next("submit/action", "drop", accepted=True)
    pressed = await env.press(grid, "V1")
    await env.until(lambda: pressed.messages and NOBODY_KNOWS in pressed.messages[0].text)
    lost = pressed.messages[0]
    assert captions(lost) == ["Try again"]
    assert len(env.images.submits) == 2
    again = await env.result_of(await env.press(lost, "Try again", by="bob"))
    assert again is not lost
    assert captions(again)[:2] == ["U1", "U2"]
    assert len({submit.state for submit in env.images.submits}) == len(env.images.submits) == 3


async def test_where_it_can_be_found_the_same_message_gets_its_result(make_env: MakeEnvironment) -> None:
    env = await make_env(scenario("trueai", 60))
    grid = await grid_in(env)
    env.images.fail_next("submit/action", "drop", accepted=True)
    pressed = await env.press(grid, "V2")
    await env.until(lambda: pressed.messages and LOOKED_FOR in pressed.messages[0].text)
    assert await env.result_of(pressed) is pressed.messages[0]
    assert len(env.images.submits) == 2
