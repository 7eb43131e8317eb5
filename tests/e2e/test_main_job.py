"""The main job, as people see it: a command, a picture with buttons, a press, the picture that the press asked for."""

from __future__ import annotations

import dataclasses
import re

import pytest

from playground.driver import Scene, World
from playground.images.pace import Pace
from tests.support.image_comparison import difference, quarter
from tests.support.pictures import png
from tests.support.worlds import MakeWorld, captions, colours, picture_of

PROFILES = ("plus", "trueai", "newapi", "novicezk")
GRID = ["U1", "U2", "U3", "U4", "Reroll", "V1", "V2", "V3", "V4"]
PRIMARY, SECONDARY = 1, 2


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_command_leads_to_a_picture_and_a_press_to_the_next(make_world: MakeWorld, profile: str) -> None:
    world = await make_world(Scene(profile=profile))
    asked = await world.slash("imagine", {"prompt": "a paper boat", "aspect": "1:1"})
    grid = await world.result_of(asked)
    assert "a paper boat" in grid.text
    assert captions(grid) == GRID
    assert grid.attachments[0].description == "a paper boat --ar 1:1"

    pressed = await world.press(grid, "U2", by="bob")
    single = await world.result_of(pressed)
    assert single is not grid
    assert difference(picture_of(single), quarter(picture_of(grid), 2)) < difference(
        picture_of(single), quarter(picture_of(grid), 3)
    )
    assert len(world.images.submits) == 2
    await world.until(lambda: colours(grid)["U2"] == PRIMARY)
    assert colours(grid)["U3"] == SECONDARY


@pytest.mark.parametrize("profile", PROFILES)
async def test_buttons_work_after_the_bot_was_killed(make_world: MakeWorld, profile: str) -> None:
    world = await make_world(Scene(profile=profile))
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a brass owl"}))
    await world.kill_bot()
    await world.start_bot()
    single = await world.result_of(await world.press(grid, "U3"))
    assert difference(picture_of(single), quarter(picture_of(grid), 3)) < 0.1


async def test_a_task_that_ran_when_the_bot_was_killed_gets_its_result_in_its_own_message(
    make_world: MakeWorld,
) -> None:
    world = await make_world(Scene(pace=dataclasses.replace(Pace.quick(), step=0.5)))
    asked = await world.slash("imagine", {"prompt": "a glass fox"})
    await world.until(lambda: "▱" in asked.messages[0].text)
    world.images.hold()
    await world.kill_bot()
    await world.start_bot()
    world.images.release()
    grid = await world.result_of(asked)
    assert grid is asked.messages[0]
    assert captions(grid) == GRID
    assert len(world.images.submits) == 1


async def test_progress_and_a_preview_are_shown_in_the_same_message(make_world: MakeWorld) -> None:
    world = await make_world(Scene(pace=dataclasses.replace(Pace.quick(), step=0.8, steps=5)))
    asked = await world.slash("imagine", {"prompt": "a tin robot"})
    grid = await world.result_of(asked)
    shown = [str(revision.payload) for revision in grid.revisions]
    assert any("▰" in payload and "preview-" in payload for payload in shown)
    assert [message.id for message in asked.messages] == [grid.id]


async def test_variations_zoom_and_pan_lead_on_and_on(world: World) -> None:
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a lighthouse"}))
    relatives = await world.result_of(await world.press(grid, "V3"))
    assert captions(relatives) == GRID
    single = await world.result_of(await world.press(relatives, "U1"))
    wider = await world.result_of(await world.press(single, "Zoom Out 2x"))
    assert captions(wider) == GRID
    assert [submit.body.get("customId", "").split("::")[2:3] for submit in world.images.submits] == [
        [],
        ["variation"],
        ["upsample"],
        ["50"],
    ]


async def test_options_reach_the_image_service(world: World) -> None:
    asked = await world.slash(
        "imagine",
        {
            "prompt": "  a   fox ",
            "image1": png("fox.png"),
            "mode": "relax",
            "bot": "Niji",
            "aspect": "3:2",
        },
    )
    await world.result_of(asked)
    submit = world.images.submits[0]
    assert submit.prefix == "mj-relax"
    assert submit.body["prompt"] == "a fox --ar 3:2"
    assert submit.body["botType"] == "NIJI_JOURNEY"
    assert submit.body["base64Array"][0].startswith("data:image/png;base64,")


async def test_a_long_queue_shows_ones_place(make_world: MakeWorld) -> None:
    world = await make_world(Scene())
    world.images.hold()
    asked = [await world.slash("imagine", {"prompt": f"boat {number}"}) for number in range(6)]
    # Whoever came last: commands that are given together may arrive in any order.
    await world.until(lambda: any(re.search(r"\*\*[1-9]\*\* ahead", each.messages[0].text) for each in asked))
    world.images.release()
    for interaction in asked:
        await world.result_of(interaction)


async def test_show_brings_a_task_back_with_live_buttons(world: World) -> None:
    grid = await world.result_of(await world.slash("imagine", {"prompt": "an old tree"}))
    task_id = grid.text.split("`")[1]
    again = await world.result_of(await world.slash("show", {"task": task_id}, by="bob"))
    assert again is not grid
    assert captions(again) == GRID
    await world.result_of(await world.press(again, "U4"))
    assert len(world.images.submits) == 2


async def test_a_failed_task_says_why_and_offers_another_try(world: World) -> None:
    world.images.fail_task("Request cancelled due to image filters")
    failed = await world.result_of(await world.slash("imagine", {"prompt": "a stone bridge"}))
    assert "image filters" in failed.text
    assert captions(failed) == ["Try again", "Edit prompt"]
    again = await world.result_of(await world.press(failed, "Try again"))
    assert captions(again) == GRID
