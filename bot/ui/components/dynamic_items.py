"""Buttons that never expire: recognised by their custom_id alone (`bot.ui.interactions.router`), in any message.

Every component of every message that can be used is one of these classes: discord.py keeps no memory of those.
"""

from __future__ import annotations

import re
from typing import Any

import discord

from bot.ui.components.custom_ids import (
    ACTION_PATTERN,
    CONTROL_PATTERN,
    DRAFT_PATTERN,
    LIST_PATTERN,
    SETTING_PATTERN,
    ActionId,
    ControlId,
    DraftId,
    ListId,
    SettingId,
)
from bot.ui.components.limits import MAX_CUSTOM_ID

Component = discord.ui.Button[Any] | discord.ui.Select[Any]


def _checked(pattern: re.Pattern[str], custom_id: str) -> str:
    # discord.py asks for a prefix only when an item is made, but dispatches by the whole (ui/dynamic.py, ui/view.py).
    if len(custom_id) > MAX_CUSTOM_ID or not pattern.fullmatch(custom_id):
        raise ValueError(f"{custom_id!r} would never be dispatched")
    return custom_id


class ActionButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=ACTION_PATTERN):
    """A button of the image service's."""

    def __init__(self, button: discord.ui.Button[Any], key: ActionId) -> None:
        super().__init__(button)
        self.key = key

    @classmethod
    def make(cls, key: ActionId, *, label: str | None, emoji: str | None, style: discord.ButtonStyle) -> ActionButton:
        """A fresh button. Raises ValueError for a key that Discord would never bring back."""
        custom_id = _checked(ACTION_PATTERN, key.button_custom_id())
        return cls(discord.ui.Button(custom_id=custom_id, label=label, emoji=emoji, style=style), key)


class ControlButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=CONTROL_PATTERN):
    """A control of our own card."""

    def __init__(self, button: discord.ui.Button[Any], key: ControlId) -> None:
        super().__init__(button)
        self.key = key

    @classmethod
    def make(
        cls,
        key: ControlId,
        *,
        label: str | None,
        emoji: str | None = None,
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
        disabled: bool = False,
    ) -> ControlButton:
        """A fresh control. Raises ValueError for a key that Discord would never bring back."""
        custom_id = _checked(CONTROL_PATTERN, key.button_custom_id())
        button: discord.ui.Button[Any] = discord.ui.Button(
            custom_id=custom_id, label=label, emoji=emoji, style=style, disabled=disabled
        )
        return cls(button, key)


class ListItem(discord.ui.DynamicItem[discord.ui.Item[Any]], template=LIST_PATTERN):
    """A part of a list of tasks."""

    def __init__(self, item: discord.ui.Item[Any], key: ListId) -> None:
        super().__init__(item)
        self.key = key

    @classmethod
    def make(cls, key: ListId, component: Component) -> ListItem:
        """The component, known by this key. Raises ValueError for a key that would never be dispatched."""
        component.custom_id = _checked(LIST_PATTERN, key.custom_id())
        return cls(component, key)


class SettingItem(discord.ui.DynamicItem[discord.ui.Item[Any]], template=SETTING_PATTERN):
    """A setting's select, switch or button."""

    def __init__(self, item: discord.ui.Item[Any], key: SettingId) -> None:
        super().__init__(item)
        self.key = key

    @classmethod
    def make(cls, key: SettingId, component: Component) -> SettingItem:
        """The component, known by this key. Raises ValueError for a key that would never be dispatched."""
        component.custom_id = _checked(SETTING_PATTERN, key.custom_id())
        return cls(component, key)


class DraftItem(discord.ui.DynamicItem[discord.ui.Item[Any]], template=DRAFT_PATTERN):
    """A draft's button, or a select of drafts."""

    def __init__(self, item: discord.ui.Item[Any], key: DraftId) -> None:
        super().__init__(item)
        self.key = key

    @classmethod
    def make(cls, key: DraftId, component: Component) -> DraftItem:
        """The component, known by this key. Raises ValueError for a key that would never be dispatched."""
        component.custom_id = _checked(DRAFT_PATTERN, key.custom_id())
        return cls(component, key)
