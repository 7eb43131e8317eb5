"""A task that is found waiting for a window, though no answer said so, goes on; its window is confirmed once."""

from __future__ import annotations

from playground.driver import Scenario
from tests.support.environments import MakeEnvironment, captions
from tests.support.panels import drawn

LOOKED_FOR = 40.0


async def test_a_window_whose_answer_was_lost_is_found_by_looking_and_confirmed_once(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(profile="plus", remix=True, callbacks=False))
    (grid,) = await drawn(env, "a brass owl")
    env.images.fail_next("submit/action", "drop", accepted=True)
    relatives = await env.result_of(await env.press(grid, "V2"), LOOKED_FOR)
    assert captions(relatives)[0] == "U1"
    assert [submit.endpoint for submit in env.images.submits] == ["submit/imagine", "submit/action", "submit/modal"]
