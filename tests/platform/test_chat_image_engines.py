"""Engines of chat models: what is sent with a command and a button, and what is stored for later buttons."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence

import pytest

from bot.engines.errors import (
    Limitation,
    NotOffered,
    Unsuitable,
)
from bot.engines.models import Finished, PressInputs
from bot.engines.options import COUNT, RATIO
from bot.engines.platform import chat_messages
from bot.engines.platform.chat_engine import ChatEngine
from bot.engines.platform.chat_messages import MAX_BYTES, MAX_EDGE
from bot.media.image import from_data_url
from bot.platform.client import PlatformClient
from bot.platform.engines_file import InputForm
from storage import Action, InputImage, Request, Task
from tests.midjourney.service import ScriptedService
from tests.support import platform_samples as samples
from tests.support.chat_engines import (
    BOAT,
    CDN,
    LINK,
    PAPER_BOAT,
    answered,
    asked,
    engine_for,
    finished,
    mj_chat,
    press,
    sample,
    sent,
    task_of,
)
from tests.support.picture_host import noise, picture


async def test_the_aspect_ratio_is_a_word_of_the_prompt(service: ScriptedService, platform: PlatformClient) -> None:
    service.will(sample("sd-chat-ok.json"))
    await asked(engine_for(platform), PAPER_BOAT.with_options(**{RATIO: "16:9"}))
    assert sent(service) == [{"role": "user", "content": "a paper boat, aspect ratio 16:9"}]


async def test_links_come_first_for_models_that_download_images(
    service: ScriptedService, platform: PlatformClient
) -> None:
    service.will(sample("reverse-4oall-image-ok.json"))
    images = [InputImage("image/png", picture(), url=url) for url in (LINK, f"{LINK}4")]
    await asked(engine_for(platform), PAPER_BOAT, *images)
    assert sent(service) == [{"role": "user", "content": f"{LINK} {LINK}4 a paper boat"}]


@pytest.mark.parametrize(
    ("data", "as_it_is"),
    [
        (picture("PNG", (1_536, 900)), True),
        (picture("WEBP", (64, 64)), True),
        (picture("PNG", (1_600, 900)), False),
        (noise(1_200, 1_200), False),
        (picture("GIF", (64, 64)), False),
    ],
    ids=["within the limits", "webp", "wide", "heavy", "gif"],
)
async def test_images_as_data_are_sent_within_the_limits_of_all_models(
    service: ScriptedService, platform: PlatformClient, data: bytes, as_it_is: bool
) -> None:
    service.will(sample("gemini-image-data-url.json"))
    await asked(engine_for(platform, InputForm.DATA), PAPER_BOAT, InputImage("image/png", data))
    image, words = sent(service)[0]["content"]
    assert words == {"type": "text", "text": BOAT}
    received, facts = from_data_url(image["image_url"]["url"], 10_000_000)
    assert (received == data) is as_it_is
    assert max(facts.width, facts.height) <= MAX_EDGE
    assert len(received) <= MAX_BYTES
    assert facts.media_type in image["image_url"]["url"]


@pytest.mark.parametrize(
    ("inputs", "image", "limitation"),
    [
        (InputForm.NONE, InputImage("image/png", picture(), url=LINK), Limitation.NO_INPUTS),
        (InputForm.LINK, InputImage("image/png", picture()), Limitation.NO_LINK),
        (InputForm.DATA, InputImage("image/png", b"no image"), Limitation.UNREADABLE_INPUT),
    ],
)
async def test_an_image_that_the_model_cannot_get_is_refused_before_anything_is_sent(
    service: ScriptedService, platform: PlatformClient, inputs: InputForm, image: InputImage, limitation: Limitation
) -> None:
    with pytest.raises(Unsuitable) as caught:
        await asked(engine_for(platform, inputs), PAPER_BOAT, image)
    assert caught.value.limitation is limitation
    assert service.heard == []


def test_a_request_is_compared_with_the_profile(platform: PlatformClient) -> None:
    engine_for(platform).check(PAPER_BOAT, 2)
    with pytest.raises(Unsuitable):
        engine_for(platform, InputForm.NONE).check(PAPER_BOAT, 1)
    with pytest.raises(Unsuitable):
        engine_for(platform, prompt_limit=5).check(PAPER_BOAT, 0)
    mj_chat(platform).check(PAPER_BOAT, 2)
    with pytest.raises(Unsuitable) as caught:
        mj_chat(platform).check(PAPER_BOAT.with_options(**{COUNT: "2"}), 0)
    assert caught.value.limitation is Limitation.FLAGS


def labels(engine: ChatEngine, task: Task) -> Sequence[str]:
    return [button.label or button.name for button in engine.buttons(task)]


async def test_only_a_model_that_reads_images_has_buttons_that_change_one(
    service: ScriptedService, platform: PlatformClient
) -> None:
    service.will(sample("reverse-4oall-image-ok.json"))
    task = task_of(await finished(engine_for(platform)))
    for inputs in (InputForm.LINK, InputForm.DATA):
        engine = engine_for(platform, inputs)
        assert labels(engine, task) == ["Vary", "Edit", "Again", "Ratio"]
        needs = {button.label: engine.press_inputs(button) for button in engine.buttons(task)}
        link = inputs is InputForm.LINK
        assert needs["Edit"] == needs["Vary"] == PressInputs(image=1, link=link)
        assert needs["Again"] == PressInputs(inputs=True, link=link)
    assert labels(engine_for(platform, InputForm.NONE), task) == ["Again", "Ratio"]


async def test_an_edit_continues_the_conversation_and_asking_again_replaces_its_last_question(
    service: ScriptedService, platform: PlatformClient
) -> None:
    service.will(sample("reverse-4oall-image-ok.json"))
    engine, image = engine_for(platform), InputImage("image/png", picture(), url=LINK)
    first = task_of(await finished(engine))
    instruction = Request(Action.BUTTON, prompt="make it night", engine="any-model")
    edited = await press(engine, first, "Edit", image, prompt=instruction.prompt)
    assert isinstance(edited, Finished)
    question, answer, change = sent(service)
    assert (question["content"], answer["role"]) == (BOAT, "assistant")
    assert f"![file_00000000abcd]({CDN}boat.png)" in answer["content"]
    assert change["content"] == f"{LINK} make it night"
    second = task_of(edited, instruction)
    await press(engine, second, "Again", image)
    assert sent(service) == [question, answer, change]
    await press(engine, second, "Edit", image, prompt="and snow")
    assert [message["role"] for message in sent(service)] == ["user", "assistant"] * 2 + ["user"]
    assert sent(service)[:3] == [question, answer, change]
    await press(engine, first, "Again")
    assert sent(service) == [question]
    await press(engine, first, "Vary", image)
    assert sent(service)[2]["content"] == f"{LINK} Make a variation of this image: a paper boat"


async def test_a_model_that_takes_data_gets_the_image_and_the_instruction_alone(
    service: ScriptedService, platform: PlatformClient
) -> None:
    service.will(sample("gemini-image-data-url.json"))
    engine = engine_for(platform, InputForm.DATA)
    task = task_of(await finished(engine))
    assert task.result.conversation == ""
    await press(engine, task, "Edit", InputImage("image/png", picture()), prompt="make it night")
    [message] = sent(service)
    assert message["content"][1] == {"type": "text", "text": "make it night"}


async def test_a_press_of_mj_chat_is_the_example_request(service: ScriptedService, platform: PlatformClient) -> None:
    service.will(sample("mjchat-imagine-ok.json"))
    engine = mj_chat(platform)
    task = task_of(await finished(engine))
    assert labels(engine, task) == ["U1", "U2", "U3", "U4", "Reroll", "V1", "V2", "V3", "V4"]
    assert {button.input for button in engine.buttons(task)} == {"none"}
    assert [button.group for button in engine.buttons(task)] == ["upscale"] * 4 + ["other"] + ["vary"] * 4
    await press(engine, task, "U1")
    assert service.heard[-1].json == json.loads(samples.body("mjchat-followup-request.json"))


async def test_a_button_whose_answer_is_not_stored_is_refused_without_a_request(
    service: ScriptedService, platform: PlatformClient
) -> None:
    service.will(sample("mjchat-imagine-ok.json"))
    engine = mj_chat(platform)
    task = task_of(await finished(engine))
    task = dataclasses.replace(task, result=dataclasses.replace(task.result, conversation="[not json"))
    with pytest.raises(NotOffered):
        await press(engine, task, "U1")
    assert len(service.heard) == 1


async def test_buttons_that_need_a_form_of_midjourney_are_left_out_and_a_result_without_any_can_be_made_again(
    service: ScriptedService, platform: PlatformClient
) -> None:
    rows = "|Region|Vary (Region)|2|MJ::Inpaint::1::0af3::SOLO|\n|Zoom|Zoom Out 2x|2|MJ::Outpaint::50::1::0af3::SOLO|\n"
    service.will(answered(f"![a]({CDN}1.png)\n\n{rows}"))
    engine = mj_chat(platform)
    assert labels(engine, task_of(await finished(engine))) == ["Zoom Out 2x"]
    service.will(answered(f"![a]({CDN}1.png)"))
    plain = task_of(await finished(engine))
    assert labels(engine, plain) == ["Again"]
    await press(engine, plain, "Again")
    assert sent(service) == [{"role": "user", "content": BOAT}]


async def test_a_long_answer_keeps_its_table(service: ScriptedService, platform: PlatformClient) -> None:
    rows = "|name|U1|2|MJ::JOB::upsample::1::0af3|"
    service.will(answered(f"> {'long ' * 20_000}\n![a]({CDN}1.png)\n{rows}"))
    engine = mj_chat(platform)
    task = task_of(await finished(engine))
    assert len(task.result.conversation) <= chat_messages.MAX_STORED
    await press(engine, task, "U1")
    assert rows in sent(service)[1]["content"]


def test_a_stored_conversation_keeps_the_newest_exchanges_whole() -> None:
    turns = [(f"question {number}", f"answer {number} {'x' * 5_000}") for number in range(5)]
    assert chat_messages.restored(chat_messages.stored(turns)) == turns[2:]
    assert chat_messages.stored([("q", "x" * chat_messages.MAX_STORED)]) == ""


@pytest.mark.parametrize("text", ["", "[", "{}", "[1]", '[["a"]]', '[["a", 1]]', '[["", "b"]]', "[" * 100_000])
def test_a_stored_conversation_that_cannot_be_read_is_none(text: str) -> None:
    assert list(chat_messages.restored(text)) == []
