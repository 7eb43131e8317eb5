"""People's words are shown as they were typed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ui.words import cut, one_line, plain, weight


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("a fox", "a fox"),
        ("**bold** _it_ ~~s~~ ||spoiler||", r"\*\*bold\*\* \_it\_ \~\~s\~\~ \|\|spoiler\|\|"),
        ("<@1> @everyone <t:1:R>", r"\<\@1\> \@everyone \<t\:1\:R\>"),
        ("# head\n> quote\n-# small", r"\# head \> quote \-\# small"),
        ("[free nitro](https://bad.example)", r"\[free nitro\]\(https\://bad.example\)"),
        ("fox --sref https://cdn.example.net/a.png?x=1", r"fox \-\-sref https\://cdn.example.net/a.png?x=1"),
        ("<http://a.example/b_c>", r"\<http\://a.example/b\_c\>"),
        ("https://a.example/{x}|y", r"https\://a.example/{x}\|y"),
        ("`code` and ```block```", r"\`code\` and \`\`\`block\`\`\`"),
        ("شجرة في الصحراء", "شجرة في الصحراء"),
        ("🦊👩‍👩‍👧 fox", "🦊👩‍👩‍👧 fox"),
    ],
)
def test_formatting_is_shown_and_not_applied(typed: str, shown: str) -> None:
    assert plain(typed, 500) == shown


def test_the_reading_order_cannot_be_turned() -> None:
    assert one_line("a\u202efox\u2066\u2069\x00\n\tb") == "afox b"


@given(st.text(max_size=300), st.integers(4, 200))
def test_nothing_gets_longer_than_its_limit_nor_ends_in_a_lone_backslash(text: str, limit: int) -> None:
    shown = plain(text, limit)
    assert weight(shown) <= limit
    assert "\n" not in shown
    tail = shown.removesuffix("…")
    assert (len(tail) - len(tail.rstrip("\\"))) % 2 == 0


@given(st.text(alphabet="*_~|`<>#[]()@:\\ab ", max_size=100))
def test_every_sign_of_markdown_is_escaped(text: str) -> None:
    unescaped = re.sub(r"\\.", "", plain(text, 1000))
    assert not set(unescaped) & set("*_~|`<>#[]()@:\\")


def test_a_cut_says_that_something_is_missing() -> None:
    assert cut("a long prompt", 7) == "a long…"
    assert cut("short", 7) == "short"
