"""What is billed is sent once, reads are retried, every wait has a limit, and the key stays where it belongs."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import Awaitable, Callable

import pytest

from bot.engines.errors import (
    AnswerLost,
    AnswerTooLarge,
    AuthFailed,
    EngineError,
    NotSent,
    RateLimited,
    RefusalKind,
    ServiceRefused,
    Unavailable,
    Unusable,
)
from bot.engines.service_requests import ServiceKey
from bot.platform.client import PlatformClient
from bot.platform.errors import EndpointMissing, ModelNotOffered
from bot.platform.requests import (
    ChatMessage,
    ChatRequest,
    File,
    ImageEditRequest,
    ImageRequest,
    SpeechRequest,
    TranscriptionRequest,
)
from bot.platform.transport import KeyFilter, normalized_base
from tests.midjourney.service import DROP, HALF, SILENCE, Reply, ScriptedService, empty, js, page, plain, stream
from tests.platform.conftest import KEY, MakePlatform
from tests.support import platform_samples as samples

PNG = File(data=b"\x89PNG\r\n\x1a\n", name="image.png", media_type="image/png")
OGG = File(data=b"OggS", name="voice.ogg", media_type="audio/ogg")
CHAT = ChatRequest(model="any-chat", messages=[ChatMessage(role="user", content="a boat")], stream=True)
IMAGE = ImageRequest(model="any-image", prompt="a boat")
Call = Callable[[PlatformClient], Awaitable[object]]
BILLED: dict[str, Call] = {
    "chat": lambda platform: platform.chat.ask(CHAT),
    "images": lambda platform: platform.images.generate(IMAGE),
    "edits": lambda platform: platform.images.edit(ImageEditRequest(model="any", prompt="a boat", images=[PNG])),
    "transcription": lambda platform: platform.audio.transcribe(TranscriptionRequest(model="any", file=OGG)),
    "speech": lambda platform: platform.audio.speak(SpeechRequest(model="any", input="a boat", voice="any")),
}
READS: dict[str, Call] = {
    "models": lambda platform: platform.models.models(),
    "embeddings": lambda platform: platform.embeddings.embed("any", ["a boat"]),
}
FAULTS = {
    "dropped": DROP,
    "cut JSON": HALF,
    "empty": empty(),
    "web page under 200": page(),
    "502 page": page(502),
    "504": empty(504),
    "500 upstream": js({"error": {"message": "x", "code": "do_request_failed"}}, 500),
    "error under 200": js({"error": {"message": "upstream said no", "code": "bad_response"}}),
    "408": empty(408),
    "another shape": js({"object": "list"}),
    "text under 200": Reply(200, b"\x00\x01\x02 not what was asked", "application/octet-stream"),
}


# A transcript can be plain text.
POSSIBLE = [
    (call, fault) for call in BILLED for fault in FAULTS if (call, fault) != ("transcription", "text under 200")
]


@pytest.mark.parametrize(("call", "fault"), POSSIBLE)
async def test_what_may_have_been_billed_is_never_sent_again(
    service: ScriptedService, platform: PlatformClient, call: str, fault: str
) -> None:
    service.will(FAULTS[fault])
    with pytest.raises(AnswerLost):
        await BILLED[call](platform)
    assert len(service.heard) == 1


REFUSALS: dict[str, tuple[Reply, type[ServiceRefused], RefusalKind]] = {
    "429": (empty(429, Retry_After="7"), RateLimited, RefusalKind.SATURATED),
    "429 without credit": (
        js(
            {"error": {"message": "上游负载已饱和", "type": "insufficient_quota", "code": "insufficient_user_quota"}},
            429,
        ),
        ServiceRefused,
        RefusalKind.NO_CREDIT,
    ),
    "401": (empty(401), AuthFailed, RefusalKind.AUTH),
    "402": (empty(402), ServiceRefused, RefusalKind.NO_CREDIT),
    "403 firewall": (plain("Your request was blocked.", 403), ServiceRefused, RefusalKind.SERVICE_FAULT),
    "403 page": (page(403), ServiceRefused, RefusalKind.SERVICE_FAULT),
    "404 page": (page(404), EndpointMissing, RefusalKind.NOT_OFFERED),
    "413": (page(413), ServiceRefused, RefusalKind.INVALID),
    "redirect": (empty(302, Location="https://elsewhere.example.org/"), ServiceRefused, RefusalKind.SERVICE_FAULT),
    "no channel": (
        js({"error": {"message": "no available channel for model x"}}, 503),
        ModelNotOffered,
        RefusalKind.NOT_OFFERED,
    ),
    "safety as 500": (
        js({"error": {"message": "rejected by the safety system"}}, 500),
        ServiceRefused,
        RefusalKind.BANNED_PROMPT,
    ),
    "503 busy": (js({"error": {"message": "system busy"}}, 503), RateLimited, RefusalKind.SATURATED),
}


@pytest.mark.parametrize("call", BILLED)
@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_refusal_of_what_is_billed_is_final(
    service: ScriptedService, platform: PlatformClient, call: str, refusal: str
) -> None:
    reply, cls, kind = REFUSALS[refusal]
    service.will(reply)
    with pytest.raises(ServiceRefused) as caught:
        await BILLED[call](platform)
    assert (type(caught.value), caught.value.kind) == (cls, kind)
    assert len(service.heard) == 1
    if refusal == "429":
        assert caught.value.retry_after == 7


GOOD = {"models": js({"data": [{"id": "m"}]}), "embeddings": js({"data": [{"index": 0, "embedding": [1.0]}]})}


@pytest.mark.parametrize("call", READS)
@pytest.mark.parametrize("fault", ["dropped", "cut JSON", "502 page", "504", "another shape", "error under 200"])
async def test_a_read_is_repeated_until_it_is_answered(
    service: ScriptedService, platform: PlatformClient, call: str, fault: str
) -> None:
    service.will(FAULTS[fault], FAULTS[fault], GOOD[call])
    await READS[call](platform)
    assert len(service.heard) == 3


@pytest.mark.parametrize("call", READS)
async def test_a_read_gives_up_after_its_attempts(
    service: ScriptedService, platform: PlatformClient, call: str
) -> None:
    service.will(page(502))
    with pytest.raises(Unavailable):
        await READS[call](platform)
    assert len(service.heard) == 4


async def test_a_read_waits_as_long_as_the_service_asks(service: ScriptedService, platform: PlatformClient) -> None:
    service.will(empty(429, Retry_After="0"), GOOD["models"])
    assert (await platform.models.models()).sells("m")
    service.will(empty(429, Retry_After="3000"), GOOD["models"])
    with pytest.raises(RateLimited):
        await platform.models.models()


async def test_the_web_page_of_a_wrong_base_url_is_named(service: ScriptedService, platform: PlatformClient) -> None:
    service.will(Reply(200, samples.body("html-200-webui.txt"), "text/html"))
    with pytest.raises(EndpointMissing, match="base URL"):
        await platform.models.models()
    assert len(service.heard) == 1


@pytest.mark.parametrize("call", BILLED)
async def test_silence_ends_at_the_limit(service: ScriptedService, make_platform: MakePlatform, call: str) -> None:
    service.will(SILENCE)
    with pytest.raises(AnswerLost, match="no answer within"):
        await BILLED[call](make_platform(billed=0.2))
    assert len(service.heard) == 1


@pytest.mark.parametrize("call", BILLED)
async def test_too_large_an_answer_is_lost(service: ScriptedService, make_platform: MakePlatform, call: str) -> None:
    service.will(js({"text": "x" * 5_000}))
    with pytest.raises(AnswerLost, match="larger"):
        await BILLED[call](make_platform(body=1_000))


async def test_too_large_an_answer_to_a_read_is_not_requested_again(
    service: ScriptedService, make_platform: MakePlatform
) -> None:
    service.will(js({"data": ["x" * 5_000]}))
    with pytest.raises(Unusable):
        await make_platform(short_body=1_000).models.models()
    assert len(service.heard) == 1


async def test_a_stream_that_grows_without_end_is_closed(service: ScriptedService, make_platform: MakePlatform) -> None:
    service.will(stream(*[b"data: " + b"x" * 1_000] * 50, misdeed="silence"))
    with pytest.raises(AnswerTooLarge):
        await make_platform(body=10_000).chat.ask(CHAT)


@pytest.mark.parametrize("call", BILLED)
async def test_a_closed_port_means_not_sent(make_platform: MakePlatform, call: str) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        platform = make_platform(base_url=f"http://127.0.0.1:{bound.getsockname()[1]}")
        with pytest.raises(NotSent):
            await BILLED[call](platform)


@pytest.mark.parametrize("call", [*BILLED, *READS])
@pytest.mark.parametrize("status", [200, 400, 401, 500])
@pytest.mark.parametrize("form", ["json", "text", "stream"])
async def test_a_service_that_repeats_the_key_does_not_make_the_client_repeat_it(
    service: ScriptedService,
    platform: PlatformClient,
    caplog: pytest.LogCaptureFixture,
    call: str,
    status: int,
    form: str,
) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    body = json.dumps({"error": {"message": f"wrong key {KEY}", "code": KEY}})
    service.will(
        {
            "json": Reply(status, body.encode(), headers={"X-Oneapi-Request-Id": f"id {KEY}"}),
            "text": plain(f"wrong key {KEY}", status),
            "stream": stream(f"data: {body[:40]}".encode(), f"{body[40:]}\n\n".encode(), status=status),
        }[form]
    )
    told = ""
    try:
        told = repr(await (BILLED | READS)[call](platform))
    except EngineError as error:
        told = f"{error} {error!r} {error.__cause__!r}"
    assert KEY not in told + caplog.text
    assert KEY not in repr(vars(platform)) + repr(ServiceKey(KEY))


async def test_the_request_id_is_logged_and_not_part_of_the_error(
    service: ScriptedService, platform: PlatformClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot")
    body = {"error": {"message": "size must be x (request id: 17) (request id: 18)", "code": "invalid_request"}}
    service.will(js(body, 400, X_Oneapi_Request_Id="19"))
    with pytest.raises(ServiceRefused) as caught:
        await platform.images.generate(IMAGE)
    assert caught.value.description == "size must be x"
    assert "POST /v1/images/generations: HTTP 400" in caplog.text
    assert "request id 19" in caplog.text
    assert "request id 17 18" in caplog.text


async def test_a_request_carries_the_key_and_no_name_of_a_library(
    service: ScriptedService, platform: PlatformClient
) -> None:
    service.will(GOOD["models"])
    await platform.models.models()
    headers = service.heard[0].headers
    assert (headers["authorization"], service.heard[0].path) == (f"Bearer {KEY}", "/v1/models")
    assert "atelier" in headers["user-agent"].lower()
    assert not any(word in headers["user-agent"].lower() for word in ("openai", "python", "aiohttp"))
    assert not any(name.startswith("x-stainless") for name in headers)


async def test_a_key_that_no_header_can_carry_means_not_sent(
    service: ScriptedService, make_platform: MakePlatform
) -> None:
    with pytest.raises(NotSent, match="invalid in a header"):
        await make_platform(key="sk-schlüssel").images.generate(IMAGE)
    assert service.heard == []


async def test_a_redirect_is_not_followed(service: ScriptedService, platform: PlatformClient) -> None:
    service.will(empty(307, Location=f"{service.url}/trap"))
    with pytest.raises(ServiceRefused, match="redirects"):
        await platform.models.models()
    assert service.paths == ["/v1/models"]


async def test_a_kept_connection_that_breaks_is_no_reason_to_send_again(
    service: ScriptedService, platform: PlatformClient
) -> None:
    service.will(js({"data": [{"url": "https://a.example/1.png"}]}), DROP)
    await platform.images.generate(IMAGE)
    with pytest.raises(AnswerLost):
        await platform.images.generate(IMAGE)
    first, second = service.heard
    assert first.connection == second.connection


@pytest.mark.parametrize("call", BILLED)
async def test_a_cancelled_call_is_cancelled(service: ScriptedService, platform: PlatformClient, call: str) -> None:
    service.will(SILENCE)

    async def run() -> None:
        await BILLED[call](platform)

    task = asyncio.create_task(run())
    async with asyncio.timeout(5):
        await service.called.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(
    "pasted",
    ["", "/", "/v1", "/v1/", "/v1/chat/completions", "/v1/images/generations", "/mj", "/mj-fast/", "/v1/models/", "//"],
)
@pytest.mark.parametrize("base", ["https://api.example.net", "https://example.net/proxy", "http://127.0.0.1:3000"])
def test_what_people_paste_behind_the_base_url_is_left_out(base: str, pasted: str) -> None:
    assert normalized_base(f" {base}{pasted} ") == base


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_the_key_is_removed_from_a_body_in_parts(size: int) -> None:
    body = f"{KEY}{KEY[:5]}{KEY} and {KEY[:-1]}! {KEY}{KEY[:3]}".encode()
    filtered = KeyFilter(ServiceKey(KEY))
    parts = [filtered.feed(body[at : at + size]) for at in range(0, len(body), size)]
    assert b"".join([*parts, filtered.rest()]) == body.replace(KEY.encode(), b"[key]")
