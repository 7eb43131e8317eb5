"""Which address goes through which proxy."""

from __future__ import annotations

import pytest

from bot.net.proxies import Proxies

SECURE, PLAIN = "http://ada:s3cret-word@proxy.example:3128", "http://plain.example:8080"


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("https://discord.com/api/v10", SECURE),
        ("wss://gateway.discord.gg/?v=10", SECURE),
        ("http://images.example:8080/mj", PLAIN),
        ("ws://images.example/", PLAIN),
        ("ftp://images.example/", None),
        ("https://localhost/", None),
        ("http://127.0.0.1:9/", None),
        ("http://[::1]:9/", None),
        ("http://api.localhost/", None),
        ("http://10.0.0.7/", PLAIN),
    ],
)
def test_the_scheme_decides_and_this_machine_is_reached_directly(url: str, proxy: str | None) -> None:
    assert Proxies(SECURE, PLAIN).proxy_for(url) == proxy


@pytest.mark.parametrize(
    ("without", "url", "direct"),
    [
        ("example.org", "https://example.org/", True),
        ("example.org", "https://images.example.org/", True),
        (".example.org", "https://images.example.org/", True),
        ("*.example.org", "https://images.example.org/", True),
        ("example.org", "https://badexample.org/", False),
        ("example.org", "https://example.org.evil.net/", False),
        ("EXAMPLE.org", "https://Example.ORG/", True),
        ("other.net, example.org", "https://example.org/", True),
        ("other.net example.org", "https://example.org/", True),
        ("*", "https://example.org/", True),
        ("", "https://example.org/", False),
        (",", "https://example.org/", False),
        ("example.org:8443", "https://example.org:8443/", True),
        ("example.org:8443", "https://example.org/", False),
        ("10.0.0.0/8", "https://10.1.2.3/", True),
        ("10.0.0.0/8", "https://11.1.2.3/", False),
        ("192.0.2.7", "https://192.0.2.7/", True),
        ("2001:db8::/32", "https://[2001:db8::7]/", True),
        ("example.org", "https://example.org./", True),
    ],
)
def test_no_proxy_names_what_is_reached_directly(without: str, url: str, direct: bool) -> None:
    assert (Proxies(SECURE, PLAIN, without).proxy_for(url) is None) is direct


def test_nothing_is_proxied_without_a_proxy() -> None:
    assert Proxies().proxy_for("https://discord.com/") is None
    assert not Proxies(without="example.org").configured
    assert Proxies(http=PLAIN).configured
    assert Proxies(https=SECURE).configured


def test_credentials_are_in_no_description_and_among_the_secrets_in_every_form() -> None:
    proxies = Proxies("http://ada:s3cret%2Dword@proxy.example:3128")
    assert proxies.described("https://discord.com/") == "through http://proxy.example:3128"
    assert proxies.described("http://images.example/") == "directly"
    assert "s3cret" not in repr(proxies)
    hidden = list(proxies.secrets())
    assert "//ada:s3cret%2Dword@" in hidden
    assert "s3cret-word" in hidden
    assert "YWRhOnMzY3JldC13b3Jk" in hidden
