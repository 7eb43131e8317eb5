"""Several pictures from one prompt: permutations, repeats and lines, asked about first, each with its own card."""

from __future__ import annotations

from collections import Counter

import pytest

from playground.discord import Message
from playground.driver import Environment, Scenario
from tests.support.environments import MakeEnvironment, captions
from tests.support.panels import choose, panel_of
from tests.support.pictures import png


def cards(env: Environment) -> list[Message]:
    """The messages that show a finished picture."""
    return [each for each in env.discord.messages(env.studio) if each.attachments and not each.ephemeral]


def unknown(env: Environment) -> list[Message]:
    """The messages that say that nobody knows whether the service took the request."""
    return [each for each in env.discord.messages(env.studio) if "Nobody knows" in each.text]


def sent(env: Environment) -> list[str]:
    return [submit.body["prompt"] for submit in env.images.submits]


async def asked(env: Environment, prompt: str, **options: str) -> Message:
    """The private question that follows a prompt that stands for several."""
    return await panel_of(env, await env.slash("imagine", {"prompt": prompt, **options}))


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
    env: Environment, typed: str, prompts: list[str]
) -> None:
    question = await asked(env, typed)
    assert f"**{len(prompts)}** jobs" in question.text
    assert env.images.submits == []
    await env.press(question, f"Make all {len(prompts)}")
    await env.until(lambda: len(cards(env)) == len(prompts), 40)
    assert sent(env) == prompts
    await env.until(lambda: f"Started {len(prompts)} of {len(prompts)}" in question.text)
    assert captions(question) == []


async def test_a_prompt_can_be_sent_as_it_was_typed(env: Environment) -> None:
    question = await asked(env, "a {red, blue} fox")
    await env.press(question, "Send as one prompt")
    await env.until(lambda: len(cards(env)) == 1)
    assert sent(env) == ["a {red, blue} fox"]


@pytest.mark.parametrize(
    "typed", ["a {1,2,3} {1,2,3} {1,2,3} fox", "a fox --repeat 11", "a {red, blue} fox\n" * 5 + "--r 2"]
)
async def test_more_than_ten_are_refused_with_what_was_typed(env: Environment, typed: str) -> None:
    answer = await env.private_answer(await env.slash("imagine", {"prompt": typed}))
    assert "at most 10" in answer
    assert "fox" in answer
    assert env.images.submits == []


@pytest.mark.parametrize("typed", ["a \\{red\\, blue\\} fox", "a {red} fox", "1\n2\n3\n4\n5\n6", "```\na fox\n```"])
async def test_what_stands_for_one_picture_is_made_at_once(env: Environment, typed: str) -> None:
    await env.result_of(await env.slash("imagine", {"prompt": typed}))
    assert len(env.images.submits) == 1


async def test_defaults_options_and_pictures_go_into_each(env: Environment) -> None:
    panel = await panel_of(env, await env.slash("settings"))
    await choose(env, panel, 2, "3:2")
    used = await env.slash(
        "imagine", {"prompt": "a {red, blue} fox", "image1": png("a.png"), "mode": "fast", "aspect": "1:1"}
    )
    await env.press(await panel_of(env, used), "Make all 2")
    await env.until(lambda: len(cards(env)) == 2)
    assert sent(env) == ["a red fox --ar 1:1", "a blue fox --ar 1:1"]
    assert {submit.prefix for submit in env.images.submits} == {"mj-fast"}
    assert all(submit.body["base64Array"] for submit in env.images.submits)


async def test_a_second_press_and_a_kill_in_between_send_none_twice(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(settings={"LOST_AFTER": "2"}))
    env.images.hold()
    question = await asked(env, "a {red, blue, green} fox")
    custom_id = question.button("Make all 3")["custom_id"]
    ada = env.person("ada")
    await (await ada.press(question, custom_id)).answered()
    await env.until(lambda: env.images.submits)
    await env.kill_bot()
    await env.start_bot()
    if custom_id in [each["custom_id"] for each in question.buttons]:
        await (await ada.press(question, custom_id)).answered()
    env.images.release()
    # What was written down and not sent when the bot was killed is said to be unknown, and never sent.
    await env.until(lambda: len(cards(env)) + len(unknown(env)) == 3, 40)
    assert set(Counter(sent(env)).values()) == {1}
    assert len(sent(env)) == len(cards(env))
