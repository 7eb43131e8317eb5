"""Every example answer is read as its README says (tests/data/platform/README.md)."""

from __future__ import annotations

import json
from array import array
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.engines.errors import AnswerLost, AuthFailed, EngineError, RateLimited, RefusalKind, ServiceRefused
from bot.engines.models import RemoteStatus
from bot.media.image import from_data_url
from bot.platform.answer_json import json_answer, json_body
from bot.platform.audio import Transcript, read_sound, read_transcript
from bot.platform.chat import follow_up
from bot.platform.chat_answer import ChatAnswer, ChatEnd
from bot.platform.chat_stream import ChatReader, read_chat
from bot.platform.embeddings import read_embeddings
from bot.platform.errors import EndpointMissing, ModelNotOffered, NoResult
from bot.platform.image_collector import FoundImage
from bot.platform.image_tasks import read_image_task
from bot.platform.images_api import read_images
from bot.platform.models import Balance, read_models, read_subscription, read_usage
from bot.platform.requests import ChatMessage, ChatRequest
from storage import VectorSpace
from tests.support import platform_samples as samples

Check = Callable[[str], Awaitable[None]]
BASE = "https://api.example.net"
CDN = "https://files.example.net/cdn/20260901/"
BOAT = "A paper boat."
PIXEL = (1, 1)
K, COMPLETE, CUT, FAILED, REFUSED = RefusalKind, ChatEnd.COMPLETE, ChatEnd.CUT, ChatEnd.FAILED, ChatEnd.REFUSED


def pixels_of(image: FoundImage) -> tuple[int, int]:
    _, facts = from_data_url(image.data_url, 1_000_000)
    return facts.width, facts.height


def chat(
    text: str | None, end: ChatEnd = COMPLETE, *urls: str, images: bool = False, pixels: int = 0, **more: Any
) -> Check:
    """A chat answer with this text (None: any), these image URLs and `pixels` images of one pixel."""

    async def check(name: str) -> None:
        answer = read_chat(samples.body(name), samples.head(name), expects_images=images)
        assert (answer.end, [image.url for image in answer.images if image.url]) == (end, list(urls))
        assert [pixels_of(image) for image in answer.images if image.data_url] == [PIXEL] * pixels
        assert text is None or answer.text == text
        assert {field: getattr(answer, field) for field in more} == more
        assert "base64" not in answer.text + answer.raw_text + repr(answer)

    return check


def drawn(url: str, **more: Any) -> Check:
    """A generated image in a chat, and facts about its generation."""

    async def check(name: str) -> None:
        answer = read_chat(samples.body(name), samples.head(name), expects_images=True)
        assert (answer.end, [image.url for image in answer.images]) == (COMPLETE, [url])
        facts = {"progress": answer.progress, "buttons": len(answer.generation.buttons), **answer.generation.ids}
        facts |= {field: answer.generation.job.get(field) for field in ("prompt", "type")}
        assert {field: facts[field] for field in more} == more

    return check


def reason(text: str, end: ChatEnd = FAILED) -> Check:
    """A chat answer that should have an image and has none."""

    async def check(name: str) -> None:
        answer = read_chat(samples.body(name), samples.head(name), expects_images=True)
        assert (answer.end, answer.images, answer.reason) == (end, (), text)

    return check


def chat_error(error: type[EngineError], words: str, text: str = "") -> Check:
    async def check(name: str) -> None:
        answer = read_chat(samples.body(name), samples.head(name))
        assert (answer.end, answer.text, type(answer.error)) == (FAILED, text, error)
        assert words in answer.reason

    return check


def refused(kind: RefusalKind, error: type[ServiceRefused] = ServiceRefused, **more: Any) -> Check:
    """An error that says that the request was not carried out, from each of the endpoints."""

    async def check(name: str) -> None:
        for read in (json_answer, read_transcript, read_sound):
            with pytest.raises(error) as caught:
                await read(samples.answer(name))
            assert (type(caught.value), caught.value.kind) == (error, kind)
            assert {field: getattr(caught.value, field) for field in more} == more
            assert "request id" not in str(caught.value)
        with pytest.raises(error):
            await read_images(samples.answer(name), BASE)

    return check


def lost(words: str) -> Check:
    """An error after which the request may have been carried out."""

    async def check(name: str) -> None:
        with pytest.raises(AnswerLost, match=words) as caught:
            await json_answer(samples.answer(name))
        assert type(caught.value) is AnswerLost

    return check


def images(*urls: str, pixels: int = 0, previews: int = 0, **more: Any) -> Check:
    async def check(name: str) -> None:
        found = await read_images(samples.answer(name), BASE)
        assert [image.url for image in found.images if image.url] == list(urls)
        assert [pixels_of(image) for image in found.images if image.data_url] == [PIXEL] * pixels
        assert (len(found.previews), found.task) == (previews, None)
        assert {field: getattr(found.images[0], field) for field in more} == more

    return check


async def no_image(name: str) -> None:
    with pytest.raises(NoResult):
        await read_images(samples.answer(name), BASE)


def accepted(path: str) -> Check:
    async def check(name: str) -> None:
        found = await read_images(samples.answer(name), BASE)
        assert found.images == ()
        assert found.task is not None
        assert found.task.status in (RemoteStatus.PENDING, RemoteStatus.RUNNING)
        assert (found.task.paths[0], found.task.poll_after) == (path, 3)

    return check


def image_task(status: RemoteStatus, *urls: str, kind: RefusalKind | None = None) -> Check:
    async def check(name: str) -> None:
        answer = samples.answer(name, "GET")
        task = read_image_task(await json_body(answer), answer.head, BASE)
        assert (task.status, [image.url for image in task.images]) == (status, list(urls))
        assert getattr(task.error, "kind", None) is kind

    return check


def vectors(*values: float, model: str = "text-embedding-3-small") -> Check:
    async def check(name: str) -> None:
        found = read_embeddings(await json_answer(samples.answer(name)), 1)
        length = sum(value * value for value in values) ** 0.5
        assert found.space == VectorSpace(model, len(values))
        assert list(found.vectors[0]) == pytest.approx([value / length for value in values])
        assert isinstance(found.vectors[0], array)

    return check


async def no_vector(name: str) -> None:
    with pytest.raises(EngineError):
        read_embeddings(await json_answer(samples.answer(name)), 1)


def transcript(text: str, language: str = "", seconds: float | None = None) -> Check:
    async def check(name: str) -> None:
        assert await read_transcript(samples.answer(name)) == Transcript(text, language, seconds)

    return check


async def four_bytes_of_sound(name: str) -> None:
    sound = await read_sound(samples.answer(name))
    assert (sound.data, sound.extension) == (b"OggS", "ogg")


async def web_page(name: str) -> None:
    with pytest.raises(EndpointMissing, match="base URL"):
        await json_answer(samples.answer(name, "GET"))
    # A page after a POST is from a proxy, which may have forwarded the request.
    with pytest.raises(AnswerLost):
        await json_answer(samples.answer(name))


async def models(name: str) -> None:
    found = read_models(await json_answer(samples.answer(name, "GET")))
    assert [(model.id, model.is_family, model.is_price_entry) for model in found.models] == [
        ("gpt-4o", False, False),
        ("mj_imagine", False, True),
        ("gpt-4-gizmo-*", True, False),
        ("mj-chat", False, False),
    ]
    assert found.models[0].endpoints == ("openai",)
    assert found.sells("gpt-4-gizmo-g-ABCDEFGHI")
    assert found.sells("mj-chat")
    assert not found.sells("gpt-4-gizmo-")
    assert not found.sells("dall-e-3")


def limit(expected: float | None) -> Check:
    async def check(name: str) -> None:
        assert read_subscription(await json_answer(samples.answer(name, "GET"))) == expected

    return check


async def used(name: str) -> None:
    balance = Balance(25.0, read_usage(await json_answer(samples.answer(name, "GET"))))
    assert balance.used == pytest.approx(12.345)
    assert balance.remaining == pytest.approx(12.655)


async def pressed(name: str) -> None:
    """The request that presses U1 is the one that the client builds from the answer."""
    expected = json.loads(samples.body(name))
    earlier = read_chat(samples.body("mjchat-imagine-ok.json"), samples.head("mjchat-imagine-ok.json"))
    history = [ChatMessage(role="user", content="a paper boat")]
    messages = follow_up(history, earlier, earlier.generation.buttons[0])
    assert ChatRequest(model="mj-chat", messages=messages, stream=True).fields() == expected


SORA = "task_01example"
MJ_IDS = {"message_id": "1215000000000000001", "channel_id": "1214000000000000002"}
NO_CHANNEL = refused(K.NOT_OFFERED, ModelNotOffered)
EXPECTED: dict[str, Check] = {
    "chat-plain-ok.json": chat("A paper boat on a calm lake, soft morning light.", total_tokens=85),
    "chat-content-parts.json": chat("Here it is.", COMPLETE, f"{CDN}parts.png"),
    "chat-images-field.json": chat("Here it is.", pixels=1),
    "chat-content-null-filter.json": chat("", REFUSED),
    "chat-200-error-body.json": chat_error(AnswerLost, "upstream said no"),
    "chat-500-message-error.json": chat_error(AnswerLost, "all accounts are busy"),
    "chat-reasoning.json": chat(BOAT, reasoning="The user wants one line."),
    "chat-think-tags.json": chat(BOAT, reasoning="The user wants one line."),
    "chat-gizmo-model-name.json": chat("Logo ideas: ...", model="gpt-4-gizmo"),
    "reverse-4oall-image-ok.json": drawn(f"{CDN}boat.png", prompt="A paper boat on a calm lake", progress=67),
    "reverse-4oall-refused-text.json": reason(
        "I can't create that image because it goes against the content policy. Would you like a different scene?"
    ),
    "reverse-sora-image-ok.json": drawn(f"{CDN}d.png", ID=SORA, prompt="a paper boat"),
    "chat-bare-url.json": chat(None, COMPLETE, "https://files.example.net/cdn/e.webp", images=True),
    "chat-signed-url.json": chat(
        "",
        COMPLETE,
        "https://blob.example.net/private/org-1/img-x.png"
        "?st=2026-09-01T10%3A00%3A00Z&se=2026-09-01T12%3A00%3A00Z&sp=r&sig=ab%2Bcd%3D",
    ),
    "gemini-image-data-url.json": chat("Here is the picture.", pixels=1),
    "flux-chat-ok.json": drawn(f"{CDN}f.webp", prompt="a paper boat"),
    "flux-chat-failed.json": reason("timeout / queue full"),
    "sd-chat-ok.json": drawn(f"{CDN}sd.png"),
    "chat-text-with-web-links.json": chat(None),
    "mjchat-imagine-ok.json": drawn(f"{CDN}grid.png", buttons=9, progress=100, type="imagine", **MJ_IDS),
    "mjchat-plus-imagine-ok.json": drawn(f"{CDN}grid2.png", buttons=9, progress=100, task_id="1788000000000123"),
    "mjchat-plus-failed.json": reason("[Banned prompt detected] word"),
    "mjchat-no-action.json": reason("Generate action failed"),
    "mjchat-server-gone.json": reason("该图像处理服务器已掉线"),
    "mjchat-blend-count.json": reason("Image urls length should between [2,5]"),
    "mjchat-progress-only.json": reason("", CUT),
    "mjchat-followup-request.json": pressed,
    "sse-mjchat-imagine.txt": drawn(f"{CDN}grid.png", buttons=9, progress=100, type="imagine", **MJ_IDS),
    "sse-normal.txt": chat(BOAT),
    "sse-no-done.txt": chat(BOAT),
    "sse-nospace.txt": chat(BOAT),
    "sse-ping-comments.txt": chat(BOAT),
    "sse-id-then-ping.txt": chat(BOAT),
    "sse-empty-data.txt": chat(BOAT),
    "sse-junk-data.txt": chat(BOAT),
    "sse-single-newlines.txt": chat(BOAT),
    "sse-error-mid.txt": chat_error(AnswerLost, "upstream closed", "A paper"),
    "sse-delta-error.txt": chat_error(AnswerLost, "timeout", "A paper"),
    "sse-error-event.txt": chat_error(AnswerLost, "boom", "A paper"),
    "sse-done-without-finish.txt": chat("A paper", CUT),
    "sse-usage-last.txt": chat(BOAT, total_tokens=13),
    "sse-reasoning.txt": chat(BOAT, reasoning="Think.More."),
    "sse-4oall-progress.txt": drawn(f"{CDN}boat.png", progress=34, prompt="boat"),
    "stream-asked-json-error.json": chat_error(ModelNotOffered, "无可用渠道"),
    "stream-asked-json-completion.json": chat(BOAT),
    "html-502.txt": lost("HTTP 502"),
    "html-200-webui.txt": web_page,
    "images-dalle3-url.json": images(
        "https://blob.example.net/private/img-1.png?st=1&se=2&sig=x",
        revised_prompt="A small white paper boat floats on a calm lake at dawn",
    ),
    "images-dalle3-b64.json": images(pixels=1, revised_prompt="A small paper boat"),
    "images-gptimage-b64.json": images(pixels=1, revised_prompt=""),
    "images-b64-dataurl.json": images(pixels=1),
    "images-four.json": images(*(f"{CDN}{number}.png" for number in range(4))),
    "images-data-empty.json": no_image,
    "images-200-error.json": refused(K.BANNED_PROMPT),
    "images-policy-400.json": refused(K.BANNED_PROMPT),
    "images-moderation-blocked-400.json": refused(K.BANNED_PROMPT),
    "images-safety-500.json": refused(K.BANNED_PROMPT),
    "images-gemini-blocked.json": refused(K.BANNED_PROMPT),
    "images-size-400.json": refused(
        K.INVALID, description="size must be one of 1024x1024, 1024x1792 or 1792x1024 for dall-e-3"
    ),
    "images-retired-model-404.json": NO_CHANNEL,
    "images-async-task-200.json": accepted("/v1/tasks/task-unified-1788000000-ab12cd34"),
    "images-async-task-done.json": image_task(RemoteStatus.SUCCESS, f"{CDN}t.png"),
    "images-async-task-failed.json": image_task(RemoteStatus.FAILURE, kind=K.BANNED_PROMPT),
    "images-async-202.json": accepted("/v1/images/tasks/imgtask_0123456789abcdef"),
    "sse-images-stream.txt": images(pixels=1, previews=1),
    "sse-images-json-as-stream.txt": images(f"{CDN}w.png", revised_prompt="a boat"),
    "error-401-token.json": refused(K.AUTH, AuthFailed),
    "error-403-quota.json": refused(K.NO_CREDIT),
    "error-403-quota-zh.json": refused(K.NO_CREDIT),
    "error-403-model-forbidden.json": NO_CHANNEL,
    "error-403-ip.json": refused(K.AUTH, AuthFailed),
    "error-429-saturated.json": refused(K.SATURATED, RateLimited),
    "error-429-rate.json": refused(K.LIMIT_REACHED, RateLimited, retry_after=60),
    "error-503-no-channel.json": NO_CHANNEL,
    "error-404-url.json": refused(K.NOT_OFFERED, EndpointMissing),
    "error-501-not-implemented.json": refused(K.NOT_OFFERED, EndpointMissing),
    "error-500-do-request.json": lost("请求上游地址失败"),
    "error-sensitive-words.json": refused(K.BANNED_PROMPT),
    "error-success-false.json": refused(K.AUTH, AuthFailed),
    "embeddings-float.json": vectors(0.5, -0.25, 0.125),
    "embeddings-base64.json": vectors(0.5, -0.25, 0.125),
    "embeddings-wrong-dimension.json": vectors(0.6, 0.8, model="other-embedding"),
    "embeddings-empty-200.json": no_vector,
    "stt-json.json": transcript("A paper boat on a calm lake, watercolour."),
    "stt-gpt4o-usage.json": transcript(BOAT),
    "stt-verbose.json": transcript(BOAT, "english", 3.42),
    "stt-text.txt": transcript(BOAT),
    "stt-empty.json": transcript(""),
    "stt-500-duration.json": lost("audio duration"),
    "stt-translation.json": transcript("A small boat made of paper."),
    "tts-200-json-error.json": refused(K.INVALID),
    "sse-tts-stream.txt": four_bytes_of_sound,
    "models-list.json": models,
    "balance-subscription.json": limit(25.0),
    "balance-usage.json": used,
    "balance-unlimited.json": limit(None),
}


def test_no_sample_is_left_out() -> None:
    files = {path.name for path in samples.SAMPLES.iterdir()} - {"README.md"}
    assert files == set(EXPECTED) == set(samples.listed())
    assert len(files) == 96


@pytest.mark.parametrize("name", EXPECTED)
async def test_a_sample_is_read_as_its_readme_says(name: str) -> None:
    await EXPECTED[name](name)


def test_progress_is_seen_while_a_stream_arrives() -> None:
    assert progress_of("sse-mjchat-imagine.txt") == [0, 46, 100]
    assert progress_of("sse-4oall-progress.txt") == [2, 34]


def progress_of(name: str) -> list[int]:
    """The percentages that are shown one after another."""
    seen: list[int] = []
    body = samples.body(name)
    for end in range(0, len(body), 50):
        answer: ChatAnswer = partly_read(body[:end], name)
        if answer.progress is not None and answer.progress not in seen:
            seen.append(answer.progress)
    return seen


def partly_read(body: bytes, name: str) -> ChatAnswer:
    reader = ChatReader(samples.head(name), expects_images=True)
    reader.feed(body)
    return reader.snapshot()
