"""What is put into a message's text is shown as it is, and the message is never too long to be sent."""

from __future__ import annotations

from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engines.errors import RefusalKind, ServiceRefused
from bot.i18n import names
from bot.tasks.engine_calls import error_of
from bot.tasks.errors import UserError
from bot.ui.cards.card import failure
from bot.ui.components.catalog_texts import catalog_text, error_text, unformatted
from bot.ui.components.markdown import escape_markdown, weight
from bot.ui.components.message_components import MAX_CONTENT
from storage import TaskState
from tests.support.cards import a_task
from tests.support.languages import ENGLISH

HOSTILE = "**x** @everyone <@1> [a](https://b.example) `code`\n# head \u202e"


def fields(name: str) -> list[str]:
    return [field for _, field, _, _ in Formatter().parse(ENGLISH(name)) if field]


FILLED = sorted(name for name in names() if name.startswith(("refused.", "mask.", "seed.", "told.", "cancel.")))


@pytest.mark.parametrize("name", FILLED)
def test_every_private_answer_can_be_sent_whatever_its_values(name: str) -> None:
    for value in ("x" * 5_000, "画" * 5_000, "*" * 5_000, HOSTILE * 100, "🦊" * 3_000):
        text = catalog_text(name, ENGLISH, **dict.fromkeys(fields(name), value))
        assert weight(text) <= MAX_CONTENT
        assert len(text.encode("utf-16-le")) // 2 <= MAX_CONTENT


def test_values_are_shown_literally() -> None:
    text = catalog_text("refused.banned_prompt_word", ENGLISH, word=HOSTILE)
    assert r"\*\*x\*\* \@everyone \<\@1\> \[a\]" in text
    assert "\n#" not in text


def test_values_between_backticks_stay_there_and_are_not_escaped() -> None:
    text = catalog_text("seed.is", ENGLISH, seed="1-2`**x**", task="abc")
    assert "`1-2'**x**`" in text
    assert text.count("`") == 6


@pytest.mark.parametrize("typed", ["in ink --ar wide", "_*" * 250, "画" * 500, "x" * 5_000, HOSTILE])
def test_what_was_typed_is_given_back_below_a_refusal(typed: str) -> None:
    error = UserError("suffix_too_long", length="502", limit="500")
    said, _, given = error_text(error, ENGLISH, typed=typed).partition("\n")
    assert "the limit is 500" in said
    assert given == escape_markdown(typed, MAX_CONTENT - weight(said) - 1, ENGLISH)
    assert weight(error_text(error, ENGLISH, typed=typed)) <= MAX_CONTENT
    assert given.endswith("…") is (len(typed) > 500)


def test_a_web_page_gets_no_escapes() -> None:
    assert "a-b * `".replace("`", "'") in unformatted("refused.invalid", ENGLISH, reason="a-b * `")


@given(st.text(), st.text())
def test_any_values_fit(word: str, other: str) -> None:
    assert weight(catalog_text("seed.is", ENGLISH, seed=word * 50, task=other * 50)) <= MAX_CONTENT


@pytest.mark.parametrize("word", ["lurid", "**lurid**", "x" * 5_000])
def test_a_card_says_which_word_was_banned_as_the_private_answer_did(word: str) -> None:
    error = error_of(ServiceRefused(RefusalKind.BANNED_PROMPT, "may hold sensitive words", banned_word=word))
    shown = failure(a_task(TaskState.REFUSED, error_code=error.code, error_params=error.params), ENGLISH)
    assert escape_markdown(word, 200, ENGLISH).removesuffix("…") in shown
    assert "sensitive" not in shown
