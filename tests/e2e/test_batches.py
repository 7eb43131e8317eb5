"""Several pictures from one prompt: permutations, repeats and lines, asked about first, each with its own card."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from playground.discord import Interaction, Message, OptionValue
from playground.driver import Environment, Scenario
from tests.support.environments import MakeEnvironment, captions, task_id_of
from tests.support.panels import choose, panel_of
from tests.support.pictures import png

EDIT = "Edit and send again"


def cards(env: Environment) -> list[Message]:
    """The messages that show a finished picture."""
    return [each for each in env.discord.messages(env.studio) if each.attachments and not each.ephemeral]


def unknown(env: Environment) -> list[Message]:
    """The messages that say that nobody knows whether the service took the request."""
    return [each for each in env.discord.messages(env.studio) if "couldn't confirm" in each.text]


def sent(env: Environment) -> list[str]:
    return [submit.body["prompt"] for submit in env.images.submits]


async def handed_back(env: Environment, pressed: Interaction) -> Message:
    """The private message in which what was not taken can be edited."""

    def found() -> list[Message]:
        return [each for each in pressed.messages if each.ephemeral and EDIT in captions(each)]

    return (await env.until(found))[0]


def proposed(opened: Interaction) -> str:
    """What stands in the window that was opened."""
    assert opened.modal is not None
    return str(opened.modal["components"][0]["component"].get("value") or "")


async def asked(env: Environment, prompt: str, **options: OptionValue) -> Message:
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
    await env.press(question, f"Start all {len(prompts)}")
    await env.until(lambda: len(cards(env)) == len(prompts), 40)
    assert sent(env) == prompts
    await env.until(lambda: f"Started {len(prompts)} of {len(prompts)}" in question.text)
    assert captions(question) == []


async def test_a_prompt_can_be_sent_as_it_was_typed(env: Environment) -> None:
    question = await asked(env, "a {red, blue} fox")
    await env.press(question, "Send as one prompt")
    await env.until(lambda: len(cards(env)) == 1)
    assert sent(env) == ["a {red, blue} fox"]


async def test_where_the_service_makes_several_of_one_request_each_has_its_card(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(profile="trueai"))
    described = await env.result_of(await env.slash("describe", {"image": png("sea.png")}))
    before = len(cards(env))
    await env.press(described, "Imagine all", by="bob")
    await env.until(lambda: sum(captions(each)[:1] == ["U1"] for each in cards(env)) == 4)
    (submit,) = env.images.submits[1:]
    lines = [env.images.tasks[task_id].prompt for task_id in submit.task_ids]
    made = cards(env)[before:]
    assert len({task_id_of(card) for card in made}) == 4
    for line in lines:
        assert len([each for each in made if line[:30] in each.text.replace("\\", "")]) == 1


@pytest.mark.parametrize(
    "typed", ["a {1,2,3} {1,2,3} {1,2,3} fox", "a fox --repeat 11", "a {red, blue} fox\n" * 5 + "--r 2"]
)
async def test_more_than_ten_are_refused_with_what_was_typed(env: Environment, typed: str) -> None:
    answer = await env.private_answer(await env.slash("imagine", {"prompt": typed}))
    assert "the limit is 10" in answer
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
    await env.press(await panel_of(env, used), "Start all 2")
    await env.until(lambda: len(cards(env)) == 2)
    assert sent(env) == ["a red fox --ar 1:1", "a blue fox --ar 1:1"]
    assert {submit.prefix for submit in env.images.submits} == {"mj-fast"}
    assert all(submit.body["base64Array"] for submit in env.images.submits)


@pytest.mark.parametrize(
    ("first", "second", "prompts"),
    [
        ("Start all 2", "Send as one prompt", ["a red fox", "a blue fox"]),
        ("Send as one prompt", "Start all 2", ["a {red, blue} fox"]),
    ],
)
async def test_of_both_buttons_at_the_same_moment_only_the_first_sends(
    env: Environment, first: str, second: str, prompts: list[str]
) -> None:
    question = await asked(env, "a {red, blue} fox")
    late = question.button(second)["custom_id"]
    with env.images.hold_requests("submit/"):
        await env.press(question, first)
        await env.until(lambda: env.images.submits)
        told = await env.private_answer(await env.person("ada").press(question, late))
    assert "already started" in told
    await env.until(lambda: len(cards(env)) == len(prompts), 40)
    assert sent(env) == prompts


async def test_what_is_refused_of_several_comes_back_whole_to_be_edited(env: Environment) -> None:
    long = "with many words " * 20
    question = await asked(env, f"a {{red, blue, green}} fox {long}", image1=png("a.png"), aspect="3:2")
    for _ in range(2):
        env.images.fail_next("submit/imagine", "code_23")
    pressed = await env.press(question, "Start all 3")
    await env.until(lambda: "Started 1 of 3" in question.text)
    draft = await handed_back(env, pressed)
    opened = await env.press(draft, EDIT)
    assert proposed(opened).splitlines() == [f"a {colour} fox {long}".strip() for colour in ("red", "blue")]
    await env.submit_modal(opened, {"prompt": "a small {red, blue} fox"})
    await env.until(lambda: "Start all 2" in captions(draft))
    await env.press(draft, "Start all 2")
    await env.until(lambda: len(cards(env)) == 3, 40)
    assert sent(env)[-2:] == ["a small red fox --ar 3:2", "a small blue fox --ar 3:2"]
    assert all(submit.body["base64Array"] for submit in env.images.submits)


@pytest.mark.parametrize(("button", "count"), [("Start all 2", 2), ("Send as one prompt", 1)])
async def test_what_is_refused_altogether_comes_back_as_it_was_typed(env: Environment, button: str, count: int) -> None:
    question = await asked(env, "a {red, blue} fox")
    for _ in range(count):
        env.images.fail_next("submit/imagine", "code_4")
    pressed = await env.press(question, button)
    draft = await handed_back(env, pressed)
    assert proposed(await env.press(draft, EDIT)) == "a {red, blue} fox"


async def test_a_second_press_and_a_kill_in_between_send_none_twice(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(settings={"LOST_AFTER": "2"}))
    env.images.hold()
    question = await asked(env, "a {red, blue, green} fox")
    custom_id = question.button("Start all 3")["custom_id"]
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


COLOURS = ("red", "blue", "green")


def titles(env: Environment) -> list[str]:
    """What the cards that show a result say of their fox."""
    return [match[1] for card in cards(env) if (match := re.search(r"a (.+) fox", card.text))]


@pytest.mark.parametrize(
    ("names_all", "callbacks"), [(True, False), (False, False), (False, True)], ids=["named", "listed", "called back"]
)
async def test_what_the_service_expands_itself_is_found_and_shown_each_with_a_card(
    make_env: MakeEnvironment, names_all: bool, callbacks: bool
) -> None:
    env = await make_env(Scenario("trueai-9", callbacks=callbacks))
    env.images.service.options.names_all = names_all
    question = await asked(env, "a {red, blue, green} fox --ar 3:2")
    await env.press(question, "Send as one prompt")
    await env.until(lambda: sorted(titles(env)) == sorted(COLOURS), 40)
    assert sent(env) == ["a {red, blue, green} fox --ar 3:2"]
    card = next(each for each in cards(env) if "red fox" in each.text)
    await env.result_of(await env.press(card, "U1"))


async def test_what_the_service_expands_is_found_after_a_lost_answer_and_a_kill(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario("trueai-9"))
    env.images.hold()
    env.images.fail_next("submit/imagine", "drop", accepted=True)
    question = await asked(env, "a {red, blue} fox")
    await env.press(question, "Send as one prompt")
    await env.until(lambda: len(env.images.tasks) == 2)
    await env.kill_bot()
    await env.start_bot()
    env.images.release()
    await env.until(lambda: sorted(titles(env)) == ["blue", "red"], 40)
    assert len(sent(env)) == 1


async def test_a_failed_one_of_those_is_tried_again_alone(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario("trueai-9"))
    env.images.fail_task("no luck")
    await env.press(await asked(env, "a {red, blue} fox"), "Send as one prompt")

    def failed() -> list[Message]:
        return [each for each in env.discord.messages(env.studio) if "Try again" in captions(each)]

    (card,) = await env.until(failed)
    await env.press(card, "Try again")
    await env.until(lambda: sorted(titles(env)) == ["blue", "red"], 40)
    assert sent(env)[1:] in (["a red fox"], ["a blue fox"])
