"""People's words are shown as they were typed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ui.components.markdown import escape_markdown, fits, literal_text, sanitize_line, truncate, weight
from tests.support.languages import ENGLISH


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
    assert escape_markdown(typed, 500, ENGLISH) == shown


def test_the_reading_order_cannot_be_turned() -> None:
    assert sanitize_line("a\u202efox\u2066\u2069\x00\n\tb") == "afox b"


@given(st.text(max_size=300), st.integers(4, 200))
def test_nothing_gets_longer_than_its_limit_nor_ends_in_a_lone_backslash(text: str, limit: int) -> None:
    shown = escape_markdown(text, limit, ENGLISH)
    assert weight(shown) <= limit
    assert "\n" not in shown
    tail = shown.removesuffix("…")
    assert (len(tail) - len(tail.rstrip("\\"))) % 2 == 0


@given(st.text(alphabet="*_~|`<>#[]()@:\\ab ", max_size=100))
def test_every_sign_of_markdown_is_escaped(text: str) -> None:
    unescaped = re.sub(r"\\.", "", escape_markdown(text, 1000, ENGLISH))
    assert not set(unescaped) & set("*_~|`<>#[]()@:\\")


def test_a_cut_says_that_something_is_missing() -> None:
    assert truncate("a long prompt", 7) == "a long…"
    assert truncate("short", 7) == "short"


ACTIVE = "*_~|`<>#[]()@:+-\\"
HOSTILE = st.text(alphabet=f"{ACTIVE}ab1.) \n\t\u202e\u200b\u0300\ud800\x1b画🦊", max_size=200)
PIECES = st.sampled_from(
    [
        *("<@1>", "@everyone", "<t:1:R>", "<:a:1>", "</x:1>", "<#1>", "**", "__", "~~", "||", "```", "`", "# ", "-# "),
        *("> ", ">>> ", "- ", "1. ", "+ ", "[a](http://b.example)", "http://10.0.0.1/x", "https://u:p@b.example", "\\"),
        *("https://b.example/x", "http:/\u200b/10.0.0.1", "\u202e", "\u0301" * 40, "\n", " ", "a", "1)", "漢", "🦊"),
    ]
)


def active(markdown: str) -> set[str]:
    """The signs of Markdown that would work."""
    return set(re.sub(r"\\[*_~|`<>#\[\]()@:+\-\\.]", "", markdown)) & set(ACTIVE)


@given(HOSTILE | st.lists(PIECES, max_size=30).map("".join), st.integers(8, 300))
def test_no_text_is_formatting_a_mention_a_hidden_address_or_longer_than_its_limit(text: str, limit: int) -> None:
    shown = escape_markdown(text, limit, ENGLISH)
    assert weight(shown) <= limit
    assert not active(shown)
    assert not re.match(r"\d+[.)]", shown)
    assert "10.0.0.1" not in shown
    assert not re.search(r"\w://", shown)
    assert not re.search("[\u0300\u0301]{6}", shown)
    assert not set(shown) & set("\n\t\u202e\u200b\ud800\x1b")
    assert weight(literal_text(text, limit, ENGLISH)) <= limit
    assert not set(literal_text(text, limit, ENGLISH)) & set("`\n\t\u202e\u200b\ud800\x1b")


@pytest.mark.parametrize("typed", ["1. one", "23) x", "+ plus", "- minus", "* star"])
def test_a_text_does_not_begin_a_list(typed: str) -> None:
    assert re.match(r"(\d+)?\\", escape_markdown(typed, 50, ENGLISH))


@pytest.mark.parametrize(
    "typed",
    [
        "a\u200bb",
        "a\u2060b",
        "a\ufeffb",
        "a\U000e0041b",
        "a\u00adb",
        "a\u3164b",
        "a\u2066b",
        "a\u202eb",
        "a\ud800b",
        "a\x9bb",
    ],
)
def test_what_shows_nothing_is_left_out(typed: str) -> None:
    assert sanitize_line(typed) == "ab"


def test_marks_do_not_pile_up_and_those_of_scripts_stay() -> None:
    assert sanitize_line("a" + "\u0301" * 90 + "b") == "a" + "\u0301" * 5 + "b"
    assert sanitize_line("a" + "\u0301\u200d" * 90 + "b").count("\u0301") == 5
    for word in ("ที่นี่", "Việt", "שָׁלוֹם", "नमस्ते", "🏴\U000e0067\U000e0062\U000e007f", "🏳️‍🌈", "می‌خواهم"):
        assert sanitize_line(word) == word


def test_an_address_that_is_not_for_people_is_left_out_of_any_text() -> None:
    assert (
        escape_markdown("failed: http://10.0.0.5:8080/mj/x refused", 200, ENGLISH) == r"failed\: \(URL hidden\) refused"
    )
    assert escape_markdown("see https://cdn.example.net/a.png", 200, ENGLISH) == r"see https\://cdn.example.net/a.png"


def test_a_very_long_text_is_cut_without_being_read_to_its_end() -> None:
    assert escape_markdown("\u200b" * 5_000_000 + "x", 100, ENGLISH) == "…"
    assert fits("a" * 90, 100, ENGLISH)
    assert not fits("a" * 110, 100, ENGLISH)
