"""Components that never expire: the router recognizes them by their custom_id alone, in any message.

Every usable component of a layout is one of these classes, because discord.py keeps no state for them. Cards, which are
built much more often, have them as payloads (`bot.ui.components.message_components`).
"""

from __future__ import annotations

from typing import Any

import discord

from bot.ui.components.custom_ids import (
    DRAFT_PATTERN,
    LIKE_PATTERN,
    LIST_PATTERN,
    MODELS_PATTERN,
    SEARCH_PATTERN,
    SETTING_PATTERN,
    WRITING_PATTERN,
    DraftId,
    LikeId,
    ListId,
    ModelsId,
    SearchId,
    SettingId,
    WritingId,
)
from bot.ui.components.message_components import ACTION_PATTERN, CONTROL_PATTERN, ActionId, ControlId, checked

# The emoji of buttons that a card has as well.
LIKE_EMOJI, VARIANTS_EMOJI = "🔎", "✨"

Component = discord.ui.Button[Any] | discord.ui.Select[Any]


class ActionButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=ACTION_PATTERN):
    """A button of the image service."""

    def __init__(self, button: discord.ui.Button[Any], key: ActionId) -> None:
        super().__init__(button)
        self.key = key

    @classmethod
    def make(cls, key: ActionId, *, label: str | None, emoji: str | None, style: discord.ButtonStyle) -> ActionButton:
        """Creates the button. Raises ValueError if its custom_id would never be dispatched."""
        custom_id = checked(ACTION_PATTERN, key.button_custom_id())
        return cls(discord.ui.Button(custom_id=custom_id, label=label, emoji=emoji, style=style), key)


class ControlButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=CONTROL_PATTERN):
    """A control of a card."""

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
        """Creates the control. Raises ValueError if its custom_id would never be dispatched."""
        custom_id = checked(CONTROL_PATTERN, key.button_custom_id())
        button: discord.ui.Button[Any] = discord.ui.Button(
            custom_id=custom_id, label=label, emoji=emoji, style=style, disabled=disabled
        )
        return cls(button, key)


class ListItem(discord.ui.DynamicItem[discord.ui.Item[Any]], template=LIST_PATTERN):
    """A control of a task list."""

    def __init__(self, item: discord.ui.Item[Any], key: ListId) -> None:
        super().__init__(item)
        self.key = key

    @classmethod
    def make(cls, key: ListId, component: Component) -> ListItem:
        """Wraps the component under this id. Raises ValueError if its custom_id would never be dispatched."""
        component.custom_id = checked(LIST_PATTERN, key.custom_id())
        return cls(component, key)


class ModelsItem(discord.ui.DynamicItem[discord.ui.Button[Any]], template=MODELS_PATTERN):
    """A control of the list of models."""

    def __init__(self, button: discord.ui.Button[Any], key: ModelsId) -> None:
        super().__init__(button)
        self.key = key

    @classmethod
    def make(cls, key: ModelsId, button: discord.ui.Button[Any]) -> ModelsItem:
        """Wraps the button under this id. Raises ValueError if its custom_id would never be dispatched."""
        button.custom_id = checked(MODELS_PATTERN, key.custom_id())
        return cls(button, key)


class SettingItem(discord.ui.DynamicItem[discord.ui.Item[Any]], template=SETTING_PATTERN):
    """A setting's select, switch or button."""

    def __init__(self, item: discord.ui.Item[Any], key: SettingId) -> None:
        super().__init__(item)
        self.key = key

    @classmethod
    def make(cls, key: SettingId, component: Component) -> SettingItem:
        """Wraps the component under this id. Raises ValueError if its custom_id would never be dispatched."""
        component.custom_id = checked(SETTING_PATTERN, key.custom_id())
        return cls(component, key)


class DraftItem(discord.ui.DynamicItem[discord.ui.Item[Any]], template=DRAFT_PATTERN):
    """A draft's button, or a select of drafts."""

    def __init__(self, item: discord.ui.Item[Any], key: DraftId) -> None:
        super().__init__(item)
        self.key = key

    @classmethod
    def make(cls, key: DraftId, component: Component) -> DraftItem:
        """Wraps the component under this id. Raises ValueError if its custom_id would never be dispatched."""
        component.custom_id = checked(DRAFT_PATTERN, key.custom_id())
        return cls(component, key)


class WritingButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=WRITING_PATTERN):
    """A button that asks a model to write something from a task or a draft."""

    def __init__(self, button: discord.ui.Button[Any], key: WritingId) -> None:
        super().__init__(button)
        self.key = key

    @classmethod
    def make(cls, key: WritingId, *, label: str, emoji: str) -> WritingButton:
        """Creates the button. Raises ValueError if its custom_id would never be dispatched."""
        custom_id = checked(WRITING_PATTERN, key.button_custom_id())
        return cls(discord.ui.Button(custom_id=custom_id, label=label, emoji=emoji), key)


class SearchItem(discord.ui.DynamicItem[discord.ui.Item[Any]], template=SEARCH_PATTERN):
    """A control of found images."""

    def __init__(self, item: discord.ui.Item[Any], key: SearchId) -> None:
        super().__init__(item)
        self.key = key

    @classmethod
    def make(cls, key: SearchId, component: Component) -> SearchItem:
        """Wraps the component under this id. Raises ValueError if its custom_id would never be dispatched."""
        component.custom_id = checked(SEARCH_PATTERN, key.custom_id())
        return cls(component, key)


class LikeButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=LIKE_PATTERN):
    """The button that finds images like that of a task."""

    def __init__(self, button: discord.ui.Button[Any], key: LikeId) -> None:
        super().__init__(button)
        self.key = key

    @classmethod
    def make(cls, key: LikeId, *, label: str) -> LikeButton:
        """Creates the button. Raises ValueError if its custom_id would never be dispatched."""
        custom_id = checked(LIKE_PATTERN, key.custom_id())
        return cls(discord.ui.Button(custom_id=custom_id, label=label, emoji=LIKE_EMOJI), key)
