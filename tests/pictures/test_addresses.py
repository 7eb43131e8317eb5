"""Pictures never come from addresses that only we can reach, however such an address is written or led to."""

from __future__ import annotations

import pytest
from aiohttp import web

from bot.pictures import PictureError, PictureFetcher
from bot.pictures.addresses import OpenNetResolver, PrivateAddress, is_private
from tests.pictures.conftest import Names
from tests.support.picture_host import PictureHost, picture

PRIVATE = [
    "127.0.0.1",
    "127.8.9.10",
    "0.0.0.0",  # noqa: S104 - an address to refuse
    "10.1.2.3",
    "100.64.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.1.1",
    "192.0.0.1",
    "198.18.0.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::2",
    "::127.0.0.1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "2002:7f00:1::1",
    "2002:a00:1::1",
    "2001::1",
]
OPEN = ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_only_we_can_reach_is_known_for_one(address: str) -> None:
    assert is_private(address)


@pytest.mark.parametrize("address", OPEN)
def test_an_address_of_the_open_net_is_known_for_one(address: str) -> None:
    assert not is_private(address)


async def refused(url: str, names: Names | None = None) -> str:
    async with PictureFetcher(allow_private=False, trusted_hosts=[], resolver=names) as fetcher:
        with pytest.raises(PictureError) as caught:
            await fetcher.fetch(url)
    return str(caught.value)


@pytest.mark.parametrize(
    "written",
    [
        "127.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "2130706433",
        "127.1",
        "127.0.1",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "0x7f000001",
        "017700000001",
        "0",
        "127.0.0.1.",
        "2130706433.",
        "127。0。0。1",
        "①②⑦.⓪.⓪.①",
    ],
)
async def test_a_private_address_is_refused_however_it_is_written(host: PictureHost, written: str) -> None:
    host.serve("/a", web.Response(body=picture()))
    await refused(host.url("/a", written))
    assert host.requests == []


async def test_a_name_that_leads_to_a_private_address_is_refused_at_once(host: PictureHost) -> None:
    host.serve("/a", web.Response(body=picture()))
    said = await refused(host.url("/a", "inside.example.org"), Names(inside_example_org=["127.0.0.1", "::1"]))
    assert "private" in said
    assert host.requests == []


async def test_localhost_is_refused_by_what_it_leads_to(host: PictureHost) -> None:
    host.serve("/a", web.Response(body=picture()))
    assert "private" in await refused(host.url("/a", "localhost"))
    assert host.requests == []


async def test_of_mixed_answers_only_the_open_ones_are_used() -> None:
    names = Names(mixed_example_org=["10.0.0.1", "1.1.1.1", "::ffff:127.0.0.1", "2606:4700::1"])
    found = await OpenNetResolver([], names).resolve("mixed.example.org", 80)
    assert [entry["host"] for entry in found] == ["1.1.1.1", "2606:4700::1"]


async def test_a_trusted_name_may_lead_to_a_private_address() -> None:
    names = Names(images_lan=["10.0.0.1"], other_lan=["10.0.0.1"])
    resolver = OpenNetResolver(["images.lan"], names)
    assert [entry["host"] for entry in await resolver.resolve("images.lan", 80)] == ["10.0.0.1"]
    with pytest.raises(PrivateAddress):
        await resolver.resolve("other.lan", 80)


@pytest.mark.parametrize("target", ["http://127.0.0.1:{port}/b", "http://localhost:{port}/b", "http://[::1]:{port}/b"])
async def test_a_redirect_to_a_private_address_is_refused(host: PictureHost, target: str) -> None:
    host.serve("/a", target.format(port=host.port))
    host.serve("/b", web.Response(body=picture()))
    names = Names(trusted_lan=["127.0.0.1"], localhost=["127.0.0.1"])
    async with PictureFetcher(allow_private=False, trusted_hosts=["Trusted.lan"], resolver=names) as fetcher:
        with pytest.raises(PictureError, match="private"):
            await fetcher.fetch(host.url("/a", "trusted.lan"))
    assert [request.path for request in host.requests] == ["/a"]


async def test_the_image_services_own_host_may_be_private(host: PictureHost) -> None:
    host.serve("/a", web.Response(body=picture()))
    async with PictureFetcher(allow_private=False, trusted_hosts=["127.0.0.1"]) as fetcher:
        assert (await fetcher.fetch(host.url("/a"))).data == picture()


async def test_the_setting_allows_private_addresses(host: PictureHost, fetcher: PictureFetcher) -> None:
    host.serve("/a", web.Response(body=picture()))
    assert (await fetcher.fetch(host.url("/a", "localhost"))).data == picture()
