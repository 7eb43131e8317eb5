"""What cannot be done is said privately, in words, and nothing is sent."""

from __future__ import annotations

import pytest

from playground.discord import OptionValue, UploadedFile
from playground.driver import Environment, Scenario, public_messages
from playground.local_service import HOST, held_port
from tests.support.environments import MakeEnvironment, captions
from tests.support.panels import panel_of

TEXT = UploadedFile("notes.txt", "text/plain", b"no picture")
LIAR = UploadedFile("liar.png", "image/png", b"no picture either")
HUGE = UploadedFile("huge.png", "image/png", b"\x89PNG" + b"\0" * (32 * 1024 * 1024))
SLOTS_AND_PLACES = 3 + 10
BOOSTED = 50 * 1024 * 1024


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"prompt": "   "}, "Your prompt is empty"),
        ({"prompt": "a fox", "image1": TEXT}, "notes.txt"),
        ({"prompt": "a fox", "image2": LIAR}, "liar.png"),
        ({"prompt": "a fox", "image1": HUGE}, "too large"),
    ],
    ids=["blanks", "text file", "no picture inside", "too large"],
)
async def test_bad_input_gets_a_private_answer_and_nothing_is_sent(
    env: Environment, options: dict[str, OptionValue], said: str
) -> None:
    env.discord.guild("Atelier").attachment_size_limit = BOOSTED
    asked = await env.slash("imagine", options)
    assert said in await env.private_answer(asked)
    await env.until(lambda: all(message.ephemeral or message.deleted for message in asked.messages))
    assert env.images.submits == []


async def test_a_refusal_of_the_service_is_told_to_the_presser_alone(env: Environment) -> None:
    asked = await env.slash("imagine", {"prompt": "a forbiddenword owl"})
    assert "forbiddenword" in await env.private_answer(asked)
    assert [message for message in asked.messages if not message.ephemeral and not message.deleted] == []


async def test_a_button_of_an_unknown_task_says_so_and_what_to_do(env: Environment) -> None:
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a fox"}))
    await env.stop_bot()
    for file in env.folder.glob("atelier.db*"):
        file.unlink()
    await env.start_bot()
    pressed = await env.press(grid, "U1")
    assert "/imagine" in await env.private_answer(pressed)
    assert len(env.images.submits) == 1


async def test_an_unknown_task_cannot_be_shown(env: Environment) -> None:
    asked = await env.slash("show", {"task": "nosuchtask"})
    assert "can't find that task" in await env.private_answer(asked)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("code_24", "doesn't allow"),
        ("code_23", "queue is full"),
        ("code_9", "failed"),
        ("code_3", "no account available"),
        ("code_4", "rejected this"),
        ("limit", "limit"),
        ("rate_limited", "overloaded"),
    ],
)
async def test_each_refusal_of_the_service_is_told_in_words_to_the_presser_alone(
    env: Environment, fault: str, said: str
) -> None:
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a fox"}))
    env.images.fail_next("submit/action", fault)
    pressed = await env.press(grid, "U1", by="bob")
    answer = await env.private_answer(pressed)
    assert said in answer
    assert len([word for word in ("try", "Try", "Change", "Check") if word in answer]) > 0
    assert public_messages(pressed) == []
    # The button still works.
    await env.result_of(await env.press(grid, "U1", by="bob"))


@pytest.mark.parametrize("profile", ["trueai", "plus"])
async def test_a_full_queue_is_said_so_by_whatever_code_it_comes(make_env: MakeEnvironment, profile: str) -> None:
    env = await make_env(Scenario(profile=profile))
    env.images.hold()
    # No one person fills the service's queue: the bot holds back what they ask beyond a few.
    people = ("ada", "bob", "owner", "mod")
    for number in range(SLOTS_AND_PLACES):
        await env.slash("imagine", {"prompt": f"fox {number}"}, by=people[number % len(people)])
    await env.until(lambda: len(env.images.tasks) == SLOTS_AND_PLACES)
    asked = await env.slash("imagine", {"prompt": "one fox too many"}, by="mod")
    assert "queue is full" in await env.private_answer(asked)


async def test_a_picture_that_the_service_has_forgotten_is_said_to_be_unknown(env: Environment) -> None:
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a fox"}))
    env.images.tasks.clear()
    assert "no longer has this image" in await env.private_answer(await env.press(grid, "U1"))


async def test_a_wrong_key_is_told_to_the_presser_and_logged_once(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(settings={"MJ_API_KEY": "not-the-key"}))
    for number in range(3):
        asked = await env.slash("imagine", {"prompt": f"a fox {number}"})
        assert "doesn't accept the bot's key" in await env.private_answer(asked)
    await env.bot.logged("ERROR", "key")
    assert len([line for line in env.bot.lines if "ERROR" in line and "key" in line]) == 1
    assert "not-the-key" not in "\n".join(env.bot.lines)


async def test_a_service_that_is_down_is_told_and_logged_once_and_over_when_it_is_back(
    make_env: MakeEnvironment,
) -> None:
    with held_port() as nobody_listens:
        env = await make_env(Scenario(settings={"MJ_API_URL": f"http://{HOST}:{nobody_listens}"}))
        for number in range(2):
            refused = await panel_of(env, await env.slash("imagine", {"prompt": f"a fox {number}"}))
            assert "can't be reached" in refused.text
            assert f"a fox {number}" in refused.text
            assert "Edit and send again" in captions(refused)
    await env.bot.logged("the image service is unavailable")
    assert len([line for line in env.bot.lines if "the image service is unavailable" in line]) == 1


async def test_a_button_that_the_service_turns_out_not_to_take_says_so_and_goes(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(settings={"MJ_PROFILE": "unknown"}))
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a fox"}))
    single = await env.result_of(await env.press(grid, "U1"))
    assert "doesn't support this button" in await env.private_answer(await env.press(single, "❤️"))
    await env.until(lambda: "Favorite" not in captions(single))
    info = await panel_of(env, await env.person("ada").context_menu(single, "Task info"))
    assert "Derived images" not in info.text
