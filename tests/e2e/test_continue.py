"""*Continue with…*: the image of a card becomes the start of another engine's."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from PIL import Image

from playground.discord import Interaction, Message, walk
from playground.driver import Environment, Scenario
from tests.e2e.test_engine_choice import listed
from tests.support.environments import MakeEnvironment, captions
from tests.support.panels import panel_of, posted_after

CONTINUE = "Continue with…"


@pytest.fixture
async def env(make_env: MakeEnvironment) -> Environment:
    env = await make_env(Scenario(platform="clean"))
    await listed(env)
    return env


def options_of(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [option for part in walk(components) for option in part.get("options", ())]


def pixels(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        return image.convert("RGB").tobytes()


async def continued(env: Environment, card: Message, engine: str, prompt: str, by: str = "ada") -> Interaction:
    opened = await env.press(card, CONTINUE, by=by)
    return await env.submit_modal(opened, {"engine": [engine], "prompt": prompt})


async def test_a_midjourney_image_is_edited_by_another_engine_and_comes_back_as_a_reference(env: Environment) -> None:
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a red fox --ar 3:2"}))
    edited = await env.result_of(await continued(env, grid, "gpt-image-2", "make it snow"))
    (call,) = env.platform.calls_of("/v1/images/edits")
    assert call.model == "gpt-image-2"
    assert "make it snow" in edited.text
    back = await env.result_of(await continued(env, edited, "midjourney", "a red fox in oil"))
    sent = env.images.submits[-1].body
    assert sent["prompt"].startswith("a red fox in oil")
    assert len(sent["base64Array"]) == 1
    assert base64.b64decode(sent["base64Array"][0].partition(",")[2])
    assert "a red fox in oil" in back.text
    info = await panel_of(env, await env.person("ada").context_menu(back, "Task info"))
    assert "make it snow" in info.text


@pytest.mark.parametrize(
    ("engine", "form"), [("gemini-2.5-flash-image", "data:image/"), ("gpt-4o-image", "http://127.0.0.1")]
)
async def test_a_chat_model_gets_the_image_as_it_takes_it(env: Environment, engine: str, form: str) -> None:
    upscaled = await env.result_of(
        await env.press(await env.result_of(await env.slash("imagine", {"prompt": "a red fox"})), "U1")
    )
    edited = await env.result_of(await continued(env, upscaled, engine, "make it snow"))
    assert edited.attachments
    (call,) = [call for call in env.platform.calls_of("/v1/chat/completions") if call.model == engine]
    said = json.dumps(call.body["messages"])
    assert form in said
    assert "make it snow" in said


async def test_the_button_works_after_a_restart_and_for_others_in_the_channel(env: Environment) -> None:
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a red fox"}))
    await env.stop_bot()
    await env.start_bot()
    edited = await env.result_of(await continued(env, grid, "gpt-image-2", "make it snow", by="bob"))
    assert "make it snow" in edited.text


async def test_what_was_typed_for_an_engine_that_is_gone_can_be_sent_to_another(env: Environment) -> None:
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a red fox"}))
    opened = await env.press(grid, CONTINUE)
    env.platform.catalog.withdraw("gpt-image-2")
    asked = await env.submit_modal(opened, {"engine": ["gpt-image-2"], "prompt": "make it snow"})
    refusal = await panel_of(env, asked)
    assert "make it snow" in refusal.text
    again = await env.press(refusal, "Edit and send again")
    sent = await env.submit_modal(again, {"engine": ["midjourney"], "prompt": "a fox in snow"})
    await env.until(lambda: env.images.submits[-1].body["prompt"] == "a fox in snow")
    assert len(env.images.submits[-1].body["base64Array"]) == 1
    await posted_after(env, sent)


async def test_one_of_several_images_can_be_chosen(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(profile="trueai", partner=True, platform="clean"))
    await listed(env)
    card = await env.result_of(await env.slash("imagine", {"prompt": "a red fox"}))
    opened = await env.press(card, CONTINUE)
    assert opened.modal is not None
    assert "Image 4" in [str(part.get("label")) for part in options_of(opened.modal["components"])]
    third = next(each.data for each in card.attachments if "-3." in each.filename)
    asked = await env.submit_modal(opened, {"engine": ["gpt-image-2"], "image": ["3"], "prompt": "make it snow"})
    await env.result_of(asked)
    (call,) = env.platform.calls_of("/v1/images/edits")
    assert [pixels(sent.data) for sent in call.files] == [pixels(third)]


async def test_one_image_of_a_grid_can_be_chosen_or_all_of_it(env: Environment) -> None:
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a red fox"}))
    opened = await env.press(grid, CONTINUE)
    assert opened.modal is not None
    labels = [str(part.get("label")) for part in options_of(opened.modal["components"])]
    assert labels[-5:] == ["Image 1", "Image 2", "Image 3", "Image 4", "All of them, as one image"]
    whole = grid.attachments[0].data
    for value in ("2", "9"):
        opened = await env.press(grid, CONTINUE)
        asked = await env.submit_modal(opened, {"engine": ["gpt-image-2"], "image": [value], "prompt": "make it snow"})
        await env.result_of(asked)
    second, everything = [call.files[0].data for call in env.platform.calls_of("/v1/images/edits")]
    with Image.open(io.BytesIO(whole)) as image:
        quarter = image.convert("RGB").crop((image.width // 2, 0, image.width, image.height // 2))
        assert pixels(second) == quarter.tobytes()
    assert pixels(everything) == pixels(whole)


async def test_an_image_of_a_grid_without_a_link_is_refused_before_anything_is_sent(env: Environment) -> None:
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a red fox"}))
    opened = await env.press(grid, CONTINUE)
    asked = await env.submit_modal(opened, {"engine": ["gpt-4o-image"], "image": ["2"], "prompt": "make it snow"})
    told = await env.private_answer(asked)
    assert "enlarge the image first" in told
    assert "make it snow" in told
    assert env.platform.calls_of("/v1/chat/completions") == []


async def test_without_another_engine_that_takes_images_there_is_no_button(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario())
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a red fox"}))
    assert CONTINUE not in captions(grid)
