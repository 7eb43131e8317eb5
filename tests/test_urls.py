"""Addresses are requested as they were given, and relative ones lead to the service."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.media.download import HasUserInfo, quoted, to_the_letter
from bot.net.untrusted_data import resolved

BASE = "https://api.example.org/relay"


@given(st.text(st.sampled_from("abzAZ09-._~!$&'()*+,;=:@/?[]%25%2F%40"), max_size=40).map(lambda text: text + "%2F"))
def test_what_is_allowed_stays_as_it_is(path: str) -> None:
    for bad in [index for index, sign in enumerate(path) if sign == "%"][::-1]:
        if not all(sign in "0123456789abcdefABCDEF" for sign in path[bad + 1 : bad + 3]) or len(path) < bad + 3:
            path = path[:bad] + path[bad + 1 :]
    assert quoted(path) == path
    target = to_the_letter(f"https://h.example/{path}")
    # A question mark without anything behind it is the same address without it.
    assert target.raw_path_qs in (f"/{path}", f"/{path.rstrip('?')}")


@given(st.text(max_size=40))
def test_whatever_is_not_becomes_something_that_is(text: str) -> None:
    try:
        written = quoted(text)
    except ValueError:
        assert any(0xD800 <= ord(sign) <= 0xDFFF for sign in text)
        return
    assert all("!" <= sign <= "~" for sign in written)
    assert quoted(written) == written


@pytest.mark.parametrize("address", ["https://a@h/x", "https://@h/x", "https://a:b@h/x", "https://h\\@x/"])
def test_user_information_is_told(address: str) -> None:
    with pytest.raises(HasUserInfo):
        to_the_letter(address)


@pytest.mark.parametrize(
    ("given_address", "where"),
    [
        ("/mj/image/17", "https://api.example.org/relay/mj/image/17"),
        ("mj/image/17", "https://api.example.org/relay/mj/image/17"),
        ("./mj/image/17", "https://api.example.org/relay/mj/image/17"),
        ("//mj/image/17", "https://api.example.org/relay/mj/image/17"),
        ("/relay/mj/image/17?a=%2F", "https://api.example.org/relay/mj/image/17?a=%2F"),
        ("/files/a%2Fb.png", "https://api.example.org/relay/files/a%2Fb.png"),
        ("//cdn.example.net/a%40.png", "https://cdn.example.net/a%40.png"),
        ("cdn.example.net/a.png", "https://cdn.example.net/a.png"),
        ("cdn.example.net:8080/a.png", "https://cdn.example.net:8080/a.png"),
        ("http://cdn.example.net/a.png", "http://cdn.example.net/a.png"),
    ],
)
def test_a_relative_address_leads_to_the_service(given_address: str, where: str) -> None:
    assert resolved(BASE, given_address) == where
    assert resolved("https://key:secret@api.example.org/relay/", given_address) == where
