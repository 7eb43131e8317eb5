"""A task that is found waiting for a window, though no answer said so, goes on; its window is confirmed once."""

from __future__ import annotations

from playground.driver import Scene
from tests.support.panels import drawn
from tests.support.worlds import MakeWorld, captions

LOOKED_FOR = 40.0


async def test_a_window_whose_answer_was_lost_is_found_by_looking_and_confirmed_once(make_world: MakeWorld) -> None:
    world = await make_world(Scene(profile="plus", remix=True, callbacks=False))
    (grid,) = await drawn(world, "a brass owl")
    world.images.fail_next("submit/action", "drop", accepted=True)
    relatives = await world.result_of(await world.press(grid, "V2"), LOOKED_FOR)
    assert captions(relatives)[0] == "U1"
    assert [submit.endpoint for submit in world.images.submits] == ["submit/imagine", "submit/action", "submit/modal"]
