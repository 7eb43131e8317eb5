"""`/settings`: one's own defaults, what they do to commands and presses, and copies by direct message."""

from __future__ import annotations

import pytest

from playground.discord import Message
from playground.driver import Scene, World
from tests.support.panels import choose, chosen_in, drawn, panel_of
from tests.support.pictures import png
from tests.support.worlds import MakeWorld, captions, task_id_of

MODE, BOT, ASPECT = 0, 1, 2
SUFFIX = "Change"


async def switch(world: World, panel: Message, setting: str) -> None:
    """Presses a switch and waits until it has turned."""
    button = next(each for each in panel.buttons if f":{setting}:" in each["custom_id"])
    pressed = await world.person("ada").press(panel, button["custom_id"])
    await pressed.answered()
    await world.until(lambda: button["custom_id"] not in [each["custom_id"] for each in panel.buttons])


async def write_suffix(world: World, panel: Message, suffix: str) -> None:
    """Writes a suffix into its window and waits until the panel shows it."""
    opened = await world.press(panel, SUFFIX)
    await world.submit_modal(opened, {"suffix": suffix})
    await world.until(lambda: (suffix or "none").split(" ")[-1] in panel.text.replace("\\", ""))


async def test_defaults_are_chosen_in_one_message_and_put_into_commands(world: World) -> None:
    panel = await panel_of(world, await world.slash("settings"))
    await choose(world, panel, MODE, "relax")
    await choose(world, panel, BOT, "NIJI_JOURNEY")
    await choose(world, panel, ASPECT, "3:2")
    await write_suffix(world, panel, "in ink --s 250")
    await drawn(world, "a fox")
    await world.result_of(await world.slash("imagine", {"prompt": "an owl --s 50", "aspect": "1:1", "mode": "fast"}))
    await world.result_of(await world.slash("blend", {"image1": png("a.png"), "image2": png("b.png", "red")}))
    await drawn(world, "a cat", by="bob")
    fox, owl, blend, cat = world.images.submits
    assert (fox.prefix, fox.body["botType"]) == ("mj-relax", "NIJI_JOURNEY")
    assert fox.body["prompt"] == "a fox in ink --s 250 --ar 3:2"
    assert (owl.prefix, owl.body["prompt"]) == ("mj-fast", "an owl in ink --s 50 --ar 1:1")
    assert (blend.prefix, blend.body["dimensions"]) == ("mj-relax", "LANDSCAPE")
    assert cat.body["prompt"] == "a cat"
    assert "botType" not in cat.body


async def test_an_old_panel_does_not_overtake_a_newer_one(world: World) -> None:
    panel = await panel_of(world, await world.slash("settings"))
    world.discord.delay_next("PATCH", "@original", 0.4, when="before")
    drawn_before, asked_before = len(panel.revisions), len(world.discord.requests)
    await choose(world, panel, MODE, "relax")
    await world.until(lambda: len(world.discord.requests) == asked_before + 2)  # its acknowledgement, and its panel
    await choose(world, panel, BOT, "NIJI_JOURNEY")
    await world.until(lambda: len(panel.revisions) == drawn_before + 2)
    assert [chosen_in(panel, number) for number in (MODE, BOT)] == ["relax", "NIJI_JOURNEY"]


async def test_the_panel_shows_what_is_set_after_a_restart_and_takes_it_back(world: World) -> None:
    panel = await panel_of(world, await world.slash("settings"))
    await choose(world, panel, MODE, "turbo")
    await write_suffix(world, panel, "--s 250")
    await world.kill_bot()
    await world.start_bot()
    again = await panel_of(world, await world.slash("settings"))
    assert "--s 250" in again.text.replace("\\", "")
    await write_suffix(world, panel, "")
    await choose(world, panel, MODE, "-")
    await world.until(lambda: chosen_in(panel, MODE) == "-")
    await drawn(world, "a fox")
    assert (world.images.submits[0].prefix, world.images.submits[0].body["prompt"]) == (None, "a fox")


@pytest.mark.parametrize("profile", ["plus", "trueai", "newapi"])
async def test_with_remix_on_variations_first_ask_for_the_prompt(make_world: MakeWorld, profile: str) -> None:
    world = await make_world(Scene(profile=profile, remix=profile == "plus", settings={"MJ_PROFILE": profile}))
    (grid,) = await drawn(world, "a fox")
    panel = await panel_of(world, await world.slash("settings"))
    await switch(world, panel, "remix")
    opened = await world.press(grid, "V2")
    assert opened.modal is not None
    result = await world.result_of(await world.submit_modal(opened, {"prompt": "a fox with a hat"}))
    assert "a fox with a hat" in result.text
    sent = [(submit.endpoint, submit.body.get("prompt")) for submit in world.images.submits[1:]]
    assert sent == [("submit/action", None), ("submit/modal", "a fox with a hat")]
    by_bob = await world.press(grid, "V3", by="bob")
    assert by_bob.modal is None
    await world.result_of(by_bob)
    assert (await world.press(grid, "U1")).modal is None
    await world.kill_bot()
    await world.start_bot()
    assert (await world.press(grid, "🔄")).modal is not None
    await switch(world, panel, "remix")
    assert (await world.press(grid, "V4")).modal is None


async def test_a_prompt_that_the_service_did_not_ask_for_is_said_to_be_unused(world: World) -> None:
    (grid,) = await drawn(world, "a fox")
    panel = await panel_of(world, await world.slash("settings"))
    await switch(world, panel, "remix")
    submitted = await world.submit_modal(await world.press(grid, "V2"), {"prompt": "a fox with a hat"})
    assert "your change was probably ignored" in await world.private_answer(submitted)


async def test_results_also_come_by_direct_message_with_buttons_that_work_there(world: World) -> None:
    panel = await panel_of(world, await world.slash("settings"))
    await switch(world, panel, "direct")
    (grid,) = await drawn(world, "a fox")
    await drawn(world, "a cat", by="bob")
    inbox = world.discord.dm(world.person("ada"))
    (copy,) = await world.until(lambda: world.discord.messages(inbox))
    await world.until(lambda: bool(copy.attachments))
    assert captions(copy) == captions(grid)
    assert task_id_of(copy) == task_id_of(grid)
    single = await world.result_of(await world.press(copy, "U1"))
    assert single.channel_id == inbox.id
    # What was asked for in the direct messages stands there already.
    await world.until(lambda: "Upscale (Subtle)" in captions(single))
    assert len(world.discord.messages(inbox)) == 2


async def test_who_takes_no_direct_messages_gets_the_result_where_it_was_asked_for(world: World) -> None:
    panel = await panel_of(world, await world.slash("settings"))
    await switch(world, panel, "direct")
    world.discord.close_dms(world.person("ada"))
    await drawn(world, "a fox", "a second fox")
    assert world.discord.messages(world.discord.dm(world.person("ada"))) == []
