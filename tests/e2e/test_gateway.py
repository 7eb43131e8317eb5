"""Services that want to be asked otherwise than the rest: asked in their way, by setting or by what they say."""

from __future__ import annotations

import base64
import io
from dataclasses import replace

from PIL import Image

from playground.driver import Scene
from playground.images.pace import Pace
from tests.support.panels import choose, chosen_in, panel_of
from tests.support.worlds import MakeWorld, captions

MODE = 0
SMALL = replace(Pace.quick(), side=64)


async def test_a_gateway_that_misses_the_mode_is_told_it_from_then_on(make_world: MakeWorld) -> None:
    world = await make_world(Scene("gateway", SMALL))
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a paper boat", "mode": "relax"}))
    assert len(grid.attachments) == 4
    await world.result_of(await world.press(grid, "U2"))
    # The first is what the other services take.
    assert [submit.body.get("mode") for submit in world.images.submits] == [None, "RELAX", "RELAX"]
    refused = await world.slash("imagine", {"prompt": "a paper boat", "mode": "turbo"})
    assert "doesn't have this mode" in await world.private_answer(refused)


async def test_a_region_is_painted_with_a_bare_mask_where_that_is_set(make_world: MakeWorld) -> None:
    settings = {"MJ_PROFILE": "gateway", "MJ_STYLES": "bare-mask"}
    world = await make_world(Scene("gateway", SMALL, callbacks=False, settings=settings))
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a paper boat"}))
    single = await world.result_of(await world.press(grid, "U1"))
    opened = await world.press(single, "Vary (Region)")
    painted = await world.result_of(await world.submit_modal(opened, {"prompt": "a red hat", "area": ["left"]}))
    assert "U1" in captions(painted)
    mask = Image.open(io.BytesIO(base64.b64decode(world.images.submits[-1].body["maskBase64"], validate=True)))
    assert (mask.format, mask.size) == ("PNG", (64, 64))


async def test_a_mode_is_refused_where_there_is_none_and_one_of_ones_defaults_left_out(make_world: MakeWorld) -> None:
    world = await make_world(Scene("novicezk", SMALL, settings={"MJ_PROFILE": "novicezk"}))
    asked = await world.slash("imagine", {"prompt": "a paper boat", "mode": "relax"})
    assert "doesn't have this mode" in await world.private_answer(asked)
    assert not world.images.submits
    panel = await panel_of(world, await world.slash("settings"))
    await choose(world, panel, MODE, "relax")
    await world.until(lambda: chosen_in(panel, MODE) == "relax")
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a paper boat"}))
    assert "relax" not in grid.text
