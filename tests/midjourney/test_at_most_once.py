"""A submit goes out at most once, and its error says whether it can have been taken."""

from __future__ import annotations

import asyncio
import socket

import pytest

from bot.engines.errors import (
    AnswerLost,
    AuthFailed,
    EngineError,
    NotOffered,
    NotSent,
    RateLimited,
    RefusalKind,
    ServiceRefused,
)
from bot.engines.midjourney import MidjourneyClient
from bot.engines.midjourney.requests import ImagineRequest
from bot.engines.models import SubmitTag
from tests.midjourney.conftest import KEY, MakeClient
from tests.midjourney.service import DROP, HALF, SILENCE, Reply, ScriptedService, empty, js, page, plain

TAG = SubmitTag("nonce-1")
OWL = ImagineRequest(prompt="an owl")


def b(description: str, code: int = 4) -> dict[str, object]:
    return {"code": code, "description": description, "type": "upstream_error"}


def d(message: str, word: str = "") -> dict[str, object]:
    return {"error": {"message": message, "type": "new_api_error", "code": word}}


LOST = {
    "dropped connection": DROP,
    "half an answer": HALF,
    "500 without a body": empty(500),
    "500 text": plain("Internal Server Error", 500),
    "502 page": page(502),
    "503 page": page(503),
    "504 page": page(504),
    "524": plain("error code: 524", 524),
    "303": empty(303, Location="/elsewhere"),
    "408": plain("Request Timeout", 408),
    "200 page": page(200),
    "200 empty": empty(200),
    "204": empty(204),
    "200 text": plain("OK", 200),
    "200 null": js(None),
    "200 number": js(17),
    "200 list": js([]),
    "200 strange object": js({"hello": "world"}),
    "200 without an id": js({"code": 1, "description": "ok", "result": ""}),
    "200 with a null id": js({"code": 22, "description": "ok", "result": None}),
    "200 unknown code": js({"code": 77, "description": "?"}),
    "200 code no number": js({"code": {}, "result": "17"}),
    "200 bare error": js(d("something went wrong")),
    "do_request_failed": js(b("do_request_failed ", 5), 500),
    "do_request_failed as 400": js(b("do_request_failed", 5), 400),
    "code 5": js(b("whatever", 5), 400),
    "insert failed": js(b("insert_midjourney_task_failed"), 500),
    "upstream HTML": js(b("readObjectStart: expect { or n, but found <, error found in #1 byte of ...|<html>"), 400),
    "empty upstream body": js(b("empty_response_body "), 400),
    "unmarshal failed": js(b("unmarshal_response_body_failed"), 500),
    "OpenAI style 500": js(d("do request failed", "do_request_failed"), 500),
    "OpenAI style 502": js(d("bad gateway"), 502),
    "unhandled in the filter": js({"success": False, "code": -1, "message": "Object reference not set"}, 500),
    "Spring's 500": js({"status": 500, "error": "Internal Server Error", "path": "/mj"}, 500),
    "500 unknown code": js({"code": 500, "message": "boom"}, 500),
}


@pytest.mark.parametrize("name", LOST)
async def test_an_answer_that_leaves_it_open_is_lost_and_nothing_is_sent_again(
    service: ScriptedService, client: MidjourneyClient, name: str
) -> None:
    service.will(LOST[name])
    with pytest.raises(AnswerLost):
        await client.submit(OWL, None, TAG)
    assert len(service.heard) == 1


K = RefusalKind
REFUSED: dict[str, tuple[Reply, RefusalKind, type[ServiceRefused]]] = {
    "400 text": (plain("bad request", 400), K.INVALID, ServiceRefused),
    "401": (empty(401), K.AUTH, AuthFailed),
    "403 text": (plain("forbidden", 403), K.AUTH, AuthFailed),
    "403 page": (page(403), K.SERVICE_FAULT, ServiceRefused),
    "403 quota": (js(d("user quota is not enough", "insufficient_user_quota"), 403), K.NO_CREDIT, ServiceRefused),
    "402": (empty(402), K.NO_CREDIT, ServiceRefused),
    "404 page": (page(404), K.NOT_OFFERED, NotOffered),
    "404 not routed": (js(d("Invalid URL (POST /mj/submit/imagine)"), 404), K.NOT_OFFERED, NotOffered),
    "404 Spring": (js({"status": 404, "error": "Not Found"}, 404), K.NOT_OFFERED, NotOffered),
    "404 other code": (js({"code": "not_found", "message": "no route"}, 404), K.NOT_OFFERED, NotOffered),
    "405": (empty(405), K.NOT_OFFERED, NotOffered),
    "413": (page(413), K.INVALID, ServiceRefused),
    "429": (empty(429, Retry_After="7"), K.SATURATED, RateLimited),
    "429 code 30": (js(b("group saturated", 30), 429), K.SATURATED, RateLimited),
    "503 no channel": (
        js(d("No available channel for model mj_imagine", "model_not_found"), 503),
        K.NOT_OFFERED,
        NotOffered,
    ),
    "503 overloaded": (js(d("system cpu overloaded", "system_cpu_overloaded"), 503), K.SATURATED, RateLimited),
    "307": (empty(307, Location="https://elsewhere.example.org"), K.SERVICE_FAULT, ServiceRefused),
    "code 3": (js(b("no account", 3)), K.NO_ACCOUNT, ServiceRefused),
    "code 4": (js(b("base64Array invalid")), K.INVALID, ServiceRefused),
    "code 9": (js(b("系统异常", 9)), K.SERVICE_FAULT, ServiceRefused),
    "code 9 full": (js(b("提交失败，队列已满，请稍后尝试", 9)), K.QUEUE_FULL, RateLimited),
    "code 23 with an id": (js({**b("full", 23), "result": "17"}), K.QUEUE_FULL, RateLimited),
    "code 24": (js({**b("banned", 24), "properties": {"bannedWord": "x"}}), K.BANNED_PROMPT, ServiceRefused),
    "filter": (js({"success": False, "code": -1, "message": "limit reached"}), K.LIMIT_REACHED, ServiceRefused),
    "quota": (js(b("quota_not_enough "), 400), K.NO_CREDIT, ServiceRefused),
    "prompt missing at 500": (js(b("prompt_is_required "), 500), K.INVALID, ServiceRefused),
    "error at 200 with known words": (js(d("insufficient balance")), K.NO_CREDIT, ServiceRefused),
    "wrapped": (js({"data": b("prompt is banned", 24)}), K.BANNED_PROMPT, ServiceRefused),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_no_is_a_no_and_nothing_is_sent_again(
    service: ScriptedService, client: MidjourneyClient, name: str
) -> None:
    reply, kind, cls = REFUSED[name]
    service.will(reply)
    with pytest.raises(ServiceRefused) as caught:
        await client.submit(OWL, None, TAG)
    assert (caught.value.kind, type(caught.value)) == (kind, cls)
    assert len(service.heard) == 1


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [("7", 7, 7), ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0), ("999999", 3600, 3600)],
)
async def test_a_rate_limiter_says_when_to_come_back(
    service: ScriptedService, client: MidjourneyClient, header: str, least: float, most: float
) -> None:
    service.will(empty(429, Retry_After=header))
    with pytest.raises(RateLimited) as caught:
        await client.submit(OWL, None, TAG)
    assert caught.value.retry_after is not None
    assert least <= caught.value.retry_after <= most


async def test_a_nonsensical_retry_after_is_none(service: ScriptedService, client: MidjourneyClient) -> None:
    service.will(empty(429, Retry_After="soon"))
    with pytest.raises(RateLimited) as caught:
        await client.submit(OWL, None, TAG)
    assert caught.value.retry_after is None


async def test_silence_is_a_lost_answer_after_the_limit(service: ScriptedService, make_client: MakeClient) -> None:
    service.will(SILENCE)
    with pytest.raises(AnswerLost, match="no answer within"):
        await make_client(submit=0.2).submit(OWL, None, TAG)
    assert len(service.heard) == 1


async def test_too_large_an_answer_is_lost(service: ScriptedService, make_client: MakeClient) -> None:
    service.will(js({"code": 1, "result": "17", "more": "x" * 5000}))
    with pytest.raises(AnswerLost, match="larger"):
        await make_client(body=1000).submit(OWL, None, TAG)


async def test_a_kept_connection_that_breaks_is_no_reason_to_send_again(
    service: ScriptedService, client: MidjourneyClient
) -> None:
    service.will(js({"code": 1, "result": "17"}), DROP, js({"code": 1, "result": "18"}))
    await client.submit(OWL, None, TAG)
    with pytest.raises(AnswerLost):
        await client.submit(ImagineRequest(prompt="a second owl"), None, TAG)
    first, second = service.heard
    assert first.connection == second.connection
    assert [heard.json["prompt"] for heard in service.heard] == ["an owl", "a second owl"]


async def test_a_closed_port_means_not_sent(make_client: MakeClient) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        client = make_client(base_url=f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(NotSent):
            await client.submit(OWL, None, TAG)


async def test_a_name_that_leads_nowhere_means_not_sent(make_client: MakeClient) -> None:
    with pytest.raises(NotSent):
        await make_client(base_url="http://nowhere.invalid").submit(OWL, None, TAG)


async def test_a_door_that_does_not_open_means_not_sent(make_client: MakeClient) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        try:
            with pytest.raises(NotSent):
                await make_client(base_url=f"http://127.0.0.1:{address[1]}", connect=0.2).submit(OWL, None, TAG)
        finally:
            for one in waiting:
                one.close()


async def test_a_cancelled_submit_is_cancelled(service: ScriptedService, client: MidjourneyClient) -> None:
    service.will(SILENCE)
    submit = asyncio.create_task(client.submit(OWL, None, TAG))
    async with asyncio.timeout(5):
        await service.called.wait()
    submit.cancel()
    with pytest.raises(asyncio.CancelledError):
        await submit


async def test_a_service_that_repeats_the_key_does_not_make_us_repeat_it(
    service: ScriptedService, client: MidjourneyClient
) -> None:
    service.will(plain(f"wrong key {KEY}", 400))
    with pytest.raises(EngineError) as caught:
        await client.submit(OWL, None, TAG)
    assert KEY not in str(caught.value) + repr(caught.value)


async def test_a_redirect_is_not_followed(service: ScriptedService, client: MidjourneyClient) -> None:
    service.will(empty(302, Location=f"{service.url}/trap"))
    with pytest.raises(ServiceRefused, match="redirects"):
        await client.fetch("17")
    assert service.paths == ["/mj/task/17/fetch"]
