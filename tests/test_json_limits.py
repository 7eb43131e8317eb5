"""JSON within limits reads as JSON does; what is beyond them is refused before it is read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.net.untrusted_data import MAX_DIGITS, MAX_VALUES, MAX_VALUES_OF_ITEMS, TooComplex, json_items, parse_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=25,
)
BLANKS = st.sampled_from([None, 0, 3, "\t"])
CALM = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@CALM
@given(value=VALUES, indent=BLANKS, ascii_only=st.booleans())
def test_whatever_is_json_reads_as_json(value: Any, indent: int | str | None, ascii_only: bool) -> None:
    assert parse_json(json.dumps(value, indent=indent, ensure_ascii=ascii_only)) == value


@CALM
@given(value=st.lists(VALUES, max_size=8), indent=BLANKS)
def test_the_items_of_an_array_are_those_that_json_finds(value: list[Any], indent: int | str | None) -> None:
    found = list(json_items(json.dumps(value, indent=indent)))
    assert [item for item, _ in found] == value


@CALM
@given(text=st.text(alphabet='[]{},:"\\ 1aex.-\n', max_size=30))
def test_what_json_refuses_is_refused_as_an_array_too(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        expected = None
    if isinstance(expected, list):
        assert [item for item, _ in json_items(text)] == expected
    else:
        with pytest.raises(ValueError):  # noqa: PT011 - as json.loads raises it
            list(json_items(text))


def test_equal_texts_have_equal_hashes_and_others_have_not() -> None:
    (_, first), (_, second), (_, third) = json_items('[{"a": 1}, {"a": 1}, {"a": 2}]')
    assert first == second != third


CROWD = ",".join(["[]"] * MAX_VALUES)


@pytest.mark.parametrize("text", [f"[[{CROWD}]]", f'{{"id": "17", "x": [{CROWD}]}}', f'{{"\\"": {{"y": [{CROWD}]}}}}'])
def test_too_many_values_are_refused(text: str) -> None:
    with pytest.raises(TooComplex):
        parse_json(text)
    with pytest.raises(ValueError):  # noqa: PT011 - too complex, or no array
        list(json_items(text))


def test_commas_in_a_string_are_no_values() -> None:
    words = ',[{"\\' * MAX_VALUES
    assert parse_json(json.dumps({"prompt": words}))["prompt"] == words
    assert next(json_items(json.dumps([words])))[0] == words


def test_many_items_may_have_more_values_together_than_one_may() -> None:
    task = {"id": "17", "buttons": [[]] * 100}
    count = 3 * MAX_VALUES // 100
    assert len(list(json_items(json.dumps([task] * count)))) == count
    with pytest.raises(TooComplex):
        list(json_items("[" + ",".join(["[]"] * MAX_VALUES_OF_ITEMS) + "]"))


@pytest.mark.parametrize(("digits", "read"), [(17, True), (MAX_DIGITS, True), (200, False), (9_000, False)])
def test_a_number_with_very_many_digits_is_none(digits: int, read: bool) -> None:
    body = parse_json('{"id": ' + "7" * digits + ', "status": "SUCCESS"}')
    assert body == {"id": int("7" * digits) if read else None, "status": "SUCCESS"}


@pytest.mark.parametrize("text", ["[" * 50_000, '{"a":' * 50_000, "[" + "[" * 9_000 + "]" * 9_000 + "]"])
def test_deep_nesting_ends_with_an_error_that_is_expected(text: str) -> None:
    with pytest.raises((ValueError, RecursionError)):
        parse_json(text)
    with pytest.raises((ValueError, RecursionError)):
        list(json_items(text))
