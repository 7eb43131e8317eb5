"""What is asked of a model, what is made of its answer, and what people are told when there is none."""

from __future__ import annotations

import base64
import io
import json
import re

import pytest
from PIL import Image

from bot.language.image_descriptions import alt_texts, image_descriptions
from bot.language.languages import language_of
from bot.language.prompt_variants import PromptSyntax, fitted, parts_of, prompt_variants
from bot.language.recordings import recorded_words, recording_of
from bot.platform.service import Platform
from bot.tasks.errors import UserError
from tests.language.conftest import MakePlatform
from tests.midjourney.service import DROP, Reply, ScriptedService, js
from tests.support.pictures import png_bytes
from tests.support.recordings import opus, wav

MIDJOURNEY = PromptSyntax("midjourney", flags=True)
DALLE = PromptSyntax("dall-e-3", flags=False, characters=4_000, octets=4_000)
THREE = "1. a red fox\n2. a fox at dawn\n3. an old fox"
LINK = "https://images.example.org/a(1).png"


def answer(text: str | None, finish: str = "stop") -> Reply:
    return js({"choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}]})


def error(status: int, message: str, **more: object) -> Reply:
    return js({"error": {"message": message, "type": "", **more}}, status)


@pytest.mark.parametrize(
    ("typed", "words", "lead", "tail"),
    [
        ("a fox --ar 3:2 --no text, birds", "a fox", "", " --ar 3:2 --no text, birds"),
        ("a fox —ar 16:9 —v 7 --sref 123", "a fox", "", " --ar 16:9 --v 7 --sref 123"),
        (f"{LINK} {LINK} a fox --iw 2", "a fox", f"{LINK} {LINK} ", " --iw 2"),
        ("a fox", "a fox", "", ""),
    ],
)
async def test_flags_and_input_links_stay_to_the_letter_and_are_never_sent(
    service: ScriptedService, platform: Platform, typed: str, words: str, lead: str, tail: str
) -> None:
    service.will(answer("1. a red fox --ar 1:1 --turbo\n2. a fox at dawn\n3. an old fox"))
    variants = await prompt_variants(platform, typed, MIDJOURNEY, "German")
    assert variants == tuple(f"{lead}{each}{tail}" for each in ("a red fox", "a fox at dawn", "an old fox"))
    (asked,) = service.heard
    instruction, prompt = (message["content"] for message in asked.json["messages"])
    assert prompt == words
    assert "Midjourney" in instruction
    assert "German" in instruction
    assert "{" not in instruction


async def test_other_engines_get_no_flags(service: ScriptedService, platform: Platform) -> None:
    service.will(answer("1. a red fox --v 7\n2. a fox at dawn"))
    assert await prompt_variants(platform, "a fox --ar 3:2", DALLE, "English") == ("a red fox", "a fox at dawn")
    assert "dall-e-3" in service.heard[0].json["messages"][0]["content"]


@pytest.mark.parametrize(
    "syntax", [PromptSyntax("midjourney", flags=True), PromptSyntax("d", flags=False, characters=90)]
)
async def test_a_variant_is_shortened_by_whole_words_to_what_the_engine_takes(
    service: ScriptedService, platform: Platform, syntax: PromptSyntax
) -> None:
    service.will(answer("1. " + "quick foxes, " * 900))
    (variant,) = await prompt_variants(platform, "a fox --ar 3:2", syntax, "English")
    assert syntax.characters - 30 < len(variant) <= syntax.characters
    assert re.fullmatch(r"(?:quick foxes, )+quick(?: foxes)?(?: --ar 3:2)?", variant)


def test_words_are_cut_between_words_and_within_the_bytes() -> None:
    assert fitted("a red fox", 9) == "a red fox"
    assert fitted("a red fox", 8) == "a red"
    assert fitted("a red, fox", 6) == "a red"
    assert fitted("äää ööö", 7, 7) == "äää"
    assert fitted("漢字漢字", 4, 7) == "漢字"
    assert parts_of("--ar 3:2", MIDJOURNEY).words == ""


@pytest.mark.parametrize("typed", ["--ar 3:2", f"{LINK} --ar 3:2", LINK])
async def test_a_prompt_without_words_is_not_sent(service: ScriptedService, platform: Platform, typed: str) -> None:
    with pytest.raises(UserError, match="no_prompt_words"):
        await prompt_variants(platform, typed, MIDJOURNEY, "English")
    assert service.heard == []


FAULTS = {
    "refusal": (answer("I'm sorry, I can't help with that."), "model_wrote_nothing"),
    "filter": (answer(None, "content_filter"), "platform_declined"),
    "empty": (answer(""), "platform_no_result"),
    "dropped": (DROP, "platform_answer_lost"),
    "web_page": (Reply(200, b"<html>", "text/html"), "platform_answer_lost"),
    "credit": (error(429, "saturated", code="insufficient_user_quota"), "platform_no_credit"),
    "busy": (error(429, "saturated"), "platform_busy"),
    "key": (error(401, "invalid token"), "platform_auth"),
    "no_channel": (error(503, "no available channel", code="model_not_found"), "no_text_model"),
    "no_endpoint": (error(404, "Invalid URL (POST /v1/chat/completions)"), "no_text_model"),
    "banned": (error(400, "no", code="content_policy_violation"), "platform_declined"),
    "invalid": (error(400, "the prompt is odd", code="invalid_request"), "platform_refused"),
    "failed": (error(500, "upstream failed"), "platform_answer_lost"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_every_failure_is_told_and_nothing_is_sent_twice(
    service: ScriptedService, platform: Platform, fault: str
) -> None:
    reply, code = FAULTS[fault]
    service.will(reply)
    with pytest.raises(UserError, match=code):
        await prompt_variants(platform, "a fox", MIDJOURNEY, "English")
    assert len(service.heard) == 1


async def test_an_answer_that_was_cut_off_still_has_its_first_lines(
    service: ScriptedService, platform: Platform
) -> None:
    service.will(answer("1. a red fox\n2. a fo", "length"))
    assert "a red fox" in await prompt_variants(platform, "a fox", MIDJOURNEY, "English")


@pytest.mark.parametrize("size", [(4_000, 1_000), (300, 200)])
async def test_an_image_is_described_from_a_small_jpeg(
    service: ScriptedService, platform: Platform, size: tuple[int, int]
) -> None:
    service.will(answer("1. a teal field\n2. a calm sea --ar 3:2\n3. a wall\n4. a screen\n5. one more"))
    lines = await image_descriptions(platform, png_bytes("teal", size), "French")
    assert lines == ("a teal field", "a calm sea", "a wall", "a screen")
    system, user = service.heard[0].json["messages"]
    assert "French" in system["content"]
    (part,) = user["content"]
    head, _, data = part["image_url"]["url"].partition(",")
    assert head == "data:image/jpeg;base64"
    seen = Image.open(io.BytesIO(base64.b64decode(data)))
    assert max(seen.size) == min(1_536, max(size))


async def test_alt_texts_of_several_images_cost_one_call(service: ScriptedService, platform: Platform) -> None:
    service.will(answer("1. A teal field.\n2. A red field."))
    images = [png_bytes("teal"), png_bytes("red")]
    assert await alt_texts(platform, images, "English") == ("A teal field.", "A red field.")
    assert len(service.heard) == 1
    service.will(answer("A teal field."))
    assert await alt_texts(platform, images, "English") == ()
    assert await alt_texts(platform, images[:1], "English") == ("A teal field.",)


@pytest.mark.parametrize("translated", [False, True])
async def test_a_recording_is_sent_once_with_a_name_that_says_what_it_is(
    service: ScriptedService, platform: Platform, translated: bool
) -> None:
    service.will(js({"text": " ein Fuchs im Schnee "}))
    recording = recording_of(opus())
    assert recording
    assert await recorded_words(platform, recording, translated=translated) == "ein Fuchs im Schnee"
    (asked,) = service.heard
    assert asked.path == f"/v1/audio/{'translations' if translated else 'transcriptions'}"
    assert b'filename="voice.ogg"' in asked.body


async def test_a_large_recording_is_sent_as_it_is(service: ScriptedService, platform: Platform) -> None:
    service.will(js({"text": "a fox"}))
    recording = recording_of(wav(400))
    assert recording
    assert len(recording.data) > 6_000_000
    assert await recorded_words(platform, recording, translated=False) == "a fox"
    assert recording.data in service.heard[0].body


async def test_silence_and_a_lost_transcript_are_told(service: ScriptedService, platform: Platform) -> None:
    recording = recording_of(opus())
    assert recording
    for reply, code in ((js({"text": ""}), "no_speech"), (DROP, "platform_answer_lost")):
        service.will(reply)
        with pytest.raises(UserError, match=code):
            await recorded_words(platform, recording, translated=False)
    assert len(service.heard) == 2


async def test_without_a_model_nothing_is_sent(service: ScriptedService, make_platform: MakePlatform) -> None:
    recording = recording_of(opus())
    assert recording
    for platform in (None, make_platform('["dall-e-3"]')):
        with pytest.raises(UserError, match="no_text_model"):
            await prompt_variants(platform, "a fox", MIDJOURNEY, "English")
        with pytest.raises(UserError, match="no_vision_model"):
            await image_descriptions(platform, png_bytes(), "English")
        for translated, code in ((False, "no_transcription_model"), (True, "no_translation_model")):
            with pytest.raises(UserError, match=code):
                await recorded_words(platform, recording, translated=translated)
    assert service.heard == []


def test_discords_locales_have_the_names_of_their_languages() -> None:
    named = {locale: language_of(locale) for locale in ("de", "pt-BR", "es-419", "sv-SE", "zh-TW", "en-GB", "xx", "")}
    assert json.dumps(list(named.values())) == json.dumps(
        ["German", "Portuguese", "Spanish", "Swedish", "Traditional Chinese", "English", "English", "English"]
    )
