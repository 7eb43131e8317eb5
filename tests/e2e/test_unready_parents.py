"""Buttons pressed right after the end of a picture, which the service itself does not see as finished yet."""

from __future__ import annotations

from collections import Counter

import pytest

from playground.driver import Scene, World, public_messages
from playground.images.replies import Reply, envelope, openai_error, relay_error
from tests.support.journal import written
from tests.support.worlds import MakeWorld, colours, picture_of

WAITS = "does not take presses for this picture yet"
KINDS = {
    "newapi": relay_error("task_status_not_success"),
    "the family's own words": Reply(200, envelope(4, "关联任务状态错误")),
    "another envelope": openai_error(400, "task_status_not_success", "upstream_error"),
}


def states(world: World) -> list[str]:
    """What stands in the journal of each task, oldest first."""
    return [press.state for press in written(world.folder).values()]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_press_that_comes_too_soon_is_sent_again_by_itself(
    world: World, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("playground.images.faults.refusal_body", lambda _: KINDS[kind])
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a lighthouse"}))
    world.images.fail_next("submit/action", "unready", times=3)
    pressed = await world.press(grid, "U2")
    await world.until(lambda: any(WAITS in message.text for message in public_messages(pressed)))
    await world.until(lambda: colours(grid)["U2"] == 1)
    single = await world.result_of(pressed, 30)
    assert picture_of(single).width > 0
    assert WAITS not in single.text
    taken = [submit for submit in world.images.submits[1:] if submit.task_ids]
    assert (len(world.images.submits), len(taken)) == (5, 1)
    assert states(world) == ["success", "success"]
    assert not [message for message in pressed.messages if message.ephemeral]


async def test_after_half_a_minute_the_refusal_stands_and_can_be_tried_again(world: World) -> None:
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a lighthouse"}))
    world.images.fail_next("submit/action", "unready", times=9)
    pressed = await world.press(grid, "U2")
    card = await world.result_of(pressed, 60)
    assert "says that the picture is not finished there" in card.text
    assert "Try again in a minute" in card.text
    assert len(world.images.submits) == 10
    single = await world.result_of(await world.press(card, "Try again"))
    assert picture_of(single).width > 0


async def test_a_press_that_waits_can_be_cancelled(world: World) -> None:
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a lighthouse"}))
    world.images.fail_next("submit/action", "unready", times=100)
    pressed = await world.press(grid, "U2")
    await world.until(lambda: any(WAITS in message.text for message in public_messages(pressed)))
    (card,) = public_messages(pressed)
    await world.press(card, "Cancel")
    await world.until(lambda: "Cancelled" in card.text)
    sent = len(world.images.submits)
    world.images.faults.clear()
    await world.result_of(await world.press(grid, "U3"))
    assert len(world.images.submits) == sent + 1


@pytest.mark.parametrize("way", ["killed", "stopped"])
@pytest.mark.parametrize("profile", ["plus", "newapi"])
async def test_a_press_that_waits_is_sent_once_after_a_restart(make_world: MakeWorld, way: str, profile: str) -> None:
    world = await make_world(Scene(profile=profile, settings={"LOST_AFTER": "5"}))
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a lighthouse"}))
    world.images.fail_next("submit/action", "unready", times=2)
    pressed = await world.press(grid, "U2")
    await world.until(lambda: any(WAITS in message.text for message in public_messages(pressed)))
    await (world.kill_bot() if way == "killed" else world.stop_bot())
    refused = len(world.images.submits)
    await world.start_bot()
    single = await world.result_of(pressed, 30)
    assert picture_of(single).width > 0
    taken = [submit for submit in world.images.submits[1:] if submit.task_ids]
    assert len(taken) == 1
    assert refused < len(world.images.submits) <= 4
    assert set(Counter(submit.state for submit in world.images.submits[1:])) == {taken[0].state}
    assert states(world) == ["success", "success"]
