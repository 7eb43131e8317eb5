"""Pictures through a proxy: its hosts are reached, and names that lead to private addresses are refused before."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.abc import ResolveResult

from bot.media import ImageDownloader, ImageError
from bot.net.proxies import Proxies
from bot.net.untrusted_data import Endpoint
from tests.pictures.conftest import Names
from tests.support.picture_host import PictureHost, picture
from tests.support.proxy import Proxy


class OnlyThese(Names):
    """A resolver that knows no other names, as one behind a proxy that resolves everything itself."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        if host not in self.names:
            raise OSError("no such name")
        return await super().resolve(host, port, family)


NAMES = OnlyThese(
    open_test=["1.1.1.1"],
    private_test=["10.0.0.7"],
    mixed_test=["1.1.1.1", "10.0.0.7"],
    loop_test=["::1"],
)
ALL = ("open.test", "private.test", "mixed.test", "loop.test", "unknown.test", "trusted.test", "127.0.0.1", "10.0.0.7")


@pytest.fixture
async def proxy(host: PictureHost) -> AsyncIterator[Proxy]:
    """A proxy for which every name is the picture host."""
    async with Proxy(dict.fromkeys(ALL, f"http://127.0.0.1:{host.port}")) as proxy:
        yield proxy


@pytest.fixture
async def fetcher(proxy: Proxy) -> AsyncIterator[ImageDownloader]:
    proxies = Proxies(http=f"http://{proxy.address}", without="direct.test")
    async with ImageDownloader(
        allow_private=False,
        trusted_hosts=[Endpoint("trusted.test", 80)],
        resolver=NAMES,
        pause_seconds=0.001,
        proxy_for=proxies.proxy_for,
    ) as fetcher:
        yield fetcher


@pytest.mark.parametrize("name", ["open.test", "unknown.test", "trusted.test"])
async def test_a_picture_comes_through_the_proxy(
    host: PictureHost, proxy: Proxy, fetcher: ImageDownloader, name: str
) -> None:
    host.serve("/a.png", web.Response(body=picture()))
    assert (await fetcher.fetch(f"http://{name}/a.png")).facts.width == 32
    assert proxy.forwarded == {name: 1}
    (asked,) = host.requests
    assert asked.headers["Host"] == name
    assert "Authorization" not in asked.headers


@pytest.mark.parametrize(
    "url",
    [
        "http://private.test/a.png",
        "http://mixed.test/a.png",
        "http://loop.test/a.png",
        "http://10.0.0.7/a.png",
        "http://127.0.0.1/a.png",
        "http://0x7f.1/a.png",
    ],
)
async def test_a_private_address_is_refused_before_the_proxy_is_asked(
    host: PictureHost, proxy: Proxy, fetcher: ImageDownloader, url: str
) -> None:
    host.serve("/a.png", web.Response(body=picture()))
    with pytest.raises(ImageError, match=r"private|malformed"):
        await fetcher.fetch(url)
    assert not proxy.headers


@pytest.mark.parametrize("name", ["private.test", "mixed.test", "10.0.0.7"])
async def test_a_redirect_to_a_private_address_is_refused(
    host: PictureHost, proxy: Proxy, fetcher: ImageDownloader, name: str
) -> None:
    host.serve("/a.png", f"http://{name}/b.png")
    with pytest.raises(ImageError, match="private"):
        await fetcher.fetch("http://open.test/a.png")
    assert proxy.forwarded == {"open.test": 1}


async def test_a_host_without_proxy_is_asked_directly(proxy: Proxy, fetcher: ImageDownloader) -> None:
    with pytest.raises(ImageError):
        await fetcher.fetch("http://direct.test/a.png")
    assert not proxy.headers


async def test_a_proxy_that_is_not_there_names_no_credentials(host: PictureHost) -> None:
    proxies = Proxies(http="http://ada:some-word@127.0.0.1:9")
    async with ImageDownloader(
        allow_private=False, trusted_hosts=[], resolver=NAMES, pause_seconds=0.001, proxy_for=proxies.proxy_for
    ) as fetcher:
        with pytest.raises(ImageError) as caught:
            await fetcher.fetch("http://open.test/a.png")
    assert "some-word" not in str(caught.value)
