"""Discord's limits. Limits of messages are asserted before sending: exceeding one is a defect of the bot.

Source: Discord's documentation, "Component Reference", and its OpenAPI description.
"""

from __future__ import annotations

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

_LINK = discord.ButtonStyle.link.value


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
        check_limits(components)
        return components


def check_limits(top: list[dict[str, Any]]) -> None:
    """Raises LimitBroken if Discord would reject a message with these components."""
    components = [*top]
    for component in components:  # also those that are added here
        components += component.get("components", ())
        check = _CHECKS.get(component["type"])
        if check:
            check(component)
    _require(len(components) <= MAX_COMPONENTS, "components")
    text = "".join([part["content"] for part in components if "content" in part])
    _require(len(text) <= MAX_TEXT, "text")
    _require(len(text.encode()) <= MAX_TEXT_BYTES, "bytes of text")
    names = [part["custom_id"] for part in components if "custom_id" in part]
    if len({*names}) < len(names):
        raise LimitBroken(f"custom_id used twice: {sorted(name for name in {*names} if names.count(name) > 1)}")


def _check_button(button: dict[str, Any]) -> None:
    label = button.get("label") or ""
    name, most = ("url", MAX_URL) if button["style"] == _LINK else ("custom_id", MAX_CUSTOM_ID)
    if not (label or button.get("emoji")):
        raise LimitBroken("a button without caption")
    if len(label) > MAX_LABEL:
        raise LimitBroken("label")
    if not 1 <= len(button[name]) <= most:
        raise LimitBroken(name)


def _check_row(row: dict[str, Any]) -> None:
    _require(1 <= len(row["components"]) <= MAX_ROW, "row")


def _check_gallery(gallery: dict[str, Any]) -> None:
    _require(1 <= len(gallery["items"]) <= MAX_GALLERY, "gallery")
    _require(all(len(item.get("description") or "") <= MAX_ALT for item in gallery["items"]), "alt text")


def _check_text(text: dict[str, Any]) -> None:
    _require(bool(text["content"]), "a text without words")


_CHECKS = {
    discord.ComponentType.button.value: _check_button,
    discord.ComponentType.action_row.value: _check_row,
    discord.ComponentType.media_gallery.value: _check_gallery,
    discord.ComponentType.text_display.value: _check_text,
}


def _require(holds: bool, limit: str) -> None:
    if not holds:
        raise LimitBroken(limit)
