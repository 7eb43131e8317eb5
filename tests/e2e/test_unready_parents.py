"""Buttons pressed right after the end of a picture, which the service itself does not see as finished yet."""

from __future__ import annotations

from collections import Counter

import pytest

from playground.driver import Environment, Scenario, public_messages
from playground.images.replies import Reply, envelope, openai_error, relay_error
from tests.support.environments import MakeEnvironment, colours, picture_of
from tests.support.journal import written

WAITS = "isn't ready for this button yet"
KINDS = {
    "newapi": relay_error("task_status_not_success"),
    "the family's own words": Reply(200, envelope(4, "关联任务状态错误")),
    "another envelope": openai_error(400, "task_status_not_success", "upstream_error"),
}


def states(env: Environment) -> list[str]:
    """What stands in the journal of each task, oldest first."""
    return [press.state for press in written(env.folder).values()]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_press_that_comes_too_soon_is_sent_again_by_itself(env: Environment, kind: str) -> None:
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a lighthouse"}))
    env.images.fail_next("submit/action", KINDS[kind], times=3)
    pressed = await env.press(grid, "U2")
    await env.until(lambda: any(WAITS in message.text for message in public_messages(pressed)))
    await env.until(lambda: colours(grid)["U2"] == 1)
    single = await env.result_of(pressed, 30)
    assert picture_of(single).width > 0
    assert WAITS not in single.text
    taken = [submit for submit in env.images.submits[1:] if submit.task_ids]
    assert (len(env.images.submits), len(taken)) == (5, 1)
    assert states(env) == ["success", "success"]
    assert not [message for message in pressed.messages if message.ephemeral]


async def test_after_half_a_minute_the_refusal_stands_and_can_be_tried_again(env: Environment) -> None:
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a lighthouse"}))
    env.images.fail_next("submit/action", "unready", times=9)
    pressed = await env.press(grid, "U2")
    card = await env.result_of(pressed, 60)
    assert "considers the image unfinished" in card.text
    assert "Try again in a minute" in card.text
    assert len(env.images.submits) == 10
    single = await env.result_of(await env.press(card, "Try again"))
    assert picture_of(single).width > 0


async def test_a_press_that_waits_can_be_cancelled(env: Environment) -> None:
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a lighthouse"}))
    env.images.fail_next("submit/action", "unready", times=100)
    pressed = await env.press(grid, "U2")
    await env.until(lambda: any(WAITS in message.text for message in public_messages(pressed)))
    (card,) = public_messages(pressed)
    await env.press(card, "Cancel")
    await env.until(lambda: "Canceled" in card.text)
    sent = len(env.images.submits)
    env.images.faults.clear()
    await env.result_of(await env.press(grid, "U3"))
    assert len(env.images.submits) == sent + 1


@pytest.mark.parametrize("way", ["killed", "stopped"])
@pytest.mark.parametrize("profile", ["plus", "newapi"])
async def test_a_press_that_waits_is_sent_once_after_a_restart(
    make_env: MakeEnvironment, way: str, profile: str
) -> None:
    env = await make_env(Scenario(profile=profile, settings={"LOST_AFTER": "5"}))
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a lighthouse"}))
    env.images.fail_next("submit/action", "unready", times=2)
    pressed = await env.press(grid, "U2")
    await env.until(lambda: any(WAITS in message.text for message in public_messages(pressed)))
    await (env.kill_bot() if way == "killed" else env.stop_bot())
    refused = len(env.images.submits)
    await env.start_bot()
    single = await env.result_of(pressed, 30)
    assert picture_of(single).width > 0
    taken = [submit for submit in env.images.submits[1:] if submit.task_ids]
    assert len(taken) == 1
    assert refused < len(env.images.submits) <= 4
    assert set(Counter(submit.state for submit in env.images.submits[1:])) == {taken[0].state}
    assert states(env) == ["success", "success"]
