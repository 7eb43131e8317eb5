"""Panels: private messages that answer their own buttons and selects (lists of tasks, settings).

Like a card's buttons, their components are recognised by the custom_id alone, so a panel works after a restart. A
press is acknowledged first; then the panel is drawn anew in its place.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import discord

from bot.ui.components.custom_ids import (
    DRAFT_PATTERN,
    LIST_PATTERN,
    MAX_CUSTOM_ID,
    SETTING_PATTERN,
    DraftId,
    ListId,
    SettingId,
)
from bot.ui.components.limits import check
from bot.ui.components.payloads import chosen_in
from bot.ui.interactions.error_handling import Interaction, best_effort

Component = discord.ui.Button[Any] | discord.ui.Select[Any]
ListHandler = Callable[[Interaction, ListId], Awaitable[None]]
DraftHandler = Callable[[Interaction, DraftId], Awaitable[None]]
SettingHandler = Callable[[Interaction, SettingId], Awaitable[None]]


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


def chosen_values(interaction: Interaction) -> list[str]:
    """What was chosen in a select."""
    data: Any = interaction.data
    return list(chosen_in(data))


async def open_panel(interaction: Interaction) -> None:
    """Acknowledges a command whose answer is a panel."""
    await interaction.response.defer(ephemeral=True, thinking=True)


async def draw_panel(interaction: Interaction, view: discord.ui.LayoutView, files: Sequence[discord.File] = ()) -> None:
    """Puts the panel, with these files, where the acknowledgement stands; what cannot be shown any more is logged."""
    check(view)
    async with best_effort(f"interaction {interaction.id}: cannot send the panel"):
        none = discord.AllowedMentions.none()
        await interaction.edit_original_response(view=view, attachments=list(files), allowed_mentions=none)


def _checked(pattern: re.Pattern[str], custom_id: str) -> str:
    # Dispatched by the whole, see `bot.ui.components.dynamic_items`.
    if len(custom_id) > MAX_CUSTOM_ID or not pattern.fullmatch(custom_id):
        raise ValueError(f"{custom_id!r} would never be dispatched")
    return custom_id
