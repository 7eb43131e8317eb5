"""What is shown to people as an address is public, holds no credentials, and is not the image service's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.net.untrusted_data import hide_hosts, public_link, without_private


@pytest.fixture(autouse=True)
def own_host() -> Iterator[None]:
    hide_hosts(["Images.Example.ORG"])
    yield
    hide_hosts([])


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.example.net/a.png?ex=1&hm=2",
        "http://1.1.1.1:8080/a.png",
        "https://[2606:4700:4700::1111]/a",
        "https://example.org/",
        "https://cdn.images.example.org/a",
    ],
)
def test_a_public_address_is_shown(url: str) -> None:
    # Discord's Markdown has brackets of its own, so such an address is text.
    assert public_link(url) == (None if "[" in url else url)
    assert without_private(f"see {url} there", "X") == f"see {url} there"


HIDDEN = [
    "https://ada:secret@cdn.example.net/a.png",
    "https://ada@cdn.example.net/a.png",
    "https://@cdn.example.net/a.png",
    "https://[]@",
    "https://cdn.example.net@10.0.0.1/a.png",
    "http://127.0.0.1/a",
    "http://127.0.0.1:8080/mj/x",
    "http://10.0.0.1",
    "http://169.254.169.254/latest/meta-data",
    "http://192.168.1.1/reboot",
    "http://192.0.0.192/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://017700000001/",
    "http://127.1",
    "http://127.0.0.1./a",
    "http://10%2e0.0.1/",
    "http://localhost/a",
    "http://LOCALHOST./a",
    "http://a.localhost/a",
    "http://mj-proxy:8080/a.png",
    "http://nas.local/a",
    "http://router.lan/a",
    "http://db.internal/a",
    "http://x.home.arpa/a",
    "http://host.docker.internal/a",
    "https://images.example.org/a.png",
    "https://IMAGES.example.org./a.png",
    "http://images.example.org:9999/a.png",
    "file:///etc/passwd",
    "ftp://cdn.example.net/a",
    "http://",
    "http:///a",
    "http://a:99999/",
]


@pytest.mark.parametrize("url", [*HIDDEN, "http://[::1]/a", "http://[::ffff:10.0.0.1]/", "http://[fe80::1]/x"])
def test_any_other_is_neither_a_link_nor_in_a_text(url: str) -> None:
    assert public_link(url) is None
    for text in (f"failed at {url}", f"({url}", f"url={url} and more", f"失败：{url}，重试", f"无法连接{url}失败"):
        shown = without_private(text, "X")
        assert "X" in shown
        assert url.partition("://")[2].strip("/") not in shown or url in ("http://", "http:///a")


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "https://a.example/x y", "https://a.example/>x", "https://a.example/)x", "", "a", "//b"],
)
def test_what_could_be_more_than_an_address_is_no_link(url: str) -> None:
    assert public_link(url) is None


def test_a_link_that_is_very_long_is_none() -> None:
    assert public_link("https://a.example/" + "x" * 500) is None


@given(st.text() | st.text(alphabet="htps:/@.[]%10aé。 \\\x00\ud800"))
def test_any_text_is_read(text: str) -> None:
    public_link(text)
    without_private(text, "X")
    without_private(f"http://{text}", "X")
    assert public_link(f"http://u@{text}") is None
