"""Each endpoint of the official form, read by the bot's own client, at every profile that has it."""

from __future__ import annotations

import asyncio
import base64
import json
from contextlib import aclosing
from datetime import date
from typing import Literal

import aiohttp
import pytest

from bot.engines.errors import AuthFailed, NotOffered, ServiceRefused
from bot.platform.chat import follow_up
from bot.platform.chat_answer import ChatAnswer, ChatEnd
from bot.platform.errors import EndpointMissing, FieldRefused, ModelNotOffered
from bot.platform.image_collector import FoundImage
from bot.platform.prices import Price, PriceUnit
from bot.platform.requests import (
    ChatMessage,
    ImageEditRequest,
    ImageLink,
    ImagePart,
    ImageRequest,
    SpeechRequest,
    TranscriptionRequest,
    TranslationRequest,
)
from playground.images.pictures import decoded
from playground.platform import PROFILES, Pace
from playground.platform.speech import as_opus, as_wav, heard_in
from tests.playground_platform.conftest import Sell, Sold, asking, picture, recording
from tests.support.openai_requests import official_description

PROMPT = "a paper boat on a lake"
TALKERS = ("gpt-5-mini", "gpt-4o", "gemini-2.5-flash", "gpt-4-gizmo-g-abcdef123", "gpt-3.5-turbo-instruct")
DRAWERS = ("gpt-4o-image", "gpt-4-all", "stable-diffusion", "gemini-2.5-flash-image", "mj-chat")
PAINTERS = ("dall-e-3", "gpt-image-2", "flux-schnell", "stable-diffusion-3")
profiles = pytest.mark.parametrize("profile", PROFILES)


async def bytes_of(sold: Sold, image: FoundImage) -> bytes:
    """The file of an image of an answer."""
    if image.data_url:
        return base64.b64decode(image.data_url.partition(",")[2])
    async with sold.session.get(image.url) as response:
        return await response.read()


async def shows(sold: Sold, image: FoundImage) -> str:
    """The prompt of an image, as the platform recognizes it."""
    return sold.local.pictures.prompt_of(decoded(await bytes_of(sold, image)))


def captions(answer: ChatAnswer) -> list[str]:
    """What stands on the buttons of an answer."""
    return [button.label for button in answer.generation.buttons]


@profiles
@pytest.mark.parametrize("model", TALKERS)
@pytest.mark.parametrize("stream", [True, False])
async def test_an_answer_is_about_what_was_said(sell: Sell, profile: str, model: str, stream: bool) -> None:
    sold = await sell(profile)
    answer = await sold.client.chat.ask(asking(model, "a red fox", stream=stream))
    assert answer.end is ChatEnd.COMPLETE
    assert answer.text.startswith("About “a red fox”: ")
    assert len(sold.local.billed) == 1


@profiles
@pytest.mark.parametrize("model", DRAWERS)
async def test_a_chat_model_draws(sell: Sell, profile: str, model: str) -> None:
    sold = await sell(profile)
    request = asking(model, PROMPT, stream=(profile, model) != ("one-api", "gemini-2.5-flash-image"))
    answer = await sold.client.chat.ask(request, expects_images=True)
    assert answer.end is ChatEnd.COMPLETE
    (image,) = answer.images
    assert await shows(sold, image) == PROMPT
    assert [call.model for call in sold.local.billed] == [model]


@profiles
@pytest.mark.parametrize("model", PAINTERS)
async def test_an_image_is_generated(sell: Sell, profile: str, model: str) -> None:
    sold = await sell(profile)
    answer = await sold.client.images.generate(ImageRequest(model=model, prompt=PROMPT))
    while answer.task and not answer.task.images:
        await asyncio.sleep(0.01)
        task = await sold.client.image_tasks.fetch(answer.task)
        assert task.error is None
        answer = type(answer)(task.images, task)
    assert (answer.task is not None) == (model in PROFILES[profile].tasks)
    (image,) = answer.images
    assert await shows(sold, image) == PROMPT
    assert len(sold.local.billed) == 1


@profiles
async def test_images_are_changed_where_the_platform_can(sell: Sell, profile: str) -> None:
    sold = await sell(profile)
    source = sold.local.pictures.paint(PROMPT)
    request = ImageEditRequest(model="gpt-image-2", prompt="make it snow", images=[picture(source.data)])
    if profile == "one-api":
        with pytest.raises(EndpointMissing):
            await sold.client.images.edit(request)
        return
    (image,) = (await sold.client.images.edit(request)).images
    assert await shows(sold, image) == "make it snow"


@profiles
async def test_similar_texts_have_near_vectors(sell: Sell, profile: str) -> None:
    sold = await sell(profile)
    texts = ["a red fox in the snow", "red foxes in snow", "a castle at night"]
    if profile == "reverse":
        with pytest.raises(EndpointMissing):
            await sold.client.embeddings.embed("text-embedding-3-small", texts)
        return
    found = await sold.client.embeddings.embed("text-embedding-3-small", texts)
    fox, foxes, castle = found.vectors
    assert found.space.length == 256
    assert sum(a * b for a, b in zip(fox, foxes, strict=True)) > 0.5
    assert sum(a * b for a, b in zip(fox, castle, strict=True)) < 0.3


async def test_vectors_are_as_long_and_as_packed_as_was_asked(clean: Sold) -> None:
    found = await clean.client.embeddings.embed("text-embedding-3-small", ["a fox"], dimensions=64)
    assert found.space.length == 64
    answers = [
        await (
            await clean.post(
                "/v1/embeddings", {"model": "text-embedding-3-small", "input": "a fox", "encoding_format": form}
            )
        ).json()
        for form in ("float", "base64")
    ]
    assert len(answers[0]["data"][0]["embedding"]) == 256
    assert len(base64.b64decode(answers[1]["data"][0]["embedding"])) == 256 * 4


@profiles
async def test_a_recording_is_understood_where_the_platform_can(sell: Sell, profile: str) -> None:
    sold = await sell(profile)
    file = recording(as_opus("ein kleiner Fuchs im Schnee"))
    if profile == "reverse":
        with pytest.raises(EndpointMissing):
            await sold.client.audio.transcribe(TranscriptionRequest(model="whisper-1", file=file))
        return
    spoken = await sold.client.audio.transcribe(TranscriptionRequest(model="whisper-1", file=file))
    translated = await sold.client.audio.transcribe(TranslationRequest(model="whisper-1", file=file))
    assert (spoken.text, translated.text) == ("ein kleiner Fuchs im Schnee", "a small fox in the snow")


@profiles
@pytest.mark.parametrize(("form", "media_type"), [("opus", "audio/ogg"), ("wav", "audio/wav")])
async def test_a_text_is_spoken(sell: Sell, profile: str, form: Literal["opus", "wav"], media_type: str) -> None:
    sold = await sell(profile)
    request = SpeechRequest(model="tts-1", input="a boat", voice="nova", response_format=form)
    sound = await sold.client.audio.speak(request)
    assert (sound.media_type, heard_in(sound.data)) == (media_type, "a boat")


async def test_a_newer_model_translates_no_recording(clean: Sold) -> None:
    request = TranslationRequest(model="gpt-4o-mini-transcribe", file=recording(as_opus("ein Fuchs")))
    with pytest.raises(ServiceRefused, match="not supported"):
        await clean.client.audio.transcribe(request)


async def test_other_recordings_are_told_by_their_length(clean: Sold) -> None:
    wav = as_wav("xxxxx")
    silent = wav[: wav.rfind(b"text")]
    request = TranscriptionRequest(model="whisper-1", file=recording(silent, "voice.wav"))
    assert (await clean.client.audio.transcribe(request)).text == "A recording of 0.4 seconds"


@profiles
async def test_models_are_listed(sell: Sell, profile: str) -> None:
    sold = await sell(profile)
    found = await sold.client.models.models()
    assert {model.id for model in found.models} == set(sold.local.catalog.models)
    assert found.sells("gpt-4-gizmo-g-abcdef123")
    named = {model.id: model.endpoints for model in found.models}["dall-e-3"]
    assert named == (("image-generation",) if profile == "new-api" else ())


@profiles
async def test_prices_are_told_where_the_platform_does(sell: Sell, profile: str) -> None:
    sold = await sell(profile)
    if profile != "new-api":
        with pytest.raises(NotOffered):
            await sold.client.models.prices()
        return
    found = await sold.client.models.prices()
    assert found["dall-e-3"] == Price(0.01, PriceUnit.CALL)
    assert found["gpt-5-mini"] == Price(0.6, PriceUnit.MILLION_TOKENS)


@profiles
async def test_the_balance_is_told_where_the_platform_does(sell: Sell, profile: str) -> None:
    sold = await sell(profile)
    if profile == "reverse":
        with pytest.raises(NotOffered):
            await sold.client.models.balance(date(2026, 11, 26))
        return
    await sold.client.chat.ask(asking("gpt-5-mini", "a fox"))
    balance = await sold.client.models.balance(date(2026, 11, 26))
    assert balance.used == pytest.approx(0.01)
    assert balance.limit == (None if profile == "new-api" else 25.0)


@pytest.mark.parametrize("profile", ["clean", "new-api", "reverse"])
async def test_buttons_of_mj_chat_are_pressed(sell: Sell, profile: str) -> None:
    sold = await sell(profile)
    request = asking("mj-chat", PROMPT)
    grid = await sold.client.chat.ask(request, expects_images=True)
    assert captions(grid) == ["U1", "U2", "U3", "U4", "🔄", "V1", "V2", "V3", "V4"]
    presses = {}
    for button in grid.generation.buttons:
        messages = follow_up(request.messages, grid, button)
        answer = await sold.client.chat.ask(request.model_copy(update={"messages": messages}), expects_images=True)
        assert await shows(sold, answer.images[0]) == PROMPT
        presses[button.label] = answer
    assert len({presses[label].images[0].url for label in presses}) == 9
    assert captions(presses["U2"])[0] == "Upscale (Subtle)"
    assert captions(presses["V2"])[0] == "U1"


async def test_a_button_of_another_account_is_dead(clean: Sold) -> None:
    request = asking("mj-chat", "U1: custom_id MJ::JOB::upsample::1::1b7c")
    answer = await clean.client.chat.ask(request, expects_images=True)
    assert answer.end is ChatEnd.FAILED


async def test_progress_is_streamed_step_by_step(clean: Sold) -> None:
    clean.local.pace = Pace(part=0.0, step=0.5, steps=3, side=64)
    async with aclosing(clean.client.chat.stream(asking("gpt-4o-image", PROMPT), expects_images=True)) as answers:
        steps = (answer.progress async for answer in answers)
        assert await anext(step async for step in steps if step) in (25, 50, 75)


async def test_a_drawn_image_is_changed_in_the_conversation(clean: Sold) -> None:
    request = asking("gpt-4o-image", PROMPT)
    first = await clean.client.chat.ask(request, expects_images=True)
    more = [
        *request.messages,
        ChatMessage(role="assistant", content=first.raw_text),
        ChatMessage(role="user", content="make it red"),
    ]
    second = await clean.client.chat.ask(request.model_copy(update={"messages": more}), expects_images=True)
    alone = await clean.client.chat.ask(asking("gpt-4o-image", "make it red"), expects_images=True)
    assert await bytes_of(clean, second.images[0]) != await bytes_of(clean, alone.images[0])


async def test_a_gpt_draws_when_it_is_asked_to(clean: Sold) -> None:
    answer = await clean.client.chat.ask(asking("gpt-4-gizmo-g-abcdef123", "draw a fox"), expects_images=True)
    assert await shows(clean, answer.images[0]) == "draw a fox"


@pytest.mark.parametrize("by_link", [True, False])
async def test_a_vision_model_sees_what_was_painted(clean: Sold, by_link: bool) -> None:
    painted = clean.local.pictures.paint("a lighthouse in a storm", aspect=2.0)
    url = clean.local.state.url_of(painted) if by_link else painted.data_url
    part = ImagePart(image_url=ImageLink(url=url))
    answer = await clean.client.chat.ask(asking("gpt-4o", "What is this?", images=(part,)))
    assert "a wide image (92×44 pixels) of a lighthouse in a storm, mostly " in answer.text.lower()


async def test_a_large_image_is_fetched_as_a_whole(sell: Sell) -> None:
    sold = await sell(pace=Pace(part=0.0, side=768))
    painted = sold.local.pictures.paint("a lighthouse", packed=False)
    assert len(painted.data) > 1_000_000
    part = ImagePart(image_url=ImageLink(url=sold.local.state.url_of(painted)))
    assert "768×768" in (await sold.client.chat.ask(asking("gpt-4o", "What is this?", images=(part,)))).text


async def test_models_for_links_take_no_data_urls(sell: Sell) -> None:
    sold = await sell("reverse")
    painted = sold.local.pictures.paint("a lighthouse")
    part = ImagePart(image_url=ImageLink(url=painted.data_url))
    request = asking("gpt-4-all", "make it red", images=(part,))
    with pytest.raises(Exception, match="send a link"):
        await sold.client.chat.ask(request)
    link = sold.local.state.url_of(painted)
    answer = await sold.client.chat.ask(asking("gpt-4-all", f"{link} make it red"), expects_images=True)
    assert await shows(sold, answer.images[0]) == "make it red"


async def test_fields_that_a_model_does_not_take_are_refused_or_dropped(sell: Sell) -> None:
    request = ImageRequest(model="gpt-image-2", prompt="a fox", style="vivid")
    sold = await sell("clean")
    with pytest.raises(FieldRefused) as refused:
        await sold.client.images.generate(ImageRequest(model="dall-e-3", prompt="a fox", background="opaque"))
    assert refused.value.field == "background"
    assert (await sold.client.images.generate(request)).images  # the client leaves `style` out
    assert ["style" in call.body for call in sold.local.calls_of(request.path)] == [False, True, False]
    dropping = await sell("new-api")
    assert (await dropping.client.images.generate(request)).images
    assert len(dropping.local.requests) == 1


async def test_limits_are_counted_in_characters_or_bytes(sell: Sell) -> None:
    request = SpeechRequest(model="tts-1", input="я" * 3_000, voice="nova")
    assert (await (await sell("clean")).client.audio.speak(request)).data
    with pytest.raises(Exception, match="too_long"):
        await (await sell("one-api")).client.audio.speak(request)


async def test_a_long_line_is_lost_at_an_old_gateway(sell: Sell) -> None:
    sold = await sell("one-api", pace=Pace(part=0.0, step=0.01, steps=1, side=256))
    answer = await sold.client.chat.ask(asking("gemini-2.5-flash-image", PROMPT), expects_images=True)
    assert (answer.end, answer.images) == (ChatEnd.CUT, ())
    again = await sold.client.chat.ask(asking("gemini-2.5-flash-image", PROMPT), expects_images=True)
    assert again.images
    assert ["stream" in call.body for call in sold.local.billed] == [True, False]


@profiles
async def test_what_is_not_sold_is_refused(sell: Sell, profile: str) -> None:
    sold = await sell(profile)
    sold.local.catalog.withdraw("dall-e-3")
    with pytest.raises(ModelNotOffered):
        await sold.client.images.generate(ImageRequest(model="dall-e-3", prompt="a fox"))
    sold.local.catalog.sell("sdxl", "images")
    assert (await sold.client.images.generate(ImageRequest(model="sdxl", prompt="a fox"))).images
    assert [call.model for call in sold.local.billed] == ["sdxl"]


async def test_the_key_is_wanted(clean: Sold) -> None:
    clean.local.key = "sk-another"
    with pytest.raises(AuthFailed):
        await clean.client.models.models()


async def test_the_journal_keeps_what_was_asked(clean: Sold) -> None:
    await clean.client.chat.ask(asking("gpt-5-mini", "a fox", stream=False))
    (call,) = clean.local.calls_of("/v1/chat/completions")
    method, path, model, body, headers = call
    assert (method, path, model) == ("POST", "/v1/chat/completions", "gpt-5-mini")
    assert body == {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "a fox"}]}
    assert headers["Authorization"].startswith("Bearer ")
    assert (call.status, call.carried_out) == (200, True)


async def test_requests_are_checked_against_the_official_description(clean: Sold) -> None:
    await clean.client.chat.ask(asking("gpt-5-mini", "a fox"))
    assert clean.local.violations == []
    await clean.post("/v1/chat/completions", {"model": "gpt-5-mini", "messages": [{"role": "user"}]})
    assert bool(clean.local.violations) is (official_description() is not None)


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"model": 7}', b'{"model": "gpt-5-mini"}'])
async def test_a_body_that_cannot_be_read_is_refused(clean: Sold, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {clean.local.key}"}
    url = f"{clean.local.base_url}/v1/chat/completions"
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        assert (answer.status, "error" in json.loads(await answer.read())) == (400, True)
    assert clean.local.billed == []
