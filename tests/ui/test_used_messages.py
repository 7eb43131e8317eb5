"""Of the message whose component was used, only what handlers read is kept: id, flag, and the URLs of its images."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ui.components.payloads import InvalidPayload
from bot.ui.interactions.context import UsedMessage, read_interaction, used_message

URL = "https://cdn.example.org/"
ROW: dict[str, Any] = {"type": 1, "components": [{"type": 2, "custom_id": "a:1", "style": 2, "label": "U1"}]}
TEXT: dict[str, Any] = {"type": 10, "content": "a paper boat"}
EPHEMERAL = 64
PAYLOAD: dict[str, Any] = {
    "id": "70",
    "application_id": "7",
    "type": 3,
    "version": 1,
    "token": "abc",
    "data": {"custom_id": "a:1", "component_type": 2},
    "user": {"id": "9", "username": "ada", "discriminator": "0", "avatar": None},
    "attachment_size_limit": 1000,
    "locale": "en-US",
}


def image(name: str, width: Any = 9) -> dict[str, Any]:
    return {"url": URL + name, "width": width}


def gallery(*files: Any) -> dict[str, Any]:
    return {"type": 12, "items": [{"media": file} for file in files]}


def container(*parts: Any) -> dict[str, Any]:
    return {"type": 17, "components": list(parts)}


MESSAGE: dict[str, Any] = {
    "id": "71",
    "flags": 1 << 15,
    "attachments": [image("b.png"), image("a.txt", None)],
    "components": [container(TEXT, gallery(image("c.png"), image("d.mp4", 0)), ROW), ROW, gallery(image("e.png"))],
    "embeds": [{"title": "a"}],
    "mentions": [{"id": "9"}],
    "interaction_metadata": {"id": "70"},
}

KINDS = st.sampled_from([1, 2, 10, 12, 17, 99]) | st.none() | st.text(max_size=2)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.integers()
    | st.text(max_size=3)
    | st.fixed_dictionaries({"url": st.text(max_size=3), "width": KINDS}),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.fixed_dictionaries({"type": KINDS, "components": inner, "items": inner})
        | st.fixed_dictionaries({"media": inner})
    ),
)


def read(**fields: Any) -> UsedMessage | None:
    client = discord.Client(intents=discord.Intents.none())
    session: Any = None  # sends nothing here
    interaction: Any = read_interaction({**PAYLOAD, **fields}, client._connection, session)
    assert interaction.message is None  # so that no handler reads what is not kept
    return used_message(interaction)


def test_the_images_in_layout_and_files_are_found() -> None:
    found = read(message=MESSAGE)
    assert found is not None
    assert (found.id, found.ephemeral) == (71, False)
    assert found.images() == (URL + "c.png", URL + "e.png")
    assert found.attached() == (URL + "b.png",)


@pytest.mark.parametrize(("flags", "ephemeral"), [(EPHEMERAL, True), (EPHEMERAL | 1 << 15, True), (0, False)])
def test_a_private_message_is_recognized(flags: int, ephemeral: bool) -> None:
    found = read(message={**MESSAGE, "flags": flags})
    assert found is not None
    assert found.ephemeral is ephemeral


def test_a_command_has_no_message() -> None:
    assert read() is None


def test_what_cannot_be_stored_is_replaced_in_a_url() -> None:
    found = read(message={**MESSAGE, "components": [gallery(image("\ud800\0.png"))]})
    assert found is not None
    assert found.images() == (URL + "\ufffd\ufffd.png",)


@pytest.mark.parametrize(
    "message",
    [
        None,
        [],
        "a",
        {},
        {"id": 71},
        {"id": "-1"},
        {"id": "0"},
        {"id": "9" * 20},
        {"id": "71", "flags": None},
        {"id": "71", "flags": "64"},
        {"id": "71", "flags": True},
    ],
)
def test_a_message_without_a_usable_id_or_flags_is_unreadable(message: Any) -> None:
    with pytest.raises(InvalidPayload):
        read(message=message)


@given(st.fixed_dictionaries({}, optional={"components": VALUES, "attachments": VALUES}))
def test_whatever_components_and_attachments_are_only_urls_are_kept(parts: dict[str, Any]) -> None:
    found = read(message={"id": "71", **parts})
    assert found is not None
    assert all(isinstance(url, str) for url in (*found.images(), *found.attached()))
