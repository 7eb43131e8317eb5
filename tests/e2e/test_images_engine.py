"""The image models of a platform in Discord: cards, buttons that never expire, refusals and failures."""

from __future__ import annotations

import base64
import io
import sqlite3
from contextlib import closing
from typing import Any

import aiohttp
import pytest
from PIL import Image, ImageChops

from playground.discord import Message
from playground.driver import Environment, Scenario
from playground.platform import Fault
from playground.platform.faults import MEANINGS
from playground.platform.profiles import PROFILES
from playground.platform.requests import Received
from tests.support.environments import MakeEnvironment, task_id_of
from tests.support.environments import captions as all_captions
from tests.support.pictures import png

# Differences of brightness that scaling alone causes.
NOISE = 40
# The bot's own controls for every image.
CONTROLS = ("Continue with…", "Improve prompt")
GENERATE, EDIT = "/v1/images/generations", "/v1/images/edits"


def buttons(card: Message) -> list[str]:
    """The captions of the engine's buttons."""
    return [caption for caption in captions(card) if caption not in CONTROLS]


@pytest.fixture
async def env(make_env: MakeEnvironment) -> Environment:
    return await make_env(Scenario(platform="clean"))


OWN = ("Vary", "Edit", "Vary (Region)", "Again", "Ratio", "Try again", "Edit prompt")


def captions(message: Message) -> list[str]:
    """What stands on the buttons of the engine and of failures, among those that other parts of the bot add."""
    numbered = [f"{letter}{number}" for letter in "VER" for number in range(1, 5)]
    return [caption for caption in all_captions(message) if caption in (*OWN, *numbered)]


def bodies(env: Environment, path: str) -> list[dict[str, Any]]:
    return [dict(request.body) for request in env.platform.calls_of(path)]


async def test_an_image_and_its_buttons_through_restart_refusal_and_failure(env: Environment) -> None:
    asked = await env.slash("imagine", {"prompt": "a paper boat --ar 16:9 --v 7", "engine": "dall-e-3"})
    card = await env.result_of(asked)
    assert "dall-e-3 · 16:9" in card.text
    assert r"left out: \-\-v 7" in card.text
    assert buttons(card) == ["Again", "Ratio"]
    assert len(card.attachments) == 1
    first = {"model": "dall-e-3", "prompt": "a paper boat", "size": "1792x1024", "response_format": "url"}
    assert bodies(env, GENERATE) == [first]
    again = await env.result_of(await env.press(card, "Again"))
    opened = await env.press(card, "Ratio")
    square = await env.result_of(await env.submit_modal(opened, {"ratio": ["1:1"]}))
    assert bodies(env, GENERATE) == [first, first, {**first, "size": "1024x1024"}]
    await env.stop_bot()
    await env.start_bot()
    third = await env.result_of(await env.press(square, "Again"))
    assert bodies(env, GENERATE)[3:] == [{**first, "size": "1024x1024"}]
    env.platform.fail_next(GENERATE, "safety_500")
    refused = await env.private_answer(await env.press(again, "Again"))
    assert "doesn't allow" in refused
    env.platform.fail_next(GENERATE, Fault.CLOSE)
    failed = await env.result_of(await env.press(third, "Again"))
    assert "billed" in failed.text
    assert buttons(failed) == ["Try again"]
    await env.result_of(await env.press(failed, "Try again"))
    assert len(bodies(env, GENERATE)) == 7


def sent_images(request: Received) -> list[bytes]:
    return [file.data for file in request.files if file.field_name.removesuffix("[]") == "image"]


def differing(before: bytes, after: bytes) -> tuple[int, int, int, int] | None:
    """The box within which two images differ visibly."""
    one, other = (Image.open(io.BytesIO(data)).convert("RGB") for data in (before, after))
    apart = ImageChops.difference(one, other.resize(one.size)).convert("L")
    return apart.point(lambda value: 255 if value > NOISE else 0).getbbox()


async def test_an_image_is_edited_varied_and_repeated_with_the_picture_it_came_from(env: Environment) -> None:
    card = await env.result_of(await env.slash("imagine", {"prompt": "a tin robot", "engine": "gpt-image-2"}))
    assert buttons(card) == ["Vary", "Edit", "Vary (Region)", "Again", "Ratio"]
    (shown,) = card.attachments
    opened = await env.press(card, "Edit")
    edited = await env.result_of(await env.submit_modal(opened, {"prompt": "give it a hat --ar 3:2"}))
    (call,) = env.platform.calls_of(EDIT)
    assert call.body == {"model": "gpt-image-2", "prompt": "give it a hat", "size": "1536x1024"}
    assert differing(sent_images(call)[0], shown.data) is None
    assert edited.reference_id == card.id
    again = await env.result_of(await env.press(edited, "Again"))
    assert sent_images(env.platform.calls_of(EDIT)[1]) == sent_images(call)
    assert env.platform.calls_of(EDIT)[1].body == call.body
    await env.result_of(await env.press(again, "Vary"))
    varied = env.platform.calls_of(EDIT)[2]
    assert differing(sent_images(varied)[0], again.attachments[0].data) is None
    assert varied.body["prompt"] == "give it a hat"


async def with_region(env: Environment, card: Message, button: str, area: str) -> Message:
    """Picks an area under the private message that a button sends; the result."""
    pressed = await env.press(card, button)
    await env.until(lambda: bool(pressed.messages and pressed.messages[0].buttons))
    opened = await env.press(pressed.messages[0], "Pick areas instead")
    before = env.discord.messages(env.studio)
    await env.submit_modal(opened, {"prompt": "a red hat", "area": [area]})
    (result,) = await env.until(
        lambda: [each for each in env.discord.messages(env.studio) if each not in before and "Again" in buttons(each)]
    )
    return result


async def test_a_region_is_painted_in_the_editor_on_the_image_itself(env: Environment) -> None:
    card = await env.result_of(await env.slash("imagine", {"prompt": "a tin robot", "engine": "gpt-image-2"}))
    pressed = await env.press(card, "Vary (Region)")
    (url,) = await env.until(lambda: [each["url"] for m in pressed.messages for each in m.buttons if "url" in each])
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), raise_for_status=True) as session:
        await session.post(f"{url}/open", json={})
        async with session.get(f"{url}/picture") as answer:
            picture = await answer.read()
        assert differing(picture, card.attachments[0].data) is None
        out = io.BytesIO()
        Image.new("L", Image.open(io.BytesIO(picture)).size, 255).save(out, "PNG")
        mask = base64.b64encode(out.getvalue()).decode()
        await session.post(f"{url}/mask", json={"prompt": "a red hat", "mask": mask})
    result = await env.result_of(pressed)
    assert result.reference_id == card.id
    assert [file.field_name for file in env.platform.calls_of(EDIT)[0].files] == ["image", "mask"]


async def test_a_region_changes_only_the_region_and_can_be_repeated(env: Environment) -> None:
    card = await env.result_of(await env.slash("imagine", {"prompt": "a tin robot", "engine": "gpt-image-2"}))
    before = card.attachments[0].data
    changed = await with_region(env, card, "Vary (Region)", "left")
    width, height = Image.open(io.BytesIO(before)).size
    box = differing(before, changed.attachments[0].data)
    assert box is not None
    assert box[2] <= width // 2 + 1
    (call,) = env.platform.calls_of(EDIT)
    mask = Image.open(io.BytesIO(next(file.data for file in call.files if file.field_name == "mask")))
    assert (mask.size, mask.mode) == ((width, height), "RGBA")
    assert mask.getchannel("A").getpixel((0, 0)) == 0, "the region is transparent"
    assert mask.getchannel("A").getpixel((width - 1, 0)) == 255
    await env.stop_bot()
    await env.start_bot()
    await env.result_of(await env.press(changed, "Again"))
    assert [file.data for file in env.platform.calls_of(EDIT)[1].files] == [file.data for file in call.files]


async def test_an_image_whose_url_has_ended_is_taken_from_its_message(env: Environment) -> None:
    env.platform.catalog.sell("flux-kontext", "images")
    card = await env.result_of(await env.slash("imagine", {"prompt": "a brass owl", "engine": "flux-kontext"}))
    env.platform.pictures.files.clear()
    opened = await env.press(card, "Edit")
    await env.result_of(await env.submit_modal(opened, {"prompt": "at night"}))
    (call,) = env.platform.calls_of(EDIT)
    assert differing(sent_images(call)[0], card.attachments[0].data) is None


async def test_images_that_a_person_attaches_are_edited_where_the_model_can_and_refused_before_sending_otherwise(
    env: Environment,
) -> None:
    options: dict[str, Any] = {
        "prompt": "make it snow",
        "image1": png("hill.png", "green"),
        "image2": png("tree.png", "brown"),
    }
    card = await env.result_of(await env.slash("imagine", {**options, "engine": "gpt-image-2"}))
    (call,) = env.platform.calls_of(EDIT)
    assert [file.field_name for file in call.files] == ["image[]", "image[]"]
    again = await env.result_of(await env.press(card, "Again"))
    assert buttons(again)
    assert sent_images(env.platform.calls_of(EDIT)[1]) == sent_images(call)
    refused = await env.private_answer(await env.slash("imagine", {**options, "engine": "dall-e-3"}))
    assert "can't start from images" in refused
    assert env.platform.calls_of(GENERATE) == []


async def test_several_images_of_one_call_have_buttons_of_their_own(env: Environment) -> None:
    asked = await env.slash("imagine", {"prompt": "a brass owl", "engine": "gpt-image-2", "count": 3})
    card = await env.result_of(asked)
    assert len(card.attachments) == 3
    assert buttons(card) == ["V1", "V2", "V3", "Again", "Ratio", "E1", "E2", "E3", "R1", "R2", "R3"]
    await with_region(env, card, "R2", "top")
    (call,) = env.platform.calls_of(EDIT)
    assert differing(sent_images(call)[0], card.attachments[1].data) is None
    assert call.body == {"model": "gpt-image-2", "prompt": "a red hat"}


@pytest.mark.parametrize("profile", PROFILES)
async def test_every_kind_of_platform_makes_its_images_into_cards(make_env: MakeEnvironment, profile: str) -> None:
    env = await make_env(Scenario(platform=profile))
    models = ("dall-e-3", "gpt-image-2", "flux-schnell", "stable-diffusion-3")
    asked = [await env.slash("imagine", {"prompt": f"an owl for {model}", "engine": model}) for model in models]
    cards = [await env.result_of(each) for each in asked]
    assert [len(card.attachments) for card in cards] == [1, 1, 1, 1]
    assert all(model in card.text for model, card in zip(models, cards, strict=True))
    assert len(env.platform.billed) == len(models)


async def test_buttons_that_need_a_missing_endpoint_disappear(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(platform="one-api"))
    card = await env.result_of(await env.slash("imagine", {"prompt": "a tin robot", "engine": "gpt-image-2"}))
    opened = await env.press(card, "Edit")
    refused = await env.private_answer(await env.submit_modal(opened, {"prompt": "give it a hat"}))
    assert "gpt" in refused
    assert "give it a hat" in refused, "what was typed is kept"
    await env.until(lambda: buttons(card) == ["Again", "Ratio"])


async def test_a_press_that_is_refused_while_its_card_shows_progress_can_be_tried_again(env: Environment) -> None:
    card = await env.result_of(await env.slash("imagine", {"prompt": "a tin robot", "engine": "gpt-image-2"}))
    env.platform.hold(EDIT)
    env.platform.fail_next(EDIT, "saturated")
    pressed = await env.press(card, "Vary")
    await env.until(lambda: any("Generating" in message.text for message in pressed.messages))
    await env.platform.release()
    failed = await env.result_of(pressed)
    assert "overloaded" in failed.text
    again = await env.result_of(await env.press(failed, "Try again"))
    assert "Vary" in captions(again)
    first, second = env.platform.calls_of(EDIT)
    assert sent_images(first) == sent_images(second)


SAID = {
    "credit": "out of credit",
    "key": "doesn't accept the bot's key",
    "model": "doesn't offer",
    "busy": "overloaded",
    "rate": "reached one of its limits",
    "content": "doesn't allow",
    "invalid": "rejected this",
    "blocked": "image service failed",
    "lost": "billed",
}


async def test_every_failure_of_a_platform_is_explained_and_sent_once(env: Environment) -> None:
    faults = {name: meaning for name, meaning in MEANINGS.items() if meaning in SAID}
    for number, (name, meaning) in enumerate(faults.items()):
        # Each has a model of its own, because a refusal can hide a model.
        model = f"flux-{number}"
        env.platform.catalog.sell(model, "images")
        env.platform.fail_next(GENERATE, name, model=model)
        asked = await env.slash("imagine", {"prompt": "a brass owl", "engine": model})
        if meaning == "lost":
            card = await env.result_of(asked)
            assert SAID[meaning] in card.text, name
            assert buttons(card) == ["Try again", "Edit prompt"], name
        else:
            refused = await env.private_answer(asked)
            assert SAID[meaning] in refused, name
            assert "a brass owl" in refused, name
        assert sum(request.model == model for request in env.platform.requests) == 1, name
        assert env.platform_key not in "\n".join(env.bot.lines)


async def test_an_image_that_only_its_message_still_has_is_shown_again_and_edited(env: Environment) -> None:
    card = await env.result_of(await env.slash("imagine", {"prompt": "a tin robot", "engine": "gpt-image-2"}))
    await env.stop_bot()
    with closing(sqlite3.connect(env.folder / "atelier.db")) as connection, connection:
        connection.execute("DELETE FROM thumbnails WHERE role = 'image'")
    await env.start_bot()
    shown = await env.result_of(await env.slash("show", {"task": task_id_of(card)}))
    assert [each.data for each in shown.attachments] == [each.data for each in card.attachments]
    opened = await env.press(shown, "Edit")
    await env.result_of(await env.submit_modal(opened, {"prompt": "give it a hat"}))
    (call,) = env.platform.calls_of(EDIT)
    assert differing(sent_images(call)[0], card.attachments[0].data) is None
