"""Bodies of requests: compressed ones are refused unread, broken and slow ones cost one line of the log."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest

from bot.web.client_address import TrustedProxies, networks
from tests.web.conftest import MakeSite, Site
from tests.web.test_connection_limit import sent

PATHS = (
    "/",
    "/nothing",
    "/healthz",
    "/callback/abc/def",
    "/paint/x/mask",
    "/paint/x/upload",
    "/paint/x/open",
    "/paint/static/x.js",
)


@pytest.fixture
async def behind_proxy(make_site: MakeSite) -> Site:
    """Here each request may come from another client, so that none meets the rate limit."""
    return await make_site(proxies=TrustedProxies(networks("127.0.0.1")))


def head(path: str, *headers: str, method: str = "POST", client: int | None = None) -> bytes:
    """The head of a request with a body that never comes."""
    forwarded = () if client is None else (f"X-Forwarded-For: 198.51.100.{client}",)
    lines = (f"{method} {path} HTTP/1.1", "Host: a", "Content-Type: application/json", *forwarded, *headers)
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def status(site: Site, data: bytes) -> int:
    """The status that is answered to these bytes, whether or not the rest of the request is waited for."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(data)
    async with asyncio.timeout(5):
        line = await reader.readline()
    writer.close()
    return int(line.split()[1])


async def test_a_compressed_body_is_refused_before_it_comes_wherever_it_goes(behind_proxy: Site) -> None:
    cases = [(path, coding) for path in PATHS for coding in ("gzip", "deflate", "br", "zstd")]
    for client, (path, coding) in enumerate(cases):
        request = head(path, f"Content-Encoding: {coding}", "Content-Length: 100000", client=client)
        assert await status(behind_proxy, request) == 415, (path, coding)


async def test_no_spelling_of_a_coding_gets_through(behind_proxy: Site) -> None:
    spellings = [
        ("content-encoding:GZip",),
        ("Content-Encoding:  gzip , identity",),
        ("Content-Encoding: identity", "Content-Encoding: gzip"),
        ("Content-Encoding: gzip", "Content-Encoding: identity"),
        ("Content-Encoding: x-gzip",),
        ("Content-Encoding: compress",),
        ("Content-Encoding: nonsense",),
        ("Content-Encoding: gzip", "Expect: 100-continue"),
        ("Content-Encoding: gzip", "Expect: nonsense"),
    ]
    cases = [(method, headers) for method in ("POST", "PUT", "GET") for headers in spellings]
    for client, (method, headers) in enumerate(cases):
        request = head("/nothing", *headers, "Content-Length: 100000", method=method, client=client)
        assert await status(behind_proxy, request) == 415, (method, headers)


async def test_a_transfer_coding_is_chunked_or_refused(behind_proxy: Site) -> None:
    cases: list[tuple[tuple[str, ...], set[int]]] = [
        (("Transfer-Encoding: gzip, chunked",), {400, 415}),
        (("Transfer-Encoding: gzip", "Transfer-Encoding: chunked"), {400, 415}),
        (("Transfer-Encoding: gzip",), {400, 415}),
        (("Transfer-Encoding: chunked, gzip",), {400, 415}),
        (("Transfer-Encoding: chunked", "Content-Length: 5"), {400}),
        (("Transfer-Encoding: xchunked",), {400, 415}),
        (("Transfer-Encoding: chunked",), {404}),
        (("Content-Encoding: identity", "Content-Length: 5"), {404}),
    ]
    for client, (headers, statuses) in enumerate(cases):
        assert await status(behind_proxy, head("/nothing", *headers, client=client) + b"0\r\n\r\n") in statuses, headers


async def test_a_body_is_invited_when_it_is_wanted_and_not_before(site: Site) -> None:
    site.machine.images.hold()
    task = await site.machine.taken()
    body = json.dumps(site.machine.images.shown(task.upstream_id or "")).encode()
    path = site.hook(task).removeprefix(site.url)
    expecting = ("Expect: 100-continue", f"Content-Length: {len(body)}")
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(head(path, *expecting))
    async with asyncio.timeout(5):
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(body)
        assert (await reader.read()).startswith(b"HTTP/1.1 204 ")
    writer.close()
    for other in (path + "x", "/nothing"):
        assert await status(site, head(other, *expecting)) == 404


@pytest.mark.parametrize("begun", [b"", b'{"id": "1"'])
@pytest.mark.parametrize("chunked", [False, True])
async def test_an_upload_that_breaks_off_is_one_line_in_the_log(
    site: Site, begun: bytes, chunked: bool, caplog: pytest.LogCaptureFixture
) -> None:
    site.machine.images.hold()
    task = await site.machine.taken()
    path = site.hook(task).removeprefix(site.url)
    body = b"%x\r\n%b\r\n" % (len(begun), begun) if chunked and begun else begun
    coding = "Transfer-Encoding: chunked" if chunked else "Content-Length: 1000"
    caplog.set_level(logging.INFO)
    _, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(head(path, coding) + body)
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    async with asyncio.timeout(5):
        while not caplog.records:  # noqa: ASYNC110 - the log tells no event
            await asyncio.sleep(0.01)
    # What else the server says about the connection, it says before it serves the next one to its end.
    await sent(site.port, head("/nothing"))
    (record,) = caplog.records
    assert "an upload was cut off" in record.getMessage()
    assert record.exc_info is None


@pytest.mark.parametrize("body", [b"1\r\n{\r\nzz\r\n", b"5\r\n{}\r\n0\r\n\r\n", b"-1\r\n{}\r\n"])
async def test_a_body_in_wrong_chunks_is_refused_without_a_traceback(
    site: Site, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    site.machine.images.hold()
    task = await site.machine.taken()
    path = site.hook(task).removeprefix(site.url)
    answer = await sent(site.port, head(path, "Transfer-Encoding: chunked") + body, eof=True)
    assert answer == b"" or answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_body_that_is_too_large_is_refused_by_its_length_alone(site: Site) -> None:
    site.machine.images.hold()
    task = await site.machine.taken()
    path = site.hook(task).removeprefix(site.url)
    assert await status(site, head(path, "Content-Length: 99999999")) == 413


@pytest.mark.parametrize(
    "body",
    [
        {"progress": "1" + " " * 500_000 + "x"},
        {"submitTime": " " * 500_000 + "1" + " " * 400_000 + "x"},
        {"progress": "1." + "0" * 900_000 + "x"},
        {"prompt": "1️⃣ " + "a\n" * 300_000, "action": "DESCRIBE"},
        {"buttons": [{"customId": "MJ::" + "x" * 900, "emoji": "y" * 900}] * 400},
    ],
    ids=["progress", "time", "zeros", "text", "buttons"],
)
async def test_no_field_of_a_callback_keeps_the_program_busy(site: Site, body: dict[str, object]) -> None:
    site.machine.images.hold()
    task = await site.machine.taken()
    told = json.dumps({"id": task.upstream_id, "status": "IN_PROGRESS", **body})
    async with asyncio.timeout(10):
        assert (await site.post(site.hook(task), told))[0] == 204
