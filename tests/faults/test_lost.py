"""An answer that never came: said at once, looked for, found again or given up in words, and never sent again."""

from __future__ import annotations

import dataclasses

from playground.discord import Message
from playground.driver import Scene, World
from playground.images.pace import Pace
from tests.support.worlds import MakeWorld, captions

LOOKED_FOR = "is looking for the task"
NOBODY_KNOWS = "couldn't confirm"


async def grid_in(world: World) -> Message:
    return await world.result_of(await world.slash("imagine", {"prompt": "a paper boat"}))


def scene(profile: str, lost_after: float) -> Scene:
    return Scene(
        profile=profile,
        pace=dataclasses.replace(Pace.quick(), side=64),
        callbacks=False,
        settings={"LOST_AFTER": str(lost_after)},
    )


async def test_a_lost_answer_is_said_at_once_and_again_at_once_after_a_restart(make_world: MakeWorld) -> None:
    world = await make_world(scene("newapi", 60))
    grid = await grid_in(world)
    world.images.fail_next("submit/action", "drop", accepted=True)
    dropped = await world.press(grid, "U1")
    await world.until(lambda: dropped.messages and LOOKED_FOR in dropped.messages[0].text, timeout=2)
    with world.images.hold_requests("submit/"):
        cut_off = await world.press(grid, "U2")
        await world.until(lambda: len(world.images.submits) == 3)
        await world.kill_bot()
    assert not cut_off.messages
    await world.start_bot()
    await world.until(lambda: cut_off.messages and LOOKED_FOR in cut_off.messages[0].text, timeout=3)
    assert LOOKED_FOR in dropped.messages[0].text
    assert len(world.images.submits) == 3


async def test_where_it_cannot_be_found_the_message_says_so_and_another_try_is_a_new_task(
    make_world: MakeWorld,
) -> None:
    world = await make_world(scene("newapi", 0.5))
    grid = await grid_in(world)
    world.images.fail_next("submit/action", "drop", accepted=True)
    pressed = await world.press(grid, "V1")
    await world.until(lambda: pressed.messages and NOBODY_KNOWS in pressed.messages[0].text)
    lost = pressed.messages[0]
    assert captions(lost) == ["Try again"]
    assert len(world.images.submits) == 2
    again = await world.result_of(await world.press(lost, "Try again", by="bob"))
    assert again is not lost
    assert captions(again)[:2] == ["U1", "U2"]
    assert len({submit.state for submit in world.images.submits}) == len(world.images.submits) == 3


async def test_where_it_can_be_found_the_same_message_gets_its_result(make_world: MakeWorld) -> None:
    world = await make_world(scene("trueai", 60))
    grid = await grid_in(world)
    world.images.fail_next("submit/action", "drop", accepted=True)
    pressed = await world.press(grid, "V2")
    await world.until(lambda: pressed.messages and LOOKED_FOR in pressed.messages[0].text)
    assert await world.result_of(pressed) is pressed.messages[0]
    assert len(world.images.submits) == 2
