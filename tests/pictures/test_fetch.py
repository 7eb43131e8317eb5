"""Pictures are fetched within limits, tried again where that may help, and decoded before they are believed."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from bot.pictures import PictureError, PictureFetcher
from tests.support.picture_host import PictureHost, moving, picture


def good(data: bytes | None = None) -> web.Response:
    return web.Response(body=picture() if data is None else data)


@pytest.mark.parametrize(
    ("data", "media_type", "extension"),
    [
        (picture("PNG"), "image/png", "png"),
        (picture("JPEG"), "image/jpeg", "jpg"),
        (picture("WEBP"), "image/webp", "webp"),
        (picture("GIF"), "image/gif", "gif"),
    ],
)
async def test_a_picture_is_what_its_content_says_whatever_its_host_calls_it(
    host: PictureHost, fetcher: PictureFetcher, data: bytes, media_type: str, extension: str
) -> None:
    fetched = await fetcher.fetch(host.serve("/x.exe", good(data)))
    assert fetched.data == data
    assert (fetched.facts.media_type, fetched.facts.extension) == (media_type, extension)
    assert (fetched.facts.width, fetched.facts.height) == (32, 24)


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
async def test_a_picture_that_moves_is_handed_on_as_it_is(
    host: PictureHost, fetcher: PictureFetcher, kind: str
) -> None:
    data = moving(kind)
    assert (await fetcher.fetch(host.serve("/a", good(data)))).data == data


@pytest.mark.parametrize(
    "data", [b"", b"<html>not found</html>", picture()[:60], b"\x89PNG\r\n\x1a\n", b"GIF89a", b"%PDF-1.7"]
)
async def test_what_cannot_be_decoded_is_no_picture(host: PictureHost, fetcher: PictureFetcher, data: bytes) -> None:
    with pytest.raises(PictureError, match="no picture"):
        await fetcher.fetch(host.serve("/a.png", good(data)))


@pytest.mark.parametrize("status", [403, 404, 408, 410, 429, 500, 502, 503, 504])
async def test_a_host_that_answers_badly_is_asked_again(
    host: PictureHost, fetcher: PictureFetcher, status: int
) -> None:
    url = host.serve("/a", web.Response(status=status), web.Response(status=status), good())
    assert (await fetcher.fetch(url)).facts.extension == "png"
    assert len(host.requests) == 3


async def test_a_dead_link_is_given_up_after_some_tries(host: PictureHost, fetcher: PictureFetcher) -> None:
    with pytest.raises(PictureError, match="404"):
        await fetcher.fetch(host.serve("/a", web.Response(status=404)))
    assert len(host.requests) == 3


async def test_a_preview_is_tried_once(host: PictureHost, fetcher: PictureFetcher) -> None:
    with pytest.raises(PictureError):
        await fetcher.fetch(host.serve("/a", web.Response(status=500)), tries=1)
    assert len(host.requests) == 1


async def test_redirects_are_followed(host: PictureHost, fetcher: PictureFetcher) -> None:
    host.serve("/b", "/c")
    host.serve("/c", good())
    assert (await fetcher.fetch(host.serve("/a", host.url("/b")))).data == picture()


async def test_redirects_without_end_are_not(host: PictureHost, fetcher: PictureFetcher) -> None:
    with pytest.raises(PictureError, match="without end"):
        await fetcher.fetch(host.serve("/a", "/a"))
    assert len(host.requests) == 6


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://x", "http://", "http://[", ""])
async def test_a_redirect_out_of_the_web_is_not_followed(
    host: PictureHost, fetcher: PictureFetcher, target: str
) -> None:
    with pytest.raises(PictureError):
        await fetcher.fetch(host.serve("/a", target or "javascript:1"))


@pytest.mark.parametrize(
    "url",
    ["", "x", "file:///etc/passwd", "data:image/png;base64,AAAA", "http://", "http://[::1", "http://a:99999/", "//"],
)
async def test_what_is_no_address_of_the_web_is_refused_in_words(fetcher: PictureFetcher, url: str) -> None:
    with pytest.raises(PictureError):
        await fetcher.fetch(url)


async def test_what_is_too_large_is_not_read_to_its_end(host: PictureHost, fetcher: PictureFetcher) -> None:
    with pytest.raises(PictureError, match="larger"):
        await fetcher.fetch(host.serve("/a", good(b"x" * 5_000)), limit=4_999)
    assert len(host.requests) == 1


async def test_a_host_that_lies_about_a_length_is_cut_off_at_the_limit(fetcher: PictureFetcher) -> None:
    sent = 0

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while sent < 50_000_000:
                writer.write(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
                sent += 65_536
                await writer.drain()
        except ConnectionError:
            pass
        writer.close()

    async with await asyncio.start_server(endless, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(PictureError, match="larger"):
            await fetcher.fetch(f"http://127.0.0.1:{port}/", limit=1_000_000)
    assert sent < 40_000_000


async def test_a_host_that_does_not_answer_is_left_in_time(fetcher: PictureFetcher) -> None:
    asked = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(PictureError, match="within"):
            await fetcher.fetch(f"http://127.0.0.1:{port}/", seconds=0.2)
    assert asked.is_set()


async def test_no_key_and_no_cookie_goes_along(host: PictureHost, fetcher: PictureFetcher) -> None:
    await fetcher.fetch(host.serve("/a", good()))
    await fetcher.fetch(host.url("/a"))
    for request in host.requests:
        assert not {"Authorization", "mj-api-secret", "Cookie", "X-Api-Key"} & set(request.headers)


async def test_what_is_said_of_a_failure_names_no_address(host: PictureHost, fetcher: PictureFetcher) -> None:
    with pytest.raises(PictureError) as caught:
        await fetcher.fetch(host.serve("/secret-path", web.Response(status=404)))
    assert "secret-path" not in str(caught.value)
    assert "127.0.0.1" not in str(caught.value)
