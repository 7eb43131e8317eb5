"""Answers of which other programs make nothing: packed unasked, with long headers, or shorter than announced."""

from __future__ import annotations

import json
import logging
import tracemalloc

import pytest

from bot.engines.errors import AnswerLost, Unavailable, Unusable
from bot.engines.midjourney.requests import ImagineRequest
from bot.engines.models import RemoteStatus, SubmitAccepted, SubmitTag
from tests.midjourney.conftest import MakeClient
from tests.support.raw_host import PACKED, bomb, chunked, packed, raw_host, reply

ACCEPTED = json.dumps({"code": 1, "description": "ok", "result": "1730000000000001"}).encode()
TASK = json.dumps({"id": "17", "status": "IN_PROGRESS", "progress": "46%", "prompt": "a fox " * 40}).encode()
TAG = SubmitTag(state="nonce-1")
FOX = ImagineRequest(prompt="a fox")
MIB = 1024 * 1024


@pytest.mark.parametrize("way", PACKED)
async def test_an_answer_is_read_however_it_is_packed(make_client: MakeClient, way: str) -> None:
    async with raw_host(packed(ACCEPTED, way), packed(TASK, way), packed(b"[" + TASK + b"]", way)) as host:
        client = make_client(base_url=host.base)
        submitted = await client.submit(FOX, None, TAG)
        assert isinstance(submitted, SubmitAccepted)
        assert submitted.task_id == "1730000000000001"
        assert (await client.fetch("17", tries=1)).progress == 46
        assert set(await client.list_by_ids(["17"])) == {"17"}
        assert len(host.targets) == 3


@pytest.mark.parametrize("size", [9_000, 40_000, 65_000])
@pytest.mark.parametrize("name", ["Content-Security-Policy", "Set-Cookie"])
async def test_a_long_header_is_no_trouble(make_client: MakeClient, size: int, name: str) -> None:
    async with raw_host(reply(ACCEPTED, f"{name}: {'a' * size}")) as host:
        assert isinstance(await make_client(base_url=host.base).submit(FOX, None, TAG), SubmitAccepted)


async def test_many_headers_are_no_trouble(make_client: MakeClient) -> None:
    async with raw_host(reply(ACCEPTED, *(f"Set-Cookie: c{number}=1" for number in range(300)))) as host:
        assert isinstance(await make_client(base_url=host.base).submit(FOX, None, TAG), SubmitAccepted)


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        (reply(ACCEPTED, f"Content-Length: {len(ACCEPTED)}"), "Duplicate Content-Length"),
        (reply(ACCEPTED, "X Cache Name: secret-hit"), "Invalid header token"),
        (reply(ACCEPTED, f"Set-Cookie: {'s' * 70_000}"), "Got more than 65536 bytes"),
    ],
    ids=["two lengths", "a blank in a name", "too long"],
)
async def test_headers_that_cannot_be_read_are_told_to_the_operator_once(
    make_client: MakeClient, caplog: pytest.LogCaptureFixture, sent: bytes, fault: str
) -> None:
    async with raw_host(sent) as host:
        client = make_client(base_url=host.base)
        for _ in range(2):
            with pytest.raises(AnswerLost, match="invalid HTTP headers"):
                await client.submit(FOX, None, TAG)
    told = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert len(told) == 1
    assert fault in told[0]
    assert "secret-hit" not in told[0]
    assert "sss" not in told[0]


@pytest.mark.parametrize(
    "framed",
    [
        lambda body: reply(body, length=len(body) + 100),
        chunked,
        lambda body: chunked(body)[:-2],
        lambda body: reply(body, "Content-Encoding: br", length=len(body) + 1),
    ],
    ids=["length", "no last chunk", "within a chunk", "length and a coding that is none"],
)
async def test_a_whole_answer_counts_though_more_was_promised(make_client: MakeClient, framed) -> None:  # type: ignore[no-untyped-def] # lambdas
    async with raw_host(framed(ACCEPTED), framed(TASK), framed(b"[" + TASK + b"]")) as host:
        client = make_client(base_url=host.base)
        assert isinstance(await client.submit(FOX, None, TAG), SubmitAccepted)
        task = await client.fetch("17", tries=1)
        assert (task.status, task.progress) == (RemoteStatus.RUNNING, 46)
        assert set(await client.list_by_ids(["17"])) == {"17"}
        assert len(host.targets) == 3


async def test_a_whole_answer_counts_though_its_connection_stays_open(make_client: MakeClient) -> None:
    async with raw_host(reply(ACCEPTED, length=len(ACCEPTED) + 100)) as host:
        host.keeps_open = True
        assert isinstance(
            await make_client(base_url=host.base, submit=0.5).submit(FOX, None, TAG),
            SubmitAccepted,
        )


@pytest.mark.parametrize("body", [ACCEPTED[:-1], b"", b"17300", b'"17', b'"1730"', b"<html>no"])
async def test_what_broke_off_before_its_end_is_a_lost_answer(make_client: MakeClient, body: bytes) -> None:
    async with raw_host(reply(body, length=100)) as host:
        client = make_client(base_url=host.base)
        with pytest.raises(AnswerLost):
            await client.submit(FOX, None, TAG)
        with pytest.raises(Unavailable):
            await client.fetch("17", tries=1)


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip", "deflate", "gzip, gzip"])
async def test_a_bomb_is_not_unpacked_beyond_the_limit(make_client: MakeClient, coding: str) -> None:
    async with raw_host(bomb(coding, 120 * MIB)) as host:
        client = make_client(base_url=host.base, body=2 * MIB)
        tracemalloc.start()
        try:
            with pytest.raises(Unusable, match="larger"):
                await client.fetch("17", tries=1)
            assert tracemalloc.get_traced_memory()[1] < 24 * MIB
        finally:
            tracemalloc.stop()
