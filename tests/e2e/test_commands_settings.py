"""`/settings`: one's own defaults, what they do to commands and presses, and copies by direct message."""

from __future__ import annotations

import pytest

from playground.discord import Message
from playground.driver import Environment, Scenario
from tests.support.environments import MakeEnvironment, captions, task_id_of
from tests.support.panels import choose, chosen_in, drawn, panel_of
from tests.support.pictures import png

MODE, BOT, ASPECT = 0, 1, 2
SUFFIX = "Change"


async def switch(env: Environment, panel: Message, setting: str) -> None:
    """Presses a switch and waits until it has turned."""
    button = next(each for each in panel.buttons if f":{setting}:" in each["custom_id"])
    pressed = await env.person("ada").press(panel, button["custom_id"])
    await pressed.answered()
    await env.until(lambda: button["custom_id"] not in [each["custom_id"] for each in panel.buttons])


async def write_suffix(env: Environment, panel: Message, suffix: str) -> None:
    """Writes a suffix into its window and waits until the panel shows it."""
    opened = await env.press(panel, SUFFIX)
    await env.submit_modal(opened, {"suffix": suffix})
    await env.until(lambda: (suffix or "none").split(" ")[-1] in panel.text.replace("\\", ""))


async def test_defaults_are_chosen_in_one_message_and_put_into_commands(env: Environment) -> None:
    panel = await panel_of(env, await env.slash("settings"))
    await choose(env, panel, MODE, "relax")
    await choose(env, panel, BOT, "NIJI_JOURNEY")
    await choose(env, panel, ASPECT, "3:2")
    await write_suffix(env, panel, "in ink --s 250")
    await drawn(env, "a fox")
    await env.result_of(await env.slash("imagine", {"prompt": "an owl --s 50", "aspect": "1:1", "mode": "fast"}))
    await env.result_of(await env.slash("blend", {"image1": png("a.png"), "image2": png("b.png", "red")}))
    await drawn(env, "a cat", by="bob")
    fox, owl, blend, cat = env.images.submits
    assert (fox.prefix, fox.body["botType"]) == ("mj-relax", "NIJI_JOURNEY")
    assert fox.body["prompt"] == "a fox in ink --s 250 --ar 3:2"
    assert (owl.prefix, owl.body["prompt"]) == ("mj-fast", "an owl in ink --s 50 --ar 1:1")
    assert (blend.prefix, blend.body["dimensions"]) == ("mj-relax", "LANDSCAPE")
    assert cat.body["prompt"] == "a cat"
    assert "botType" not in cat.body


async def test_an_old_panel_does_not_overtake_a_newer_one(env: Environment) -> None:
    panel = await panel_of(env, await env.slash("settings"))
    env.discord.delay_next("PATCH", "@original", 0.4, when="before")
    drawn_before, asked_before = len(panel.revisions), len(env.discord.requests)
    await choose(env, panel, MODE, "relax")
    await env.until(lambda: len(env.discord.requests) == asked_before + 2)  # its acknowledgement, and its panel
    await choose(env, panel, BOT, "NIJI_JOURNEY")
    await env.until(lambda: len(panel.revisions) == drawn_before + 2)
    assert [chosen_in(panel, number) for number in (MODE, BOT)] == ["relax", "NIJI_JOURNEY"]


async def test_the_panel_shows_what_is_set_after_a_restart_and_takes_it_back(env: Environment) -> None:
    panel = await panel_of(env, await env.slash("settings"))
    await choose(env, panel, MODE, "turbo")
    await write_suffix(env, panel, "--s 250")
    await env.kill_bot()
    await env.start_bot()
    again = await panel_of(env, await env.slash("settings"))
    assert "--s 250" in again.text.replace("\\", "")
    await write_suffix(env, panel, "")
    await choose(env, panel, MODE, "-")
    await env.until(lambda: chosen_in(panel, MODE) == "-")
    await drawn(env, "a fox")
    assert (env.images.submits[0].prefix, env.images.submits[0].body["prompt"]) == (None, "a fox")


@pytest.mark.parametrize("profile", ["plus", "trueai", "newapi"])
async def test_with_remix_on_variations_first_ask_for_the_prompt(make_env: MakeEnvironment, profile: str) -> None:
    env = await make_env(Scenario(profile=profile, remix=profile == "plus", settings={"MJ_PROFILE": profile}))
    (grid,) = await drawn(env, "a fox")
    panel = await panel_of(env, await env.slash("settings"))
    await switch(env, panel, "remix")
    opened = await env.press(grid, "V2")
    assert opened.modal is not None
    result = await env.result_of(await env.submit_modal(opened, {"prompt": "a fox with a hat"}))
    assert "a fox with a hat" in result.text
    sent = [(submit.endpoint, submit.body.get("prompt")) for submit in env.images.submits[1:]]
    assert sent == [("submit/action", None), ("submit/modal", "a fox with a hat")]
    by_bob = await env.press(grid, "V3", by="bob")
    assert by_bob.modal is None
    await env.result_of(by_bob)
    assert (await env.press(grid, "U1")).modal is None
    await env.kill_bot()
    await env.start_bot()
    assert (await env.press(grid, "🔄")).modal is not None
    await switch(env, panel, "remix")
    assert (await env.press(grid, "V4")).modal is None


async def test_a_prompt_that_the_service_did_not_ask_for_is_said_to_be_unused(env: Environment) -> None:
    (grid,) = await drawn(env, "a fox")
    panel = await panel_of(env, await env.slash("settings"))
    await switch(env, panel, "remix")
    submitted = await env.submit_modal(await env.press(grid, "V2"), {"prompt": "a fox with a hat"})
    assert "your change was probably ignored" in await env.private_answer(submitted)


async def test_results_also_come_by_direct_message_with_buttons_that_work_there(env: Environment) -> None:
    panel = await panel_of(env, await env.slash("settings"))
    await switch(env, panel, "direct")
    (grid,) = await drawn(env, "a fox")
    await drawn(env, "a cat", by="bob")
    inbox = env.discord.dm(env.person("ada"))
    (copy,) = await env.until(lambda: env.discord.messages(inbox))
    await env.until(lambda: bool(copy.attachments))
    assert captions(copy) == captions(grid)
    assert task_id_of(copy) == task_id_of(grid)
    single = await env.result_of(await env.press(copy, "U1"))
    assert single.channel_id == inbox.id
    # What was asked for in the direct messages stands there already.
    await env.until(lambda: "Upscale (Subtle)" in captions(single))
    assert len(env.discord.messages(inbox)) == 2


async def test_who_takes_no_direct_messages_gets_the_result_where_it_was_asked_for(env: Environment) -> None:
    panel = await panel_of(env, await env.slash("settings"))
    await switch(env, panel, "direct")
    env.person("ada").user.accepts_dms = False
    await drawn(env, "a fox", "a second fox")
    assert env.discord.messages(env.discord.dm(env.person("ada"))) == []
