"""A second engine goes through the whole bot: its image comes in the answer, and it has no task to poll or find."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.tasks.fair_queue import PER_PERSON
from playground.bot_process import BotProcess
from playground.driver import Environment, Scenario
from tests.support.environments import MakeEnvironment, captions
from tests.support.panels import panel_of
from tests.support.sketch_service import SketchService, drawing_of, sketch_service

SKETCH_PROGRAM = ("-m", "tests.support.sketch_engine")


@pytest.fixture
async def sketches() -> AsyncIterator[SketchService]:
    async with sketch_service() as service:
        yield service


@pytest.fixture
async def env(make_env: MakeEnvironment, sketches: SketchService) -> Environment:
    return await make_env(Scenario(program=SKETCH_PROGRAM, settings={"SKETCH_URL": sketches.url}))


async def test_its_image_and_its_buttons_are_shown_and_a_press_makes_the_next_one(
    env: Environment, sketches: SketchService
) -> None:
    card = await env.result_of(await env.slash("imagine", {"prompt": "a brass owl", "engine": "sketch"}))
    assert [attachment.data for attachment in card.attachments] == [drawing_of("a brass owl")]
    assert "sketch" in card.text
    assert captions(card)[:2] == ["Change", "Again"]
    again = await env.result_of(await env.press(card, "Again"))
    assert [attachment.data for attachment in again.attachments] == [drawing_of("a brass owl")]
    assert sketches.prompts == ["a brass owl", "a brass owl"]
    assert env.images.submits == []


async def test_a_button_that_asks_for_a_prompt_opens_a_form_with_the_earlier_one(
    env: Environment, sketches: SketchService
) -> None:
    card = await env.result_of(await env.slash("imagine", {"prompt": "a brass owl", "engine": "sketch"}))
    opened = await env.press(card, "Change")
    changed = await env.result_of(await env.submit_modal(opened, {"prompt": "a silver owl"}))
    assert [attachment.data for attachment in changed.attachments] == [drawing_of("a silver owl")]
    assert sketches.prompts[-1] == "a silver owl"


async def test_its_buttons_work_after_a_restart(env: Environment, sketches: SketchService) -> None:
    card = await env.result_of(await env.slash("imagine", {"prompt": "a brass owl", "engine": "sketch"}))
    await env.stop_bot()
    await env.start_bot()
    await env.result_of(await env.press(card, "Again"))
    assert len(sketches.prompts) == 2


@pytest.mark.parametrize(("word", "said"), [("forbidden", "doesn't allow"), ("broken", "image service")])
async def test_a_refusal_is_told_to_the_person_alone(
    env: Environment, sketches: SketchService, word: str, said: str
) -> None:
    asked = await env.slash("imagine", {"prompt": f"a {word} owl", "engine": "sketch"})
    refused = await env.private_answer(asked)
    assert said in refused
    assert len(sketches.prompts) == 1


async def test_a_lost_answer_is_never_sent_again_and_the_card_says_so(
    env: Environment, sketches: SketchService
) -> None:
    card = await env.result_of(await env.slash("imagine", {"prompt": "a lost owl", "engine": "sketch"}))
    assert "billed" in card.text
    assert captions(card) == ["Try again", "Edit prompt"]
    assert sketches.prompts == ["a lost owl"]


async def test_a_kill_while_it_draws_leads_to_a_card_that_says_what_is_unknown(
    env: Environment, sketches: SketchService
) -> None:
    asked = await env.slash("imagine", {"prompt": "a slow owl", "engine": "sketch"})
    await env.until(lambda: sketches.prompts == ["a slow owl"])
    await env.kill_bot()
    await env.start_bot()
    card = await env.result_of(asked)
    assert "billed" in card.text
    assert sketches.prompts == ["a slow owl"]


async def test_people_see_that_it_is_generating(env: Environment, sketches: SketchService) -> None:
    asked = await env.slash("imagine", {"prompt": "a slow owl", "engine": "sketch"})
    await env.until(lambda: any("Generating" in message.text for message in asked.messages))
    sketches.release.set()
    card = await env.result_of(asked)
    assert [attachment.data for attachment in card.attachments] == [drawing_of("a slow owl")]


async def test_an_engine_that_is_not_there_is_named_with_those_that_are(env: Environment) -> None:
    refused = await env.private_answer(await env.slash("imagine", {"prompt": "an owl", "engine": "crayon"}))
    assert "crayon" in refused
    assert "midjourney, sketch" in refused


async def test_tasks_of_an_engine_that_was_removed_stay_visible_and_say_why_they_cannot_be_repeated(
    env: Environment, sketches: SketchService, make_env: MakeEnvironment
) -> None:
    card = await env.result_of(await env.slash("imagine", {"prompt": "a lost owl", "engine": "sketch"}))
    await env.stop_bot()
    env.bot = BotProcess(env.settings(), env.folder)
    await env.start_bot()
    told = await env.private_answer(await env.press(card, "Try again"))
    assert "sketch" in told
    assert len(sketches.prompts) == 1
    info = await panel_of(env, await env.person("ada").context_menu(card, "Task info"))
    assert "a lost owl" in info.text


async def test_what_waits_in_the_bot_for_an_engine_that_was_removed_is_refused_on_its_card(
    env: Environment, sketches: SketchService
) -> None:
    env.images.hold()
    for number in range(PER_PERSON):
        await env.slash("imagine", {"prompt": f"boat {number}"})
    await env.until(lambda: len(env.images.submits) == PER_PERSON)
    asked = await env.slash("imagine", {"prompt": "an owl", "engine": "sketch"})
    await env.until(lambda: any("In the bot's queue" in message.text for message in asked.messages))
    await env.stop_bot()
    env.bot = BotProcess(env.settings(), env.folder)
    await env.start_bot()
    env.images.release()
    await env.until(lambda: any("no longer set up here" in message.text for message in asked.messages))
    assert sketches.prompts == []


async def test_progress_in_the_answer_is_shown_with_its_preview_and_never_goes_back(
    env: Environment, sketches: SketchService
) -> None:
    asked = await env.slash("imagine", {"prompt": "a staged owl", "engine": "sketch"})
    sketches.step(10)
    await env.until(lambda: any("10%" in message.text for message in asked.messages))
    sketches.step(50, preview=drawing_of("half an owl"))
    sketches.step(30)
    await env.until(lambda: any("50%" in message.text for message in asked.messages))
    [card] = asked.messages
    await env.until(lambda: [file.data for file in card.attachments] == [drawing_of("half an owl")])
    assert "30%" not in card.text
    sketches.finish()
    shown = await env.result_of(asked)
    assert [file.data for file in shown.attachments] == [drawing_of("a staged owl")]
    assert sketches.prompts == ["a staged owl"]


async def test_a_kill_after_some_progress_leads_to_a_card_without_the_preview(
    env: Environment, sketches: SketchService
) -> None:
    asked = await env.slash("imagine", {"prompt": "a staged owl", "engine": "sketch"})
    sketches.step(40, preview=drawing_of("half an owl"))
    await env.until(lambda: any(message.attachments for message in asked.messages))
    await env.kill_bot()
    await env.start_bot()
    card = await env.result_of(asked)
    assert "billed" in card.text
    assert card.attachments == []
    assert captions(card) == ["Try again", "Edit prompt"]
    assert sketches.prompts == ["a staged owl"]
