"""A model was asked for a list of lines. Whatever form it chooses, the lines are found, and a refusal is no line."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.answer_lists import listed_lines

THREE = ["a red fox in the snow, low sun", "a fox at dawn; mist: thin", "an old fox (oil painting), 35 mm"]


def numbered(mark: str) -> Callable[[list[str]], str]:
    return lambda lines: "\n".join(f"{mark.replace('#', str(number))} {line}" for number, line in enumerate(lines, 1))


def bulleted(mark: str) -> Callable[[list[str]], str]:
    return lambda lines: "\n".join(f"{mark} {line}" for line in lines)


FORMS: dict[str, Callable[[list[str]], str]] = {
    "numbers": numbered("#."),
    "brackets": numbered("#)"),
    "both_brackets": numbered("(#)"),
    "chinese": numbered("#、"),
    "bold_numbers": numbered("**#.**"),
    "headings": lambda lines: "\n".join(f"### {number}. {line}" for number, line in enumerate(lines, 1)),
    "named": numbered("**Variant #:**"),
    "german": numbered("Variante #:"),
    "circles": lambda lines: "\n".join(f"{'①②③④⑤⑥'[number]} {line}" for number, line in enumerate(lines)),
    "bold": lambda lines: "\n".join(f"{number}. **{line}**" for number, line in enumerate(lines, 1)),
    "quoted": lambda lines: "\n".join(f'{number}. "{line}"' for number, line in enumerate(lines, 1)),
    "typographic": lambda lines: "\n".join(f"{number}. “{line}”" for number, line in enumerate(lines, 1)),
    "coded": lambda lines: "\n".join(f"{number}. `{line}`" for number, line in enumerate(lines, 1)),
    "apart": lambda lines: "\n\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1)),
    "below": lambda lines: "\n\n".join(f"**Variant {number}:**\n\n{line}" for number, line in enumerate(lines, 1)),
    "titled": lambda lines: "\n".join(f"{number}.\n   {line}" for number, line in enumerate(lines, 1)),
    "dashes": bulleted("-"),
    "stars": bulleted("*"),
    "dots": bulleted("•"),
    "json": json.dumps,
    "json_lines": lambda lines: json.dumps(lines, indent=2, ensure_ascii=False),
    "json_objects": lambda lines: json.dumps([{"id": 1, "prompt": line} for line in lines]),
    "json_named": lambda lines: json.dumps({"variants": lines}),
    "json_by_number": lambda lines: json.dumps({str(number): line for number, line in enumerate(lines, 1)}),
    "json_fenced": lambda lines: f"```json\n{json.dumps(lines)}\n```",
    "fenced": lambda lines: f"```\n{numbered('#.')(lines)}\n```",
    "unclosed": lambda lines: f"```text\n{numbered('#.')(lines)}",
    "paragraphs": "\n\n".join,
    "lines": "\n".join,
    "windows": lambda lines: "\r\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1)),
}
PROSE = ("paragraphs", "lines")
BEFORE = ["", "Here are three variants:\n\n", "Sure! Here you go:\n"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("before", BEFORE)
def test_the_lines_are_found_in_every_form(form: str, before: str) -> None:
    assert listed_lines(before + FORMS[form](THREE), 3) == THREE


@pytest.mark.parametrize("form", [form for form in FORMS if form not in PROSE])
def test_what_a_model_says_after_its_list_is_no_line(form: str) -> None:
    said = f"{FORMS[form](THREE)}\n\n---\n\nLet me know if you would like changes!"
    assert listed_lines(said, 4) == THREE


def test_an_item_goes_on_over_the_lines_below_it() -> None:
    assert listed_lines("1. a fox\n   in the snow,\n   at dawn\n2. an owl", 3) == [
        "a fox in the snow, at dawn",
        "an owl",
    ]


@pytest.mark.parametrize("count", [1, 2, 3, 5, 9])
def test_fewer_lines_than_asked_for_are_taken_and_more_are_left_out(count: int) -> None:
    lines = [f"a fox of kind {'abcdefghi'[number]}" for number in range(count)]
    assert listed_lines(numbered("#.")(lines), 3) == lines[:3]


def test_the_same_line_twice_and_an_item_without_words_count_once_and_never() -> None:
    assert listed_lines("1. a fox\n2. a fox\n3. **\n4. an owl", 3) == ["a fox", "an owl"]


@pytest.mark.parametrize(
    "line", ["16:9 view of a fox", "3.5 foxes", "Apollo 11. The moon", "a fox - and an owl", 'a sign "open"', "[fox]"]
)
def test_a_prompt_that_looks_like_a_part_of_a_list_stays_whole(line: str) -> None:
    assert listed_lines(f"1. {line}\n2. an owl", 3) == [line, "an owl"]


@pytest.mark.parametrize(
    "said",
    [
        "I'm sorry, but I can't help with that.",
        "I’m sorry, I cannot assist with this request.",
        "Sorry, that is not possible.",
        "I can't create prompts like this.\n\nPlease try something else.",
        "As an AI, I do not write that.",
        "Es tut mir leid, dabei kann ich nicht helfen.",
        "抱歉，我无法满足该请求。",
        "",
        "\n---\n",
    ],
)
def test_a_refusal_and_an_empty_answer_hold_no_lines(said: str) -> None:
    assert listed_lines(said, 3) == []


def test_a_single_paragraph_is_one_line() -> None:
    assert listed_lines("a red fox in the snow, low sun", 3) == ["a red fox in the snow, low sun"]


WORDS = st.lists(st.text("abcdefghijklmnopqrstuvwxyzäöüß漢字éλ", min_size=2, max_size=8), min_size=1, max_size=6).map(
    " ".join
)


@given(
    st.lists(WORDS.map(lambda words: f"x{words}"), min_size=1, max_size=6, unique=True), st.sampled_from(sorted(FORMS))
)
def test_any_words_are_found_in_every_form(lines: list[str], form: str) -> None:
    assert listed_lines(FORMS[form](lines), 6) == lines


PIECES = [
    "1.",
    "2)",
    "- ",
    "\n",
    "\n\n",
    "```",
    "{",
    "}",
    "[",
    "]",
    '"',
    "**",
    ":",
    "Variant 3:",
    " ",
    "a fox",
    "\0",
    "①",
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=10), max_size=40).map("".join), st.integers(1, 5))
def test_no_answer_is_unreadable(said: str, most: int) -> None:
    lines = listed_lines(said, most)
    assert len(lines) <= most
    assert all(line and "\n" not in line and line == line.strip() for line in lines)


@given(st.sampled_from(PIECES), st.integers(1, 60_000))
def test_a_long_answer_is_read_in_a_moment(piece: str, times: int) -> None:
    listed_lines(piece * times, 3)
