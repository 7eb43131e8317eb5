"""Buttons that never die: recognised by their custom_id alone, whichever message and however old.

Every dispatchable component of every message is one of these classes. A plain `Button` beside one of them would
take its pattern down for the whole bot when its view ends (discord.py 2.7.1, ui/view.py, `remove_view`).
"""

from __future__ import annotations

import re
from typing import Any, Protocol, Self

import discord

from bot.ui.keys import (
    ACTION_PATTERN,
    CONTROL_PATTERN,
    FOREIGN_PATTERN,
    MAX_CUSTOM_ID,
    ActionKey,
    ControlKey,
)

Interaction = discord.Interaction[Any]


class HandlesPresses(Protocol):
    """The one who takes every press: the action cog."""

    async def on_action(self, interaction: Interaction, key: ActionKey) -> None:
        """One of the service's buttons was pressed."""

    async def on_control(self, interaction: Interaction, key: ControlKey) -> None:
        """One of our own controls was pressed."""

    async def on_foreign(self, interaction: Interaction) -> None:
        """A component was used that this version does not know."""


class Handles(Protocol):
    """A bot that knows who takes the presses."""

    press_handler: HandlesPresses | None


def _handler(interaction: Interaction) -> HandlesPresses:
    client: Handles = interaction.client
    if client.press_handler is None:
        raise RuntimeError("no cog takes presses")
    return client.press_handler


def _checked(pattern: re.Pattern[str], custom_id: str) -> str:
    # discord.py asks for a prefix only when an item is made, but dispatches by the whole (ui/dynamic.py, ui/view.py).
    if len(custom_id) > MAX_CUSTOM_ID or not pattern.fullmatch(custom_id):
        raise ValueError(f"{custom_id!r} would never be dispatched")
    return custom_id


class ActionButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=ACTION_PATTERN):
    """A button of the image service's."""

    def __init__(self, button: discord.ui.Button[Any], key: ActionKey) -> None:
        super().__init__(button)
        self.key = key

    @classmethod
    def make(cls, key: ActionKey, *, label: str | None, emoji: str | None, style: discord.ButtonStyle) -> ActionButton:
        """A fresh button. Raises ValueError for a key that Discord would never bring back."""
        custom_id = _checked(ACTION_PATTERN, key.on_button())
        return cls(discord.ui.Button(custom_id=custom_id, label=label, emoji=emoji, style=style), key)

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button that was pressed; without any I/O, because nothing was acknowledged yet."""
        return cls(_as_button(item), ActionKey.read(match))

    async def callback(self, interaction: Interaction) -> None:
        """Hands the press to the action cog."""
        await _handler(interaction).on_action(interaction, self.key)


class ControlButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=CONTROL_PATTERN):
    """A control of our own card."""

    def __init__(self, button: discord.ui.Button[Any], key: ControlKey) -> None:
        super().__init__(button)
        self.key = key

    @classmethod
    def make(
        cls,
        key: ControlKey,
        *,
        label: str | None,
        emoji: str | None = None,
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
        disabled: bool = False,
    ) -> ControlButton:
        """A fresh control. Raises ValueError for a key that Discord would never bring back."""
        custom_id = _checked(CONTROL_PATTERN, key.on_button())
        button: discord.ui.Button[Any] = discord.ui.Button(
            custom_id=custom_id, label=label, emoji=emoji, style=style, disabled=disabled
        )
        return cls(button, key)

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The control that was pressed; without any I/O."""
        return cls(_as_button(item), ControlKey.read(match))

    async def callback(self, interaction: Interaction) -> None:
        """Hands the press to the action cog."""
        await _handler(interaction).on_control(interaction, self.key)


class ForeignComponent(discord.ui.DynamicItem[discord.ui.Item[Any]], template=FOREIGN_PATTERN):
    """Whatever stands on a message of ours that this version does not know."""

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The component that was used; without any I/O."""
        return cls(item)

    async def callback(self, interaction: Interaction) -> None:
        """Has the presser told."""
        await _handler(interaction).on_foreign(interaction)


DYNAMIC_ITEMS = (ActionButton, ControlButton, ForeignComponent)


def _as_button(item: discord.ui.Item[Any]) -> discord.ui.Button[Any]:
    if not isinstance(item, discord.ui.Button):
        raise TypeError("only buttons carry such a key")
    return item
