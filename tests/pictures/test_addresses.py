"""Pictures never come from addresses that only we can reach, however such an address is written or led to."""

from __future__ import annotations

import ipaddress

import pytest
from aiohttp import web

from bot.media import ImageDownloader, ImageError
from bot.media.address_guard import PrivateAddress, PublicResolver
from bot.net.special_ranges import IPV4, IPV6, is_private
from bot.net.untrusted_data import Endpoint, endpoint_of
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


@pytest.mark.parametrize("network", [*IPV4, *IPV6], ids=str)
def test_each_special_range_is_private_from_its_first_address_to_its_last(
    network: ipaddress.IPv4Network | ipaddress.IPv6Network,
) -> None:
    assert is_private(str(network[0]))
    assert is_private(str(network[-1]))
    assert is_private(str(network[network.num_addresses // 2]))


# The addresses right before and after each range that has an open neighbour.
@pytest.mark.parametrize(
    "address",
    [
        *("1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0"),
        *("169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0"),
        *("192.0.1.255", "192.0.3.0", "192.31.195.255", "192.31.197.0", "192.52.192.255", "192.52.194.0"),
        *("192.88.98.255", "192.88.100.0", "192.167.255.255", "192.169.0.0", "192.175.47.255", "192.175.49.0"),
        *("198.17.255.255", "198.20.0.0", "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0"),
        *("223.255.255.255", "2000::", "2000:ffff::", "2001:200::", "2001:db7:ffff::", "2001:db9::", "2003::"),
        *("2620:4f:7fff:ffff::", "2620:4f:8001::", "3ffe:ffff::", "3fff:1000::", "3fff:ffff::"),
        *("64:ff9b::8.8.8.8", "2002:808:808::1", "::ffff:0:8.8.8.8", "2600::5efe:8.8.8.8"),
    ],
)
def test_the_neighbours_of_special_ranges_are_open(address: str) -> None:
    assert not is_private(address)


@pytest.mark.parametrize(
    "address",
    [
        *("192.0.0.192", "192.0.0.9", "192.88.99.1", "fec0::1", "100:0:0:1::1", "5f00::1", "3fff::1", "2001:20::1"),
        *("2001:0:808:808::1", "4000::", "1fff:ffff::", "e000::", "::8.8.8.8", "64:ff9c::1", "fe00::"),
        *("64:ff9b::192.0.0.192", "2002:c058:6301::1", "::ffff:224.0.0.1", "::ffff:0:192.168.0.1"),
        *("2600::5efe:10.0.0.1", "2600::200:5efe:192.168.0.1"),
    ],
)
def test_what_libraries_disagree_on_and_what_holds_a_special_address_is_private(address: str) -> None:
    assert is_private(address)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("http://Images.LAN/", ("images.lan", 80)),
        ("https://images.lan./x", ("images.lan", 443)),
        ("http://images.lan:8080", ("images.lan", 8080)),
        ("http://bücher.lan", ("xn--bcher-kva.lan", 80)),
        ("http://XN--BCHER-KVA.lan.:80/", ("xn--bcher-kva.lan", 80)),
        ("http://[0:0::1]:81/", ("::1", 81)),
    ],
)
def test_one_service_has_one_spelling(written: str, meant: tuple[str, int]) -> None:
    assert endpoint_of(written) == meant


@pytest.mark.parametrize("written", ["ftp://a/", "a", "", "http://"])
def test_what_is_no_address_of_the_web_is_no_service(written: str) -> None:
    assert endpoint_of(written) is None


async def refused(url: str, names: Names | None = None) -> str:
    async with ImageDownloader(allow_private=False, trusted_hosts=[], resolver=names) as fetcher:
        with pytest.raises(ImageError) as caught:
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
    found = await PublicResolver([], names).resolve("mixed.example.org", 80)
    assert [entry["host"] for entry in found] == ["1.1.1.1", "2606:4700::1"]


async def test_a_trusted_name_may_lead_to_a_private_address() -> None:
    names = Names(images_lan=["10.0.0.1"], other_lan=["10.0.0.1"])
    resolver = PublicResolver([Endpoint("images.lan", 80)], names)
    assert [entry["host"] for entry in await resolver.resolve("images.lan", 80)] == ["10.0.0.1"]
    with pytest.raises(PrivateAddress):
        await resolver.resolve("other.lan", 80)
    with pytest.raises(PrivateAddress):
        await resolver.resolve("images.lan", 6379)


@pytest.mark.parametrize("target", ["http://127.0.0.1:{port}/b", "http://localhost:{port}/b", "http://[::1]:{port}/b"])
async def test_a_redirect_to_a_private_address_is_refused(host: PictureHost, target: str) -> None:
    host.serve("/a", target.format(port=host.port))
    host.serve("/b", web.Response(body=picture()))
    names = Names(trusted_lan=["127.0.0.1"], localhost=["127.0.0.1"])
    trusted = [Endpoint("trusted.lan", host.port)]
    async with ImageDownloader(allow_private=False, trusted_hosts=trusted, resolver=names) as fetcher:
        with pytest.raises(ImageError, match="private"):
            await fetcher.fetch(host.url("/a", "trusted.lan"))
    assert [request.path for request in host.requests] == ["/a"]


async def test_the_image_services_own_host_may_be_private(host: PictureHost) -> None:
    host.serve("/a", web.Response(body=picture()))
    async with ImageDownloader(allow_private=False, trusted_hosts=[Endpoint("127.0.0.1", host.port)]) as fetcher:
        assert (await fetcher.fetch(host.url("/a"))).data == picture()


async def test_the_setting_allows_private_addresses(host: PictureHost, fetcher: ImageDownloader) -> None:
    host.serve("/a", web.Response(body=picture()))
    assert (await fetcher.fetch(host.url("/a", "localhost"))).data == picture()


@pytest.mark.parametrize("name", ["127.0.0.1", "images.lan"])
async def test_another_port_of_the_services_host_is_not_trusted(host: PictureHost, name: str) -> None:
    host.serve("/a", web.Response(body=picture()))
    trusted = [Endpoint(name, host.port + 1)]
    names = Names(images_lan=["127.0.0.1"])
    async with ImageDownloader(allow_private=False, trusted_hosts=trusted, resolver=names) as fetcher:
        with pytest.raises(ImageError, match="private"):
            await fetcher.fetch(host.url("/a", name))
    assert host.requests == []


async def test_a_redirect_to_another_port_of_the_services_host_is_refused(host: PictureHost) -> None:
    trusted = [Endpoint("images.lan", host.port)]
    host.serve("/a", f"http://images.lan:{host.port + 1}/b")
    names = Names(images_lan=["127.0.0.1"])
    async with ImageDownloader(allow_private=False, trusted_hosts=trusted, resolver=names) as fetcher:
        with pytest.raises(ImageError, match="private"):
            await fetcher.fetch(host.url("/a", "images.lan"))


@pytest.mark.parametrize("name", ["IMAGES.lan", "images.lan."])
async def test_the_service_is_trusted_in_any_spelling(host: PictureHost, name: str) -> None:
    host.serve("/a", web.Response(body=picture()))
    names = Names(images_lan=["127.0.0.1"])
    trusted = [Endpoint("images.lan", host.port)]
    async with ImageDownloader(allow_private=False, trusted_hosts=trusted, resolver=names) as fetcher:
        assert (await fetcher.fetch(host.url("/a", name))).data == picture()


@pytest.mark.parametrize("user", ["ada:secret@", "ada@", ":secret@", "@"])
@pytest.mark.parametrize("form", ["http://{user}127.0.0.1:{port}/b", "//{user}127.0.0.1:{port}/b"])
async def test_a_redirect_with_user_info_is_refused_and_nothing_is_sent_there(
    host: PictureHost, fetcher: ImageDownloader, user: str, form: str
) -> None:
    host.serve("/b", web.Response(body=picture()))
    with pytest.raises(ImageError, match="user name"):
        await fetcher.fetch(host.serve("/a", form.format(user=user, port=host.port)))
    assert [request.path for request in host.requests] == ["/a"]


async def test_an_address_with_user_info_is_refused(host: PictureHost, fetcher: ImageDownloader) -> None:
    host.serve("/a", web.Response(body=picture()))
    with pytest.raises(ImageError, match="user name"):
        await fetcher.fetch(host.url("/a", "ada:secret@127.0.0.1"))
    assert host.requests == []
