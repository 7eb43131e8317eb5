"""Every request is valid by the official description, and a request that cannot be valid is not sent."""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.engines.errors import EngineError, NotSent
from bot.platform.client import PlatformClient
from bot.platform.requests import (
    ChatMessage,
    ChatRequest,
    CompletionRequest,
    EmbeddingRequest,
    File,
    ImageEditRequest,
    ImageLink,
    ImagePart,
    ImageRequest,
    PlatformRequest,
    SpeechRequest,
    TextPart,
    TranscriptionRequest,
    TranslationRequest,
)
from tests.midjourney.service import Heard, ScriptedService, empty, js
from tests.support.openai_requests import DESCRIPTION, OpenAiRequests, as_typed, official_description

PNG = File(data=b"\x89PNG\r\n\x1a\n", name="image.png", media_type="image/png")
OGG = File(data=b"OggS", name="voice.ogg", media_type="audio/ogg")
USER = ChatMessage(role="user", content="a boat")
SEEN = ChatMessage(
    role="user",
    content=[
        TextPart(text="What is this?"),
        ImagePart(image_url=ImageLink(url="https://a.example/x.png", detail="low")),
        ImagePart(image_url=ImageLink(url="data:image/png;base64,AAAA")),
    ],
)
TALK = [ChatMessage(role="system", content="Be brief."), USER, ChatMessage(role="assistant", content="Yes."), SEEN]
REQUESTS: dict[str, PlatformRequest] = {
    "chat": ChatRequest(model="any", messages=[USER]),
    "chat, all fields": ChatRequest(model="any", messages=TALK, stream=True, temperature=0.5, max_tokens=100),
    "completion": ChatRequest(model="any", messages=[USER], stream=True).as_completion(),
    "completion, all fields": CompletionRequest(model="any", prompt="a", max_tokens=5, stream=True, temperature=1),
    "images": ImageRequest(model="any", prompt="a boat"),
    "images of the older kind": ImageRequest(
        model="any", prompt="a", n=1, size="1792x1024", quality="hd", style="vivid", response_format="url"
    ),
    "images of the newer kind": ImageRequest(
        model="any", prompt="a", n=4, size="auto", quality="high", background="transparent", moderation="low",
        output_format="webp", output_compression=80, stream=True, partial_images=2,
    ),
    "images with the fields of a vendor": ImageRequest(
        model="any", prompt="a", extra={"aspect_ratio": "16:9", "seed": 7, "image": ["https://a.example/x.png"]}
    ),
    "edit": ImageEditRequest(model="any", prompt="a", images=[PNG]),
    "edit, all fields": ImageEditRequest(
        model="any", prompt="a", images=[PNG, PNG], mask=PNG, n=2, size="1024x1536", quality="high",
        response_format="b64_json", background="opaque", output_format="png", input_fidelity="high",
    ),
    "embedding": EmbeddingRequest(model="any", input=["a boat", "two boats"], dimensions=256),
    "transcription": TranscriptionRequest(model="any", file=OGG, language="de", prompt="Names: Ada"),
    "translation": TranslationRequest(model="any", file=OGG, prompt="Names: Ada"),
    "speech": SpeechRequest(model="any", input="a boat", voice="alloy"),
    "speech, all fields": SpeechRequest(
        model="any", input="a boat", voice="nova", response_format="wav", speed=1.5, instructions="Whisper."
    ),
}  # fmt: skip
SEND: dict[type[PlatformRequest], Callable[[PlatformClient, Any], Awaitable[object]]] = {
    ChatRequest: lambda platform, request: platform.chat.ask(request),
    ImageRequest: lambda platform, request: platform.images.generate(request),
    ImageEditRequest: lambda platform, request: platform.images.edit(request),
    TranscriptionRequest: lambda platform, request: platform.audio.transcribe(request),
    TranslationRequest: lambda platform, request: platform.audio.transcribe(request),
    SpeechRequest: lambda platform, request: platform.audio.speak(request),
}


@pytest.fixture(scope="module")
def described() -> OpenAiRequests:
    found = official_description()
    if found is None:
        pytest.skip(f"the official description is not at {DESCRIPTION.name} beside the repository")
    return found


def form_fields(heard: Heard) -> dict[str, Any]:
    """The fields of a form as the description types them: files and lists by name, numbers as numbers."""
    head = f"Content-Type: {heard.headers['content-type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + heard.body, policy=email.policy.HTTP)
    fields: dict[str, Any] = {}
    for part in message.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        value = payload.decode("latin-1")
        if name.endswith("[]"):
            fields.setdefault(name.removesuffix("[]"), []).append(value)
        else:
            fields[name] = as_typed(value)
    return fields


@pytest.mark.parametrize("name", REQUESTS)
async def test_a_request_is_valid_by_the_official_description(
    described: OpenAiRequests, service: ScriptedService, platform: PlatformClient, name: str
) -> None:
    request = REQUESTS[name]
    service.will(empty(400))
    send = SEND.get(type(request))
    if send is None:
        assert described.problems(request.path, "application/json", request.fields()) == []
        return
    with pytest.raises(EngineError):
        await send(platform, request)
    (heard,) = service.heard
    if request.files():
        assert described.problems(heard.path, "multipart/form-data", form_fields(heard)) == []
    else:
        assert heard.json == request.fields()
        assert described.problems(heard.path, "application/json", heard.json) == []


async def test_the_description_finds_a_wrong_request(described: OpenAiRequests) -> None:
    wrong = {"model": "any", "messages": [{"role": "user"}]}
    assert described.problems("/v1/chat/completions", "application/json", wrong) != []
    assert described.problems("/v1/embeddings", "application/json", {"model": "m", "input": "a", "x": 1}) != []


async def test_embeddings_that_are_sent_are_valid(
    described: OpenAiRequests, service: ScriptedService, platform: PlatformClient
) -> None:
    service.will(js({"data": [{"index": 0, "embedding": [1.0]}]}))
    await platform.embeddings.embed("any", ["a boat"])
    assert service.heard[0].json == {"model": "any", "input": ["a boat"], "encoding_format": "float"}
    assert described.problems(service.heard[0].path, "application/json", service.heard[0].json) == []


async def test_files_have_their_names_and_types(service: ScriptedService, platform: PlatformClient) -> None:
    service.will(js({"text": "a"}))
    await platform.audio.transcribe(TranscriptionRequest(model="any", file=OGG))
    body = service.heard[0].body
    assert b'name="file"; filename="voice.ogg"' in body
    assert b"Content-Type: audio/ogg" in body


WRONG: dict[str, Callable[[], object]] = {
    "no model": lambda: ChatRequest(model=" ", messages=[USER]),
    "no message": lambda: ChatRequest(model="any", messages=[]),
    "a blank message": lambda: ChatMessage(role="user", content="  "),
    "no part": lambda: ChatMessage(role="user", content=[]),
    "an image that is none": lambda: ImageLink(url="file:///etc/passwd"),
    "a data URL that is no image": lambda: ImageLink(url="data:text/html;base64,AAAA"),
    "too hot": lambda: ChatRequest(model="any", messages=[USER], temperature=2.5),
    "a blank prompt": lambda: ImageRequest(model="any", prompt="\n"),
    "too long a prompt": lambda: ImageRequest(model="any", prompt="x" * 32_001),
    "too many images": lambda: ImageRequest(model="any", prompt="a", n=11),
    "no images": lambda: ImageRequest(model="any", prompt="a", n=0),
    "a multiplication sign": lambda: ImageRequest(model="any", prompt="a", size="1024×1024"),
    "nothing to edit": lambda: ImageEditRequest(model="any", prompt="a", images=[]),
    "too much to edit": lambda: ImageEditRequest(model="any", prompt="a", images=[PNG] * 17),
    "an empty file": lambda: File(data=b"", name="voice.ogg", media_type="audio/ogg"),
    "a file without extension": lambda: File(data=b"a", name="voice", media_type="audio/ogg"),
    "a file in a folder": lambda: File(data=b"a", name="../voice.ogg", media_type="audio/ogg"),
    "a language by name": lambda: TranscriptionRequest(model="any", file=OGG, language="german"),
    "nothing to say": lambda: SpeechRequest(model="any", input=" ", voice="alloy"),
    "too much to say": lambda: SpeechRequest(model="any", input="x" * 4_097, voice="alloy"),
    "too fast": lambda: SpeechRequest(model="any", input="a", voice="alloy", speed=5),
    "no text": lambda: EmbeddingRequest(model="any", input=[]),
    "a blank text": lambda: EmbeddingRequest(model="any", input=["a", ""]),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_request_that_cannot_be_valid_is_not_sent(name: str) -> None:
    with pytest.raises(NotSent, match="invalid request"):
        WRONG[name]()


async def test_text_that_cannot_be_encoded_is_not_sent(service: ScriptedService, platform: PlatformClient) -> None:
    with pytest.raises(NotSent):
        await platform.images.generate(ImageRequest(model="any", prompt="\ud800"))
    with pytest.raises(NotSent):
        await platform.audio.transcribe(TranscriptionRequest(model="any", file=OGG, prompt="\ud800"))
    assert service.heard == []


def test_no_request_shows_an_image_or_a_file() -> None:
    shown = repr(REQUESTS)
    assert "base64" not in shown
    assert "PNG" not in shown


async def test_a_large_image_is_encoded_as_any_json(service: ScriptedService, platform: PlatformClient) -> None:
    url = f"data:image/png;base64,{'A/+=' * 50_000}"
    message = ChatMessage(role="user", content=[ImagePart(image_url=ImageLink(url=url)), TextPart(text='"é\n')])
    service.will(empty(400))
    async with asyncio.timeout(5):
        with pytest.raises(EngineError):
            await platform.chat.ask(ChatRequest(model="any", messages=[message]))
    assert service.heard[0].json["messages"][0]["content"][0]["image_url"]["url"] == url
