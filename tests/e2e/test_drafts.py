"""Nothing typed is lost: a refused prompt comes back to its author, can be edited and sent, and is found for a day."""

from __future__ import annotations

import os
import resource
import signal

import pytest

from playground.discord import Interaction, Message, OptionValue, UploadedFile
from playground.driver import Environment, Scenario, public_messages
from tests.support.environments import MakeEnvironment, captions
from tests.support.panels import choose, panel_of, posted_after, selects
from tests.support.pictures import png

EDIT = "Edit and send again"
LIAR = UploadedFile("liar.png", "image/png", b"no picture either")
TYPED = "a forbiddenword owl --s 250, twice  spaced"


def proposed(opened: Interaction, field: int = 0) -> str:
    """What stands in a field of the window that was opened."""
    assert opened.modal is not None
    return str(opened.modal["components"][field]["component"].get("value") or "")


async def edited(
    env: Environment, message: Message, prompt: str, *, by: str = "ada", button: str = EDIT
) -> Interaction:
    opened = await env.press(message, button, by=by)
    return await env.submit_modal(opened, {"prompt": prompt})


async def test_a_banned_prompt_is_edited_and_sent_with_all_else_that_was_chosen_after_a_restart(
    env: Environment,
) -> None:
    options: dict[str, OptionValue] = {"prompt": TYPED, "image1": png("boat.png"), "aspect": "3:2", "mode": "relax"}
    refused = await panel_of(env, await env.slash("imagine", options))
    assert "forbiddenword" in refused.text
    assert "twice" in refused.text
    await env.kill_bot()
    await env.start_bot()
    opened = await env.press(refused, EDIT)
    assert proposed(opened) == TYPED
    sent = await env.submit_modal(opened, {"prompt": "a brass owl"})
    result = await posted_after(env, sent)
    assert result.channel_id == env.studio.id
    assert "a brass owl" in result.text
    submit = env.images.submits[-1]
    assert submit.body["prompt"].startswith("a brass owl")
    assert "--ar 3:2" in submit.body["prompt"]
    assert submit.prefix == "mj-relax"
    assert len(submit.body["base64Array"]) == 1


@pytest.mark.parametrize("fault", ["code_23", "code_4", "code_3", "rate_limited", "code_9"])
async def test_every_refusal_of_the_service_hands_the_prompt_back(env: Environment, fault: str) -> None:
    env.images.fail_next("submit/imagine", fault)
    asked = await env.slash("imagine", {"prompt": "a paper crane"})
    refused = await panel_of(env, asked)
    assert "a paper crane" in refused.text
    assert public_messages(asked) == []
    assert (await posted_after(env, await edited(env, refused, "a paper crane"))).attachments


async def test_what_is_refused_again_is_handed_back_as_it_was_edited(env: Environment) -> None:
    refused = await panel_of(env, await env.slash("imagine", {"prompt": "a forbiddenword owl"}))
    again = await panel_of(env, await edited(env, refused, "another forbiddenword kite"))
    assert "another" in again.text
    assert proposed(await env.press(again, EDIT)) == "another forbiddenword kite"


async def test_bad_input_is_handed_back_before_anything_is_sent(env: Environment) -> None:
    options: dict[str, OptionValue] = {"prompt": "a long typed prompt", "image1": LIAR}
    refused = await panel_of(env, await env.slash("imagine", options))
    assert "a long typed prompt" in refused.text
    assert EDIT in captions(refused)
    assert env.images.submits == []


async def test_a_mode_that_is_not_there_costs_nobody_their_prompt(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(profile="novicezk", settings={"MJ_PROFILE": "novicezk"}))
    refused = await panel_of(env, await env.slash("imagine", {"prompt": "a typed fox", "mode": "turbo"}))
    assert proposed(await env.press(refused, EDIT)) == "a typed fox"


async def test_a_prompt_written_into_a_buttons_window_is_handed_back_in_that_window(env: Environment) -> None:
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a fox"}))
    single = await env.result_of(await env.press(grid, "U1"))
    modal = await env.press(single, "Custom Zoom")
    env.images.fail_next("submit/action", "code_23")
    refused = await panel_of(env, await env.submit_modal(modal, {"prompt": "a fox in snow --zoom 1.4"}))
    assert "a fox in snow" in refused.text
    opened = await env.press(refused, EDIT)
    assert proposed(opened) == "a fox in snow --zoom 1.4"
    zoomed = await posted_after(env, await env.submit_modal(opened, {"prompt": "a fox in rain --zoom 1.4"}))
    assert "a fox in rain" in zoomed.text


async def test_the_chosen_parts_of_a_region_are_still_chosen(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(callbacks=False))
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a fox"}))
    single = await env.result_of(await env.press(grid, "U1"))
    modal = await env.press(single, "Vary (Region)")
    env.images.fail_next("submit/action", "code_23")
    given = {"prompt": "a red hat", "area": ["top_left", "bottom_right"]}
    refused = await panel_of(env, await env.submit_modal(modal, given))
    opened = await env.press(refused, EDIT)
    assert proposed(opened) == "a red hat"
    assert opened.modal is not None
    options = opened.modal["components"][1]["component"]["options"]
    assert [option["value"] for option in options if option.get("default")] == ["top_left", "bottom_right"]


async def test_the_prompt_of_a_failed_task_is_edited_beside_try_again_also_after_a_restart(env: Environment) -> None:
    env.images.fail_task("Banned prompt: kite")
    failed = await env.result_of(await env.slash("imagine", {"prompt": "a broken kite", "image1": png("boat.png")}))
    assert captions(failed) == ["Try again", "Edit prompt"]
    await env.kill_bot()
    await env.start_bot()
    opened = await env.press(failed, "Edit prompt", by="bob")
    assert proposed(opened) == "a broken kite"
    result = await env.result_of(await env.submit_modal(opened, {"prompt": "a whole kite"}))
    assert "a whole kite" in result.text
    assert len(env.images.submits[-1].body["base64Array"]) == 1


async def test_what_is_refused_when_a_failed_prompt_was_edited_is_handed_back_too(env: Environment) -> None:
    env.images.fail_task("no luck")
    failed = await env.result_of(await env.slash("imagine", {"prompt": "a broken kite"}))
    sent = await edited(env, failed, "a forbiddenword kite", button="Edit prompt")
    refused = await panel_of(env, sent)
    assert "forbiddenword kite" in refused.text
    assert (await posted_after(env, await edited(env, refused, "a good kite"))).attachments


async def test_recent_drafts_are_found_by_their_author_alone_until_they_are_sent(env: Environment) -> None:
    for prompt in ("a forbiddenword owl", "a forbiddenword fox"):
        await panel_of(env, await env.slash("imagine", {"prompt": prompt}))
    others = await panel_of(env, await env.slash("tasks", by="bob"))
    assert len(selects(others)) == 1
    panel = await panel_of(env, await env.slash("tasks", {"status": "failed"}))
    drafts = selects(panel)[-1]
    assert [option["label"] for option in drafts["options"]] == ["a forbiddenword fox", "a forbiddenword owl"]
    opened = await choose(env, panel, 1, drafts["options"][1]["value"])
    assert proposed(opened) == "a forbiddenword owl"
    await posted_after(env, await env.submit_modal(opened, {"prompt": "a tame owl"}))
    panel = await panel_of(env, await env.slash("tasks"))
    assert [option["label"] for option in selects(panel)[-1]["options"]] == ["a forbiddenword fox"]


async def test_a_draft_is_of_no_use_to_anybody_else(env: Environment) -> None:
    refused = await panel_of(env, await env.slash("imagine", {"prompt": "a forbiddenword secret"}))
    custom_id = refused.button(EDIT)["custom_id"]
    theirs = await panel_of(env, await env.slash("imagine", {"prompt": "a forbiddenword of bob"}, by="bob"))
    theirs.button(EDIT)["custom_id"] = custom_id
    opened = await env.press(theirs, EDIT, by="bob")
    assert opened.modal is None
    assert "no longer stored" in await env.private_answer(opened)


async def test_a_press_that_takes_no_prompt_hands_it_back_for_a_command(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(profile="plus"))
    panel = await panel_of(env, await env.slash("settings"))
    await env.press(panel, "Remix: off")
    await env.until(lambda: "Remix: on" in captions(panel))
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a fox"}))
    modal = await env.press(grid, "V1")
    told = await panel_of(env, await env.submit_modal(modal, {"prompt": "a fox in a storm"}))
    assert "a fox in a storm" in told.text
    assert proposed(await env.press(told, EDIT)) == "a fox in a storm"


async def test_a_prompt_that_comes_while_the_bot_stops_is_kept_for_after_the_restart(env: Environment) -> None:
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a fox"}))
    single = await env.result_of(await env.press(grid, "U1"))
    modal = await env.press(single, "Custom Zoom", by="bob")
    with env.images.hold_requests("submit/"):
        before = len(env.images.submits)
        await env.press(grid, "U3")
        await env.until(lambda: len(env.images.submits) == before + 1)
        os.kill(env.bot.pid, signal.SIGTERM)
        await env.bot.logged("stopping:")
        late = await panel_of(env, await env.slash("imagine", {"prompt": "a late crane"}))
        zoomed = await panel_of(env, await env.submit_modal(modal, {"prompt": "a late zoom --zoom 1.2"}))
    assert await env.bot.wait(15) == 0
    assert "restarting" in late.text
    await env.start_bot()
    assert proposed(await env.press(late, EDIT)) == "a late crane"
    assert proposed(await env.press(zoomed, EDIT, by="bob")) == "a late zoom --zoom 1.2"


async def test_a_prompt_that_cannot_be_stored_is_shown_all_the_same(env: Environment) -> None:
    before = resource.prlimit(env.bot.pid, resource.RLIMIT_FSIZE)
    # No file of the bot's may grow, as on a full disk.
    resource.prlimit(env.bot.pid, resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        refused = await panel_of(env, await env.slash("imagine", {"prompt": "a brass owl, long typed"}))
    finally:
        resource.prlimit(env.bot.pid, resource.RLIMIT_FSIZE, before)
    assert "a brass owl, long typed" in refused.text
    assert EDIT not in captions(refused)


async def test_too_many_pictures_from_one_prompt_are_edited_down_and_asked_about(env: Environment) -> None:
    typed = "{a, b, c, d, e, f, g, h, i, j, k} kites"
    refused = await panel_of(env, await env.slash("imagine", {"prompt": typed}))
    opened = await env.press(refused, EDIT)
    assert proposed(opened) == typed
    await env.submit_modal(opened, {"prompt": "{red, blue} kites"})
    await env.until(lambda: "red kites" in refused.text and "blue kites" in refused.text)
    await env.press(refused, "Start all 2")
    await env.until(lambda: len(env.images.submits) == 2)
