"""Text of a model keeps its harmless Markdown and can forge nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ui.chat.answer_text import first_code_block, newest_part, plain_text, shown_answer
from bot.ui.components.markdown import weight
from tests.support.languages import ENGLISH

HIDDEN = ENGLISH("card.address_hidden")


def shown(text: str) -> str:
    found = shown_answer(text, 3_000, ENGLISH)
    assert found.whole
    return found.text


@pytest.mark.parametrize(
    "text",
    [
        "**bold**, *italics*, __underlined__ and ~~not~~",
        "- one\n  - two\n1. three",
        "> a quote",
        "`code <@1>`",
        "```py\nx  =  1\n    indented # <@1>\n```",
        "see https://example.org/a_b?c=d.",
    ],
)
def test_harmless_formatting_stays(text: str) -> None:
    assert shown(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Title", "**Title**"),
        ("#### **Title** ##", "**Title**"),
        ("-# small print", "\\-# small print"),
        (">>> all of it", "> all of it"),
        ("> # quoted title", "> **quoted title**"),
        ("||hidden||", "\\|\\|hidden\\|\\|"),
        ("<@123> <@&4> <#5>", "\\<\\@123> \\<\\@&4> \\<#5>"),
        ("<t:1:R> </imagine:6> <:a:7> <id:customize>", "\\<t:1:R> \\</imagine:6> \\<:a:7> \\<id:customize>"),
        ("@everyone", "\\@everyone"),
        ("\\<@123>", "\\<\\@123>"),
        ("\\\\<@123>", "\\\\\\<\\@123>"),
        ("a ` b <@1>", "a \\` b \\<\\@1>"),
        ("[click](https://example.org/a)", "click (https://example.org/a)"),
        ("[a](https://example.org/b_(c))", "a (https://example.org/b_%28c%29)"),
        ("[https://good.example.org](https://bad.example.org)", "https://good.example.org (https://bad.example.org)"),
        ("![alt](https://example.org/a.png)", "alt (https://example.org/a.png)"),
        ("[run](javascript:alert)", "run (javascript:alert)"),
        ("http://127.0.0.1/x and https://user:pass@example.org/", f"{HIDDEN} and {HIDDEN}"),
        ("`http://10.0.0.1/x`", f"`{HIDDEN}`"),
        ("```\nhttp://10.0.0.1/x\n```", f"```\n{HIDDEN}\n```"),
        ("discord://x", "discord\\://x"),
        ("a\u202eb\u200bc", "abc"),
        ("```\nunclosed", "```\nunclosed\n```"),
        ("```\na ``` b\n```", "```\na ''' b\n```"),
    ],
)
def test_what_could_forge_something_is_shown_literally(text: str, expected: str) -> None:
    assert shown(text) == expected


LIVE = re.compile(r"(?<!\\)(?:\\\\)*<(?:[@#:]|t:|/|id:)|(?<!\\)(?:\\\\)*@everyone|^(?:-#|#{1,3} |>>>)", re.MULTILINE)
CODE = re.compile(r"(?<!\\)(?:\\\\)*(?:```.*?(?:```|\Z)|(`+)(?!`).*?(?<!`)\1(?!`))", re.DOTALL)


@given(st.lists(st.sampled_from(["<", "@", "everyone", "#", " ", "-", ">", "`", "\\", "\n", "a", "[", "](", ")", "*",
                                 "123", "t:1", "|", "```", "://", "http"]), max_size=40).map("".join))  # fmt: skip
def test_nothing_outside_code_is_a_mention_a_heading_or_small_print(text: str) -> None:
    found = shown_answer(text, 3_000, ENGLISH)
    assert not LIVE.search(CODE.sub("", found.text)), found.text


@given(st.text(max_size=2_000), st.integers(100, 500))
def test_every_part_fits(text: str, room: int) -> None:
    assert weight(shown_answer(text, room, ENGLISH).text) <= room
    assert weight(newest_part(text, room, ENGLISH)) <= room


def test_a_long_text_is_shown_up_to_a_paragraph_and_while_it_arrives_from_its_end() -> None:
    text = "\n\n".join(f"paragraph {number} of the answer" for number in range(200))
    beginning, end = shown_answer(text, 1_000, ENGLISH), newest_part(text, 1_000, ENGLISH)
    assert not beginning.whole
    assert beginning.text.startswith("paragraph 0 of")
    assert beginning.text.endswith("of the answer")
    assert end.endswith("paragraph 199 of the answer")
    assert "paragraph 0 of" not in end


def test_a_part_of_code_is_still_code() -> None:
    text = "```py\n" + "\n".join(f"line {number}" for number in range(300)) + "\n```\nend"
    beginning, end = shown_answer(text, 500, ENGLISH).text, newest_part(text, 500, ENGLISH)
    assert beginning.startswith("```py\nline 0")
    assert beginning.endswith("\n```")
    assert end.startswith("```py\nline 2")
    assert end.endswith("```\nend")


def test_the_words_of_a_text_for_speech() -> None:
    text = "# Title\n- **bold** and _thin_ snake_case\n> quote\n[link](https://example.org)\n```\ncode\n```\nend"
    assert plain_text(text) == "Title\nbold and thin snake_case\nquote\nlink\nend"


def test_a_prompt_is_taken_from_the_first_code_block() -> None:
    assert first_code_block("Try this:\n```\na paper boat, dusk\n```\nor\n```\nanother\n```") == "a paper boat, dusk"
    assert first_code_block("no code `here`") == ""
