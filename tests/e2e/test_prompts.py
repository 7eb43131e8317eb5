"""Prompts as people type and paste them, and what the image service then receives."""

from __future__ import annotations

import pytest

from playground.discord import Message
from playground.driver import Environment, Scenario
from tests.support.environments import MakeEnvironment
from tests.support.panels import choose, chosen_in, drawn, panel_of

MODE, BOT, ASPECT = 0, 1, 2


async def settings(env: Environment, suffix: str = "", **chosen: str) -> Message:
    """The settings panel after these were chosen and this suffix was written."""
    panel = await panel_of(env, await env.slash("settings"))
    places = {"mode": MODE, "bot": BOT, "aspect": ASPECT}
    for setting, value in chosen.items():
        await choose(env, panel, places[setting], value)
    await env.until(lambda: all(chosen_in(panel, places[name]) == value for name, value in chosen.items()))
    if suffix:
        await env.submit_modal(await env.press(panel, "Change"), {"suffix": suffix})
        await env.until(lambda: suffix.rsplit(maxsplit=1)[-1] in panel.text.replace("\\", ""))
    return panel


def sent(env: Environment) -> list[str]:
    """The prompts that the image service received."""
    return [submit.body["prompt"] for submit in env.images.submits]


async def test_a_shape_typed_with_any_dashes_is_the_only_one_that_is_sent(env: Environment) -> None:
    await settings(env, aspect="3:2")
    typed = [
        *("a lighthouse –ar 9:16", "a lighthouse ——ar 9:16", "a lighthouse −−ar 9:16", "a lighthouse -- ar 9:16"),
        *("a lighthouse\u200b--ar 9:16", "/imagine prompt: a lighthouse —ar 9:16", "`a lighthouse --ar 9:16`"),
    ]
    for prompt in typed:
        await env.slash("imagine", {"prompt": prompt, "aspect": "1:1"})
    await env.until(lambda: len(env.images.submits) == len(typed))
    assert sent(env) == ["a lighthouse --ar 9:16"] * len(typed)


async def test_words_links_and_permutations_arrive_to_the_letter(env: Environment) -> None:
    typed = [
        "a black–white photo — grainy",
        "a {red} cat::2 dog::1",
        "<https://s.mj.run/abc--d> a cat --sref https://pictures.example/a--ar.png?x=%2F&y=1",
    ]
    await drawn(env, *typed)
    assert sent(env) == [*typed[:2], typed[2].replace("<", "").replace(">", "")]


async def test_the_model_follows_what_was_typed(env: Environment) -> None:
    await settings(env, "--style raw --v 7", mode="relax")
    await drawn(env, "a cat --niji 6", "a dog –niji", "a cat")
    panel = await settings(env)
    await env.submit_modal(await env.press(panel, "Change"), {"suffix": ""})
    await env.until(lambda: "none" in panel.text)
    await settings(env, bot="NIJI_JOURNEY")
    await drawn(env, "an owl --v 7")
    assert sent(env) == [
        "a cat --niji 6 --style raw",
        "a dog --niji --style raw",
        "a cat --style raw --v 7",
        "an owl --v 7",
    ]
    models = [submit.body.get("botType") for submit in env.images.submits]
    assert models == ["NIJI_JOURNEY", "NIJI_JOURNEY", None, "MID_JOURNEY"]


@pytest.mark.parametrize("profile", ["plus", "trueai"])
async def test_a_typed_mode_decides_the_path_and_the_card(make_env: MakeEnvironment, profile: str) -> None:
    env = await make_env(Scenario(profile=profile))
    await settings(env, mode="relax")
    fast = await env.result_of(await env.slash("imagine", {"prompt": "a cat --fast"}))
    turbo = await env.result_of(await env.slash("imagine", {"prompt": "a cat —turbo in a hat", "mode": "fast"}))
    await drawn(env, "a cat --fast --relaxed", "a cat")
    assert [submit.prefix for submit in env.images.submits] == ["mj-fast", "mj-turbo", "mj-relax", "mj-relax"]
    assert sent(env) == ["a cat", "a cat in a hat", "a cat", "a cat"]
    assert " · fast · " in fast.text
    assert " · turbo · " in turbo.text


async def test_a_typed_mode_also_stays_in_the_prompt_where_the_path_does_not_reach_what_draws(
    make_env: MakeEnvironment,
) -> None:
    env = await make_env(Scenario(profile="newapi", settings={"MJ_PROFILE": "newapi"}))
    await settings(env, mode="fast")
    await drawn(env, "a cat —relax", "a cat")
    assert [submit.prefix for submit in env.images.submits] == ["mj-relax", "mj-fast"]
    assert sent(env) == ["a cat --relax", "a cat"]


async def test_a_typed_mode_stands_in_the_body_where_the_service_wants_it_there(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(profile="gateway", settings={"MJ_PROFILE": "gateway"}))
    await drawn(env, "a cat –relax")
    refused = await env.slash("imagine", {"prompt": "a cat --turbo", "mode": "fast"})
    assert "doesn't have this mode" in await env.private_answer(refused)
    (submit,) = env.images.submits
    assert (submit.body["mode"], submit.body["prompt"]) == ("RELAX", "a cat")


async def test_a_typed_mode_stays_in_the_prompt_where_the_service_knows_none(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(profile="novicezk", settings={"MJ_PROFILE": "novicezk"}))
    (card,) = await drawn(env, "a cat –relax --ar 3:2")
    (submit,) = env.images.submits
    assert (submit.prefix, submit.body["prompt"]) == (None, "a cat --relax --ar 3:2")
    assert " · relax · " in card.text
    await env.result_of(await env.press(card, "U1"))


@pytest.mark.parametrize("typed", ["\u200b\u2060", "\u3164 \u00ad", "/imagine prompt: \u200b", "--fast"])
async def test_a_prompt_that_says_nothing_is_refused_and_nothing_is_sent(env: Environment, typed: str) -> None:
    for command in ("imagine", "shorten"):
        assert "prompt is empty" in await env.private_answer(await env.slash(command, {"prompt": typed}))
    assert env.images.submits == []


async def test_a_prompt_that_the_defaults_make_too_long_is_refused_with_figures(env: Environment) -> None:
    await settings(env, "in oil --s 250")
    refused = await env.slash("imagine", {"prompt": "a " * 1_996 + "fox"})
    assert "4010 characters" in await env.private_answer(refused)
    assert env.images.submits == []


async def test_a_pasted_command_is_read_by_commands_and_windows_alike(env: Environment) -> None:
    (grid,) = await drawn(env, "/imagine prompt: a tin robot in snow --ar 3:2 -- niji 6")
    assert sent(env) == ["a tin robot in snow --ar 3:2 --niji 6"]
    single = await env.result_of(await env.press(grid, "U2"))
    opened = await env.press(single, "Custom Zoom")
    await env.result_of(await env.submit_modal(opened, {"prompt": "/imagine prompt: a tin\nrobot —zoom 2,\n–– ar 3:2"}))
    assert env.images.submits[-1].body["prompt"] == "a tin robot --zoom 2 --ar 3:2"
    before = len(env.images.submits)
    empty = await env.submit_modal(await env.press(single, "Custom Zoom"), {"prompt": "\u200b\u2060"})
    assert "prompt is empty" in await env.private_answer(empty)
    assert len(env.images.submits) == before


async def test_a_mode_typed_in_a_window_holds_for_both_of_its_requests(env: Environment) -> None:
    (grid,) = await drawn(env, "a tin robot --fast")
    single = await env.result_of(await env.press(grid, "U2"))
    opened = await env.press(single, "Custom Zoom")
    await env.result_of(await env.submit_modal(opened, {"prompt": "a tin robot --zoom 2 —relax"}))
    last = [(submit.prefix, submit.endpoint, submit.body.get("prompt")) for submit in env.images.submits[-2:]]
    assert last == [
        ("mj-relax", "submit/action", None),
        ("mj-relax", "submit/modal", "a tin robot --zoom 2"),
    ]


async def test_a_suffix_is_checked_when_it_is_saved(env: Environment) -> None:
    panel = await settings(env, mode="fast")
    for suffix, said in (
        ("in ink --ar wide", "--ar 3:2"),
        ("in ink —relax", "default mode"),
        ("x" * 496 + "--c5", "502 characters"),
    ):
        refused = await env.submit_modal(await env.press(panel, "Change"), {"suffix": suffix})
        answer = await env.private_answer(refused)
        assert said in answer
        assert suffix[:6] in answer  # what was typed is not lost
    await settings(env, "in ink –s 250")
    await settings(env, aspect="3:2")
    await drawn(env, "a fox")
    assert sent(env) == ["a fox in ink --s 250 --ar 3:2"]


async def test_a_default_that_the_suffix_speaks_against_is_not_saved(env: Environment) -> None:
    panel = await settings(env, "--niji 6")
    refused = await choose(env, panel, BOT, "MID_JOURNEY")
    assert "default model" in await env.private_answer(refused)
    await drawn(env, "a fox")
    assert env.images.submits[0].body["botType"] == "NIJI_JOURNEY"


async def test_links_in_prompts_are_shown_but_not_live(env: Environment) -> None:
    (card,) = await drawn(env, "a cat --sref https://pictures.example/a_b.png?x=1&y=2")
    assert r"https\://pictures.example/a\_b.png?x=1&y=2" in card.text
    assert "https://" not in card.text
    refused = await panel_of(env, await env.slash("imagine", {"prompt": "a forbiddenword https://host.example/x"}))
    listed = await panel_of(env, await env.slash("tasks"))
    info = await panel_of(env, await env.person("bob").context_menu(card, "Task info"))
    for message in (refused, listed, info):
        assert "example/" in message.text
        assert not [host for host in ("pictures", "host") if f"https://{host}.example" in message.text]
