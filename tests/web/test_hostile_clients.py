"""The running bot while strangers send it the worst: people's interactions and monitoring are answered all the same."""

from __future__ import annotations

import asyncio
import contextlib
import json
import zlib
from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from bot.web.callbacks import MAX_BODY
from bot.web.connection_limit import ConnectionLimits
from playground.driver import Environment, Scenario
from playground.local_service import HOST
from tests.bench.process import megabytes
from tests.faults.test_database import no_room_to_write
from tests.support.environment_fixtures import env, make_env, openapi
from tests.support.environments import MakeEnvironment

__all__ = ["env", "make_env", "openapi"]

ADDRESSES = ("/", "/callback/abc/def", "/paint/x/mask", "/healthz", "/nothing")
# Far above what any acknowledgement takes here, far below what each of these requests once cost.
AT_ONCE = 1.0


def bomb(megabytes_inside: int) -> bytes:
    """A gzip stream of so many megabytes of zeros."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(b"\0" * 1_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + block * megabytes_inside + packer.flush()


async def posted(env: Environment, path: str, body: bytes, *headers: str) -> bytes:
    """What is answered to a body, whether or not all of it is read."""
    reader, writer = await asyncio.open_connection(HOST, env.web_port)
    lines = (f"POST {path} HTTP/1.1", "Host: a", f"Content-Length: {len(body)}", *headers)
    with contextlib.suppress(ConnectionError):
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + body)
        await writer.drain()
    try:
        async with asyncio.timeout(60):
            return await reader.readline()
    finally:
        writer.close()


async def acknowledged_meanwhile(env: Environment, attack: Callable[[], Awaitable[list[bytes]]]) -> list[bytes]:
    """The answers to an attack, during which people use commands and are acknowledged."""
    attacking = asyncio.ensure_future(attack())
    used = 0
    while not attacking.done() or used < 5:
        shown = await env.slash("settings" if used % 2 else "queue")
        assert shown.acknowledged_at is not None
        assert shown.acknowledged_at < AT_ONCE
        used += 1
    return await attacking


async def test_compressed_bodies_hold_nothing_up(env: Environment) -> None:
    body = bomb(300)

    async def attack() -> list[bytes]:
        headers = ("Content-Encoding: gzip", "Content-Type: application/json")
        return await asyncio.gather(*(posted(env, path, body, *headers) for path in ADDRESSES))

    before = megabytes(env.bot.pid)
    answers = await acknowledged_meanwhile(env, attack)
    assert [answer.split()[1] for answer in answers] == [b"415"] * len(ADDRESSES)
    assert megabytes(env.bot.pid) - before < 60


@pytest.mark.parametrize("kind", ["lists", "objects", "deep", "blanks"])
async def test_a_callback_of_a_megabyte_holds_nothing_up(env: Environment, kind: str) -> None:
    env.images.hold()
    await env.slash("imagine", {"prompt": "a paper boat"})
    submit = await env.until(lambda: next(iter(env.images.submits), None))
    assert submit is not None
    hook = str(submit.body["notifyHook"])
    bodies = {
        "lists": b"[" + b"[]," * (MAX_BODY // 3 - 2) + b"[]]",
        "objects": b"[" + b'{"a":{}},' * (MAX_BODY // 9 - 2) + b"{}]",
        "deep": b"[" * (MAX_BODY // 2) + b"]" * (MAX_BODY // 2),
        "blanks": json.dumps({"id": "x", "status": "SUCCESS", "progress": f"1{' ' * 900_000}x"}).encode(),
    }
    path = hook.partition(str(env.web_port))[2]

    async def attack() -> list[bytes]:
        return await asyncio.gather(
            *(posted(env, path, bodies[kind], "Content-Type: application/json") for _ in range(4))
        )

    answers = await acknowledged_meanwhile(env, attack)
    assert {answer.split()[1] for answer in answers} == {b"204" if kind == "blanks" else b"400"}


async def health(env: Environment) -> tuple[int, object]:
    """What monitoring is told."""
    async with aiohttp.ClientSession() as session, session.get(f"http://{HOST}:{env.web_port}/healthz") as answer:
        return answer.status, await answer.json()


async def test_monitoring_is_answered_from_an_address_that_holds_every_connection_and_has_guessed(
    env: Environment,
) -> None:
    await becomes(env, 200, discord=True, store=True)
    answers: list[bytes] = []
    for _ in range(20):  # at once, because the limit recovers with time
        guesses = (posted(env, "/callback/abc/def", b"{}", "Content-Type: application/json") for _ in range(30))
        answers += await asyncio.gather(*guesses)
        if any(b" 429 " in answer for answer in answers):
            break
    assert any(b" 429 " in answer for answer in answers)
    assert await health(env) == (200, {"discord": True, "store": True})
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(ConnectionLimits().total + ConnectionLimits().reserved):
            _, writer = await asyncio.open_connection(HOST, env.web_port)
            stack.callback(writer.close)
            writer.write(b"GET / HTTP/1.1\r\n")
        assert await health(env) == (200, {"discord": True, "store": True})
        shown = await env.slash("queue")
        assert shown.acknowledged_at is not None
        assert shown.acknowledged_at < AT_ONCE


async def guessed(env: Environment, client: Callable[[int], str]) -> list[bytes]:
    """The answers to wrong requests until one is refused by the rate limit; `client` names where each says it is from.

    Many are sent at once, because the limit recovers with time.
    """
    answers: list[bytes] = []
    for sent in range(0, 300, 60):
        guesses = (
            posted(
                env,
                "/callback/abc/def",
                b"{}",
                "Content-Type: application/json",
                f"X-Forwarded-For: {client(number)}",
            )
            for number in range(sent, sent + 60)
        )
        answers += await asyncio.gather(*guesses)
        if any(b" 429 " in answer for answer in answers):
            break
    return answers


async def test_nobody_escapes_the_rate_limit_with_a_header(env: Environment) -> None:
    answers = await guessed(env, lambda number: f"198.51.100.{number % 250}")
    assert any(b" 429 " in answer for answer in answers)


async def test_behind_the_proxy_that_the_setting_names_an_ipv6_network_is_one_client(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(settings={"TRUSTED_PROXIES": "127.0.0.1"}))
    answers = await guessed(env, lambda number: f"2001:db8:1:2::{number + 1:x}")
    assert any(b" 429 " in answer for answer in answers)
    for _ in range(3):
        other = "X-Forwarded-For: 2001:db8:1:3::1"
        assert b" 404 " in await posted(env, "/callback/abc/def", b"{}", "Content-Type: application/json", other)


async def test_an_address_that_holds_all_it_may_takes_no_room_from_another(env: Environment) -> None:
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(ConnectionLimits().total + ConnectionLimits().reserved):
            _, writer = await asyncio.open_connection(HOST, env.web_port)
            stack.callback(writer.close)
            writer.write(b"GET / HTTP/1.1\r\n")
        reader, writer = await asyncio.open_connection(HOST, env.web_port, local_addr=("127.0.0.2", 0))
        stack.callback(writer.close)
        writer.write(b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n")
        async with asyncio.timeout(5):
            assert (await reader.readline()).startswith(b"HTTP/1.1 404 ")


async def becomes(env: Environment, status: int, **state: bool) -> None:
    """Waits until monitoring is told this: the last check serves for two seconds."""
    async with asyncio.timeout(10):
        while await health(env) != (status, state):  # noqa: ASYNC110 - only asking tells
            await asyncio.sleep(0.1)


async def test_monitoring_is_told_while_the_database_cannot_be_written(env: Environment) -> None:
    await becomes(env, 200, discord=True, store=True)
    with no_room_to_write(env):
        await becomes(env, 503, discord=True, store=False)
    await becomes(env, 200, discord=True, store=True)
    await env.bot.logged("the database is not writable")
    assert len([line for line in env.bot.lines if "the database is not writable" in line]) == 1
