"""Pictures are fetched within limits, tried again where that may help, and decoded before they are believed."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from bot.media import ImageDownloader, ImageError
from tests.support.picture_host import PictureHost, moving, noise, picture
from tests.support.raw_host import PACKED, bomb, chunked, packed, raw_host, reply


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
    host: PictureHost, fetcher: ImageDownloader, data: bytes, media_type: str, extension: str
) -> None:
    fetched = await fetcher.fetch(host.serve("/x.exe", good(data)))
    assert fetched.data == data
    assert (fetched.facts.media_type, fetched.facts.extension) == (media_type, extension)
    assert (fetched.facts.width, fetched.facts.height) == (32, 24)


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
async def test_a_picture_that_moves_is_handed_on_as_it_is(
    host: PictureHost, fetcher: ImageDownloader, kind: str
) -> None:
    data = moving(kind)
    assert (await fetcher.fetch(host.serve("/a", good(data)))).data == data


@pytest.mark.parametrize(
    "data", [b"", b"<html>not found</html>", picture()[:60], b"\x89PNG\r\n\x1a\n", b"GIF89a", b"%PDF-1.7"]
)
async def test_what_cannot_be_decoded_is_no_picture(host: PictureHost, fetcher: ImageDownloader, data: bytes) -> None:
    with pytest.raises(ImageError, match="not an image"):
        await fetcher.fetch(host.serve("/a.png", good(data)))


@pytest.mark.parametrize("status", [403, 404, 408, 410, 429, 500, 502, 503, 504])
async def test_a_host_that_answers_badly_is_asked_again(
    host: PictureHost, fetcher: ImageDownloader, status: int
) -> None:
    url = host.serve("/a", web.Response(status=status), web.Response(status=status), good())
    assert (await fetcher.fetch(url)).facts.extension == "png"
    assert len(host.requests) == 3


async def test_a_dead_link_is_given_up_after_some_tries(host: PictureHost, fetcher: ImageDownloader) -> None:
    with pytest.raises(ImageError, match="404"):
        await fetcher.fetch(host.serve("/a", web.Response(status=404)))
    assert len(host.requests) == 3


async def test_a_preview_is_tried_once(host: PictureHost, fetcher: ImageDownloader) -> None:
    with pytest.raises(ImageError):
        await fetcher.fetch(host.serve("/a", web.Response(status=500)), tries=1)
    assert len(host.requests) == 1


async def test_redirects_are_followed(host: PictureHost, fetcher: ImageDownloader) -> None:
    host.serve("/b", "/c")
    host.serve("/c", good())
    assert (await fetcher.fetch(host.serve("/a", host.url("/b")))).data == picture()


async def test_redirects_without_end_are_not(host: PictureHost, fetcher: ImageDownloader) -> None:
    with pytest.raises(ImageError, match="too many redirects"):
        await fetcher.fetch(host.serve("/a", "/a"))
    assert len(host.requests) == 6


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://x", "http://", "http://[", ""])
async def test_a_redirect_out_of_the_web_is_not_followed(
    host: PictureHost, fetcher: ImageDownloader, target: str
) -> None:
    with pytest.raises(ImageError):
        await fetcher.fetch(host.serve("/a", target or "javascript:1"))


@pytest.mark.parametrize(
    "url",
    ["", "x", "file:///etc/passwd", "data:image/png;base64,AAAA", "http://", "http://[::1", "http://a:99999/", "//"],
)
async def test_what_is_no_address_of_the_web_is_refused_in_words(fetcher: ImageDownloader, url: str) -> None:
    with pytest.raises(ImageError):
        await fetcher.fetch(url)


async def test_what_is_too_large_is_not_read_to_its_end(host: PictureHost, fetcher: ImageDownloader) -> None:
    with pytest.raises(ImageError, match="larger"):
        await fetcher.fetch(host.serve("/a", good(b"x" * 5_000)), limit=4_999)
    assert len(host.requests) == 1


async def test_a_host_that_lies_about_a_length_is_cut_off_at_the_limit(fetcher: ImageDownloader) -> None:
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
        with pytest.raises(ImageError, match="larger"):
            await fetcher.fetch(f"http://127.0.0.1:{port}/", limit=1_000_000)
    assert sent < 40_000_000


async def test_a_host_that_does_not_answer_is_left_in_time(fetcher: ImageDownloader) -> None:
    asked = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ImageError, match="within"):
            await fetcher.fetch(f"http://127.0.0.1:{port}/", seconds=0.2)
    assert asked.is_set()


async def test_no_key_and_no_cookie_goes_along(host: PictureHost, fetcher: ImageDownloader) -> None:
    await fetcher.fetch(host.serve("/a", good()))
    await fetcher.fetch(host.url("/a"))
    for request in host.requests:
        assert not {"Authorization", "mj-api-secret", "Cookie", "X-Api-Key"} & set(request.headers)


async def test_what_is_said_of_a_failure_names_no_address(host: PictureHost, fetcher: ImageDownloader) -> None:
    with pytest.raises(ImageError) as caught:
        await fetcher.fetch(host.serve("/secret-path", web.Response(status=404)))
    assert "secret-path" not in str(caught.value)
    assert "127.0.0.1" not in str(caught.value)


@pytest.mark.parametrize("way", PACKED)
async def test_a_picture_is_unpacked_though_it_was_asked_for_as_it_is(fetcher: ImageDownloader, way: str) -> None:
    data = picture("PNG", (200, 100))
    async with raw_host(packed(data, way, content_type="image/png")) as host:
        assert (await fetcher.fetch(f"{host.base}/a.png")).data == data
        assert len(host.targets) == 1


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip", "deflate", "gzip, gzip"])
async def test_a_bomb_is_left_at_the_limit(fetcher: ImageDownloader, coding: str) -> None:
    async with raw_host(bomb(coding, 50_000_000)) as host:
        with pytest.raises(ImageError, match="larger"):
            await fetcher.fetch(f"{host.base}/a.png", limit=1_000_000)


@pytest.mark.parametrize("header", ["Content-Security-Policy: ", "Set-Cookie: id=", "Link: "])
async def test_a_long_header_of_a_host_is_no_trouble(fetcher: ImageDownloader, header: str) -> None:
    async with raw_host(reply(picture(), header + "a" * 9_000)) as host:
        assert (await fetcher.fetch(f"{host.base}/a.png")).data == picture()


async def test_a_host_with_headers_that_cannot_be_read_is_named_so(fetcher: ImageDownloader) -> None:
    async with raw_host(reply(picture(), "X Cache: hit")) as host:
        with pytest.raises(ImageError, match="invalid HTTP headers"):
            await fetcher.fetch(f"{host.base}/a.png", tries=1)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
@pytest.mark.parametrize("framing", ["length", "chunked"])
async def test_a_whole_picture_counts_though_more_was_promised(
    fetcher: ImageDownloader, kind: str, framing: str
) -> None:
    data = picture(kind, (400, 300))
    sent = chunked(data) if framing == "chunked" else reply(data, length=len(data) + 100)
    async with raw_host(sent) as host:
        assert (await fetcher.fetch(f"{host.base}/a")).data == data
        assert len(host.targets) == 1


@pytest.mark.parametrize(("kind", "missing"), [("PNG", 2_000), ("JPEG", 2), ("JPEG", 20), ("GIF", 40)])
async def test_a_picture_that_broke_off_is_fetched_again(fetcher: ImageDownloader, kind: str, missing: int) -> None:
    data = noise(60, 60) if kind == "PNG" else picture(kind, (400, 300))
    async with raw_host(reply(data[:-missing], length=len(data)), reply(data)) as host:
        assert (await fetcher.fetch(f"{host.base}/a")).data == data
        assert len(host.targets) == 2


async def test_a_picture_that_always_lacks_its_last_bytes_is_taken_in_the_end(fetcher: ImageDownloader) -> None:
    data = picture("JPEG", (400, 300))
    async with raw_host(reply(data[:-2], length=len(data))) as host:
        assert (await fetcher.fetch(f"{host.base}/a")).facts.width == 400
        assert len(host.targets) == 3


def mp4() -> bytes:
    """The boxes of a small clip."""
    kinds = ((b"ftyp", b"isom0000"), (b"moov", b"x" * 40), (b"mdat", b"y" * 5_000))
    return b"".join((len(data) + 8).to_bytes(4, "big") + kind + data for kind, data in kinds)


async def test_a_whole_clip_counts_though_more_was_promised_and_a_cut_one_does_not(fetcher: ImageDownloader) -> None:
    data = mp4()
    async with raw_host(reply(data, length=len(data) + 9)) as host:
        assert await fetcher.fetch_clip(f"{host.base}/a.mp4") == (data, "mp4")
    async with raw_host(reply(data[:-10], length=len(data)), reply(data)) as host:
        assert await fetcher.fetch_clip(f"{host.base}/a.mp4") == (data, "mp4")
        assert len(host.targets) == 2


SIGNED = "/s1g/plain/http%3A%2F%2Fcdn.example%2Fa%40b.png?Signature=a%2Fb%2Bc%3D"
# As it was given, and as it has to be asked for.
TARGETS = {
    SIGNED: SIGNED,
    "/a+b%20c.png?X-Amz-Credential=AK%2F20260101%2Fs3&t=a+b": "/a+b%20c.png?X-Amz-Credential=AK%2F20260101%2Fs3&t=a+b",
    "/unsafe/%7Ebob/(1)!*'.png?q=%5B%5D&r=[]&e=%e2%82%ac": "/unsafe/%7Ebob/(1)!*'.png?q=%5B%5D&r=[]&e=%e2%82%ac",
    "//two//slashes/./and/%2E%2E/dots.png": "//two//slashes/./and/%2E%2E/dots.png",
    "/a b.png?p=ü|x&done=100%": "/a%20b.png?p=%C3%BC%7Cx&done=100%25",
    "?only=a%2Fquery": "/?only=a%2Fquery",
    "/with.png#fragment%2F": "/with.png",
}


@pytest.mark.parametrize("given", TARGETS)
async def test_an_address_is_asked_for_to_the_letter(fetcher: ImageDownloader, given: str) -> None:
    async with raw_host(reply(picture())) as host:
        await fetcher.fetch(host.base + given)
        assert host.targets == [TARGETS[given]]


async def test_so_is_that_of_a_clip(fetcher: ImageDownloader) -> None:
    async with raw_host(reply(mp4())) as host:
        await fetcher.fetch_clip(host.base + SIGNED)
        assert host.targets == [SIGNED]


@pytest.mark.parametrize("given", TARGETS)
async def test_so_is_one_that_a_redirect_names(fetcher: ImageDownloader, given: str) -> None:
    async with raw_host() as host:
        location = (host.base + given).encode().decode("latin-1")
        host.replies = [reply(b"", f"Location: {location}", status="302 Found"), reply(picture())]
        await fetcher.fetch(f"{host.base}/start/x.png")
        assert host.targets[1] == TARGETS[given]


@pytest.mark.parametrize(
    ("location", "target"),
    [
        (SIGNED, SIGNED),
        ("y%2Fz.png?a=%2B", "/start/y%2Fz.png?a=%2B"),
        ("?a=%2F+", "/start/x.png?a=%2F+"),
        ("../up%40.png", "/up%40.png"),
    ],
)
async def test_so_is_a_relative_one(fetcher: ImageDownloader, location: str, target: str) -> None:
    async with raw_host(reply(b"", f"Location: {location}", status="307 Go"), reply(picture())) as host:
        await fetcher.fetch(f"{host.base}/start/x.png")
        assert host.targets[1] == target


@pytest.mark.parametrize(
    "given",
    [
        "http://{here}@evil.example/a",
        "http://@{here}/a",
        "http://evil.example\\@{here}/a",
        "http://{here}\t@x.example/",
    ],
)
async def test_a_host_hidden_behind_user_information_is_not_asked(fetcher: ImageDownloader, given: str) -> None:
    async with raw_host(reply(picture())) as host:
        here = host.base.removeprefix("http://")
        with pytest.raises(ImageError, match="user name"):
            await fetcher.fetch(given.format(here=here))
        assert host.targets == []


@pytest.mark.parametrize("host", ["127.0.0.1", "LOCALHOST.", "[::1]", "127.1", "%31%32%37.0.0.1", "①②⑦.0.0.1"])
async def test_the_guard_sees_the_address_that_is_requested(host: str) -> None:
    async with (
        raw_host(reply(picture())) as inside,
        ImageDownloader(allow_private=False, trusted_hosts=[], pause_seconds=0.001) as guarded,
    ):
        with pytest.raises(ImageError):
            await guarded.fetch(f"http://{host}:{inside.port}{SIGNED}", tries=1)
        assert inside.targets == []
