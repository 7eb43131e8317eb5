"""Every error that can be raised has a text, and the values that the text shows."""

from __future__ import annotations

from string import Formatter

import pytest

from bot import texts
from bot.ui.components.error_texts import UNKNOWN, error_text_name
from bot.ui.components.safe_text import error_text, unformatted_error
from tests.support.error_codes import COMPUTED, RaisedError, every_code, raised_errors, service_refusals

WRITTEN = [error for error in raised_errors() if error.code]


def fields(name: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(texts.say(name)) if field}


@pytest.mark.parametrize("code", sorted(every_code()))
def test_every_error_that_can_be_raised_has_a_text(code: str) -> None:
    assert texts.has(error_text_name(code))
    assert (error_text_name(code) == UNKNOWN) is (code == "defect")


@pytest.mark.parametrize("error", WRITTEN, ids=[f"{error.code} at {error.place}" for error in WRITTEN])
def test_an_error_is_raised_with_the_values_that_its_text_shows(error: RaisedError) -> None:
    assert error.code
    assert fields(error_text_name(error.code)) <= error.params


def test_codes_are_put_together_only_where_all_of_them_are_known() -> None:
    assert {error.place.partition(":")[0] for error in raised_errors() if error.code is None} == set(COMPUTED)


def test_every_refusal_of_the_service_is_told_with_its_values() -> None:
    for error in service_refusals():
        for text in (error_text(error), unformatted_error(error)):
            assert text
            assert "“”" not in text
            assert "{" not in text
