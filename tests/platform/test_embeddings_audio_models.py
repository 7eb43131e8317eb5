"""Embeddings, audio, models and the balance over HTTP."""

from __future__ import annotations

import base64
import math
import struct
from datetime import date
from typing import Any

import pytest

from bot.engines.errors import AnswerLost, EngineError, NotSent, Unavailable, Unreadable, Unusable
from bot.platform.audio import Sound, sound_kind
from bot.platform.client import PlatformClient
from bot.platform.embeddings import read_embeddings
from bot.platform.models import Balance, read_models, read_subscription, read_usage
from bot.platform.requests import File, SpeechRequest, TranscriptionRequest, TranslationRequest
from storage import VectorSpace
from tests.midjourney.service import HALF, Reply, ScriptedService, js, plain, stream
from tests.support import platform_samples as samples

OGG = File(data=b"OggS", name="voice.ogg", media_type="audio/ogg")
SPEECH = SpeechRequest(model="any", input="a boat", voice="any")


def vectors(*values: Any, model: str = "m") -> dict[str, Any]:
    return {"model": model, "data": [{"index": at, "embedding": value} for at, value in enumerate(values)]}


async def test_vectors_have_the_order_of_their_texts_and_length_one(
    service: ScriptedService, platform: PlatformClient
) -> None:
    body = vectors([3, 4], [0, -2])
    body["data"].reverse()
    service.will(js(body))
    found = await platform.embeddings.embed("asked", ["a", "b"], dimensions=2)
    assert found.space == VectorSpace("m", 2)
    assert [list(vector) for vector in found.vectors] == [pytest.approx([0.6, 0.8]), [0, -1]]
    assert service.heard[0].json["dimensions"] == 2


async def test_many_texts_are_embedded_in_parts(service: ScriptedService, platform: PlatformClient) -> None:
    parts = [js(vectors(*([float(at), 1.0] for at in range(count)))) for count in (32, 32, 6)]
    service.will(*parts)
    found = await platform.embeddings.embed("m", [f"text {number}" for number in range(70)])
    assert len(found.vectors) == 70
    assert [len(heard.json["input"]) for heard in service.heard] == [32, 32, 6]
    assert service.heard[2].json["input"][-1] == "text 69"


async def test_large_vectors_are_read(service: ScriptedService, platform: PlatformClient) -> None:
    service.will(js(vectors(*([math.sin(at * 7 + number) for at in range(3_072)] for number in range(32)))))
    found = await platform.embeddings.embed("m", ["text"] * 32)
    assert found.space.length == 3_072


async def test_a_model_that_changes_in_between_is_not_mixed(service: ScriptedService, platform: PlatformClient) -> None:
    service.will(js(vectors(*[[1.0]] * 32)), js(vectors([1.0], model="other")))
    with pytest.raises(Unusable, match="another model"):
        await platform.embeddings.embed("m", ["text"] * 33)


UNUSABLE: dict[str, Any] = {
    "none": {"data": []},
    "too few": vectors([1.0]),
    "too many": vectors([1.0], [1.0], [1.0]),
    "one twice": {"data": [{"index": 0, "embedding": [1.0]}, {"index": 0, "embedding": [1.0]}]},
    "different lengths": vectors([1.0], [1.0, 2.0]),
    "zero": vectors([0.0, 0.0], [1.0, 1.0]),
    "empty": vectors([], []),
    "not finite": vectors([float("inf")], [1.0]),
    "too large for float32": vectors([1e300], [1.0]),
    "no numbers": vectors(["a"], [1.0]),
    "null": vectors(None, [1.0]),
    "no base64": vectors("?!", [1.0]),
    "half a number": vectors(base64.b64encode(b"abc").decode(), [1.0]),
    "text": "no",
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_vectors_that_cannot_be_used_are_an_error(name: str) -> None:
    with pytest.raises(Unreadable):
        read_embeddings(UNUSABLE[name], 2)


def test_base64_is_float32_in_little_endian() -> None:
    text = base64.b64encode(struct.pack("<2f", 3, 4)).decode()
    assert list(read_embeddings(vectors(text), 1).vectors[0]) == pytest.approx([0.6, 0.8])


async def test_no_text_is_not_sent(service: ScriptedService, platform: PlatformClient) -> None:
    for texts in ([], ["a", " "]):
        with pytest.raises(NotSent):
            await platform.embeddings.embed("m", texts)
    assert service.heard == []


@pytest.mark.parametrize("request_class", [TranscriptionRequest, TranslationRequest])
async def test_a_recording_becomes_text(
    service: ScriptedService,
    platform: PlatformClient,
    request_class: type[TranscriptionRequest] | type[TranslationRequest],
) -> None:
    service.will(Reply(200, samples.body("stt-verbose.json")))
    found = await platform.audio.transcribe(request_class(model="any", file=OGG))
    assert (found.text, found.language, found.seconds) == ("A paper boat.", "english", 3.42)
    assert service.paths == [request_class.path]


async def test_a_transcript_that_was_cut_off_is_lost(service: ScriptedService, platform: PlatformClient) -> None:
    for reply in (HALF, stream(b"A paper", misdeed="drop", pause=0.05)):
        service.will(reply)
        with pytest.raises(AnswerLost):
            await platform.audio.transcribe(TranscriptionRequest(model="any", file=OGG))


SOUNDS = {
    "ogg": (b"OggS\0\2", "audio/ogg"),
    "wav": (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
    "flac": (b"fLaC\0", "audio/flac"),
    "mp3": (b"\xff\xfb\x90\x64", "audio/mpeg"),
    "aac": (b"\xff\xf1\x50\x80", "audio/aac"),
}


@pytest.mark.parametrize("extension", SOUNDS)
async def test_sound_is_known_by_its_first_bytes(
    service: ScriptedService, platform: PlatformClient, extension: str
) -> None:
    data, media_type = SOUNDS[extension]
    service.will(Reply(200, data, "application/octet-stream"))
    assert await platform.audio.speak(SPEECH) == Sound(data, media_type, extension)


def test_a_tag_before_the_sound_is_sound() -> None:
    assert sound_kind(b"ID3\4") == ("audio/mpeg", "mp3")
    assert sound_kind(b"RIFF\0\0\0\0WEBP") is None
    assert sound_kind(b"\xff") is None
    assert sound_kind(b"") is None


@pytest.mark.parametrize(
    "reply",
    [
        plain("sorry", 200),
        js({"ok": True}),
        Reply(200, samples.body("tts-200-json-error.json"), "audio/mpeg"),
        stream(b'data: {"type": "speech.audio.done"}\n\n'),
        stream(b'data: {"type": "speech.audio.delta", "audio": "?"}\n\n'),
        stream(b'data: {"error": {"message": "x"}}\n\n'),
        Reply(200, b"RIFF\0\0\0\0WEBP", "audio/wav"),
        stream(b"OggS\0\2", misdeed="drop", pause=0.05),
    ],
)
async def test_what_is_no_whole_sound_is_an_error(
    service: ScriptedService, platform: PlatformClient, reply: Reply
) -> None:
    service.will(reply)
    with pytest.raises(EngineError):
        await platform.audio.speak(SPEECH)
    assert len(service.heard) == 1


async def test_a_stream_of_sound_is_joined(service: ScriptedService, platform: PlatformClient) -> None:
    service.will(stream(b'data: {"type": "speech.audio.delta", "audio": "T2dn"}\n\n', b'data: {"audio": "U1g="}\n\n'))
    assert (await platform.audio.speak(SPEECH)).data == b"OggSX"


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"object": "list", "data": [{"id": "a", "owned_by": "x"}, {"id": "b"}]}, ["a", "b"]),
        ({"data": ["a", "b", "a"]}, ["a", "b"]),
        ([{"id": "a"}], ["a"]),
        ({"data": [{"id": ""}, {}, None, 7, {"id": "a\nb"}, {"id": "x" * 300}, {"id": " a "}]}, ["a"]),
        ({"data": []}, []),
    ],
)
def test_a_list_of_models_is_read(body: Any, names: list[str]) -> None:
    assert [model.id for model in read_models(body).models] == names


@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": {}}, None, "a"])
def test_what_is_no_list_of_models_is_an_error(body: Any) -> None:
    with pytest.raises(Unreadable):
        read_models(body)


async def test_a_long_list_of_models_is_read(service: ScriptedService, platform: PlatformClient) -> None:
    entry = {"object": "model", "created": 1, "owned_by": "x", "permission": [{"id": "p", "object": "m"}] * 3}
    service.will(js({"data": [{"id": f"model-{number}", **entry} for number in range(1_500)]}))
    assert (await platform.models.models()).sells("model-1499")


async def test_the_balance_is_read(service: ScriptedService, platform: PlatformClient) -> None:
    service.will(Reply(200, samples.body("balance-subscription.json")), Reply(200, samples.body("balance-usage.json")))
    balance = await platform.models.balance(date(2026, 11, 1))
    assert balance.limit == 25.0
    assert balance.remaining == pytest.approx(12.655)
    assert service.paths[1] == "/v1/dashboard/billing/usage?start_date=2026-07-25&end_date=2026-11-02"


def test_a_key_without_a_limit_has_no_remaining_credit() -> None:
    assert Balance(read_subscription({"hard_limit_usd": 100_000_000}), 5.0).remaining is None


@pytest.mark.parametrize("body", [{}, {"hard_limit_usd": "25"}, {"hard_limit_usd": float("nan")}, None, []])
def test_a_balance_that_cannot_be_read_is_an_error(body: Any) -> None:
    with pytest.raises(Unreadable):
        read_subscription(body)
    with pytest.raises(Unreadable):
        read_usage(body)


async def test_a_balance_that_is_refused_under_200_is_an_error(
    service: ScriptedService, platform: PlatformClient
) -> None:
    service.will(js({"error": {"message": "x", "type": "upstream_error"}}))
    with pytest.raises(Unavailable):
        await platform.models.balance(date(2026, 11, 1))
