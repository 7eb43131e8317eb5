"""The rate limit: how many requests a client may send, and who counts as one client."""

from __future__ import annotations

import pytest

from bot.settings import SettingsError, load
from bot.web.client_address import TrustedProxies, client_key, networks
from bot.web.rate_limit import BURST, MAX_CLIENTS, RATE, RateLimit
from tests.web.conftest import MakeSite, Site

PROXIES = TrustedProxies(networks("127.0.0.1, 10.0.0.0/8 2001:db8:ffff::/48"))


def test_a_client_may_send_a_burst_and_then_so_many_a_second() -> None:
    now = 0.0
    rate = RateLimit(clock=lambda: now)
    assert sum(rate.admits("1.2.3.4") for _ in range(2 * int(BURST))) == BURST
    assert rate.admits("5.6.7.8")
    now = 1.0
    assert sum(rate.admits("1.2.3.4") for _ in range(2 * int(BURST))) == RATE


def test_counting_takes_bounded_memory() -> None:
    rate = RateLimit(clock=lambda: 0.0)
    for number in range(MAX_CLIENTS + 50):
        rate.admits(str(number))
    assert len(rate) == MAX_CLIENTS


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        (["203.0.113.7"], "203.0.113.7"),
        (["1.1.1.1, 203.0.113.7"], "203.0.113.7"),
        (["1.1.1.1, 203.0.113.7, 10.1.2.3"], "203.0.113.7"),
        (["1.1.1.1", "203.0.113.7,10.1.2.3", "10.9.9.9"], "203.0.113.7"),
        (["10.1.1.1, 10.2.2.2"], "10.1.1.1"),
        (["203.0.113.7:4711"], "203.0.113.7"),
        (["[2001:db8:1:2:3::4]:4711"], "2001:db8:1:2::/64"),
        (["2001:db8:1:2:3::4"], "2001:db8:1:2::/64"),
        (["::ffff:203.0.113.7"], "203.0.113.7"),
        (["203.0.113.7, 2001:db8:ffff::1"], "203.0.113.7"),
        (["203.0.113.7, ::ffff:10.0.0.1"], "203.0.113.7"),
        (["203.0.113.7, no address"], "127.0.0.1"),
        (["203.0.113.7, unknown, 10.0.0.5"], "10.0.0.5"),
        (["", ","], "127.0.0.1"),
        (["1.1.1.1," * 500 + "203.0.113.7"], "203.0.113.7"),
        ([], "127.0.0.1"),
    ],
)
def test_a_trusted_proxy_says_where_a_request_comes_from(forwarded: list[str], client: str) -> None:
    assert PROXIES.client("127.0.0.1", forwarded) == client
    assert PROXIES.client("::ffff:127.0.0.1", forwarded) == client


@pytest.mark.parametrize("peer", ["8.8.8.8", "127.0.0.2", "192.168.0.1", "::1"])
def test_nobody_else_may_say_where_a_request_comes_from(peer: str) -> None:
    assert PROXIES.client(peer, ["9.9.9.9"]) == client_key(peer)
    assert TrustedProxies().client(peer, ["9.9.9.9"]) == client_key(peer)


def test_an_ignored_header_of_a_private_address_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    proxies = TrustedProxies()
    for _ in range(3):
        proxies.client("172.18.0.2", ["9.9.9.9"])
    proxies.client("8.8.8.8", ["9.9.9.9"])
    assert [record.getMessage() for record in caplog.records if "172.18.0.2" in record.getMessage()] == [
        record.getMessage() for record in caplog.records
    ]
    assert len(caplog.records) == 1
    assert "TRUSTED_PROXIES" in caplog.records[0].getMessage()


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
    ],
)
def test_an_ipv6_network_counts_as_one_client(address: str, key: str) -> None:
    assert client_key(address) == key


@pytest.mark.parametrize(
    "value", ["proxy.example.org", "10.0.0.1/8", "10.0.0.0/33", "0.0.0.0/0", "::/0", "127.0.0.1;::1"]
)
def test_what_names_no_proxies_is_a_wrong_setting(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "a")
    monkeypatch.setenv("MJ_API_URL", "http://a.example")
    monkeypatch.setenv("TRUSTED_PROXIES", value)
    with pytest.raises(SettingsError, match="TRUSTED_PROXIES is wrong: expected addresses or networks"):
        load()


def test_proxies_are_named_with_commas_or_blanks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "a")
    monkeypatch.setenv("MJ_API_URL", "http://a.example")
    monkeypatch.setenv("TRUSTED_PROXIES", "127.0.0.1, ::1  10.0.0.0/8,")
    assert [str(each) for each in load().proxies] == ["127.0.0.1/32", "::1/128", "10.0.0.0/8"]


async def guesses(site: Site, forwarded: str) -> list[int]:
    """The statuses of 40 wrong requests of a client."""
    statuses = []
    for number in range(40):
        headers = {"X-Forwarded-For": forwarded, "Content-Type": "application/json"}
        async with site.machine.session.post(f"{site.url}/callback/abc/{number}", headers=headers) as answer:
            statuses.append(answer.status)
    return statuses


async def test_behind_a_trusted_proxy_each_client_is_limited_by_itself(make_site: MakeSite) -> None:
    site = await make_site(proxies=TrustedProxies(networks("127.0.0.1")))
    first = await guesses(site, "203.0.113.7")
    assert (first[0], first[-1]) == (404, 429)
    assert (await guesses(site, "203.0.113.8"))[0] == 404
    assert (await guesses(site, "2001:db8::1"))[-1] == 429
    assert (await guesses(site, "2001:db8::2"))[0] == 429


async def test_nobody_escapes_the_limit_with_a_header(make_site: MakeSite) -> None:
    site = await make_site()
    statuses = [(await guesses(site, f"203.0.113.{number}"))[-1] for number in range(3)]
    assert statuses == [429, 429, 429]


async def test_a_client_that_guesses_is_soon_refused_but_its_monitoring_is_not(site: Site) -> None:
    statuses = await guesses(site, "")
    assert (statuses[0], statuses[-1]) == (404, 429)
    for method in ("GET", "HEAD"):
        for _ in range(60):
            async with site.machine.session.request(method, site.url + "/healthz") as answer:
                assert answer.status == 200
    assert (await site.post(site.url + "/healthz"))[0] == 429
