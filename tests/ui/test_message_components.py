"""Components that the bot builds itself are those that discord.py would make, and their limits are checked as well."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from bot.ui.components import message_components
from bot.ui.components.message_components import Component, LimitBroken, PayloadLayout

PICTURE = "attachment://a.png"
DANGER = discord.ButtonStyle.danger


def gallery(**more: Any) -> discord.ui.MediaGallery[Any]:
    return discord.ui.MediaGallery[Any]().add_item(media=PICTURE, **more)


def framed() -> discord.ui.Container[Any]:
    return discord.ui.Container(discord.ui.TextDisplay[Any]("a"), accent_colour=0x3BA55D)


PAIRS: dict[str, tuple[Component, discord.ui.Item[Any]]] = {
    "text": (message_components.text_display("**a**"), discord.ui.TextDisplay("**a**")),
    "file": (message_components.file("a.txt", spoiler=True), discord.ui.File("attachment://a.txt", spoiler=True)),
    "gallery": (
        message_components.media_gallery([message_components.gallery_item("a.png", "a boat", spoiler=False)]),
        gallery(description="a boat"),
    ),
    "gallery without words": (
        message_components.media_gallery([message_components.gallery_item("a.png", None, spoiler=True)]),
        gallery(spoiler=True),
    ),
    "container": (message_components.container([message_components.text_display("a")], 0x3BA55D), framed()),
    "row": (
        message_components.action_row([message_components.button("a", "b")]),
        discord.ui.ActionRow(discord.ui.Button[Any](custom_id="a", label="b")),
    ),
    "button": (
        message_components.button("a", "b", "❤️", style=DANGER.value, disabled=True),
        discord.ui.Button(custom_id="a", label="b", emoji="❤️", style=DANGER, disabled=True),
    ),
    "button without label": (message_components.button("a", None, "1️⃣"), discord.ui.Button(custom_id="a", emoji="1️⃣")),
    "link": (
        message_components.link_button("https://a.example", "b"),
        discord.ui.Button(url="https://a.example", label="b"),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_it_is_what_discord_py_would_send(name: str) -> None:
    built, item = PAIRS[name]
    assert built == item.to_component_dict()


def test_discord_py_sends_the_components_as_a_layout() -> None:
    components = [
        message_components.text_display("a paper boat"),
        message_components.action_row([message_components.button("a", "b")]),
    ]
    with discord.http.handle_message_parameters(view=PayloadLayout(components)) as params:
        assert params.payload is not None
        assert params.payload["components"] == components
        assert params.payload["flags"] == discord.MessageFlags(components_v2=True).value


def test_what_breaks_a_limit_is_not_made() -> None:
    with pytest.raises(LimitBroken, match="label"):
        PayloadLayout([message_components.action_row([message_components.button("a", "x" * 81)])]).to_components()
