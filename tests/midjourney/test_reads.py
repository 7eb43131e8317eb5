"""Reads are asked again, within bounds; what they bring is the tasks asked for."""

from __future__ import annotations

import asyncio
import logging
import socket

import pytest

from bot.engines.errors import (
    AuthFailed,
    NotOffered,
    RateLimited,
    RefusalKind,
    ServiceRefused,
    Unavailable,
    UnknownTask,
)
from bot.engines.midjourney import MidjourneyClient
from bot.engines.models import RemoteStatus
from tests.midjourney.conftest import KEY, MakeClient
from tests.midjourney.service import DROP, HALF, SILENCE, ScriptedService, empty, js, page, plain

TASK = {"id": "17", "status": "SUCCESS", "action": "IMAGINE"}

PASSING = {
    "dropped connection": DROP,
    "half an answer": HALF,
    "500": empty(500),
    "502 page": page(502),
    "503 text": plain("busy", 503),
    "429": empty(429),
    "200 page": page(200),
    "200 text": plain("hello", 200),
    "200 strange object": js({"hello": "world"}),
    "403 page": page(403),
    "404 page": page(404),
    "do_request_failed": js({"code": 5, "description": "do_request_failed"}, 500),
    "500 in the filter": js({"success": False, "message": "oops"}, 500),
}


@pytest.mark.parametrize("name", PASSING)
async def test_a_fetch_survives_passing_trouble(service: ScriptedService, client: MidjourneyClient, name: str) -> None:
    service.will(PASSING[name], PASSING[name], js(TASK))
    assert (await client.fetch("17")).status is RemoteStatus.SUCCESS
    assert len(service.heard) == 3


@pytest.mark.parametrize("name", PASSING)
async def test_a_fetch_gives_up_after_its_attempts(
    service: ScriptedService, client: MidjourneyClient, name: str
) -> None:
    service.will(PASSING[name])
    with pytest.raises(RateLimited if name == "429" else Unavailable):
        await client.fetch("17")
    # aiohttp itself repeats a GET once on a kept connection that breaks; that too is only a read.
    assert 4 <= len(service.heard) <= 8


async def test_a_silent_service_is_given_up_within_the_limit(service: ScriptedService, make_client: MakeClient) -> None:
    service.will(SILENCE)
    client = make_client(read=0.1, reads=0.25)
    started = asyncio.get_running_loop().time()
    with pytest.raises(Unavailable):
        await client.fetch("17")
    assert asyncio.get_running_loop().time() - started < 2


async def test_a_closed_port_is_unavailable_to_a_read(make_client: MakeClient) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Unavailable):
            await make_client(base_url=f"http://127.0.0.1:{taken.getsockname()[1]}").fetch("17")


async def test_a_read_waits_as_long_as_it_is_told(service: ScriptedService, client: MidjourneyClient) -> None:
    service.will(empty(429, Retry_After="1"), js(TASK))
    started = asyncio.get_running_loop().time()
    await client.fetch("17")
    assert asyncio.get_running_loop().time() - started >= 1


async def test_a_read_does_not_wait_beyond_its_limit(service: ScriptedService, client: MidjourneyClient) -> None:
    service.will(empty(429, Retry_After="300"))
    with pytest.raises(RateLimited) as caught:
        await client.fetch("17")
    assert caught.value.retry_after == 300
    assert len(service.heard) == 1


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (empty(200), UnknownTask),
        (empty(204), UnknownTask),
        (js(None), UnknownTask),
        (js({"code": 4, "description": "task_no_found "}, 400), UnknownTask),
        (js({"code": 3, "description": "", "result": None}, 404), UnknownTask),
        (empty(401), AuthFailed),
        (js({"code": 4, "description": "task_id_is_required"}, 400), ServiceRefused),
    ],
)
async def test_a_no_is_not_asked_again(
    service: ScriptedService, client: MidjourneyClient, reply: object, expected: type[ServiceRefused]
) -> None:
    service.will(reply)  # type: ignore[arg-type]  # the parameters' types differ
    with pytest.raises(expected):
        await client.fetch("17")
    assert len(service.heard) == 1


@pytest.mark.parametrize(
    "wrap", [lambda found: found, lambda found: {"data": found}, lambda found: {"code": 1, "data": found}]
)
async def test_a_list_is_read_by_id_whatever_its_order_and_wrapping(
    service: ScriptedService, client: MidjourneyClient, wrap: object
) -> None:
    others = [
        {"id": 19, "status": "SUCCESS"},
        "garbage",
        None,
        {"id": "18", "status": "NOT_START"},
        {"status": "SUCCESS"},
    ]
    service.will(js(wrap([*others, TASK])))  # type: ignore[operator]  # a lambda out of the parameters
    found = await client.list_by_ids(["17", "18", "20"])
    assert list(found) == ["17", "18"]
    assert found["18"].status is RemoteStatus.PENDING


async def test_an_empty_list_in_gos_spelling_is_empty(service: ScriptedService, client: MidjourneyClient) -> None:
    service.will(js(None))
    assert await client.list_by_ids(["17"]) == {}


async def test_nothing_at_all_is_no_list(service: ScriptedService, client: MidjourneyClient) -> None:
    service.will(empty(200))
    with pytest.raises(Unavailable):
        await client.list_by_ids(["17"])


async def test_very_many_ids_are_asked_for_in_few_requests(service: ScriptedService, client: MidjourneyClient) -> None:
    service.will(js([]))
    await client.list_by_ids([str(number) for number in range(1200)])
    assert [len(heard.json["ids"]) for heard in service.heard] == [500, 500, 200]


async def test_a_relayed_picture_comes_from_the_service_itself(
    service: ScriptedService, client: MidjourneyClient
) -> None:
    relayed = "http://localhost:3000/mj/image/17?rand=1&sig=2"
    elsewhere = "https://cdn.example.net/a.png?ex=1"
    service.will(js({**TASK, "imageUrl": relayed, "imageUrls": [relayed, elsewhere], "thumbnailUrl": relayed}))
    task = await client.fetch("17")
    mended = f"{service.url}/mj/image/17?rand=1&sig=2"
    assert task.image_url == mended
    assert task.image_urls == (mended, elsewhere)
    assert task.thumbnail_url == mended
    assert client.picture_url(relayed) == mended
    assert client.picture_url("http://[half") == "http://[half"


@pytest.mark.parametrize(
    ("reply", "expected", "kind"),
    [
        (js({"code": 3, "description": "unknown", "result": None}, 404), UnknownTask, RefusalKind.UNKNOWN_TASK),
        (js({"code": 3, "description": "", "result": None}), ServiceRefused, RefusalKind.SERVICE_FAULT),
        (js({"code": 9, "description": "timeless"}), ServiceRefused, RefusalKind.SERVICE_FAULT),
        (js({"code": 4, "description": "not an image task"}, 400), ServiceRefused, RefusalKind.INVALID),
        (page(200), NotOffered, RefusalKind.NOT_OFFERED),
    ],
)
async def test_a_seed_that_is_refused(
    service: ScriptedService, client: MidjourneyClient, reply: object, expected: type[ServiceRefused], kind: RefusalKind
) -> None:
    service.will(reply)  # type: ignore[arg-type]  # the parameters' types differ
    with pytest.raises(expected) as caught:
        await client.seed("17")
    assert caught.value.kind is kind
    assert len(service.heard) == 1


async def test_a_seed_without_a_seed_is_unavailable(service: ScriptedService, client: MidjourneyClient) -> None:
    service.will(js({"code": 1, "result": ""}))
    with pytest.raises(Unavailable):
        await client.seed("17")


async def test_a_large_answer_is_read_all_the_same(service: ScriptedService, client: MidjourneyClient) -> None:
    service.will(js([{**TASK, "id": str(number), "prompt": "x" * 200} for number in range(2000)]))
    assert len(await client.list_all()) == 2000


async def test_too_deep_an_answer_is_no_answer(service: ScriptedService, client: MidjourneyClient) -> None:
    deep = js(None)
    deep.body = b"[" * 100_000
    service.will(deep)
    with pytest.raises(Unavailable):
        await client.fetch("17")


async def test_the_log_names_neither_key_nor_query(
    service: ScriptedService, make_client: MakeClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    service.will(empty(500), page(404))
    client = make_client()
    with pytest.raises(NotOffered):
        await client.queue()
    spoken = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("bot."))
    assert "/mj/task/queue" in spoken
    assert KEY not in spoken
    assert "127.0.0.1" not in spoken
