"""Limits of the web server: how often, how large, how long."""

from __future__ import annotations

import asyncio
import logging

import pytest
from aiohttp.test_utils import make_mocked_request

from bot.web.doors import BURST, MOST_ADDRESSES, RATE, Allowances, Entrance, client_address
from tests.web.conftest import Site


def test_an_address_may_send_a_burst_and_then_so_many_a_second() -> None:
    now = 0.0
    allowances = Allowances(clock=lambda: now)
    assert sum(allowances.admits("1.2.3.4") for _ in range(2 * int(BURST))) == BURST
    assert allowances.admits("5.6.7.8")
    now = 1.0
    assert sum(allowances.admits("1.2.3.4") for _ in range(2 * int(BURST))) == RATE


def test_counting_takes_bounded_memory() -> None:
    allowances = Allowances(clock=lambda: 0.0)
    for number in range(MOST_ADDRESSES + 50):
        allowances.admits(str(number))
    assert len(allowances) == MOST_ADDRESSES


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("1.1.1.1, 203.0.113.7", "203.0.113.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("not an address", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
def test_a_proxy_beside_us_says_where_a_request_comes_from(forwarded: str, address: str) -> None:
    request = make_mocked_request("GET", "/", headers={"X-Forwarded-For": forwarded}).clone(remote="127.0.0.1")
    assert client_address(request) == address


def test_nobody_else_may_say_where_a_request_comes_from() -> None:
    request = make_mocked_request("GET", "/", headers={"X-Forwarded-For": "9.9.9.9"}).clone(remote="8.8.8.8")
    assert client_address(request) == "8.8.8.8"


@pytest.mark.parametrize(
    "head", [b"GET /" + b"x" * 9_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"y" * 20_000]
)
async def test_an_address_or_a_header_that_is_too_long_ends_the_connection_and_is_not_logged(
    site: Site, head: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(head)
    async with asyncio.timeout(5):
        answer = await reader.read()
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    writer.close()
    assert [record for record in caplog.records if record.levelno >= logging.INFO] == []


async def test_a_connection_serves_one_request(site: Site) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
    async with asyncio.timeout(5):
        answer = await reader.read()  # to its end
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b"connection: close" in answer.lower()
    writer.close()


class _Inner(asyncio.Protocol):
    """A server's protocol that only counts."""

    received = 0

    def data_received(self, data: bytes) -> None:
        self.received += len(data)


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHo"])
async def test_who_sends_no_whole_request_is_shown_out(sent: bytes) -> None:
    entrance = Entrance(_Inner, head_seconds=0.05)
    server = await asyncio.get_running_loop().create_server(entrance, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(sent)
        async with asyncio.timeout(5):
            assert await reader.read() == b""
        writer.close()
    assert len(entrance) == 0
