"""Components in the form in which they are sent (Discord's documentation, "Component Reference"), without discord.py's
objects for them. A card is built for each step of its task, and those objects would cost more than all else of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from bot.ui.components.limits import _LINK, CheckedLayout, check_limits

Component = dict[str, Any]

PRIMARY = discord.ButtonStyle.primary.value
SECONDARY = discord.ButtonStyle.secondary.value
_ACTION_ROW = discord.ComponentType.action_row.value
_BUTTON = discord.ComponentType.button.value
_TEXT = discord.ComponentType.text_display.value
_GALLERY = discord.ComponentType.media_gallery.value
_FILE = discord.ComponentType.file.value
_CONTAINER = discord.ComponentType.container.value


class PayloadLayout(CheckedLayout):
    """A layout that consists of components as they are sent. discord.py sees no items in it."""

    def __init__(self, components: list[Component]) -> None:
        super().__init__()
        self._payload = components

    def has_components_v2(self) -> bool:
        """Always, as in each layout."""
        return True

    def to_components(self) -> list[Component]:
        """These components. Raises LimitBroken."""
        check_limits(self._payload)
        return self._payload


def container(components: Sequence[Component], colour: int) -> Component:
    """Components in a frame. `colour`: that of its edge, as 0xRRGGBB."""
    return {"type": _CONTAINER, "accent_color": colour, "spoiler": False, "components": components}


def text_display(content: str) -> Component:
    """A text in Markdown."""
    return {"type": _TEXT, "content": content}


def media_gallery(items: Sequence[Component]) -> Component:
    """Images and videos."""
    return {"type": _GALLERY, "items": items}


def gallery_item(name: str, alt: str | None, *, spoiler: bool) -> Component:
    """An attached image or video in a gallery, by its file name."""
    item: Component = {"media": {"url": f"attachment://{name}"}, "spoiler": spoiler}
    if alt:
        item["description"] = alt
    return item


def file(name: str, *, spoiler: bool) -> Component:
    """An attached file of another kind, by its name."""
    return {"type": _FILE, "file": {"url": f"attachment://{name}"}, "spoiler": spoiler}


def action_row(buttons: Sequence[Component]) -> Component:
    """A row of buttons."""
    return {"type": _ACTION_ROW, "components": buttons}


def button(
    custom_id: str, label: str | None, emoji: str | None = None, *, style: int = SECONDARY, disabled: bool = False
) -> Component:
    """A button with a label, an emoji of Unicode, or both."""
    made: Component = {"type": _BUTTON, "style": style, "disabled": disabled}
    if label:
        made["label"] = label
    made["custom_id"] = custom_id
    if emoji:
        made["emoji"] = {"id": None, "name": emoji}
    return made


def link_button(url: str, label: str) -> Component:
    """A button that opens a URL."""
    return {"type": _BUTTON, "style": _LINK, "disabled": False, "label": label, "url": url}


def label_of(button: Component) -> str:
    """The label of a button, or an empty string."""
    label: str = button.get("label", "")
    return label
