"""Of the message that was used, only what handlers read is kept; whatever else an interaction holds stays."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ui.interactions.context import shortened

ROW: dict[str, Any] = {"type": 1, "components": [{"type": 2, "custom_id": "a:1", "style": 2, "label": "U1"}]}
GALLERY: dict[str, Any] = {"type": 12, "items": [{"media": {"url": "https://cdn.example.org/a.png", "width": 9}}]}
TEXT: dict[str, Any] = {"type": 10, "content": "a paper boat"}
CONTAINER = 17
CARD: dict[str, Any] = {"type": CONTAINER, "components": [TEXT, GALLERY, ROW, ROW], "accent_color": 7}
MESSAGE: dict[str, Any] = {
    "id": "71",
    "flags": 1 << 15,
    "attachments": [{"id": "5", "url": "https://cdn.example.org/b.png"}],
    "components": [CARD, ROW, GALLERY],
    "embeds": [{"title": "a"}],
    "mentions": [{"id": "9"}],
    "interaction_metadata": {"id": "70"},
}
PAYLOAD: dict[str, Any] = {"id": "70", "data": {"custom_id": "a:1"}, "message": MESSAGE, "entitlements": []}

KINDS = st.sampled_from([1, 2, 10, 12, 17, 99]) | st.none() | st.text(max_size=2)
COMPONENTS: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers() | st.text(max_size=3) | st.fixed_dictionaries({"type": KINDS}),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.fixed_dictionaries({"type": KINDS, "components": inner | st.lists(inner, max_size=3)})
    ),
)


def test_the_images_the_flags_and_the_attachments_of_the_message_stay() -> None:
    message = shortened(PAYLOAD)["message"]
    assert message["components"] == [{**CARD, "components": [GALLERY]}, GALLERY]
    assert {name: message[name] for name in ("id", "flags", "attachments")} == {
        name: MESSAGE[name] for name in ("id", "flags", "attachments")
    }


def test_everything_beside_the_message_stays_and_the_received_payload_is_not_changed() -> None:
    received = copy.deepcopy(PAYLOAD)
    found = shortened(received)
    assert received == PAYLOAD
    assert {**found, "message": MESSAGE} == PAYLOAD


@pytest.mark.parametrize(
    "payload", [None, [], "a", {}, {"message": None}, {"message": []}, {"message": {"components": 5}}]
)
def test_what_is_no_message_is_left_to_whoever_reads_it(payload: Any) -> None:
    assert shortened(payload) == payload


def kinds(value: list[Any]) -> Iterator[Any]:
    """The types of these components and of those in containers."""
    for part in value:
        yield part["type"]
        yield from kinds(part["components"]) if part["type"] == CONTAINER else ()


@given(st.lists(COMPONENTS, max_size=4))
def test_whatever_the_components_are_only_galleries_and_what_holds_them_is_left(components: list[Any]) -> None:
    found = shortened({"message": {"components": components}})["message"]["components"]
    assert set(kinds(found)) <= {GALLERY["type"], CONTAINER}
