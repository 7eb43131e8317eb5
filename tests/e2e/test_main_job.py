"""The main job, as people see it: a command, a picture with buttons, a press, the picture that the press asked for."""

from __future__ import annotations

import dataclasses
import re

import pytest

from playground.driver import Environment, Scenario
from playground.images import Pace
from tests.support.environments import MakeEnvironment, captions, colours, picture_of
from tests.support.image_comparison import difference, quarter
from tests.support.pictures import png

PROFILES = ("plus", "trueai", "newapi", "novicezk")
GRID = ["U1", "U2", "U3", "U4", "Reroll", "V1", "V2", "V3", "V4"]
PRIMARY, SECONDARY = 1, 2


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_command_leads_to_a_picture_and_a_press_to_the_next(make_env: MakeEnvironment, profile: str) -> None:
    env = await make_env(Scenario(profile=profile))
    asked = await env.slash("imagine", {"prompt": "a paper boat", "aspect": "1:1"})
    grid = await env.result_of(asked)
    assert "a paper boat" in grid.text
    assert captions(grid) == GRID
    assert grid.attachments[0].description == "a paper boat --ar 1:1"

    pressed = await env.press(grid, "U2", by="bob")
    single = await env.result_of(pressed)
    assert single is not grid
    assert difference(picture_of(single), quarter(picture_of(grid), 2)) < difference(
        picture_of(single), quarter(picture_of(grid), 3)
    )
    assert len(env.images.submits) == 2
    await env.until(lambda: colours(grid)["U2"] == PRIMARY)
    assert colours(grid)["U3"] == SECONDARY


@pytest.mark.parametrize("profile", PROFILES)
async def test_buttons_work_after_the_bot_was_killed(make_env: MakeEnvironment, profile: str) -> None:
    env = await make_env(Scenario(profile=profile))
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a brass owl"}))
    await env.kill_bot()
    await env.start_bot()
    single = await env.result_of(await env.press(grid, "U3"))
    assert difference(picture_of(single), quarter(picture_of(grid), 3)) < 0.1


async def test_a_task_that_ran_when_the_bot_was_killed_gets_its_result_in_its_own_message(
    make_env: MakeEnvironment,
) -> None:
    env = await make_env(Scenario(pace=dataclasses.replace(Pace.quick(), step=0.5)))
    asked = await env.slash("imagine", {"prompt": "a glass fox"})
    await env.until(lambda: "▱" in asked.messages[0].text)
    env.images.hold()
    await env.kill_bot()
    await env.start_bot()
    env.images.release()
    grid = await env.result_of(asked)
    assert grid is asked.messages[0]
    assert captions(grid) == GRID
    assert len(env.images.submits) == 1


async def test_progress_and_a_preview_are_shown_in_the_same_message(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(pace=dataclasses.replace(Pace.quick(), step=0.8, steps=5)))
    asked = await env.slash("imagine", {"prompt": "a tin robot"})
    grid = await env.result_of(asked)
    shown = [str(revision.payload) for revision in grid.revisions]
    assert any("▰" in payload and "preview-" in payload for payload in shown)
    assert [message.id for message in asked.messages] == [grid.id]


async def test_variations_zoom_and_pan_lead_on_and_on(env: Environment) -> None:
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a lighthouse"}))
    relatives = await env.result_of(await env.press(grid, "V3"))
    assert captions(relatives) == GRID
    single = await env.result_of(await env.press(relatives, "U1"))
    wider = await env.result_of(await env.press(single, "Zoom Out 2x"))
    assert captions(wider) == GRID
    assert [submit.body.get("customId", "").split("::")[2:3] for submit in env.images.submits] == [
        [],
        ["variation"],
        ["upsample"],
        ["50"],
    ]


async def test_options_reach_the_image_service(env: Environment) -> None:
    asked = await env.slash(
        "imagine",
        {
            "prompt": "  a   fox ",
            "image1": png("fox.png"),
            "mode": "relax",
            "model": "Niji",
            "aspect": "3:2",
        },
    )
    await env.result_of(asked)
    submit = env.images.submits[0]
    assert submit.prefix == "mj-relax"
    assert submit.body["prompt"] == "a fox --ar 3:2"
    assert submit.body["botType"] == "NIJI_JOURNEY"
    assert submit.body["base64Array"][0].startswith("data:image/png;base64,")


async def test_a_long_queue_shows_ones_place(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario())
    env.images.hold()
    asked = [await env.slash("imagine", {"prompt": f"boat {number}"}) for number in range(6)]
    # Whoever came last: commands that are given together may arrive in any order.
    await env.until(lambda: any(re.search(r"\*\*[1-9]\*\* ahead", each.messages[0].text) for each in asked))
    env.images.release()
    for interaction in asked:
        await env.result_of(interaction)


async def test_show_brings_a_task_back_with_live_buttons(env: Environment) -> None:
    grid = await env.result_of(await env.slash("imagine", {"prompt": "an old tree"}))
    task_id = grid.text.split("`")[1]
    again = await env.result_of(await env.slash("show", {"task": task_id}, by="bob"))
    assert again is not grid
    assert captions(again) == GRID
    await env.result_of(await env.press(again, "U4"))
    assert len(env.images.submits) == 2


async def test_a_failed_task_says_why_and_offers_another_try_also_after_a_restart(env: Environment) -> None:
    env.images.fail_task("Request cancelled due to image filters")
    failed = await env.result_of(await env.slash("imagine", {"prompt": "a stone bridge"}))
    assert "image filters" in failed.text
    assert captions(failed) == ["Try again", "Edit prompt"]
    await env.kill_bot()
    await env.start_bot()
    again = await env.result_of(await env.press(failed, "Try again"))
    assert captions(again) == GRID


async def test_a_page_of_many_buttons_is_turned_after_a_restart(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = "aaaa-4aaa-8aaa-aaaaaaaaaaaa"
    many = [(f"MJ::JOB::upsample::1::{number:08}-{job}", f"U{number}", "") for number in range(30)]
    monkeypatch.setattr("playground.images.buttons._grid", lambda _: many)
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a stone bridge"}))
    assert captions(grid)[-2:] == ["Page 1 of 2", "Next"]
    await env.kill_bot()
    await env.start_bot()
    await env.press(grid, "Next")
    await env.until(lambda: captions(grid)[-2:] == ["Back", "Page 2 of 2"])
    assert "U29" in captions(grid)
    assert grid.attachments
