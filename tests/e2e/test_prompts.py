"""Prompts as people type and paste them, and what the image service then receives."""

from __future__ import annotations

import pytest

from playground.discord import Message
from playground.driver import Scene, World
from tests.support.panels import choose, chosen_in, drawn, panel_of
from tests.support.worlds import MakeWorld

MODE, BOT, ASPECT = 0, 1, 2


async def settings(world: World, suffix: str = "", **chosen: str) -> Message:
    """The settings panel after these were chosen and this suffix was written."""
    panel = await panel_of(world, await world.slash("settings"))
    places = {"mode": MODE, "bot": BOT, "aspect": ASPECT}
    for setting, value in chosen.items():
        await choose(world, panel, places[setting], value)
    await world.until(lambda: all(chosen_in(panel, places[name]) == value for name, value in chosen.items()))
    if suffix:
        await world.submit_modal(await world.press(panel, "Change"), {"suffix": suffix})
        await world.until(lambda: suffix.rsplit(maxsplit=1)[-1] in panel.text.replace("\\", ""))
    return panel


def sent(world: World) -> list[str]:
    """The prompts that the image service received."""
    return [submit.body["prompt"] for submit in world.images.submits]


async def test_a_shape_typed_with_any_dashes_is_the_only_one_that_is_sent(world: World) -> None:
    await settings(world, aspect="3:2")
    typed = [
        *("a lighthouse –ar 9:16", "a lighthouse ——ar 9:16", "a lighthouse −−ar 9:16", "a lighthouse -- ar 9:16"),
        *("a lighthouse\u200b--ar 9:16", "/imagine prompt: a lighthouse —ar 9:16", "`a lighthouse --ar 9:16`"),
    ]
    for prompt in typed:
        await world.slash("imagine", {"prompt": prompt, "aspect": "1:1"})
    await world.until(lambda: len(world.images.submits) == len(typed))
    assert sent(world) == ["a lighthouse --ar 9:16"] * len(typed)


async def test_words_links_and_permutations_arrive_to_the_letter(world: World) -> None:
    typed = [
        "a black–white photo — grainy",
        "a {red} cat::2 dog::1",
        "<https://s.mj.run/abc--d> a cat --sref https://pictures.example/a--ar.png?x=%2F&y=1",
    ]
    await drawn(world, *typed)
    assert sent(world) == [*typed[:2], typed[2].replace("<", "").replace(">", "")]


async def test_the_model_follows_what_was_typed(world: World) -> None:
    await settings(world, "--style raw --v 7", mode="relax")
    await drawn(world, "a cat --niji 6", "a dog –niji", "a cat")
    panel = await settings(world)
    await world.submit_modal(await world.press(panel, "Change"), {"suffix": ""})
    await world.until(lambda: "none" in panel.text)
    await settings(world, bot="NIJI_JOURNEY")
    await drawn(world, "an owl --v 7")
    assert sent(world) == [
        "a cat --niji 6 --style raw",
        "a dog --niji --style raw",
        "a cat --style raw --v 7",
        "an owl --v 7",
    ]
    models = [submit.body.get("botType") for submit in world.images.submits]
    assert models == ["NIJI_JOURNEY", "NIJI_JOURNEY", None, "MID_JOURNEY"]


@pytest.mark.parametrize("profile", ["plus", "trueai"])
async def test_a_typed_mode_decides_the_path_and_the_card(make_world: MakeWorld, profile: str) -> None:
    world = await make_world(Scene(profile=profile))
    await settings(world, mode="relax")
    fast = await world.result_of(await world.slash("imagine", {"prompt": "a cat --fast"}))
    turbo = await world.result_of(await world.slash("imagine", {"prompt": "a cat —turbo in a hat", "mode": "fast"}))
    await drawn(world, "a cat --fast --relaxed", "a cat")
    assert [submit.prefix for submit in world.images.submits] == ["mj-fast", "mj-turbo", "mj-relax", "mj-relax"]
    assert sent(world) == ["a cat", "a cat in a hat", "a cat", "a cat"]
    assert " · fast · " in fast.text
    assert " · turbo · " in turbo.text


async def test_a_typed_mode_also_stays_in_the_prompt_where_the_path_does_not_reach_what_draws(
    make_world: MakeWorld,
) -> None:
    world = await make_world(Scene(profile="newapi", settings={"MJ_PROFILE": "newapi"}))
    await settings(world, mode="fast")
    await drawn(world, "a cat —relax", "a cat")
    assert [submit.prefix for submit in world.images.submits] == ["mj-relax", "mj-fast"]
    assert sent(world) == ["a cat --relax", "a cat"]


async def test_a_typed_mode_stands_in_the_body_where_the_service_wants_it_there(make_world: MakeWorld) -> None:
    world = await make_world(Scene(profile="gateway", settings={"MJ_PROFILE": "gateway"}))
    await drawn(world, "a cat –relax")
    refused = await world.slash("imagine", {"prompt": "a cat --turbo", "mode": "fast"})
    assert "doesn't have this mode" in await world.private_answer(refused)
    (submit,) = world.images.submits
    assert (submit.body["mode"], submit.body["prompt"]) == ("RELAX", "a cat")


async def test_a_typed_mode_stays_in_the_prompt_where_the_service_knows_none(make_world: MakeWorld) -> None:
    world = await make_world(Scene(profile="novicezk", settings={"MJ_PROFILE": "novicezk"}))
    (card,) = await drawn(world, "a cat –relax --ar 3:2")
    (submit,) = world.images.submits
    assert (submit.prefix, submit.body["prompt"]) == (None, "a cat --relax --ar 3:2")
    assert " · relax · " in card.text
    await world.result_of(await world.press(card, "U1"))


@pytest.mark.parametrize("typed", ["\u200b\u2060", "\u3164 \u00ad", "/imagine prompt: \u200b", "--fast"])
async def test_a_prompt_that_says_nothing_is_refused_and_nothing_is_sent(world: World, typed: str) -> None:
    for command in ("imagine", "shorten"):
        assert "prompt is empty" in await world.private_answer(await world.slash(command, {"prompt": typed}))
    assert world.images.submits == []


async def test_a_prompt_that_the_defaults_make_too_long_is_refused_with_figures(world: World) -> None:
    await settings(world, "in oil --s 250")
    refused = await world.slash("imagine", {"prompt": "a " * 1_996 + "fox"})
    assert "4010 characters" in await world.private_answer(refused)
    assert world.images.submits == []


async def test_a_pasted_command_is_read_by_commands_and_windows_alike(world: World) -> None:
    (grid,) = await drawn(world, "/imagine prompt: a tin robot in snow --ar 3:2 -- niji 6")
    assert sent(world) == ["a tin robot in snow --ar 3:2 --niji 6"]
    single = await world.result_of(await world.press(grid, "U2"))
    opened = await world.press(single, "Custom Zoom")
    await world.result_of(
        await world.submit_modal(opened, {"prompt": "/imagine prompt: a tin\nrobot —zoom 2,\n–– ar 3:2"})
    )
    assert world.images.submits[-1].body["prompt"] == "a tin robot --zoom 2 --ar 3:2"
    before = len(world.images.submits)
    empty = await world.submit_modal(await world.press(single, "Custom Zoom"), {"prompt": "\u200b\u2060"})
    assert "prompt is empty" in await world.private_answer(empty)
    assert len(world.images.submits) == before


async def test_a_mode_typed_in_a_window_holds_for_both_of_its_requests(world: World) -> None:
    (grid,) = await drawn(world, "a tin robot --fast")
    single = await world.result_of(await world.press(grid, "U2"))
    opened = await world.press(single, "Custom Zoom")
    await world.result_of(await world.submit_modal(opened, {"prompt": "a tin robot --zoom 2 —relax"}))
    last = [(submit.prefix, submit.endpoint, submit.body.get("prompt")) for submit in world.images.submits[-2:]]
    assert last == [
        ("mj-relax", "submit/action", None),
        ("mj-relax", "submit/modal", "a tin robot --zoom 2"),
    ]


async def test_a_suffix_is_checked_when_it_is_saved(world: World) -> None:
    panel = await settings(world, mode="fast")
    for suffix, said in (
        ("in ink --ar wide", "--ar 3:2"),
        ("in ink —relax", "default mode"),
        ("x" * 496 + "--c5", "502 characters"),
    ):
        refused = await world.submit_modal(await world.press(panel, "Change"), {"suffix": suffix})
        answer = await world.private_answer(refused)
        assert said in answer
        assert suffix[:6] in answer  # what was typed is not lost
    await settings(world, "in ink –s 250")
    await settings(world, aspect="3:2")
    await drawn(world, "a fox")
    assert sent(world) == ["a fox in ink --s 250 --ar 3:2"]


async def test_a_default_that_the_suffix_speaks_against_is_not_saved(world: World) -> None:
    panel = await settings(world, "--niji 6")
    refused = await choose(world, panel, BOT, "MID_JOURNEY")
    assert "default model" in await world.private_answer(refused)
    await drawn(world, "a fox")
    assert world.images.submits[0].body["botType"] == "NIJI_JOURNEY"


async def test_links_in_prompts_are_shown_but_not_live(world: World) -> None:
    (card,) = await drawn(world, "a cat --sref https://pictures.example/a_b.png?x=1&y=2")
    assert r"https\://pictures.example/a\_b.png?x=1&y=2" in card.text
    assert "https://" not in card.text
    refused = await panel_of(world, await world.slash("imagine", {"prompt": "a forbiddenword https://host.example/x"}))
    listed = await panel_of(world, await world.slash("tasks"))
    info = await panel_of(world, await world.person("bob").context_menu(card, "Task info"))
    for message in (refused, listed, info):
        assert "example/" in message.text
        assert not [host for host in ("pictures", "host") if f"https://{host}.example" in message.text]
