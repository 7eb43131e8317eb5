"""Limits of connections: how many, how long, how large the head of a request; and monitoring beyond all of them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from aiohttp import web

from bot.web.admission import admission
from bot.web.client_address import TrustedProxies, networks
from bot.web.connection_limit import ConnectionLimit, ConnectionLimits
from bot.web.rate_limit import RateLimit
from bot.web.server import serve
from tests.web.conftest import MakeSite, Site

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
NOTHING = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"


async def sent(port: int, data: bytes, *, eof: bool = False) -> bytes:
    """All that is answered to these bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    if eof:
        writer.write_eof()
    try:
        async with asyncio.timeout(5):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


@asynccontextmanager
async def held(port: int, count: int, data: bytes = b"GET / HTTP/1.1\r\n") -> AsyncIterator[list[asyncio.StreamReader]]:
    """So many connections that send only the beginning of a request."""
    async with AsyncExitStack() as stack:
        readers = []
        for _ in range(count):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            writer.write(data)
            readers.append(reader)
        yield readers


@pytest.mark.parametrize(
    "head", [b"GET /" + b"x" * 9_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"y" * 20_000]
)
async def test_an_address_or_a_header_that_is_too_long_ends_the_connection_and_is_not_logged(
    site: Site, head: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await sent(site.port, head)).startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    assert [record for record in caplog.records if record.levelno >= logging.INFO] == []


async def test_a_head_of_many_headers_is_refused_by_its_size(site: Site) -> None:
    head = b"GET / HTTP/1.1\r\nHost: a\r\n" + b"".join(b"X-%d: %b\r\n" % (n, b"y" * 8_000) for n in range(100))
    assert (await sent(site.port, head)).startswith(b"HTTP/1.1 431 ")


async def test_a_head_that_is_wrong_and_then_too_large_is_not_logged(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    for pieces in ([b"X: " + b"y" * 9_000, b"y" * 40_000], [b"y" * 9_000] * 6, [b"\0\r\n", b"y" * 40_000]):
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        with contextlib.suppress(ConnectionError):
            writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n")
            for piece in pieces:
                writer.write(piece)
                await asyncio.sleep(0)
            async with asyncio.timeout(5):
                assert (await reader.readline()).startswith((b"HTTP/1.1 4", b"HTTP/1.0 4"))
        writer.close()
    await sent(site.port, NOTHING)
    assert [record for record in caplog.records if record.levelno >= logging.INFO] == []


async def test_a_connection_serves_one_request(site: Site) -> None:
    answer = await sent(site.port, NOTHING * 3)
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert answer.count(b"HTTP/1.1") == 1
    assert b"connection: close" in answer.lower()


async def test_a_client_may_hold_so_many_connections_and_monitoring_is_answered_beyond(make_site: MakeSite) -> None:
    site = await make_site(limits=ConnectionLimits(total=20, per_client=5))
    async with held(site.port, 5):
        refused = await sent(site.port, NOTHING)
        assert refused.startswith(b"HTTP/1.1 429 ")
        assert b"Retry-After: 5" in refused
        for request in (HEALTH, HEALTH.replace(b"GET", b"HEAD"), HEALTH.replace(b"/healthz", b"/healthz?a=b")):
            assert (await sent(site.port, request)).startswith(b"HTTP/1.1 200 ")
    # Once they are closed there is room again.
    async with asyncio.timeout(5):
        while not (await sent(site.port, NOTHING)).startswith(b"HTTP/1.1 404 "):  # noqa: ASYNC110 - as below
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("total", [3, 64])
async def test_monitoring_is_answered_while_all_connections_are_held(make_site: MakeSite, total: int) -> None:
    site = await make_site(limits=ConnectionLimits(total=total, per_client=1_000, reserved=4))
    # More than the public and the reserved ones together, and they go on asking.
    async with held(site.port, total + 4), held(site.port, 10, b""), held(site.port, 10, b"GET /hea"):
        for _ in range(5):
            assert (await sent(site.port, HEALTH)).startswith(b"HTTP/1.1 200 ")
        assert (await sent(site.port, NOTHING)).startswith(b"HTTP/1.1 503 ")
        for other in (b"POST /healthz HTTP/1.1\r\n\r\n", b"GET /healthzz HTTP/1.1\r\n\r\n", b"\r\n", b"x" * 300):
            assert (await sent(site.port, other)).startswith(b"HTTP/1.1 503 ")


async def test_a_probe_that_comes_in_pieces_is_answered(make_site: MakeSite) -> None:
    site = await make_site(limits=ConnectionLimits(per_client=1))
    async with held(site.port, 1):
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        for byte in HEALTH:
            writer.write(bytes([byte]))
            await asyncio.sleep(0)
        async with asyncio.timeout(5):
            assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
        writer.close()


async def test_a_trusted_proxy_may_hold_more_connections_than_one_client(make_site: MakeSite) -> None:
    site = await make_site(
        proxies=TrustedProxies(networks("127.0.0.1")), limits=ConnectionLimits(total=20, per_client=2, reserved=1)
    )
    async with held(site.port, 10):
        assert (await sent(site.port, NOTHING)).startswith(b"HTTP/1.1 404 ")
        async with held(site.port, 10):
            assert (await sent(site.port, NOTHING)).startswith(b"HTTP/1.1 503 ")
            assert (await sent(site.port, HEALTH)).startswith(b"HTTP/1.1 200 ")


async def test_behind_a_trusted_proxy_each_client_may_have_so_many_requests_running() -> None:
    proxies = TrustedProxies(networks("127.0.0.1"))
    begun, end = asyncio.Semaphore(0), asyncio.Event()

    async def wait(_: web.Request) -> web.Response:
        begun.release()
        await end.wait()
        return web.Response()

    app = web.Application(middlewares=[admission(RateLimit(), proxies, at_once=2)])
    app.router.add_get("/", wait)

    def request(client: str) -> bytes:
        return b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Forwarded-For: %b\r\n\r\n" % client.encode()

    async with serve(app, "127.0.0.1", 0, proxies=proxies) as port:
        running = [asyncio.create_task(sent(port, request(client))) for client in ("1.1.1.1", "1.1.1.1", "2.2.2.2")]
        for _ in running:
            await begun.acquire()
        assert (await sent(port, request("1.1.1.1"))).startswith(b"HTTP/1.1 429 ")
        end.set()
        assert [answer[:13] for answer in await asyncio.gather(*running)] == [b"HTTP/1.1 200 "] * 3
        assert (await sent(port, request("1.1.1.1"))).startswith(b"HTTP/1.1 200 ")


class _Inner(asyncio.Protocol):
    """A server's protocol that writes a large answer to whatever comes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(b"x" * 8_000_000)


@asynccontextmanager
async def limited(limits: ConnectionLimits) -> AsyncIterator[tuple[ConnectionLimit, int]]:
    """Such a server behind these limits."""
    connections = ConnectionLimit(_Inner, limits=limits)
    server = await asyncio.get_running_loop().create_server(connections, "127.0.0.1", 0)
    async with server:
        yield connections, server.sockets[0].getsockname()[1]


async def gone(connections: ConnectionLimit) -> None:
    """Waits until nothing is connected."""
    async with asyncio.timeout(5):
        while len(connections):  # noqa: ASYNC110 - the server tells no event
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("limits", "data"),
    [
        (ConnectionLimits(head_seconds=0.05), b""),
        (ConnectionLimits(head_seconds=0.05), b"GET / HTTP/1.1\r\nHo"),
        (ConnectionLimits(per_client=0, reserved_seconds=0.05), b""),
        (ConnectionLimits(per_client=0, reserved_seconds=0.05), b"GET /healthz HTTP/1.1\r\n"),
        (ConnectionLimits(stalled_seconds=0.05), NOTHING),
        (ConnectionLimits(seconds=0.05), NOTHING),
    ],
    ids=["nothing", "half a head", "nothing, reserved", "half a probe", "an answer not read", "everything"],
)
async def test_a_connection_ends_when_its_client_is_too_slow(limits: ConnectionLimits, data: bytes) -> None:
    async with limited(limits) as (connections, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
        writer.write(data)
        await gone(connections)
        writer.close()
        del reader


async def test_a_client_that_reads_gets_its_whole_answer() -> None:
    async with limited(ConnectionLimits(stalled_seconds=1.0)) as (connections, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(NOTHING)
        async with asyncio.timeout(5):
            assert len(await reader.readexactly(8_000_000)) == 8_000_000
        writer.close()
        await gone(connections)
