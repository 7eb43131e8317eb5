"""A bot without a platform: it does not offer what it can never do, and answers for what it posted while it had one."""

from __future__ import annotations

import pytest

from playground.discord import Interaction, Message, UploadedFile
from playground.discord.client_input import ClientRefused
from playground.driver import Environment, Scenario
from playground.platform.speech import as_opus
from tests.support.chats import answer_of, until_listed
from tests.support.environments import MakeEnvironment, captions
from tests.support.forked import ForkedBotProcess
from tests.support.panels import drawn, panel_of, posted_after
from tests.support.pictures import png

COMMANDS = {"chat", "speak", "enhance", "transcribe", "translate", "Describe in words"}
ABSENT = "no platform"


async def menu(env: Environment, message: Message, name: str) -> Interaction:
    return await (await env.person("ada").context_menu(message, name)).answered()


@pytest.fixture
async def env(make_env: MakeEnvironment) -> Environment:
    env = await make_env(Scenario(platform="clean"))
    await until_listed(env)
    return env


async def without_platform(env: Environment) -> None:
    """Starts the bot again without its platform."""
    calls = len(env.platform.requests)
    await env.stop_bot()
    env.bot = ForkedBotProcess({**env.settings(), "PLATFORM_API_URL": "", "PLATFORM_API_KEY": ""}, env.folder)
    await env.start_bot()
    assert len(env.platform.requests) == calls


def names(env: Environment) -> set[str]:
    """What Discord offers."""
    return {str(command["name"]) for command in env.person("ada").offered(env.studio)}


async def test_commands_that_need_a_platform_are_registered_only_with_one(env: Environment) -> None:
    assert names(env) >= COMMANDS
    everything = names(env)
    await without_platform(env)
    assert names(env) == everything - COMMANDS
    with pytest.raises(ClientRefused):
        await env.slash("chat", {"prompt": "a long question"})


async def test_buttons_of_a_chat_say_that_there_is_no_platform(env: Environment) -> None:
    answer = await answer_of(env, await env.slash("chat", {"prompt": "a paper boat"}))
    await without_platform(env)
    billed = len(env.platform.billed)
    for caption in captions(answer):
        assert ABSENT in await env.private_answer(await env.press(answer, caption, by="bob"))
    assert not answer.deleted
    assert len(env.platform.billed) == billed


@pytest.mark.parametrize("caption", ["Continue", "Create image"])
async def test_a_form_that_was_opened_before_gives_back_what_was_typed(env: Environment, caption: str) -> None:
    answer = await answer_of(env, await env.slash("chat", {"prompt": "a paper boat"}))
    opened = await env.press(answer, caption)
    await without_platform(env)
    told = await env.private_answer(await env.submit_modal(opened, {"prompt": "and a long question"}))
    assert ABSENT in told
    assert "and a long question" in told


async def test_a_long_text_to_be_read_is_given_back(env: Environment) -> None:
    text = "A paper boat sails. " * 190
    used = await env.slash("speak", {"text": text[:2_000] + "。" * 1_500})
    assert used.modal
    await without_platform(env)
    assert ABSENT in await env.private_answer(await env.submit_modal(used, {"prompt": "A paper boat sails."}))


async def test_buttons_that_ask_a_model_say_so_and_offered_prompts_can_still_be_used(env: Environment) -> None:
    offered = await panel_of(env, await env.slash("enhance", {"prompt": "a red fox"}))
    refused = await panel_of(env, await env.slash("imagine", {"prompt": "a forbiddenword owl"}))
    (grid,) = await drawn(env, "a fox")
    assert "Improve prompt" in captions(refused)
    assert "Improve prompt" in captions(grid)
    await without_platform(env)
    for message in (refused, grid):
        assert ABSENT in await env.private_answer(await env.press(message, "Improve prompt"))
    await posted_after(env, await env.press(offered, "Create"))
    info = await panel_of(env, await env.person("ada").context_menu(grid, "Task info"))
    assert not {"Improve prompt", "Describe in words"} & set(captions(info))


async def test_text_becomes_a_prompt_and_a_recording_is_refused(env: Environment) -> None:
    text = await env.person("bob").say(env.studio, "a brass owl")
    voice = UploadedFile("voice-message.ogg", "audio/ogg", as_opus("a fox"), seconds=2.0)
    said = await env.person("bob").say(env.studio, "", [voice])
    spoken = await panel_of(env, await menu(env, said, "Use as prompt"))
    assert "Improve prompt" in captions(spoken)
    await without_platform(env)
    panel = await panel_of(env, await menu(env, text, "Use as prompt"))
    assert captions(panel) == ["Create image", "Copy text"]
    assert ABSENT in await env.private_answer(await menu(env, said, "Use as prompt"))
    assert ABSENT in await env.private_answer(await env.press(spoken, "Improve prompt"))


async def test_the_image_service_describes_images(env: Environment) -> None:
    await without_platform(env)
    message = await env.person("bob").say(env.studio, "", [png("sea.png")])
    await env.result_of(await menu(env, message, "Describe"))
    assert env.images.submits[-1].endpoint == "submit/describe"
