"""What people type as a prompt, in every way in which keyboards, phones and other programs spell it."""

from __future__ import annotations

import re
import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.engines.options import BotType, Mode
from bot.tasks.prompt import clean, link_in, parse
from bot.tasks.prompt_flags import KNOWN

SHAPE = "a lighthouse --ar 9:16"


@pytest.mark.parametrize(
    "typed",
    [
        "a lighthouse –ar 9:16",
        "a lighthouse —ar 9:16",
        "a lighthouse ——ar 9:16",
        "a lighthouse −−ar 9:16",
        "a lighthouse －－ar 9:16",
        "a lighthouse ‒ar 9:16",
        "a lighthouse ―ar 9:16",
        "a lighthouse -–ar 9:16",
        "a lighthouse ---ar 9:16",
        "a lighthouse ‐‐ar 9:16",
        "a lighthouse ーーar 9:16",
        "a lighthouse -- ar 9:16",
        "a lighthouse — ar 9:16",
        "a lighthouse –– ar 9:16",
        "a lighthouse--ar 9:16",
        "a lighthouse --ar9:16",
        "a lighthouse --ar 9：16",
        "a lighthouse --ar 9∶16",
        "a lighthouse --ar=9:16",
        "a lighthouse --ar 9:16.",
        "a lighthouse --ar 9:16…",
        "a lighthouse ‑‑ar 9:16",
        "a lighthouse ﹣﹣ar 9:16",
        "a lighthouse --ar 9:16,",
        "a lighthouse --ar 1:1 --ar 9:16",
        "a lighthouse --aspect 1:1 --ar 9:16",
        "a lighthouse `--ar 9:16`",
        "a lighthouse\u200b--ar 9:16",
        "a lighthouse\u00ad–ar 9:16",
        "a lighthouse\u2060 -\u200b-ar 9:16",
        "\ufeffa lighthouse\r\n--ar 9:16\n",
        "a\u3000lighthouse\u00a0--ar\u20289:16",
        "a \U000e0061lighthouse\ufe0f --ar 9:16",
        "a \u3164 lighthouse --ar 9:16",
        "/imagine prompt: a lighthouse --ar 9:16",
        "/Imagine prompt a lighthouse --ar 9:16",
        "imagine prompt:a lighthouse --ar 9:16",
        "／imagine prompt：a lighthouse --ar 9:16",
        "prompt: a lighthouse --ar 9:16",
        "```/imagine prompt: a lighthouse —ar 9:16```",
        "```text\na lighthouse\n--ar 9:16\n```",
        "`a lighthouse --ar 9:16`",
        "**a lighthouse --ar 9:16**",
        "**a lighthouse** --ar 9:16",
        "**a lighthouse --ar 9:16** - <@1234> (fast)",
        "**a lighthouse --ar 9:16** - Variations (Strong) by <@1234> (relaxed)",
        "**a lighthouse --ar 9:16** - Image #2 @ada",
    ],
)
def test_a_flag_is_seen_however_it_was_spelled(typed: str) -> None:
    assert clean(typed) == SHAPE


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("a lighthouse,--ar 9:16,--v 7", "a lighthouse, --ar 9:16 --v 7"),
        ("a lighthouse --ar 9:16--v 7", "a lighthouse --ar 9:16 --v 7"),
        ("一只猫——ar 16:9——niji 6", "一只猫 --ar 16:9 --niji 6"),
        ("a cat --s 250. --fast!", "a cat --s 250 --fast"),
        ("a cat --v=6.1 --style raw.", "a cat --v 6.1 --style raw"),
        ("a cat --no text.", "a cat --no text."),
        ("a cat --seed 7. And a dog.", "a cat --seed 7. And a dog."),
        ("a cat --newflag 7.", "a cat --newflag 7."),
        ("a cat --newflag=7 --no=text", "a cat --newflag=7 --no=text"),
        ("a cat --style=raw --sref=https://a.example/b.png", "a cat --style raw --sref https://a.example/b.png"),
        ("一只猫，--ar 16:9", "一只猫， --ar 16:9"),
        ("/imagine prompt: a red fox in snow --ar 3:2 -- niji 6", "a red fox in snow --ar 3:2 --niji 6"),
        ("```\nimagine prompt:a red fox —niji 6\n```", "a red fox --niji 6"),
        ("**a red fox –niji 6** - <@1234> (fast)", "a red fox --niji 6"),
        ("hot::2 dog::1 --ar 3:2", "hot::2 dog::1 --ar 3:2"),
        ("a cat --ar 3:2 -- no text", "a cat --ar 3:2 --no text"),
        ("a cat –no text, people –raw", "a cat --no text, people --raw"),
        ("a cat --AR 3:2 --V 7", "a cat --AR 3:2 --V 7"),
        ("a cat --v6.1 --niji", "a cat --niji"),
        ("a cat --fast --relax", "a cat --relax"),
        ("a cat --relaxed in a hat --turbo", "a cat in a hat --turbo"),
        ("a cat --no dogs --no text", "a cat --no dogs --no text"),
        ("a cat --sref 12 --sref 34", "a cat --sref 12 --sref 34"),
        ("<https://s.mj.run/a-b--c> a cat", "https://s.mj.run/a-b--c a cat"),
        ("a cat --oref <https://a.example/c.png>", "a cat --oref https://a.example/c.png"),
    ],
)
def test_flags_are_told_apart(typed: str, sent: str) -> None:
    assert clean(typed) == sent


@pytest.mark.parametrize(
    "typed",
    [
        "a black–white photo",
        "a — b",
        "a man — no hat, no shoes",
        "a fox -- really, a fox",
        "—No quiero",
        "pages 3–7, f–stop",
        "1990–95",
        "a well-known fox -s",
        "an -ar- of a cat, 5 - 3",
        'a sign that says "open -- now"',
        "cat::2 dog::-1",
        "a {red, {dark, light} blue} cat --ar {3:2, 1:1}",
        "a bird {--v 5, --niji 5}",
        "a cat --sref https://host.example/a--ar--v 7--b.png?x=--s&y=–ar --sw 50",
        "a cat --newflag 7 --other-thing",
        "a **red** fox and `code`",
        "imagine a prompt",
        "👩‍👩‍👧 ❤️‍🔥 🏴󠁧󠁢󠁥󠁮󠁧󠁿 1️⃣ 👍🏽 ☎︎",
        "می‌خواهم",
        "ක්‍ෂ",
    ],
)
def test_what_is_no_flag_stays_to_the_letter(typed: str) -> None:
    # The sole exception among them: a dash before a word that is a flag, with which Spanish dialogues begin.
    assert clean(typed) == typed.replace("—No", "--No")


@pytest.mark.parametrize("typed", ["\u200b", "\u2060\u00ad", "\u3164", "\ufe0f", "\U000e0061", "\u200d \u200c", "\x00"])
def test_characters_that_show_nothing_are_an_empty_prompt(typed: str) -> None:
    assert parse(typed).empty
    assert clean(typed) == ""


@pytest.mark.parametrize(("typed", "empty"), [("--fast", True), ("/imagine prompt:", True), ("--ar 3:2", False)])
def test_a_mode_or_a_command_alone_is_an_empty_prompt(typed: str, *, empty: bool) -> None:
    assert parse(typed).empty is empty


@pytest.mark.parametrize(
    ("typed", "mode", "bot"),
    [
        ("a cat --niji 6 --fast", Mode.FAST, BotType.NIJI),
        ("a cat --niji --relaxed", Mode.RELAX, BotType.NIJI),
        ("a cat –version 7 –turbo", Mode.TURBO, BotType.MIDJOURNEY),
        ("a fast car, relaxed", None, None),
        ("a cat {--fast, --relax}", None, None),
    ],
)
def test_the_mode_and_the_model_are_told(typed: str, mode: Mode | None, bot: BotType | None) -> None:
    assert (parse(typed).mode, parse(typed).bot_type) == (mode, bot)


def test_a_family_is_known_also_within_permutations() -> None:
    assert parse("a bird {--v 5, --niji 5} --aspect 3:2").families == {"version", "aspect"}


@pytest.mark.parametrize(
    ("typed", "link"),
    [
        ("<https://host.example/cat.png>", "https://host.example/cat.png"),
        (" `http://host.example/a%2Fb.png?x=1&` ", "http://host.example/a%2Fb.png?x=1&"),
        ("look: https://host.example/cat.png", "https://host.example/cat.png"),
        ("\u200bhttps://host.example/cat.png\u200b", "https://host.example/cat.png"),
        ("[cat](https://host.example/cat.png)", "https://host.example/cat.png"),
        ("[cat](<https://host.example/cat.png>)", "https://host.example/cat.png"),
        ("||https://host.example/cat.png||", "https://host.example/cat.png"),
        ("**https://host.example/cat.png**", "https://host.example/cat.png"),
        ("_https://host.example/cat_.png_", "https://host.example/cat_.png"),
        ("https://host.example/cat_", "https://host.example/cat_"),
        ("see https://host.example/cat.png, it's nice", "https://host.example/cat.png"),
        ("I like https://host.example/cat.png.", "https://host.example/cat.png"),
        ("(https://host.example/cat.png)", "https://host.example/cat.png"),
        ("https://host.example/cat_(1)", "https://host.example/cat_(1)"),
        ("看https://host.example/cat.png。", "https://host.example/cat.png"),
        ("『https://host.example/cat.png』", "https://host.example/cat.png"),
        ("<https://host.example/cat.png|a cat>", "https://host.example/cat.png"),
        ("ftp://host.example/cat.png", None),
        ("", None),
    ],
)
def test_a_link_is_found_in_what_was_pasted(typed: str, link: str | None) -> None:
    assert link_in(typed) == link


# --- any text at all

SPELLINGS = ["--", "—", "–", "——", "−−", "－－", "-- ", "— ", ",--", "\u200b--", "-", "---"]
PIECES = st.one_of(
    st.sampled_from(
        ["a cat", "fox", "猫", "6", "::2", "3:2", "7", "raw", ",", ".", "，", "-", "—", "–", "`", "**", "```"]
    ),
    st.sampled_from(
        ["{a, b}", "{", "}", "<", ">", "https://a.example/b--v 7", "<https://a.example/c>", '"', "\n", " "]
    ),
    st.sampled_from(
        ["/imagine prompt:", "prompt:", "- <@1> (fast)", "\u200b", "\ufe0f", "\u200d", "❤", "🔥", "\u00ad"]
    ),
    st.tuples(st.sampled_from(SPELLINGS), st.sampled_from([*KNOWN, "unknown", "no-text"])).map("".join),
    st.text(max_size=6),
)
TYPED = st.one_of(
    st.lists(PIECES, max_size=14).map("".join), st.lists(PIECES, max_size=14).map(" ".join), st.text(max_size=60)
)


@given(TYPED)
@example("`--ar 3:2`,")
@example("a\u200b–no text")
def test_parsing_twice_is_parsing_once(typed: str) -> None:
    once = clean(typed)
    assert clean(once) == once
    assert parse(once) == parse(typed)


@given(TYPED)
def test_what_is_sent_stands_on_one_line_and_shows_all_it_has(typed: str) -> None:
    sent = clean(typed)
    assert sent == " ".join(sent.split())
    assert not re.search("[\u200b\u2060\u00ad\ufeff\u3164\x00]", sent)


@given(
    st.lists(st.sampled_from(["a cat", "猫", "6", "–", "—", "-", "é", "::2", "🔥", '"x"', "{a, b}", "owl"]), max_size=9)
)
def test_words_alone_are_kept_to_the_letter(words: list[str]) -> None:
    typed = " ".join(words)
    assert clean(typed) == typed


SPELLED = st.sampled_from(["--", "—", "–", "——", "−−", "－－", "-- ", "\u200b--", "\u2060–"])
VALUES = {
    "ar": "9:16",
    "niji": "6",
    "stylize": "250",
    "c": "5",
    "no": "text, people",
    "tile": "",
    "draft": "",
    "iw": "2",
    "sref": "https://a.example/b--v.png 12",
    "seed": "7",
    "motion": "low",
    "turbo": "",
    "zoom": "{1.5, 2}",
}


@given(
    st.lists(
        st.sampled_from(["a cat", "猫", "7", "black–white", "— b", "::2", "{x, --y}", "🔥"]), min_size=1, max_size=6
    ),
    st.lists(st.tuples(SPELLED, st.sampled_from([*VALUES])), unique_by=lambda each: each[1], max_size=8),
)
def test_every_word_flag_and_value_arrives_in_its_order(words: list[str], flags: list[tuple[str, str]]) -> None:
    prose = {"no", "tile", "draft", "turbo"}  # with a blank after the dashes these are words, unless flags stand before
    flags = [(dashes.rstrip() if name in prose else dashes, name) for dashes, name in flags]
    typed = " ".join([*words, *(f"{dashes}{name} {VALUES[name]}" for dashes, name in flags)])
    prompt = parse(typed)
    assert prompt.words == " ".join(words)
    assert [(flag.name, flag.value) for flag in prompt.flags] == [(name, VALUES[name]) for _, name in flags]


@given(st.text(max_size=80))
def test_no_letter_of_any_text_is_lost(typed: str) -> None:
    def letters(text: str) -> list[str]:
        fillers = "\u115f\u1160\u3164\uffa0"  # letters that show nothing
        return [char for char in text if unicodedata.category(char)[0] in "LN" and char not in fillers]

    assert letters(clean(typed)) == letters(typed)


@pytest.mark.parametrize(
    "piece", ["{a", "{{", "`", "**", "--", "—ar ", "<https://", "\u200b", "❤\u200d", "-- no ", "https://a "]
)
def test_any_text_is_parsed_quickly(piece: str) -> None:
    typed = piece * (4_000 // len(piece))
    before = time.perf_counter()
    parse(typed)
    assert time.perf_counter() - before < 1.0
