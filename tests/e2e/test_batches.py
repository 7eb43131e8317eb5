"""Several pictures from one prompt: permutations, repeats and lines, asked about first, each with its own card."""

from __future__ import annotations

from collections import Counter

import pytest

from playground.discord import Message
from playground.driver import Scene, World
from tests.support.panels import choose, panel_of
from tests.support.pictures import png
from tests.support.worlds import MakeWorld, captions, task_id_of


def cards(world: World) -> list[Message]:
    """The messages that show a finished picture."""
    return [each for each in world.discord.messages(world.studio) if each.attachments and not each.ephemeral]


def unknown(world: World) -> list[Message]:
    """The messages that say that nobody knows whether the service took the request."""
    return [each for each in world.discord.messages(world.studio) if "couldn't confirm" in each.text]


def sent(world: World) -> list[str]:
    return [submit.body["prompt"] for submit in world.images.submits]


async def asked(world: World, prompt: str, **options: str) -> Message:
    """The private question that follows a prompt that stands for several."""
    return await panel_of(world, await world.slash("imagine", {"prompt": prompt, **options}))


@pytest.mark.parametrize(
    ("typed", "prompts"),
    [
        ("a {red, blue} fox --ar 3:2", ["a red fox --ar 3:2", "a blue fox --ar 3:2"]),
        ("a {red, {dark, light} blue} fox", ["a red fox", "a dark blue fox", "a light blue fox"]),
        ("a fox --ar {3:2, 1:1}", ["a fox --ar 3:2", "a fox --ar 1:1"]),
        ("a fox --repeat 3", ["a fox"] * 3),
        ("an {owl, elk} —r 2", ["an owl", "an owl", "an elk", "an elk"]),
        ("a fox\nan owl\n--ar 3:2\n\na cat", ["a fox", "an owl --ar 3:2", "a cat"]),
    ],
)
async def test_each_prompt_becomes_a_card_of_its_own_after_one_question(
    world: World, typed: str, prompts: list[str]
) -> None:
    question = await asked(world, typed)
    assert f"**{len(prompts)}** jobs" in question.text
    assert world.images.submits == []
    await world.press(question, f"Start all {len(prompts)}")
    await world.until(lambda: len(cards(world)) == len(prompts), 40)
    assert sent(world) == prompts
    await world.until(lambda: f"Started {len(prompts)} of {len(prompts)}" in question.text)
    assert captions(question) == []


async def test_a_prompt_can_be_sent_as_it_was_typed(world: World) -> None:
    question = await asked(world, "a {red, blue} fox")
    await world.press(question, "Send as one prompt")
    await world.until(lambda: len(cards(world)) == 1)
    assert sent(world) == ["a {red, blue} fox"]


async def test_where_the_service_makes_several_of_one_request_each_has_its_card(make_world: MakeWorld) -> None:
    world = await make_world(Scene(profile="trueai"))
    described = await world.result_of(await world.slash("describe", {"image": png("sea.png")}))
    before = len(cards(world))
    await world.press(described, "Imagine all", by="bob")
    await world.until(lambda: sum(captions(each)[:1] == ["U1"] for each in cards(world)) == 4)
    (submit,) = world.images.submits[1:]
    lines = [world.images.tasks[task_id].prompt for task_id in submit.task_ids]
    made = cards(world)[before:]
    assert len({task_id_of(card) for card in made}) == 4
    for line in lines:
        assert len([each for each in made if line[:30] in each.text.replace("\\", "")]) == 1


@pytest.mark.parametrize(
    "typed", ["a {1,2,3} {1,2,3} {1,2,3} fox", "a fox --repeat 11", "a {red, blue} fox\n" * 5 + "--r 2"]
)
async def test_more_than_ten_are_refused_with_what_was_typed(world: World, typed: str) -> None:
    answer = await world.private_answer(await world.slash("imagine", {"prompt": typed}))
    assert "the limit is 10" in answer
    assert "fox" in answer
    assert world.images.submits == []


@pytest.mark.parametrize("typed", ["a \\{red\\, blue\\} fox", "a {red} fox", "1\n2\n3\n4\n5\n6", "```\na fox\n```"])
async def test_what_stands_for_one_picture_is_made_at_once(world: World, typed: str) -> None:
    await world.result_of(await world.slash("imagine", {"prompt": typed}))
    assert len(world.images.submits) == 1


async def test_defaults_options_and_pictures_go_into_each(world: World) -> None:
    panel = await panel_of(world, await world.slash("settings"))
    await choose(world, panel, 2, "3:2")
    used = await world.slash(
        "imagine", {"prompt": "a {red, blue} fox", "image1": png("a.png"), "mode": "fast", "aspect": "1:1"}
    )
    await world.press(await panel_of(world, used), "Start all 2")
    await world.until(lambda: len(cards(world)) == 2)
    assert sent(world) == ["a red fox --ar 1:1", "a blue fox --ar 1:1"]
    assert {submit.prefix for submit in world.images.submits} == {"mj-fast"}
    assert all(submit.body["base64Array"] for submit in world.images.submits)


async def test_a_second_press_and_a_kill_in_between_send_none_twice(make_world: MakeWorld) -> None:
    world = await make_world(Scene(settings={"LOST_AFTER": "2"}))
    world.images.hold()
    question = await asked(world, "a {red, blue, green} fox")
    custom_id = question.button("Start all 3")["custom_id"]
    ada = world.person("ada")
    await (await ada.press(question, custom_id)).answered()
    await world.until(lambda: world.images.submits)
    await world.kill_bot()
    await world.start_bot()
    if custom_id in [each["custom_id"] for each in question.buttons]:
        await (await ada.press(question, custom_id)).answered()
    world.images.release()
    # What was written down and not sent when the bot was killed is said to be unknown, and never sent.
    await world.until(lambda: len(cards(world)) + len(unknown(world)) == 3, 40)
    assert set(Counter(sent(world)).values()) == {1}
    assert len(sent(world)) == len(cards(world))
