"""*Improve prompt*: three variants and the original, each of which creates an image or is edited first."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.discord import Interaction, Message
from playground.driver import Environment, Scenario
from playground.platform.replies import Reply
from tests.support.environments import MakeEnvironment, captions
from tests.support.models import without_model
from tests.support.panels import drawn, panel_of, posted_after

CHAT = "/v1/chat/completions"
PROMPT = "a red fox --ar 3:2 --no text"
FLAGS = " --ar 3:2 --no text"
# The first one is the original.
CREATE, EDIT = "c", "e"


@pytest.fixture
async def env(make_env: MakeEnvironment) -> Environment:
    return await sold(await make_env(Scenario(platform="clean")))


async def sold(env: Environment) -> Environment:
    """Waits until the bot knows what the platform sells."""
    await env.platform.until(lambda: any(each.status for each in env.platform.calls_of("/v1/models")))
    return env


async def enhanced(env: Environment, prompt: str = PROMPT, **options: str | bool) -> Message:
    return await panel_of(env, await env.slash("enhance", {"prompt": prompt, **options}))


def ids(panel: Message, action: str) -> list[str]:
    """The custom_ids of the buttons for this action, in reading order."""
    return [each["custom_id"] for each in panel.buttons if each["custom_id"].split(":")[3][0] == action]


async def use(env: Environment, panel: Message, action: str, number: int, by: str = "ada") -> Interaction:
    pressed = await env.person(by).press(panel, ids(panel, action)[number])
    return await pressed.answered()


def asked(env: Environment, number: int = -1) -> tuple[str, str]:
    """The instruction and the prompt of a request to the model."""
    messages = env.platform.calls_of(CHAT)[number].body["messages"]
    return messages[0]["content"], messages[1]["content"]


def prefilled(opened: Interaction) -> str:
    assert opened.modal is not None
    return str(opened.modal["components"][0]["component"]["value"])


async def test_a_variant_creates_an_image_with_the_flags_of_the_original_after_a_restart(env: Environment) -> None:
    panel = await enhanced(env)
    assert panel.ephemeral
    assert panel.text.index("Your prompt") < panel.text.index("**1.**") < panel.text.index("**3.**")
    assert captions(panel) == ["Create", "Edit"] * 4
    instruction, words = asked(env)
    assert words == "a red fox"
    assert "Midjourney" in instruction
    assert "English" in instruction
    await env.kill_bot()
    await env.start_bot()
    await posted_after(env, await use(env, panel, CREATE, 2))
    (submit,) = env.images.submits
    assert submit.body["prompt"].startswith("a red fox, ")
    assert submit.body["prompt"].endswith(FLAGS)
    assert len(env.platform.billed) == 1


async def test_the_original_and_an_edited_variant_can_be_sent(env: Environment) -> None:
    panel = await enhanced(env)
    await posted_after(env, await use(env, panel, CREATE, 0))
    opened = await use(env, panel, EDIT, 1)
    assert prefilled(opened).startswith("a red fox, ")
    assert prefilled(opened).endswith(FLAGS)
    await posted_after(env, await env.submit_modal(opened, {"prompt": "a brass owl"}))
    assert [submit.body["prompt"] for submit in env.images.submits] == [PROMPT, "a brass owl"]


async def test_a_double_click_creates_one_image(env: Environment) -> None:
    panel = await enhanced(env)
    first, second = await use(env, panel, CREATE, 1), await use(env, panel, CREATE, 1)
    await posted_after(env, first)
    assert second.messages == []
    assert len(env.images.submits) == 1


async def test_a_person_is_written_to_in_their_language_and_in_english_on_wish(env: Environment) -> None:
    env.person("ada").user.locale = "de"
    panel = await enhanced(env, "ein roter Fuchs")
    assert "German" in asked(env)[0]
    assert captions(panel)[-1] == "In English"
    again = await panel_of(env, await env.press(panel, "In English"))
    instruction, words = asked(env)
    assert "English" in instruction
    assert words == "ein roter Fuchs"
    assert "In English" not in captions(again)
    direct = await enhanced(env, "ein roter Fuchs", english=True)
    assert "English" in asked(env)[0]
    assert captions(direct) == captions(again)
    assert len(env.platform.billed) == 3


async def test_a_refused_prompt_is_improved_with_everything_that_was_chosen(env: Environment) -> None:
    refused = await panel_of(env, await env.slash("imagine", {"prompt": "a forbiddenword owl", "mode": "relax"}))
    assert captions(refused) == ["Edit and send again", "Improve prompt"]
    panel = await panel_of(env, await env.press(refused, "Improve prompt"))
    opened = await use(env, panel, EDIT, 2)
    await posted_after(env, await env.submit_modal(opened, {"prompt": "a brass owl"}))
    assert env.images.submits[-1].body["prompt"] == "a brass owl"
    assert "mj-relax" in env.images.submits[-1].path


async def test_the_prompt_of_a_task_is_improved_from_its_info_and_from_its_card(env: Environment) -> None:
    (grid,) = await drawn(env, "a fox in the snow --ar 2:3")
    info = await panel_of(env, await env.person("bob").context_menu(grid, "Task info"))
    panel = await panel_of(env, await env.press(info, "Improve prompt", by="bob"))
    assert asked(env)[1] == "a fox in the snow"
    assert panel.ephemeral
    opened = await use(env, panel, EDIT, 1, by="bob")
    assert prefilled(opened).endswith(" --ar 2:3")


async def test_a_card_with_few_buttons_and_a_failed_one_have_the_button(env: Environment) -> None:
    (grid,) = await drawn(env, "a fox in the snow --v 6.1")
    single = await env.result_of(await env.press(grid, "U1"))
    assert "Improve prompt" not in captions(single)
    panel = await panel_of(env, await env.press(grid, "Improve prompt", by="bob"))
    assert panel.ephemeral
    assert asked(env)[1] == "a fox in the snow"
    env.images.fail_task("no luck")
    failed = await env.result_of(await env.slash("imagine", {"prompt": "a broken kite"}))
    assert captions(failed) == ["Try again", "Edit prompt", "Improve prompt"]


async def test_the_prompt_of_another_engine_has_no_flags_and_is_sent_to_that_engine(env: Environment) -> None:
    choices = await env.person("ada").autocomplete(env.studio, "enhance", {"engine": "dall"}, focused="engine")
    assert [choice["value"] for choice in choices] == ["dall-e-3"]
    panel = await enhanced(env, PROMPT, engine="dall-e-3")
    instruction, words = asked(env)
    assert "dall-e-3" in instruction
    assert words == "a red fox"
    await posted_after(env, await use(env, panel, CREATE, 1))
    (made,) = env.platform.calls_of("/v1/images/generations")
    assert made.body["model"] == "dall-e-3"
    assert "--" not in made.body["prompt"]
    assert env.images.submits == []


async def test_an_engine_that_is_not_there_is_named_and_the_prompt_given_back(env: Environment) -> None:
    answered = await env.private_answer(await env.slash("enhance", {"prompt": PROMPT, "engine": "crayon"}))
    assert "crayon" in answered
    assert "a red fox" in answered
    assert env.platform.calls_of(CHAT) == []


FAULTS = {
    "close": "may have been billed",
    "bad_gateway": "may have been billed",
    "quota_429": "out of credit",
    "saturated": "busy",
    "wrong_key": "key",
    "safety_400": "doesn't allow",
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_failure_keeps_the_prompt_and_is_asked_again_by_a_person_only(env: Environment, fault: str) -> None:
    env.platform.fail_next(CHAT, fault)
    panel = await enhanced(env)
    assert FAULTS[fault] in panel.text
    assert "a red fox" in panel.text
    assert captions(panel) == ["Create", "Edit", "Ask again"]
    assert len(env.platform.calls_of(CHAT)) == 1
    again = await panel_of(env, await env.press(panel, "Ask again"))
    assert captions(again) == ["Create", "Edit"] * 4
    assert len(env.platform.calls_of(CHAT)) == 2


async def test_a_kill_while_the_model_works_is_told_and_sends_nothing_again(env: Environment) -> None:
    async with env.platform.holding(CHAT):
        used = await env.slash("enhance", {"prompt": PROMPT})
        await env.platform.until(lambda: env.platform.calls_of(CHAT))
        await env.kill_bot()
    await env.start_bot()
    panel = await panel_of(env, used)
    assert "may have been billed" in panel.text
    assert captions(panel) == ["Create", "Edit", "Ask again"]
    assert len(env.platform.calls_of(CHAT)) == 1
    again = await panel_of(env, await env.press(panel, "Ask again"))
    assert captions(again) == ["Create", "Edit"] * 4


def answer(text: str) -> Reply:
    message = {"role": "assistant", "content": text}
    return Reply(200, {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})


async def test_words_of_a_model_neither_ping_nor_format_nor_bring_flags(env: Environment) -> None:
    hostile = "@everyone <@1> **loud** [a](https://evil.example.org/x.png) --turbo --ar 1:1"
    env.platform.fail_next(CHAT, answer(f"1. {hostile}\n2. ||hidden|| # head\n3. {'very ' * 2_000}long"))
    panel = await enhanced(env)
    assert r"\@everyone \<\@1\> \*\*loud\*\* \[a\]\(https\://evil" in panel.text
    assert r"\|\|hidden\|\| \# head" in panel.text
    assert len(panel.text) <= 4_000
    assert prefilled(await use(env, panel, EDIT, 1)).endswith(FLAGS)
    assert "--turbo" not in prefilled(await use(env, panel, EDIT, 1))
    assert len(prefilled(await use(env, panel, EDIT, 3))) <= 4_000


async def test_a_model_that_declines_leaves_the_prompt_to_be_sent_as_it_is(env: Environment) -> None:
    env.platform.fail_next(CHAT, answer("I'm sorry, I can't help with that."))
    panel = await enhanced(env)
    assert "not with prompts" in panel.text
    await posted_after(env, await use(env, panel, CREATE, 0))
    assert env.images.submits[-1].body["prompt"] == PROMPT


@pytest.mark.parametrize("prompt", ["--ar 3:2", "https://images.example.org/a.png --v 7"])
async def test_a_prompt_without_words_is_given_back_and_nothing_is_sent(env: Environment, prompt: str) -> None:
    answered = await env.private_answer(await env.slash("enhance", {"prompt": prompt}))
    assert "no words" in answered or "empty" in answered
    assert env.platform.calls_of(CHAT) == []


async def test_without_a_model_for_it_the_command_says_so_and_gives_the_prompt_back(
    make_env: MakeEnvironment, tmp_path: Path
) -> None:
    env = await without_model(make_env, tmp_path, "enhance", "chat")
    answered = await env.private_answer(await env.slash("enhance", {"prompt": PROMPT}))
    assert "no model" in answered
    assert "a red fox" in answered
    refused = await panel_of(env, await env.slash("imagine", {"prompt": "a forbiddenword owl"}))
    assert captions(refused) == ["Edit and send again"]
