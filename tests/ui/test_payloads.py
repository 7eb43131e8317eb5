"""What cannot be stored or sent is replaced in a received payload, wherever it is."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ui.interactions.context import encodable

ALLOWED = re.compile("[^\ud800-\udfff\0]*")
TEXT = st.text(st.sampled_from("ab\\\"'ud80x01\0\ud800\udfff\ud7ff\ue000\uffffé画🦊"), max_size=8) | st.text(max_size=8)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
)


def replaced(value: Any) -> Any:
    """The value as it should be, each string by itself."""
    if isinstance(value, str):
        return "".join(char if ALLOWED.fullmatch(char) else "\N{REPLACEMENT CHARACTER}" for char in value)
    if isinstance(value, dict):
        return {replaced(key): replaced(each) for key, each in value.items()}
    return [replaced(each) for each in value] if isinstance(value, list) else value


@given(VALUES)
def test_each_character_that_cannot_be_stored_or_sent_is_replaced_and_no_other(value: Any) -> None:
    found = encodable(value)
    assert found == replaced(value)
    json.dumps(found, ensure_ascii=False).encode()


@pytest.mark.parametrize("bad", list(map(chr, (0, 0xD800, 0xDBFF, 0xDC00, 0xDFFF))))
def test_they_are_found_in_keys_and_in_values_and_the_received_payload_stays_as_it_is(bad: str) -> None:
    payload = {"a": [{"b": f"画{bad}"}], f"🦊{bad}": 1}
    assert encodable(payload) == {"a": [{"b": "画\ufffd"}], "🦊\ufffd": 1}
    assert payload == {"a": [{"b": f"画{bad}"}], f"🦊{bad}": 1}
