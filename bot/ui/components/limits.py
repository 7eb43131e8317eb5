"""Discord's limits. Limits of messages are asserted before sending: exceeding one is a defect of the bot.

Source: Discord's documentation, "Component Reference", and its OpenAPI description.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import discord

MAX_COMPONENTS = 40
MAX_TEXT = 4_000
# Above about 10,170 bytes of text Discord answers 500 (discord-api-docs, issue 8554).
MAX_TEXT_BYTES = 10_000
MAX_CUSTOM_ID = 100
MAX_LABEL = 80
MAX_URL = 512
MAX_ROW = 5
MAX_GALLERY = 10
MAX_ALT = 1_024
# Characters of a message without Components V2 ("Create Message").
MAX_CONTENT = 2_000
# Of a select option: characters of its label, and of its description.
MAX_OPTION = 100
# Of a command: characters of a string option, number of autocomplete choices, characters of a choice's name.
MAX_COMMAND_TEXT = 6_000
MAX_CHOICES, MAX_CHOICE_NAME = 25, 100


class LimitBroken(AssertionError):
    """The bot tried to send a message that Discord would reject."""


class CheckedLayout(discord.ui.LayoutView):
    """A layout without a time limit. Its limits are checked when discord.py asks for the components that it sends:
    LimitBroken then names the exceeded limit, and nothing is sent."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    def to_components(self) -> list[dict[str, Any]]:
        """The components in the form in which they are sent. Raises LimitBroken."""
        components: list[dict[str, Any]] = super().to_components()  # type: ignore[no-untyped-call] # untyped there
        _check(components)
        return components


def _check(top: list[dict[str, Any]]) -> None:
    components = [component for each in top for component in _walk(each)]
    _require(len(components) <= MAX_COMPONENTS, "components")
    text = "".join(part.get("content", "") for part in components)
    _require(len(text) <= MAX_TEXT, "text")
    _require(len(text.encode()) <= MAX_TEXT_BYTES, "bytes of text")
    repeated = [name for name, count in Counter(_custom_ids(components)).items() if count > 1]
    _require(not repeated, f"custom_id used twice: {repeated}")
    for component in components:
        _check_one(component)


def _check_one(component: dict[str, Any]) -> None:
    match component["type"]:
        case discord.ComponentType.button.value:
            _require(bool(component.get("label") or component.get("emoji")), "a button without caption")
            _require(len(component.get("label") or "") <= MAX_LABEL, "label")
            if component["style"] == discord.ButtonStyle.link.value:
                _require(1 <= len(component["url"]) <= MAX_URL, "url")
            else:
                _require(1 <= len(component["custom_id"]) <= MAX_CUSTOM_ID, "custom_id")
        case discord.ComponentType.action_row.value:
            _require(1 <= len(component["components"]) <= MAX_ROW, "row")
        case discord.ComponentType.media_gallery.value:
            _require(1 <= len(component["items"]) <= MAX_GALLERY, "gallery")
            _require(all(len(item.get("description") or "") <= MAX_ALT for item in component["items"]), "alt text")
        case discord.ComponentType.text_display.value:
            _require(bool(component["content"]), "a text without words")


def _walk(component: dict[str, Any]) -> list[dict[str, Any]]:
    found = [component]
    for child in component.get("components", ()):
        found += _walk(child)
    return found


def _custom_ids(components: list[dict[str, Any]]) -> list[str]:
    return [component["custom_id"] for component in components if "custom_id" in component]


def _require(holds: bool, limit: str) -> None:
    if not holds:
        raise LimitBroken(limit)
