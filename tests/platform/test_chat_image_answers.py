"""Engines of chat models read every example answer, report progress, and pass on no text that could do harm."""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.engines.base import Progress
from bot.engines.errors import (
    AnswerLost,
    EngineError,
    RefusalKind,
    ServiceRefused,
)
from bot.engines.models import Finished, RemoteStatus, SubmitAnswer
from bot.media import inspect
from bot.platform.client import PlatformClient
from bot.platform.errors import ModelNotOffered, NoResult
from tests.midjourney.service import ScriptedService, js, stream
from tests.support.chat_engines import (
    BOAT,
    CDN,
    PAPER_BOAT,
    TAG,
    answered,
    asked,
    chunk,
    engine_for,
    finished,
    mj_chat,
    sample,
)

Check = Callable[[Awaitable[SubmitAnswer]], Awaitable[None]]


def makes(*urls: str, pixels: int = 0, **facts: Any) -> Check:
    """A result with these image URLs or `pixels` images of one pixel, and facts about the remote task."""

    async def check(submitted: Awaitable[SubmitAnswer]) -> None:
        answer = await submitted
        assert isinstance(answer, Finished)
        remote = answer.remote
        assert remote.status is RemoteStatus.SUCCESS
        assert (remote.image_urls or ((remote.image_url,) if remote.image_url else ())) == urls
        sizes = [(each.width, each.height) for each in map(inspect, (image.data for image in answer.images))]
        assert sizes == [(1, 1)] * pixels
        labels = [button.label or button.emoji for button in remote.buttons]
        values = {"labels": " ".join(labels), **dataclasses.asdict(remote)}
        assert {name: values[name] for name in facts} == facts
        assert "base64" not in repr(remote) + (remote.text or "") + remote.conversation

    return check


def fails(reason: str) -> Check:
    """A failure that the text tells, with this reason."""

    async def check(submitted: Awaitable[SubmitAnswer]) -> None:
        answer = await submitted
        assert isinstance(answer, Finished)
        assert (answer.remote.status, answer.remote.fail_reason) == (RemoteStatus.FAILURE, reason)

    return check


def raises(error: type[EngineError], words: str = "", kind: RefusalKind | None = None) -> Check:
    """This very error, in which these words are."""

    async def check(submitted: Awaitable[SubmitAnswer]) -> None:
        with pytest.raises(error) as caught:
            await submitted
        assert type(caught.value) is error
        assert words in str(caught.value)
        assert kind is None or getattr(caught.value, "kind", None) is kind

    return check


GRID = "U1 U2 U3 U4 🔄 V1 V2 V3 V4"
EXPECTED = {
    "chat-plain-ok.json": raises(NoResult, "A paper boat on a calm lake, soft morning light."),
    "chat-content-parts.json": makes(f"{CDN}parts.png", text="Here it is."),
    "chat-images-field.json": makes(pixels=1, text="Here it is."),
    "chat-content-null-filter.json": raises(ServiceRefused, kind=RefusalKind.BANNED_PROMPT),
    "chat-200-error-body.json": raises(AnswerLost, "upstream said no"),
    "chat-500-message-error.json": raises(AnswerLost, "all accounts are busy"),
    "chat-text-with-web-links.json": raises(NoResult),
    "reverse-4oall-image-ok.json": makes(f"{CDN}boat.png", final_prompt="A paper boat on a calm lake", text=None),
    "reverse-4oall-refused-text.json": raises(NoResult, "I can't create that image"),
    "reverse-sora-image-ok.json": makes(f"{CDN}d.png", final_prompt=BOAT),
    "chat-bare-url.json": makes("https://files.example.net/cdn/e.webp"),
    "chat-signed-url.json": makes(
        "https://blob.example.net/private/org-1/img-x.png"
        "?st=2026-09-01T10%3A00%3A00Z&se=2026-09-01T12%3A00%3A00Z&sp=r&sig=ab%2Bcd%3D"
    ),
    "gemini-image-data-url.json": makes(pixels=1, text="Here is the picture."),
    "flux-chat-ok.json": makes(f"{CDN}f.webp", final_prompt=BOAT),
    "flux-chat-failed.json": fails("timeout / queue full"),
    "sd-chat-ok.json": makes(f"{CDN}sd.png"),
    "sse-4oall-progress.txt": makes(f"{CDN}boat.png", final_prompt="boat"),
    "sse-normal.txt": raises(NoResult, "A paper boat."),
    "sse-error-mid.txt": raises(NoResult, "upstream closed"),
    "sse-delta-error.txt": raises(NoResult, "timeout"),
    "sse-error-event.txt": raises(NoResult, "boom"),
    "sse-done-without-finish.txt": raises(AnswerLost, "broke off"),
    "stream-asked-json-error.json": raises(ModelNotOffered),
    "html-502.txt": raises(AnswerLost, "502"),
    "error-403-quota.json": raises(ServiceRefused, kind=RefusalKind.NO_CREDIT),
    "error-500-do-request.json": raises(AnswerLost),
    "error-sensitive-words.json": raises(ServiceRefused, kind=RefusalKind.BANNED_PROMPT),
}
FROM_MJ_CHAT = {
    "mjchat-imagine-ok.json": makes(f"{CDN}grid.png", final_prompt=BOAT, labels=GRID, text=None),
    "mjchat-plus-imagine-ok.json": makes(f"{CDN}grid2.png", final_prompt=BOAT, labels=GRID),
    "sse-mjchat-imagine.txt": makes(f"{CDN}grid.png", labels=GRID),
    "mjchat-plus-failed.json": fails("[Banned prompt detected] word"),
    "mjchat-no-action.json": fails("Generate action failed"),
    "mjchat-blend-count.json": fails("Image urls length should between [2,5]"),
    "mjchat-server-gone.json": raises(ServiceRefused, kind=RefusalKind.ACCOUNT_GONE),
    "mjchat-progress-only.json": raises(AnswerLost, "broke off"),
    "error-503-no-channel.json": raises(ModelNotOffered),
}


@pytest.mark.parametrize("name", EXPECTED)
async def test_the_answer_of_a_chat_model_becomes_its_result(
    service: ScriptedService, platform: PlatformClient, name: str
) -> None:
    service.will(sample(name))
    await EXPECTED[name](asked(engine_for(platform)))
    assert len(service.heard) == 1


@pytest.mark.parametrize("name", FROM_MJ_CHAT)
async def test_the_answer_of_midjourney_through_chat_becomes_its_result(
    service: ScriptedService, platform: PlatformClient, name: str
) -> None:
    service.will(sample(name))
    await FROM_MJ_CHAT[name](asked(mj_chat(platform)))
    assert len(service.heard) == 1


async def test_several_images_are_all_results_and_a_relative_one_gets_the_host_of_the_platform(
    service: ScriptedService, platform: PlatformClient
) -> None:
    service.will(answered(f"![a]({CDN}1.png) ![b]({CDN}2.png)"))
    assert (await finished(engine_for(platform))).remote.image_urls == (f"{CDN}1.png", f"{CDN}2.png")
    service.will(answered("", images=["/files/boat.png"]))
    assert (await finished(engine_for(platform))).remote.image_url == f"{service.url}/files/boat.png"


async def test_a_data_url_that_is_no_image_is_no_result(service: ScriptedService, platform: PlatformClient) -> None:
    service.will(answered("![a](data:image/png;base64,aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=)"))
    with pytest.raises(NoResult):
        await asked(engine_for(platform))


async def test_progress_and_previews_are_reported_while_the_answer_arrives(
    service: ScriptedService, platform: PlatformClient
) -> None:
    seen: list[Progress] = []

    async def report(progress: Progress) -> None:
        seen.append(progress)

    parts = [f"> 开始绘制.[0%]({CDN}p0.webp)", f".[46%]({CDN}p46.webp)", "...", f"\n\n![a]({CDN}grid.png)\n"]
    service.will(stream(*map(chunk, parts), chunk(finish="stop"), pause=0.3))
    answer = await mj_chat(platform).submit(PAPER_BOAT, (), TAG, report)
    assert isinstance(answer, Finished)
    assert answer.remote.image_url == f"{CDN}grid.png"
    assert seen == [Progress(0, f"{CDN}p0.webp"), Progress(46, f"{CDN}p46.webp")]


@pytest.mark.parametrize("streams", [True, False])
async def test_the_profile_says_whether_an_answer_is_streamed(
    service: ScriptedService, platform: PlatformClient, streams: bool
) -> None:
    service.will(sample("sd-chat-ok.json"))
    await asked(engine_for(platform, stream=streams, extra={"size": "1:1"}))
    body = service.heard[0].json
    assert body.get("stream", False) is streams
    assert body["size"] == "1:1"


@pytest.mark.parametrize(
    "said",
    [
        f"no image, but data:image/png;base64,{'QUJD' * 500} instead",
        f"生成失败: data:image/png;base64,{'QUJD' * 500}",
        f"[31%](data:image/png;base64,{'QUJD' * 500})",
    ],
)
async def test_no_data_url_is_in_a_reason_or_a_log_line(
    service: ScriptedService, platform: PlatformClient, caplog: pytest.LogCaptureFixture, said: str
) -> None:
    caplog.set_level(logging.DEBUG)
    service.will(answered(said))
    try:
        answer = await asked(engine_for(platform))
    except EngineError as error:
        told = str(error)
    else:
        assert isinstance(answer, Finished)
        told = answer.remote.fail_reason + repr(answer)
    assert "QUJDQUJD" not in told + caplog.text


async def test_a_data_url_in_an_error_of_the_platform_is_not_repeated(
    service: ScriptedService, platform: PlatformClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    message = f"invalid image data:image/png;base64,{'QUJD' * 500}"
    for reply in (js({"error": {"message": message}}, 400), stream(chunk("a boat"), _error(message))):
        service.will(reply)
        with pytest.raises(EngineError) as caught:
            await asked(engine_for(platform))
        assert "QUJDQUJD" not in str(caught.value)
        assert "QUJDQUJD" not in getattr(caught.value, "description", "")
    assert "QUJDQUJD" not in caplog.text


def _error(message: str) -> bytes:
    return f"data: {json.dumps({'error': {'message': message}})}\n\n".encode()


@pytest.mark.parametrize(
    "said",
    [
        "see https://example.org/page.html and [the rules](https://example.org/a.png)",
        "`![a](https://example.org/a.png)`",
        "![a](javascript:alert(1)) ![b](file:///etc/passwd) ![c](ftp://example.org/a.png)",
        f"[46%]({CDN}p46.webp)",
    ],
    ids=["cited pages", "code", "other schemes", "a preview"],
)
async def test_only_an_image_that_the_text_shows_is_a_result(
    service: ScriptedService, platform: PlatformClient, said: str
) -> None:
    service.will(answered(said))
    with pytest.raises(AnswerLost):
        await asked(engine_for(platform))


async def test_a_long_remark_is_shown_shortly(service: ScriptedService, platform: PlatformClient) -> None:
    service.will(answered(f"{'word ' * 400}\n![a]({CDN}1.png)"))
    remark = (await finished(engine_for(platform))).remote.text
    assert remark is not None
    assert len(remark) <= 300
