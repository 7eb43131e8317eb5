"""Every error that can be raised has a text, and the values that the text shows."""

from __future__ import annotations

from string import Formatter

import pytest

from bot import i18n
from bot.ui.components.catalog_texts import error_text, error_text_name, failure_text_name, unformatted_error
from tests.support.error_codes import COMPUTED, RaisedError, every_code, raised_errors, service_refusals
from tests.support.languages import ENGLISH

WRITTEN = [error for error in raised_errors() if error.code]


def fields(name: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(ENGLISH(name)) if field}


@pytest.mark.parametrize("code", sorted(every_code()))
def test_every_error_that_can_be_raised_has_a_text(code: str) -> None:
    assert i18n.has(error_text_name(code))


@pytest.mark.parametrize("error", WRITTEN, ids=[f"{error.code} at {error.place}" for error in WRITTEN])
def test_an_error_is_raised_with_the_values_that_its_text_shows(error: RaisedError) -> None:
    assert error.code
    assert fields(error_text_name(error.code)) <= error.params


@pytest.mark.parametrize(
    ("code", "params", "name"),
    [
        ("banned_prompt_word", {"word"}, "refused.banned_prompt_word"),
        ("timeout", {"reason"}, "failed.timeout"),
        ("forgotten", set(), "failed.forgotten"),
        (None, {"reason"}, "failed.with_reason"),
        (None, set(), "failed.silent"),
        # From the database of another version: no text, or a text with values that are not there.
        ("no_code_of_this_version", {"reason"}, "failed.with_reason"),
        ("no_code_of_this_version", {"other"}, "failed.silent"),
        ("banned_prompt_word", set(), "failed.silent"),
        ("banned_prompt_word", {"reason"}, "failed.with_reason"),
    ],
)
def test_a_stored_error_is_told_by_a_text_whose_values_are_there(code: str | None, params: set[str], name: str) -> None:
    assert failure_text_name(code, params) == name


def test_no_code_is_both_a_failure_and_a_refusal() -> None:
    assert not {f"failed.{code}" for code in every_code()} & i18n.names()


def test_codes_are_put_together_only_where_all_of_them_are_known() -> None:
    assert {error.place.partition(":")[0] for error in raised_errors() if error.code is None} == set(COMPUTED)


def test_every_refusal_of_the_service_is_told_with_its_values() -> None:
    for error in service_refusals():
        for text in (error_text(error, ENGLISH), unformatted_error(error, ENGLISH)):
            assert text
            assert "“”" not in text
            assert "{" not in text
