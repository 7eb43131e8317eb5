"""Services that want to be asked otherwise than the rest: asked in their way, by setting or by what they say."""

from __future__ import annotations

import base64
import io
from dataclasses import replace

from PIL import Image

from playground.driver import Scenario
from playground.images import Pace
from tests.support.environments import MakeEnvironment, captions
from tests.support.panels import choose, chosen_in, panel_of

MODE = 0
SMALL = replace(Pace.quick(), side=64)


async def test_a_gateway_that_misses_the_mode_is_told_it_from_then_on(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario("gateway", SMALL))
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a paper boat", "mode": "relax"}))
    assert len(grid.attachments) == 4
    await env.result_of(await env.press(grid, "U2"))
    # The first is what the other services take.
    assert [submit.body.get("mode") for submit in env.images.submits] == [None, "RELAX", "RELAX"]
    refused = await env.slash("imagine", {"prompt": "a paper boat", "mode": "turbo"})
    assert "doesn't have this mode" in await env.private_answer(refused)


async def test_a_region_is_painted_with_a_bare_mask_where_that_is_set(make_env: MakeEnvironment) -> None:
    settings = {"MJ_PROFILE": "gateway", "MJ_STYLES": "bare-mask"}
    env = await make_env(Scenario("gateway", SMALL, callbacks=False, settings=settings))
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a paper boat"}))
    single = await env.result_of(await env.press(grid, "U1"))
    opened = await env.press(single, "Vary (Region)")
    painted = await env.result_of(await env.submit_modal(opened, {"prompt": "a red hat", "area": ["left"]}))
    assert "U1" in captions(painted)
    mask = Image.open(io.BytesIO(base64.b64decode(env.images.submits[-1].body["maskBase64"], validate=True)))
    assert (mask.format, mask.size) == ("PNG", (64, 64))


async def test_a_mode_is_refused_where_there_is_none_and_one_of_ones_defaults_left_out(
    make_env: MakeEnvironment,
) -> None:
    env = await make_env(Scenario("novicezk", SMALL, settings={"MJ_PROFILE": "novicezk"}))
    asked = await env.slash("imagine", {"prompt": "a paper boat", "mode": "relax"})
    assert "doesn't have this mode" in await env.private_answer(asked)
    assert not env.images.submits
    panel = await panel_of(env, await env.slash("settings"))
    await choose(env, panel, MODE, "relax")
    await env.until(lambda: chosen_in(panel, MODE) == "relax")
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a paper boat"}))
    assert "relax" not in grid.text
